#pragma once

// What people do to runs: clear, mark, abort, kill a cluster. Each closes what is open, commits the
// terminate of every live cluster in the same step, and leaves the rest to the rules that hold for
// everyone else: a job goes on when its last launch or cluster is seen over.
//
// Not here: who may do it (api).

#include <vector>

#include "engine/turn.h"

namespace engine {

void Clear(Turn& turn, const model::ClearJobs& event, Step& step);
void Mark(Turn& turn, const model::MarkJobs& event, Step& step);
void Mark(Turn& turn, const model::MarkRun& event, Step& step);
void Terminate(Turn& turn, const model::TerminateCluster& event, Step& step);

}  // namespace engine
