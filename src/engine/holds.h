#pragma once

// Holds: which jobs get no turn because a person holds launches.

#include "engine/turn.h"

namespace engine {

void PlaceHold(Turn& turn, const model::PlaceHold& event, Changes& changes);
void ReleaseHold(Turn& turn, const model::ReleaseHold& event, Changes& changes);
// Those that name the DAG or a job of it: the DAG is deleted.
void ReleaseHoldsOf(Turn& turn, const model::DagId& dag, const model::Principal& by);

// The oldest hold in force for the job, or null. What holds for a tag goes by the tags that the
// DAG's file has now.
const model::HoldRow* HoldOn(const State& state, const model::DagId& dag, const model::Job& job);

// Its DAG is paused, or a person holds its launches.
bool IsStopped(const State& state, const Queued& queued);

// A mistake in the job's configuration has ended this lane. Others of the job that are still to be
// launched would meet the same one: they are held, if the job wants it so.
void HoldLanes(Turn& turn, const Run& run, const JobInstance& failed);

}  // namespace engine
