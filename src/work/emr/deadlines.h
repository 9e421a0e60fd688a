#pragma once

// Clusters and steps that take too long. Judged by looks, never by the clock alone: what EMR said
// an hour ago is no reason to kill what may work by now.

#include "emr/verdict.h"
#include "work/emr/emr.h"

namespace work {

// Why the cluster must end although EMR lets it be, as of a look at this time that told its status;
// nothing where it may go on.
std::optional<emr::Verdict> FindOverrun(const EmrTurn& turn,
                                        const model::ClusterRow& cluster,
                                        const model::ClusterSeen& look);

// Marks running steps of this look that have taken much longer than their expected_duration.
void FlagSlowSteps(EmrTurn& turn, model::ClusterRow& cluster, Time looked_at);

// When a look at the cluster's steps would find one that is overdue.
std::optional<Time> NextStepDeadline(const engine::State& engine,
                                     const EmrState& state,
                                     const EmrOptions& options,
                                     const model::ClusterRow& cluster);

}  // namespace work
