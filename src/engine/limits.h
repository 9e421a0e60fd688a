#pragma once

// Which limits concern a job, of its DAG and of the project, and with whom it shares them.
//
// Not here: whether a limit is reached (holders.h).

#include <string>
#include <vector>

#include "engine/state.h"

namespace engine {

struct Turn;

// A limit whose expression cannot be evaluated for the job, or has no value there, does not concern
// it.
std::vector<LimitUse> LimitsOf(const State& state, const Run& run, const JobInstance& job);
// The same for a job of a run that may be yet to come. `version` is the run's; `item` is null but
// for an instance of a mapped job.
std::vector<LimitUse> LimitsOf(const State& state,
                               const model::RunRow& run,
                               const model::Dag& version,
                               const model::Job& job,
                               const json::value* item);

// Takes the project's limits as they are now; those that are not among them are not in force.
void LoadLimits(Turn& turn, const std::vector<model::LimitRow>& wanted);
// Limits, or DAGs, have changed: finds again which concern the jobs that are queued or hold slots.
void RefreshLimits(State& state);

// "the limit 'by: lane.id, max: 2' of signalbox.yaml", for people.
std::string Describe(const LimitUse& use);

}  // namespace engine
