#pragma once

// Why attempts failed, as their logs say it: kept with the attempt, for people. It changes nothing
// else, and it may come long after the attempt, when its run has ended.

#include "engine/turn.h"

namespace engine {

// The first cause of an attempt stays. kNotFound where there is no such attempt any more.
void TakeCause(Turn& turn, const model::CauseFound& event, Changes& changes);
void ForgetCauses(State& state, const model::RunKey& run);

}  // namespace engine
