#pragma once

// I4, of groups with retries: a group in one lane that has failed is tried again as often as it may
// be and no oftener, inner groups first, not before its delay is over, and then all of its jobs
// begin again. Who may see an end of its jobs is judged where ends are: readiness_rules.h,
// edge_rules.h, begin_rules.h, asset_rules.h.
//
// Tries are counted here; what is stored of them counts as a promise. A run that a person has
// touched is not judged.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/dag.h"
#include "simulation/rules/checks.h"

namespace simulation {

class GroupRules : public Witness {
 public:
  explicit GroupRules(Checks& checks) : checks_(checks) {}

  void OnCommitted(base::Time now, const std::vector<model::Change>& batch) override;
  void OnTailLost(base::Time now, const std::vector<Stored>& left, base::Time since) override;

 private:
  using Place = std::pair<model::JobId, model::LaneId>;
  enum class End { kOpen, kGood, kFailed };  // kGood: or given up before it began
  struct Job {
    std::vector<model::TaskState> tasks;
    bool has_next_try = false;
    int attempts = 0;
    std::optional<model::VerdictClass> verdict;  // of its latest attempt
    std::optional<base::Time> ended_at;
    int attempts_at_retry = 0;  // when its group was last to begin again
  };
  struct Tries {
    int failures = 0;
    std::optional<base::Time> due;  // it waits for another try
  };
  struct Run {
    model::VersionId version;
    model::RunState state = model::RunState::kQueued;
    bool is_touched = false;
    std::map<Place, std::map<int, Job>> jobs;  // by index; the job itself at -1
    std::map<std::pair<std::string, model::LaneId>, Tries> tries;
    std::map<model::GroupKey, model::GroupTriesRow> rows;
  };

  void Apply(const std::vector<model::Change>& batch);
  void OnHistory(const model::HistoryRow& row);
  void Judge(base::Time now, const model::RunKey& key, Run& run);
  void JudgeGroup(base::Time now,
                  const model::RunKey& key,
                  Run& run,
                  const model::Group& group,
                  const model::LaneId& lane);
  void JudgeRetry(base::Time now,
                  const std::string& name,
                  Run& run,
                  const model::Group& group,
                  const model::LaneId& lane);
  bool IsDone(const Run& run, const model::Group& group, const model::LaneId& lane) const;
  static End EndOf(const Job& job);
  static const std::map<int, Job>& JobsAt(const Run& run, const model::Job& job);

  Checks& checks_;
  bool judges_ = true;
  std::map<model::RunKey, Run> runs_;
  std::set<model::RunKey> changed_;  // of the batch
  base::Time at_;                    // the latest time in the batch's rows
};

}  // namespace simulation
