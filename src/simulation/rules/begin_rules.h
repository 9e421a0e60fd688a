#pragma once

// I3, of beginnings beside ticks and upstream jobs: which run may begin after which. A job with
// depends_on_past waits for the same job of the run before; a run of a DAG that is continuous
// begins after the one before has ended; a run of a DAG with start_jitter starts within it.
//
// What is stored of runs and tasks counts as a promise. What a person does to a run in the same
// batch as the engine is not judged.

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "model/dag.h"
#include "simulation/rules/checks.h"

namespace simulation {

class BeginRules : public Witness {
 public:
  explicit BeginRules(Checks& checks) : checks_(checks) {}

  void OnCommitted(base::Time now, const std::vector<model::Change>& batch) override;
  void OnTailLost(base::Time now, const std::vector<Stored>& left, base::Time since) override;

 private:
  struct Run {
    model::RunRow row;
    std::map<std::pair<model::JobId, model::LaneId>, std::vector<model::TaskState>> jobs;
    std::optional<model::RunKey> previous;
  };

  void Apply(base::Time now, const std::vector<model::Change>& batch, bool judges);
  void OnRun(base::Time now, const model::RunRow& row, bool judges);
  void OnTask(base::Time now, const model::TaskRow& row, bool judges);

  void JudgeNew(base::Time now, const Run& run);
  void JudgeContinuous(base::Time now, const Run& run, const model::Dag& dag);
  void JudgeBegin(base::Time now, const Run& run, const model::TaskRow& row);

  std::optional<model::RunKey> PreviousOf(const model::RunRow& row) const;
  // The jobs of the run before that have neither succeeded nor been skipped, of those that count.
  bool IsHeldBy(const Run& previous, const model::Dag& dag, size_t job) const;
  const model::Dag* DagOf(const Run& run) const;

  Checks& checks_;
  std::map<model::RunKey, Run> runs_;
  std::set<model::RunKey> by_person_;  // of the batch
};

}  // namespace simulation
