#pragma once

// depends_on_past and wait_for_downstream, with Airflow's meaning
// (airflow.ti_deps.deps.prev_dagrun_dep). When a run is created, its job takes down which run of
// the DAG came before it by logical date (UpstreamWait, basis kPastRun). It waits until the same
// job, and with wait_for_downstream the jobs right below it, have succeeded or been skipped in that
// very run. Where the DAG catches up, manual runs are no previous runs; elsewhere every run is one.
//
// The first run waits for nothing, and so does a job that the previous run did not have. A previous
// run is known while it is in memory, for Options::completed_for after its end, and as the latest
// of its DAG for ever: of an older one nothing is known, and it does not count.

#include <vector>

#include "engine/turn.h"

namespace engine {

// What the job waits for of its DAG's past. The run may still be in the making.
std::vector<model::UpstreamWait> WaitsForPast(const Turn& turn,
                                              const Run& run,
                                              const JobInstance& job);
// Of the lanes of a wait of kPastRun, those that hold it up.
std::vector<model::LaneId> LanesNotDone(const State& state, const model::UpstreamWait& wait);
// Those that wait for something of this very run.
std::vector<model::JobKey> WaitersForRun(const State& state, const model::RunKey& run);

// An ended run leaves memory, or is back in it.
void RememberRun(State& state, const Run& run, Time forget_before);
void RememberJob(State& state, const model::Snapshot::CompletedJob& job);
void ForgetRun(State& state, const model::RunKey& run);
// Jobs of the DAG have new names (names.h).
void RenamePast(State& state, const model::DagId& dag);

}  // namespace engine
