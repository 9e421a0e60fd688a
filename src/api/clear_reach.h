#pragma once

// What a clear touches, or a mark that goes beyond its run: jobs of one run, of earlier and later
// runs of its DAG, and of runs of other DAGs that waited for what is cleared. Found on a thread for
// reads, from rows alone: a dry run shows exactly what the clear then does, unless somebody changes
// the runs in between. Of a run that takes the newest version, jobs that only that one has are not
// among them.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "api/reading.h"
#include "base/result.h"
#include "model/event.h"

namespace api {

struct ClearScope {
  model::RunKey run;
  std::vector<std::string> task_ids;  // none: all jobs
  model::Reach reach;
  bool only_failed = false;
  bool past = false;    // and the runs of the DAG with an earlier logical date
  bool future = false;  // with a later one
  // And the jobs of other DAGs that waited for one of these, with what depends on them; and so on.
  bool other_dags = false;
};

// More runs, or more jobs, are refused: a clear of a year's runs is a backfill.
inline constexpr size_t kMostRunsCleared = 1000;
inline constexpr size_t kMostJobsCleared = 50'000;

// By run, those upstream first.
struct ClearReach {
  std::vector<model::RunKey> runs;
  std::map<model::RunKey, std::vector<model::JobKey>> jobs;
};

// kNotFound where there is no such run or job; kInvalidArgument where it is too much.
base::Result<ClearReach> FindClearReach(const Reading& reading, const ClearScope& scope);

}  // namespace api
