#pragma once

// The longest way from each job to the end of its DAG, in time: what is left to do from there on.
// A job takes as long as its latest successes did (durations.h). Only the order of launches reads
// it.

#include <memory>

#include "engine/state.h"

namespace engine {

// A job of which nothing is known counts so much: then the number of jobs decides.
inline constexpr Duration kUnknownTakes = base::minutes(30);

// Makes the plan's ways if they are not there. The reference holds while a run has the plan.
const std::vector<Duration>& WaysOf(State& state, const std::shared_ptr<const Plan>& plan);
// How long the job takes has changed.
void RefreshWays(State& state, const JobInstance& job);
// Computed from the rows alone.
std::vector<Duration> ComputeWays(const State& state, const Plan& plan);

}  // namespace engine
