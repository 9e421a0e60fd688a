#pragma once

// Which runs of other DAGs a run has to wait for: reckoned from the workload's schedules as they
// were when it was made, by arithmetic of its own. What is edited later changes nothing.

#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/dag.h"
#include "simulation/workload.h"

namespace simulation {

// The latest tick of its schedule at or before `at`, whenever that begins and ends.
// REQUIRES: it has a schedule.
base::Time LatestTick(const DagSpec& dag, base::Time at);

class Crossings {
 public:
  // A run's job waits for `dates` of `job` of `dag`.
  struct Edge {
    model::DagId dag;
    model::JobId job;
    std::vector<base::Time> dates;
  };

  // The files are these from now on.
  void OnWork(const Workload& work);
  void OnRun(const model::RunKey& run, base::Time interval_end);
  // The database has lost the run: it may be made again.
  void Forget(const model::RunKey& run) { runs_.erase(run); }

  // What the job waits for; more than one list where an edit was under way when the run was made,
  // none where nothing is known of it.
  std::vector<std::vector<Edge>> ListsOf(const model::RunKey& run, std::string_view job) const;
  bool IsRescheduled(const model::DagId& dag) const { return rescheduled_.contains(dag); }

 private:
  using Book = std::shared_ptr<const Workload>;
  struct Made {
    base::Time interval_end;
    std::vector<Book> books;
  };

  std::vector<Book> books_;  // the newest last, at most two
  std::map<model::RunKey, Made> runs_;
  std::set<model::DagId> rescheduled_;
};

}  // namespace simulation
