#pragma once

// Clusters: what EMR says of them becomes a monotone view, a verdict on the attempt, and
// terminates.

#include "engine/turn.h"

namespace engine {

// Records a cluster that a launch made. `cause` goes to history.
model::ClusterRow& RecordCluster(Turn& turn,
                                 const model::LaunchRow& launch,
                                 const model::ClusterId& id,
                                 std::string_view cause);

// Decides that the cluster must die; the command stays in the outbox until it is seen terminal.
// `verdict`: what the kill says of the cluster's attempt, which ends with the cluster; none where
// it has ended, or where a person asks.
void RequestTerminate(Turn& turn,
                      model::ClusterRow& cluster,
                      std::string_view cause,
                      std::optional<model::VerdictClass> verdict = {});

void OnSeen(Turn& turn, const model::ClusterSeen& event);
void OnLostSeen(Turn& turn, const model::LostClusterSeen& event);
void OnGone(Turn& turn, const model::ClusterGone& event);

}  // namespace engine
