#pragma once

// I3, inside a run: when a job may begin, and what becomes of one that cannot. Trigger rules,
// setups and teardowns are judged by a computation of its own: the ends of the jobs that are open
// are tried out, all of them, and what is stored must be what follows in every case.
//
// What is stored of tasks counts as a promise. What a person does to a run in the same batch as the
// engine is not judged.

#include <map>
#include <set>
#include <vector>

#include "model/dag.h"
#include "simulation/rules/checks.h"

namespace simulation {

// How a job has ended, as far as its tasks say.
enum class JobEnd { kOpen, kSuccess, kFailed, kUpstreamFailed, kSkipped };

// What must become of a job.
enum class Fate { kWaits, kBegins, kSkipped, kUpstreamFailed };

// By the ends of its upstream jobs; of a teardown, `setups` are those among them that it removes.
Fate FateOf(model::TriggerRule rule,
            const std::vector<JobEnd>& upstream,
            const std::vector<JobEnd>& setups);

class ReadinessRules : public Witness {
 public:
  explicit ReadinessRules(Checks& checks) : checks_(checks) {}

  void OnCommitted(base::Time now, const std::vector<model::Change>& batch) override;
  void OnTailLost(base::Time now, const std::vector<Stored>& left, base::Time since) override;

  // At rest: no job waits that cannot begin any more.
  void AtEnd(base::Time now);

 private:
  struct Job {
    std::vector<model::TaskState> tasks;
    bool has_begun = false;     // or ended: it does not wait
    bool has_next_try = false;  // of its own
    bool is_marked = false;     // as it stands, by a person
    int lists = 0;              // that a mapped one has had: its tries
    bool has_list = false;      // … and whether the latest is in force
  };
  struct Run {
    model::VersionId version;
    model::RunState state = model::RunState::kQueued;
    std::map<std::pair<model::JobId, model::LaneId>, Job> jobs;
    std::set<std::pair<std::string, model::LaneId>> groups;  // that wait for another try
    int person_batches = 0;
  };
  using Waiting = std::set<model::JobKey>;

  Waiting Apply(const std::vector<model::Change>& batch);
  void OnHistory(const model::HistoryRow& row, std::set<model::RunKey>& created);
  void JudgeJob(base::Time now, const model::JobKey& key);
  // What followed from jobs that were marked is decided again.
  void JudgeMarks(base::Time now, const model::RunKey& key, const Waiting& marked);
  void JudgeEnd(base::Time now, const model::RunKey& key, const Run& run);
  // One whose setup has succeeded, and which was not begun.
  static bool IsLeftOut(const Run& run, const model::Dag& dag, const model::Job& teardown);

  const model::Dag* DagOf(const Run& run) const;
  static JobEnd EndOf(const Run& run, const model::Job& job);
  // The same as the other job may take it, while a group around the first one may be tried again.
  static JobEnd EndFor(const Run& run,
                       const model::Dag& dag,
                       const model::Job& job,
                       const model::Job& seen_by);
  static std::vector<JobEnd> EndsOf(const Run& run,
                                    const model::Dag& dag,
                                    const std::vector<int>& jobs,
                                    const model::Job& seen_by);
  static Fate FateOfJob(const Run& run, const model::Dag& dag, const model::Job& job);

  Checks& checks_;
  std::map<model::RunKey, Run> runs_;
  std::set<model::RunKey> by_person_;  // of the batch
  std::set<model::RunKey> ended_;      // of the batch
  std::set<model::RunKey> cleared_;    // of the batch
  // Of the batch, by run: the jobs that a person has marked, and not as failed.
  std::map<model::RunKey, Waiting> marked_;
};

}  // namespace simulation
