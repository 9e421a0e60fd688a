#pragma once

// What people delete: an ended run with its rows, or a DAG with all its runs. What is live is
// refused. A deleted run is as if it had never been, but for what it has led to: jobs that began
// because of it go on, its ticks do not fire again, the events of assets that it took are taken,
// and what was done at EMR stays in the store, so that a cluster that turns up late is known.

#include "engine/turn.h"

namespace engine {

void DeleteRun(Turn& turn, const model::DeleteRun& event, Changes& changes);
// If its file is there, the DAG is there again at once, as one that was never seen.
void DeleteDag(Turn& turn, const model::DeleteDag& event, Changes& changes);

}  // namespace engine
