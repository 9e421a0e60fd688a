#pragma once

// What a waiting job still lacks of other DAGs, for people who ask why it does not start.

#include <vector>

#include "engine/state.h"
#include "model/missing.h"

namespace engine {

// Empty where other DAGs do not hold it.
std::vector<model::MissingUpstream> StillMissing(const State& state, const JobInstance& job);

}  // namespace engine
