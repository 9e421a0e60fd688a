#pragma once

// Dependencies across DAGs. When a run is created each edge becomes a stored list of upstream run
// keys; a job waits until each of them has succeeded, also for runs that do not exist yet.

#include <vector>

#include "engine/turn.h"

namespace engine {

// Which upstream runs a job of a run with this data interval waits for.
std::vector<WaitsFor> ResolveWaits(const State& state,
                                   const model::Job& job,
                                   const base::Interval& interval);
std::string WaitsToText(const std::vector<WaitsFor>& waits);
std::vector<WaitsFor> WaitsFromText(const std::string& text);

bool WaitsAreOver(const State& state, const JobInstance& job);

// Keeps the list of jobs that a success elsewhere may start.
void BeginWaiting(State& state, JobInstance& job);
void StopWaiting(State& state, JobInstance& job);

// Remembers the job's success for edges from other DAGs, and forgets its earlier ones from before
// `forget_before`, but not the latest of them; returns the jobs that waited for it, or for another
// run of it.
std::vector<model::JobKey> NoteSuccess(State& state,
                                       const Run& run,
                                       const JobInstance& job,
                                       Time forget_before);
void RememberSuccess(State& state, const JobRef& job, Time logical_date, Time interval_end);
// The job's success counts no more for edges that have not been satisfied: it was cleared or
// marked.
void ForgetSuccess(State& state, const Run& run, const JobInstance& job);

}  // namespace engine
