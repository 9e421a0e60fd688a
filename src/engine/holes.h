#pragma once

// Gaps in DAGs' schedules: ticks that never fired (model::HoleRow).

#include "engine/turn.h"

namespace engine {

// The ticks from `first` to `last` of the DAG's timetable will not fire.
void AddHole(Turn& turn,
             DagEntry& entry,
             const schedule::Fire& first,
             const schedule::Fire& last,
             model::HoleReason reason);

// The hole that this data interval lies in, or null.
const model::HoleRow* FindHole(const State& state,
                               const model::DagId& dag,
                               const base::Interval& interval);

// A run has succeeded, at the start or now; runs with earlier intervals are forgotten.
void RememberRunSuccess(State& state,
                        const model::RunKey& run,
                        const base::Interval& interval,
                        Time forget_before = Time::min());

// A run has succeeded, or does not count as a success any more: is its interval one of a hole?
// REQUIRES: it is told once of each.
void NoteFilled(Turn& turn, const Run& run, bool is_filled);

}  // namespace engine
