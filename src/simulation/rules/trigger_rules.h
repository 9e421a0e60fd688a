#pragma once

// I3, of jobs that trigger runs: an attempt makes one run at most, the one that the workload says,
// and only if there was none like it; a run that a job makes has a job that made it. A job that
// waits ends with its run, in the same commit and as that ended, and never without it. Which runs
// there are is counted from their rows.
//
// What a person does to the job is judged by people_rules.h.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/dag.h"
#include "simulation/rules/checks.h"

namespace simulation {

class TriggerRules : public Witness {
 public:
  explicit TriggerRules(Checks& checks) : checks_(checks) {}

  void OnCommitted(base::Time now, const std::vector<model::Change>& batch) override;
  void OnTailLost(base::Time now, const std::vector<Stored>& left, base::Time since) override;
  // At rest: no job waits to be told whether there is a run.
  void AtEnd(base::Time now);

 private:
  struct Run {
    model::RunRow row;
    int64_t first = 0;                        // the row that made it, counted
    int64_t last = 0;                         // the latest of it
    std::optional<int64_t> ended;             // the row that ended it; none: it lives
    std::map<model::RunState, int64_t> ends;  // the latest of each kind
    int makers = 0;                           // jobs that say that they made it
  };
  struct Attempt {
    const model::TriggerWork* work = nullptr;
    model::TriggerRow wish;
    bool has_wish = false;
    int64_t since = 0;  // the batch in which it got its run
  };

  void Apply(base::Time now, const std::vector<model::Change>& batch, bool judges);
  void OnRun(const model::RunRow& row);
  void OnAttempt(const model::AttemptRow& row);
  void OnWish(base::Time now, const model::TriggerRow& row, bool judges);
  void JudgeContent(base::Time now, const model::TriggerRow& row, const Attempt& attempt);
  void JudgeEnd(base::Time now, const model::AttemptRow& row, const Attempt& attempt);
  void JudgeRuns(base::Time now);
  void JudgeWaits(base::Time now);
  bool IsAmiss(const model::DagId& target) const;
  // A run that the wish would have found, made by an earlier row.
  bool WasThere(const model::TriggerRow& wish, int64_t before) const;
  void Breach(base::Time now, const model::AttemptKey& key, std::string_view what);
  const model::Job* DefOf(const model::JobKey& key) const;

  Checks& checks_;
  std::map<model::DagId, model::DagRow> dags_, dags_before_;  // before the batch
  std::map<model::RunKey, Run> runs_;
  std::map<model::AttemptKey, Attempt> attempts_;  // of jobs that trigger
  std::set<model::AttemptKey> open_;
  std::set<model::RunKey> made_;   // of the batch: by jobs
  std::set<model::DagId> paused_;  // before the batch or after it
  int64_t row_ = 0;                // that were seen
  int64_t batch_ = 0;              // the first row of it
};

}  // namespace simulation
