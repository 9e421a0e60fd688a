#pragma once

// I3, of assets: each success of a job that makes one is an event in the same commit, each event is
// taken once by each DAG that waits for its asset, no run is without its condition, and no
// condition without its run. Computed from the rows of jobs, DAGs and events, never from the
// queues.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "model/dag.h"
#include "simulation/rules/checks.h"

namespace simulation {

class AssetRules : public Witness {
 public:
  explicit AssetRules(Checks& checks) : checks_(checks) {}

  void OnCommitted(base::Time now, const std::vector<model::Change>& batch) override;
  void OnTailLost(base::Time now, const std::vector<Stored>& left, base::Time since) override;

 private:
  struct Queued {
    int64_t taken = 0, latest = 0;
    bool counts = false;  // an event came while the DAG was not paused
  };
  struct Consumer {
    model::DagRow row;
    std::map<std::string, Queued> assets;  // of its condition
  };

  void Apply(base::Time now, const std::vector<model::Change>& batch, bool judges);
  void OnDag(const model::DagRow& row);
  void OnEvent(base::Time now, const model::AssetEventRow& row, bool judges);
  void OnRun(base::Time now, const model::RunRow& row, bool judges);
  using Of = std::tuple<model::RunKey, model::JobId, model::LaneId, std::string>;
  void CountSuccesses(base::Time now, const std::vector<model::Change>& batch, bool judges);
  void OnTaskHistory(const model::HistoryRow& row);
  // A group around the job may be tried again, and its success be taken back.
  bool IsHidden(const Of& of) const;
  void JudgeConditions(base::Time now);
  bool IsFulfilled(const Consumer& consumer) const;
  const model::Dag* DagOf(const model::VersionId& version) const;

  Checks& checks_;
  std::map<model::DagId, Consumer> consumers_;
  std::map<model::RunKey, model::RunRow> runs_;
  std::map<int64_t, std::string> names_;
  int64_t last_event_ = 0;
  std::map<Of, int> owed_;  // successes without their event
  std::map<model::JobKey, std::vector<model::TaskState>> tasks_;
};

}  // namespace simulation
