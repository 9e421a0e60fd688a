#pragma once

// What people do to runs: clear, mark, abort. Each closes what is open and stops its work in the
// same step, and leaves the rest to the rules that hold for everyone else: a job goes on when
// nothing of it is live any more.
//
// Not here: who may do it (api).

#include <vector>

#include "engine/turn.h"

namespace engine {

// The run in memory; an ended one is taken from the rows that came with the request. Null: there is
// none, and the outcome says so.
Run* FindOrRestore(Turn& turn, const model::RunRequest& request, Changes& changes);

void Clear(Turn& turn, const model::ClearJobs& event, Changes& changes);
void Mark(Turn& turn, const model::MarkJobs& event, Changes& changes);
void Mark(Turn& turn, const model::MarkRun& event, Changes& changes);

// The job is to begin again, unless it waits already. True if anything has changed: the run's
// counts and what follows are the caller's.
bool ClearJob(Turn& turn, Run& run, JobInstance& job, std::string_view cause, By by);

// Every job of the run begins again, also those that a person had ended.
void ClearRun(Turn& turn, Run& run, const std::string& cause);
// The run fails, with every job that has not ended. REQUIRES: it is queued.
void AbortRun(Turn& turn, Run& run, const std::string& cause);

}  // namespace engine
