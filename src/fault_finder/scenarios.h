#pragma once

// Plans that are made, not drawn: small DAGs with what goes wrong at EMR meanwhile. The sweeps
// (sweep.h) add a crash at every effect, or a person at every moment.

#include "fault_finder/plan.h"

namespace fault_finder {

// Five jobs in two lanes: a failing step, a lost core fleet, a throttled and a dropped RunJobFlow.
Plan Scenario();
// The same with EMR at its worst: RunJobFlow answers late or not at all and takes effect minutes
// later, young clusters are invisible to ListClusters, a terminate is ignored.
Plan StaleScenario();
// The first `jobs` (1 or 2) of a chain, with fast clusters and few looks, so that pairs of crashes
// are few enough to be tried all: the first reply is dropped, then the cluster loses its core
// fleet and does not end by itself, and the first terminate is ignored.
Plan ShortScenario(int jobs);

// Every `stale_every`-th read is answered with what was so at the one before, however long ago, and
// every `hide_every`-th list lacks any one cluster. 0: none.
struct Blur {
  int stale_every = 0;
  int hide_every = 0;
};
Plan With(Plan plan, const Blur& blur);

}  // namespace fault_finder
