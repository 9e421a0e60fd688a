#pragma once

// Holds: which jobs get no turn because a person holds launches.

#include "engine/turn.h"

namespace engine {

void PlaceHold(Turn& turn, const model::PlaceHold& event, Changes& changes);
void ReleaseHold(Turn& turn, const model::ReleaseHold& event, Changes& changes);

// The oldest hold in force for the job, or null. What holds for a tag goes by the tags that the
// DAG's file has now.
const model::HoldRow* HoldOn(const State& state,
                             const model::DagId& dag,
                             const model::PoolId& pool);

}  // namespace engine
