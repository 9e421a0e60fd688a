#pragma once

// Dependencies across DAGs. When a run is created each edge becomes a stored list of data intervals
// of the upstream DAG; a job waits until each of them has had a success, also for runs that do not
// exist yet. Whatever finds no interval waits and says so: it is never nothing to wait for. A job
// that depends on its own DAG's past has such waits as well (past_runs.h).

#include <vector>

#include "engine/turn.h"

namespace engine {

// What a job of a run with this data interval waits for.
std::vector<model::UpstreamWait> ResolveWaits(const State& state,
                                              const model::Job& job,
                                              const base::Interval& interval);
// Waits for DAGs that were not known when they were resolved, and are now; returns whose they are.
std::vector<model::JobKey> ResolveAnew(Turn& turn, const std::set<model::DagId>& known_now);
// A wait from before schema 3, which names a logical date, becomes one for a data interval.
void UpgradeWait(const State& state, model::UpstreamWait& wait);

bool IsOver(const State& state, const model::UpstreamWait& wait);
bool WaitsAreOver(const State& state, const JobInstance& job);
// Of the wait's lanes, those that have not succeeded.
std::vector<model::LaneId> MissingLanes(const State& state, const model::UpstreamWait& wait);

// Keeps the list of jobs that something elsewhere may start.
void BeginWaiting(State& state, JobInstance& job);
void StopWaiting(State& state, JobInstance& job);
// Of those, the jobs that take holes of these DAGs for what they wait for.
std::vector<model::JobKey> ThoseThatSkip(const State& state, const std::set<model::DagId>& dags);

// Remembers the job's success for edges from other DAGs, and forgets its earlier ones from before
// `forget_before`, but not the latest of them; returns the jobs that waited for it, or for another
// run of it.
std::vector<model::JobKey> NoteSuccess(State& state,
                                       const Run& run,
                                       const JobInstance& job,
                                       Time forget_before);
void RememberSuccess(State& state, const model::JobKey& job, const base::Interval& interval);
// The job's success counts no more for edges that have not been satisfied: it was cleared or
// marked.
void ForgetSuccess(State& state, const Run& run, const JobInstance& job);

}  // namespace engine
