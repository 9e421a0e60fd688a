#pragma once

// Counts of what was committed since this process began, by DAG: how runs and tasks ended, how long
// they took, how late the scheduler was. A restart sets them to zero, as Prometheus expects of
// counters; the time of the last success comes from the rows and outlives it.
//
// Thread rule: the loop's.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/metrics.h"
#include "base/time.h"
#include "model/rows.h"

namespace runtime {

// The states that are counted, and in which order.
inline constexpr std::array kRunOutcomes{model::RunState::kSuccess, model::RunState::kFailed};
inline constexpr std::array kTaskOutcomes{model::TaskState::kSuccess,
                                          model::TaskState::kFailed,
                                          model::TaskState::kUpForRetry,
                                          model::TaskState::kUpstreamFailed,
                                          model::TaskState::kSkipped};

inline constexpr std::array kDeadlineOutcomes{model::DeadlineStatus::kMet,
                                              model::DeadlineStatus::kMissed};

// Seconds. A cluster takes minutes to come up, and a job may run for a night.
inline constexpr std::array kDurationBounds{60., 300., 900., 1800., 3600., 7200., 14400., 43200.};
inline constexpr std::array kLagBounds{0.1, 1., 5., 15., 60., 300., 1800., 7200., 86400.};

class Tally {
 public:
  struct OfDag {
    std::array<int64_t, kRunOutcomes.size()> runs{};
    std::array<int64_t, kTaskOutcomes.size()> tasks{};
    std::array<int64_t, kDeadlineOutcomes.size()> deadlines{};
    base::Histogram run_seconds{kDurationBounds};
    base::Histogram task_seconds{kDurationBounds};
    std::optional<base::Time> last_success;
    model::MicroUsd spent = 0;  // an estimate, of clusters that ended
  };

  explicit Tally(const std::map<model::DagId, base::Time>& last_successes);
  void Add(const std::vector<model::Change>& committed);

  // All zero for a DAG that nothing was counted of.
  const OfDag& Of(const model::DagId& dag) const;
  // From the tick to the commit that creates its run.
  const base::Histogram& run_lag() const { return run_lag_; }
  // From the moment a job is ready to the commit of its launch: it waits for its pool and for
  // calls.
  const base::Histogram& launch_lag() const { return launch_lag_; }

 private:
  void Count(const model::RunRow& run);
  void Count(const model::TaskRow& task);
  void Count(const model::ClusterRow& cluster);
  void Count(const model::DeadlineRow& deadline);
  void Rename(const model::DagRenamed& names);

  std::map<model::DagId, OfDag> dags_;
  // What was counted of each cluster: one that comes back costs more later.
  std::map<model::ClusterId, model::MicroUsd> counted_;
  base::Histogram run_lag_{kLagBounds};
  base::Histogram launch_lag_{kLagBounds};
};

}  // namespace runtime
