#pragma once

// `start_jitter`: a scheduled run is created at its tick, and starts later by a span that is a pure
// function of the DAG and the logical date (RunRow::run_after says when). So ticks, data intervals,
// holes and catchup are what they are without it; only the step from queued to running waits.

#include "engine/turn.h"

namespace engine {

// In [0, start_jitter).
Duration JitterOf(const model::Dag& dag, Time logical_date);

// A queued run of a DAG with start_jitter has not come to its run_after.
bool StartsLater(const Run& run, Time now);
// Keeps State::starts. REQUIRES: the run is queued.
void AwaitStart(State& state, const Run& run);
// Those whose time has come are given to their DAGs' room.
void TakeDueStarts(Turn& turn);
void ForgetStart(State& state, const Run& run);

}  // namespace engine
