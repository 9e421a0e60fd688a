#pragma once

// What bounds the jobs of a network besides their pools: limits by value, by tag and of all jobs,
// in places and in vCPUs; max_active_tasks, max_active_tis_per_dag and …_per_dagrun. Pure.
//
// Not here: spend caps, and limits by the item of a mapped job. A forecast does not know them.

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "forecast/estate.h"
#include "forecast/network.h"

namespace forecast {

class CapBook {
 public:
  // Both must outlive it.
  CapBook(const Estate& estate, Network& network);

  // Gives the job its uses. If one of them is more than its cap has at all, the job is stuck.
  void Add(Job& job, const model::RunRow& run, const engine::Plan& plan, int index);

 private:
  struct Uses {
    std::vector<CapUse> caps;
    std::string stuck;
  };
  void Use(Uses& uses, const std::string& name, int64_t room, int64_t amount);
  void UseMaxActive(Uses& uses, const model::RunRow& run, const model::Job& job);
  void UseLimits(Uses& uses, const model::RunRow& run, const engine::Plan& plan, int index);

  const Estate& estate_;
  Network& network_;
  bool is_same_for_all_runs_ = true;  // no limit is by the run
  std::map<std::string, int> caps_;   // by a name of their own
  // Of the limits alone, of runs without a conf; by definition.
  std::unordered_map<const model::Job*, Uses> of_limits_;
};

}  // namespace forecast
