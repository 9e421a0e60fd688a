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
// The jobs of the unit, which is settled, are seen by those of other runs, and by their assets.
void TellSettled(Turn& turn, Run& run, int unit, Worklist& ended);
UpstreamEnds CountUpstream(const Run& run, const JobInstance& job);

// What the other jobs of its run say of it, by its trigger rule and the setups around it.
Readiness ReadinessOf(const Run& run, const JobInstance& job);
// A job that is ready may begin: its run works, its DAG is not paused, other DAGs are done.
bool MayBegin(const State& state, const Run& run);

// Takes a job or an instance that waits as far as it may go: into the queue, or to an end that its
// upstream jobs have decided; one that ends goes on the list. Any other job stays as it is.
void Consider(Turn& turn, Run& run, JobInstance& job, Worklist& ended);
// Those of other runs that wait for the job may begin: of other DAGs for its success, of its own
// DAG for a skip as well. REQUIRES: the job has ended.
void PropagateAcrossDags(Turn& turn, Run& run, const JobInstance& job, Worklist& ended);

// Works through the list until it is empty (null), or until no job of a run is open: that run,
// which the caller ends before it goes on.
Run* Propagate(Turn& turn, Worklist& ended);

// Puts the job into the queue for a turn.
void Enqueue(Turn& turn, JobInstance& job, std::string_view cause);

}  // namespace engine
