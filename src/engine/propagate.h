#pragma once

// From the end of a job to what follows from it: the jobs of its run that were waiting for it,
// those of other DAGs, and, job by job, what follows from these.
//
// A worklist, not recursion: a chain of empty jobs may be long.

#include <deque>
#include <string_view>

#include "engine/turn.h"

namespace engine {

// Jobs that have ended and whose end is not propagated yet.
struct Ended {
  Run* run;
  int index;
};
using Worklist = std::deque<Ended>;

// Counts again what can be counted from the states of the run's jobs.
void Recount(Run& run);

// The job begins if nothing holds it back; one that ends at once goes on the list.
void Begin(Turn& turn, Run& run, JobInstance& job, Worklist& ended);
// Its downstream jobs cannot begin any more.
void PropagateFailure(Turn& turn, Run& run, const JobInstance& job, Worklist& ended);
// Those of other DAGs that wait for the job may begin.
void PropagateAcrossDags(Turn& turn, Run& run, const JobInstance& job, Worklist& ended);

// Works through the list until it is empty (null), or until no job of a run is open: that run,
// which the caller ends before it goes on.
Run* Propagate(Turn& turn, Worklist& ended);

// Puts the job into the queue for a turn.
void Enqueue(Turn& turn, JobInstance& job, std::string_view cause);

}  // namespace engine
