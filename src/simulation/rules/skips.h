#pragma once

// A command whose process asks to skip its job: it has run, and its end is `skipped`.

#include "model/dag.h"
#include "simulation/workload.h"

namespace simulation {

inline bool AsksToSkip(const model::Job& job) {
  const model::CommandWork* work = model::CommandOf(job);
  return work != nullptr && work->argv[1] == ToString(ProcessSort::kSkips);
}

}  // namespace simulation
