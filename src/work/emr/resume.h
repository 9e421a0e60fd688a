#pragma once

// Which steps an attempt's cluster runs, and in which shape: the job's retry policy applied to its
// request.

#include <vector>

#include "base/json.h"
#include "engine/state.h"
#include "work/emr/state.h"

namespace work {

// The try since the last clear, from 1: what `from_try` of on_retry counts.
int TryOf(const engine::JobInstance& job);

// Indices into the job's steps that the latest attempt runs: all of them, or with `resume:
// failed_step` those that no earlier attempt since the last clear has completed.
std::vector<size_t> StepsOfAttempt(const EmrState& state,
                                   const engine::JobInstance& job,
                                   size_t step_count);

// How many of the attempts since the last clear, the latest left out, EMR refused in words that no
// rule knows.
int UnclearRefusals(const EmrState& state, const engine::JobInstance& job);

}  // namespace work
