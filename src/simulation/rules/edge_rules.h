#pragma once

// I3, of edges across DAGs that have a rule, name a whole run or a job that its group may try
// again: a job begins only if, at some time since its run was made, the ends of what it waits for
// were as the rule wants; and what the rule has decided is stored with the job. Which intervals an
// edge means is computed in crossings.h, what a rule wants in readiness_rules.h.
// A job whose condition asks how these have ended is skipped, or begins, as that says.

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/dag.h"
#include "simulation/rules/checks.h"
#include "simulation/rules/readiness_rules.h"

namespace simulation {

class EdgeRules : public Witness {
 public:
  explicit EdgeRules(Checks& checks) : checks_(checks) {}

  void OnCommitted(base::Time now, const std::vector<model::Change>& batch) override;
  void OnTailLost(base::Time now, const std::vector<Stored>& left, base::Time since) override;

 private:
  using Place = std::pair<model::JobId, model::LaneId>;
  // How one run has ended so far; the run itself stands under an empty job id.
  using Ends = std::map<Place, JobEnd>;
  using Tasks = std::map<Place, std::vector<model::TaskState>>;
  struct Edge {
    int place = 0;  // in the job's edges
    Crossings::Edge means;
    std::vector<model::LaneId> lanes;
    bool has_held = false;  // at some time the ends were as the rule wants
    bool holds = false;     // and are now
  };
  struct Waiter {
    std::vector<Edge> edges;
    std::vector<model::UpstreamWait> waits;  // as stored
    std::vector<model::TaskState> tasks;
    bool has_begun = false;
    bool restarts = false;      // it was cleared while something of it lived
    bool has_upstream = false;  // jobs of its own run may have had it skipped
    std::string when;           // its condition, if that asks how these have ended
  };

  void Apply(base::Time now, const std::vector<model::Change>& batch, bool judges);
  void OnRun(const model::RunRow& row);
  void OnWaits(base::Time now, const model::JobRow& row, Waiter& waiter, bool judges);
  void OnTask(base::Time now, const model::TaskRow& row, bool judges);
  // Its run took a version without it.
  void OnRemoved(const model::JobKey& key);
  const model::Dag& DagOf(const model::VersionId& version) const;
  // Its job stands in a group with retries: then a plain edge is judged here, too.
  bool NamesGroup(const Crossings::Edge& edge) const;
  // The job's end may be taken back, while a group around it is tried again.
  bool IsHidden(const model::RunKey& run, const Place& place) const;
  void JudgeCondition(base::Time now, const model::JobKey& key, const Waiter& waiter);
  void JudgeBegin(base::Time now, const model::JobKey& key);
  void JudgeAll(const model::DagId& dag);
  Fate FateNow(const Edge& edge) const;
  JobEnd EndOf(const model::DagId& dag, const base::Interval& interval, const Place& place) const;
  std::vector<model::LaneId> LanesOf(const Crossings::Edge& edge, const model::LaneId& mine) const;

  Checks& checks_;
  std::map<model::DagId, model::VersionId> current_;
  std::map<model::RunKey, model::VersionId> runs_;
  std::map<std::tuple<model::DagId, base::Time, base::Time>, std::map<model::RunKey, Ends>> ends_;
  std::map<model::RunKey, std::tuple<model::DagId, base::Time, base::Time>> keys_;
  std::map<model::RunKey, Tasks> tasks_;  // of jobs in groups with retries
  std::map<model::JobKey, Waiter> waiters_;
  // Of this batch.
  std::set<model::RunKey> by_person_;
  std::set<model::JobKey> begun_;
};

}  // namespace simulation
