#pragma once

// I12 in full: no pool above its size in slots, no limit above its most, no run above
// max_active_tasks. And the order: no job gets a turn while a better one of its pool could have
// had it; so nobody starves. Judged from the rows, by arithmetic of its own, when launches are
// committed; the turns of a batch come after its other events.

#include <map>
#include <string>
#include <vector>

#include "simulation/rules/capacity_shadow.h"
#include "simulation/rules/checks.h"

namespace simulation {

class CapacityRules : public Witness {
 public:
  explicit CapacityRules(Checks& checks) : checks_(checks) {}

  void OnCommitted(base::Time now, const std::vector<model::Change>& batch) override;
  void OnTailLost(base::Time now, const std::vector<Stored>& left, base::Time since) override;

 private:
  // What a job means for the order, at one moment.
  struct Rank {
    const model::JobKey* key = nullptr;
    const model::Job* def = nullptr;
    base::Time since;
    bool is_overdue = false;
    bool is_backfill = false;
    double weight = 0;  // raised
    double way = 0;     // in seconds
    int place = 0;
  };
  // Who holds what before a turn. Spans of use are in seconds.
  struct Held {
    std::map<model::PoolId, int> slots;
    std::map<model::RunKey, int> of_run;
    std::map<std::string, int> of_job, of_limit;
    struct Use {
      double least = 0, most = 0;
    };
    std::map<model::DagId, Use> use;
  };

  void JudgeTurns(base::Time now, const std::vector<model::LaunchRow>& launched);
  void JudgeTimes(base::Time now,
                  const std::map<model::DagId, model::PoolTimeRow>& before,
                  const std::vector<CapacityShadow::Returned>& returned);
  void JudgeOrder(base::Time now,
                  const Held& held,
                  const Rank& first,
                  const std::vector<Rank>& others);
  Held Count(base::Time at, const std::vector<model::LaunchRow>& launched) const;
  void Add(Held& held, const model::JobKey& key, const model::Job& def) const;
  void AddUse(Held& held, const model::JobKey& key, double least, double most) const;
  // Why the job may not hold slots beside those that do; "" if it may.
  std::string BarOf(const Held& held, const model::JobKey& key, const model::Job& def) const;
  std::vector<Rank> RankAll(base::Time at, const std::vector<model::LaunchRow>& launched) const;
  bool IsBetter(const Held& held, const Rank& a, const Rank& b) const;

  Checks& checks_;
  CapacityShadow shadow_;
  bool is_replaying_ = false;
};

}  // namespace simulation
