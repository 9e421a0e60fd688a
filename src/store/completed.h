#pragma once

// Chooses Snapshot::completed out of ended runs, for every store alike: the jobs of runs that ended
// at or after `since`, and the latest success of each (dag, job, lane) whatever its age. The latest
// is the one with the greatest interval end, then the greatest end_date, then the greatest run id.
// Pure.

#include <map>
#include <tuple>
#include <vector>

#include "model/rows.h"

namespace store {

class CompletedJobs {
 public:
  explicit CompletedJobs(base::Time since) : since_(since) {}

  // One job of an ended run, and the state of its last task.
  void Add(const model::RunRow& run, const model::JobKey& job, model::TaskState state);
  // Newest run first (end_date, then key), jobs by their key.
  std::vector<model::Snapshot::CompletedJob> Take();

 private:
  struct Entry {
    model::Snapshot::CompletedJob job;
    std::optional<base::Time> ended_at;
  };
  using Which = std::tuple<model::DagId, model::JobId, model::LaneId>;

  base::Time since_;
  std::vector<Entry> recent_;
  std::map<Which, Entry> latest_;  // successes
};

}  // namespace store
