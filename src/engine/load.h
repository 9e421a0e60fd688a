#pragma once

// Rows into memory: the engine's state as of a snapshot. There is no other recovery code; what was
// under way is re-driven by the driver through ordinary events.

#include "engine/engine.h"
#include "engine/state.h"
#include "schedule/time_zone.h"

namespace engine {

// kCorrupt if the rows contradict each other.
base::Status LoadSnapshot(State& state,
                          const Kinds& kinds,
                          const schedule::ZoneSet& zones,
                          const model::Snapshot& snapshot);

// Takes an ended run that has left memory from the rows of the store: its version, the run and its
// rows. kConflict if the run has not ended, or may have been deleted since the rows were read.
base::Status RestoreRun(State& state, const Kinds& kinds, const model::Snapshot& rows);

}  // namespace engine
