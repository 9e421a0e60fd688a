#pragma once

// The ticks that a backfill is to have runs of. Pure: also for dry runs, which change nothing.

#include <string>
#include <vector>

#include "base/result.h"
#include "engine/state.h"
#include "model/event.h"

namespace engine {

// In the order in which they are taken, all pending. kNotFound if there is no such DAG,
// kInvalidArgument if it has no such ticks or more than kBackfillTicksMax.
base::Result<std::vector<model::BackfillTickRow>> PlanBackfill(const State& state,
                                                               const model::CreateBackfill& asked,
                                                               Time now);

// What of the range is left out because the DAG's start_date and end_date are within it: a
// sentence, or "".
std::string WhatIsClipped(const State& state, const model::CreateBackfill& asked);

// Why the tick is left out, whatever runs there are of it; kPending: it is not.
model::TickOutcome LeftOut(const State& state,
                           const DagEntry& entry,
                           bool fills_holes,
                           const model::BackfillTickRow& tick);

}  // namespace engine
