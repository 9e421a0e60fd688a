#pragma once

// Chooses Snapshot::completed out of ended runs, for every store alike: the jobs of runs that ended
// at or after `since`, the latest success of each (dag, job, lane) whatever its age, and the runs
// that jobs with depends_on_past may ask for: by logical date the latest manual one of each DAG and
// the latest of the others, and those that a job waits for. The latest success is the one with the
// greatest interval end, then the greatest end_date, then the greatest run id. Pure.

#include <map>
#include <set>
#include <tuple>
#include <vector>

#include "model/rows.h"

namespace store {

class CompletedJobs {
 public:
  // `live`: the jobs of runs that are loaded; what they wait for is chosen.
  CompletedJobs(base::Time since, const std::vector<model::JobRow>& live);

  // One job of an ended run, and the state of its last task.
  void Add(const model::RunRow& run, const model::JobKey& job, model::TaskState state);
  // Newest run first (end_date, then key), jobs by their key.
  std::vector<model::Snapshot::CompletedJob> Take();

 private:
  using Entry = model::Snapshot::CompletedJob;
  using Which = std::tuple<model::DagId, model::JobId, model::LaneId>;
  // The run with the greatest logical date so far.
  struct Latest {
    std::tuple<base::Time, model::RunId> place;
    std::vector<Entry> jobs;
  };

  void AddToLatest(const model::RunRow& run, const Entry& entry);

  base::Time since_;
  std::set<model::RunKey> wanted_;
  std::map<model::JobKey, Entry> chosen_;
  std::map<Which, Entry> successes_;                        // the latest
  std::map<std::pair<model::DagId, bool>, Latest> latest_;  // by whether they are manual
};

}  // namespace store
