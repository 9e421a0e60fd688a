#pragma once

// Rows into memory: the engine's state as of a snapshot. There is no other recovery code; what was
// under way is re-driven by the driver through ordinary events.

#include "engine/state.h"
#include "schedule/time_zone.h"

namespace engine {

// kCorrupt where the rows contradict each other.
base::Status LoadSnapshot(State& state,
                          const schedule::ZoneSet& zones,
                          const model::Snapshot& snapshot);

}  // namespace engine
