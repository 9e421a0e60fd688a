#pragma once

// What must hold of launches and clusters, checked from outside over the kind's whole state.

#include <map>
#include <string>
#include <vector>

#include "engine/state.h"
#include "work/emr/state.h"

namespace work {

std::vector<std::string> BrokenInvariants(const EmrState& state, const engine::State& engine);
// Unsettled launches and live clusters of each job.
std::map<model::JobKey, int> CountLive(const EmrState& state);
// Jobs whose cluster came back from LOST: it takes its slot again, even above the pool's size.
int AboveSize(const EmrState& state, const engine::State& engine, const model::PoolId& pool);

}  // namespace work
