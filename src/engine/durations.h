#pragma once

// How long jobs took recently (model::DurationsRow): noted in the step that ends an attempt. The
// order of launches and the forecast read it; readiness never does.

#include <optional>
#include <vector>

#include "engine/turn.h"
#include "model/verdict.h"

namespace engine {

// A row holds the latest so many successes, and the failures among them up to so many attempts.
inline constexpr int kSuccessesKept = 20;
inline constexpr size_t kAttemptsKept = 60;

// The job's attempt has ended, with this verdict.
void NoteDuration(Turn& turn, const JobInstance& job, const model::Verdict& verdict);

// A mapped job's list has so many items.
void NoteInstances(Turn& turn, const JobInstance& job, int64_t instances);

// Of its successes, the lower one of two; nothing if it has none.
std::optional<Duration> MedianSuccess(const model::DurationsRow& row);
// The median of its latest successes; else what its file expects; else nothing.
std::optional<Duration> TypicalDuration(const State& state,
                                        const model::DagId& dag,
                                        const model::Job& job);

}  // namespace engine
