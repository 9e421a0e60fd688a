#pragma once

// What a job that waits for other DAGs still lacks, in words for people: a view, never stored.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/ids.h"

namespace model {

enum class MissingBecause {
  kUnknownDag,    // there is no such DAG
  kInactive,      // its file is gone
  kNoMatch,       // its schedule has no such interval
  kHole,          // the tick never fired and will not
  kNotBegun,      // its first interval is not over
  kPaused,        // the DAG is paused
  kRunning,       // its run has not ended
  kNotRun,        // its run does not exist yet
  kNotSucceeded,  // its run ended, and the job has not succeeded
  kPastRun,       // of the own DAG: depends_on_past, wait_for_downstream
  kTooOld,        // the latest due ended before what `within` allows
  kRule,          // it has ended, and the edge's rule wants other ends
};
std::string_view ToString(MissingBecause because);  // "unknown_dag"

struct MissingUpstream {
  DagId dag;
  JobId job;                               // "": the whole run
  std::vector<LaneId> lanes;               // that have not succeeded
  std::optional<base::Interval> interval;  // none: any run
  // None: it is of a DAG that the caller does not see.
  std::optional<MissingBecause> because = MissingBecause::kNotRun;
  std::string sentence;  // what is missing, and how to make it where it will not come by itself
};

}  // namespace model
