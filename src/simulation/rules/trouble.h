#pragma once

// Why a cluster may be given up, by EMR's truth.

#include "base/time.h"
#include "emulator/cluster.h"
#include "model/dag.h"

namespace simulation {

// Whether anything about it, in truth, can make somebody give it up. `older`: so much older it may
// look than it is.
bool HasTrouble(const emulator::Cluster& cluster,
                const model::Job& def,
                base::Time now,
                base::Duration older);

// Whether the job itself failed there: a step that no lost nodes explain, or one that took too
// long. `by_us`: we killed it, which says nothing of the job.
bool IsToBlame(const emulator::Cluster& cluster,
               const model::Job& def,
               bool by_us,
               base::Time now,
               base::Duration older);

}  // namespace simulation
