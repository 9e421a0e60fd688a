#pragma once

// I12 in full: no pool above its size in slots, no limit above its most, in jobs or in vCPUs, no
// run above max_active_tasks, nothing beyond a spend cap. And the order: no job gets a turn while a
// better one of its pool could have had it; so nobody starves. Judged from the rows, by arithmetic
// of its own, when launches are committed; the turns of a batch come after its other events.

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

  const CapacityShadow& shadow() const { return shadow_; }
  // How sure a spend cap is reached, or not.
  enum class Sure { kReached, kNotReached };
  // Why money keeps the job from a launch; "" if it does not.
  static std::string CapOf(const CapacityShadow& shadow,
                           const CapacityShadow::Spent& spent,
                           const model::JobKey& key,
                           Sure sure);

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
  // For whom vCPUs of a limit are kept, because it is overdue; by limit.
  using Kept = std::map<std::string, const Rank*>;
  // Who holds what before a turn. Use is in slot-seconds.
  struct Held {
    std::map<model::PoolId, int> slots;
    std::map<model::RunKey, int> of_run;
    std::map<std::string, int> of_job, of_limit;
    std::map<std::string, int64_t> vcpus;  // by limit
    CapacityShadow::Spent spent;
    std::map<model::DagId, double> use;
  };

  void JudgeTurns(base::Time now, const std::vector<CapacityShadow::Turn>& turns);
  void JudgeTimes(base::Time now,
                  const std::map<model::DagId, model::PoolTimeRow>& before,
                  const std::vector<CapacityShadow::Returned>& returned);
  void JudgeOrder(base::Time now,
                  const Held& held,
                  const Rank& first,
                  const std::vector<Rank>& others,
                  const std::vector<Kept>& kept);
  Held Count(base::Time at, const std::vector<CapacityShadow::Turn>& turns) const;
  // `times`: how many clusters it has.
  void Add(Held& held, const model::JobKey& key, const model::Job& def, int64_t times = 1) const;
  // `sure`: of those that money may hold, none is one of them, or all are.
  Kept KeepVcpus(const Held& held, const std::vector<Rank>& ranks, Sure sure) const;
  // Why the job may not hold slots beside those that do; "" if it may. `sure`: as far as money is
  // concerned.
  std::string BarOf(const Held& held,
                    const model::JobKey& key,
                    const model::Job& def,
                    Sure sure) const;
  // The same of vCPUs.
  std::string VcpuBarOf(const Held& held, const Rank& rank, const Kept& kept) const;
  std::vector<Rank> RankAll(base::Time at, const std::vector<CapacityShadow::Turn>& turns) const;
  bool IsBetter(const Held& held, const Rank& a, const Rank& b) const;

  Checks& checks_;
  CapacityShadow shadow_{checks_.versions()};
  bool is_replaying_ = false;
};

}  // namespace simulation
