#pragma once

// Clusters: what EMR says of them becomes a monotone view, a verdict on the attempt, and
// terminates.

#include "work/emr/emr.h"

namespace work {

// Records a cluster that a launch made. `cause` goes to history.
model::ClusterRow& RecordCluster(EmrTurn& turn,
                                 const model::LaunchRow& launch,
                                 const model::ClusterId& id,
                                 std::string_view cause);

// Decides that the cluster must die; the command stays in the outbox until it is seen terminal.
// `verdict`: what the kill says of the cluster's attempt, which ends with the cluster; none where
// it has ended, or where a person asks.
void RequestTerminate(EmrTurn& turn,
                      model::ClusterRow& cluster,
                      std::string_view cause,
                      std::optional<model::VerdictClass> verdict = {});

// A person wants this cluster dead, whatever its job is doing.
void Terminate(EmrTurn& turn, const model::TerminateCluster& event, engine::Changes& changes);
// A person has ended the job's attempt: its clusters are terminated. A launch that is not settled
// stays live: whatever it turns out to have made is terminated then.
void StopClusters(EmrTurn& turn, const engine::JobInstance& job, std::string_view cause);

// What the cluster costs, as its row says now, counts for the spend caps.
void NoteExpense(engine::State& state, const model::ClusterRow& cluster);

void OnSeen(EmrTurn& turn, const model::ClusterSeen& event);
void OnLostSeen(EmrTurn& turn, const model::LostClusterSeen& event);
void OnGone(EmrTurn& turn, const model::ClusterGone& event);

}  // namespace work
