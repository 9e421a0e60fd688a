#pragma once

// Clusters and steps that take too long. Judged by looks, never by the clock alone: what EMR said
// an hour ago is no reason to kill what may work by now.

#include "emr/verdict.h"
#include "engine/turn.h"

namespace engine {

// Why the cluster must end although EMR lets it be, as of a look at this time that told its status;
// nothing where it may go on.
std::optional<emr::Verdict> FindOverrun(const State& state,
                                        const Options& options,
                                        const model::ClusterRow& cluster,
                                        const model::ClusterSeen& look);

// Marks running steps of this look that have taken much longer than their expected_duration.
void FlagSlowSteps(Turn& turn, model::ClusterRow& cluster, Time looked_at);

// When a look at the cluster's steps would find one that is overdue.
std::optional<Time> NextStepDeadline(const State& state,
                                     const Options& options,
                                     const model::ClusterRow& cluster);

}  // namespace engine
