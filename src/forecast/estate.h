#pragma once

// What a forecast knows of the engine, as it was at one moment: a value that never changes, so that
// the forecast is made on another thread. It holds no history: of what has ended, only the
// durations and the successes that coming runs may wait for.
//
// Thread rule: CopyEstate on the engine's thread; the value on any.

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "engine/state.h"

namespace forecast {

struct Estate {
  struct OpenJob {
    int index = 0;       // in the plan's jobs
    int map_index = -1;  // of an instance of a mapped job
    engine::JobState state = engine::JobState::kNone;
    std::optional<base::Time> begun;  // its open attempt
    std::optional<base::Time> next_try_at;
    bool holds_slot = false;
    int application_failures = 0;
    int infrastructure_failures = 0;
    std::vector<model::UpstreamWait> waits;
  };
  struct LiveRun {
    model::RunRow row;
    std::shared_ptr<const engine::Plan> plan;
    std::vector<OpenJob> jobs;
  };

  base::Time now;
  // Without runs: DAGs, holes, pools, limits, durations, and successes of jobs that other DAGs wait
  // for.
  engine::State state;
  std::vector<LiveRun> runs;  // by DAG, then in the order in which they start
};

std::shared_ptr<const Estate> CopyEstate(const engine::State& state, base::Time now);

}  // namespace forecast
