#pragma once

// Many seeds, on several threads: each plays its plan alone, and only the sums are shared.

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/time.h"
#include "fault_finder/trial.h"

namespace fault_finder {

struct HuntOptions {
  std::vector<Mode> modes = {Mode::kRandom};  // each seed in each of them
  uint64_t first = 1;
  uint64_t last = 1;
  int jobs = 1;
  base::Duration time_limit = base::hours(24 * 365);  // wall time: no new seed is begun after it
  bool keeps_going = false;                           // after a failure
};

struct HuntSum {
  int64_t trials = 0;
  int64_t failures = 0;
  int64_t launches = 0;
  int64_t runs = 0;
  int64_t calls = 0;
  int64_t deaths = 0;
  base::Duration lasted{0};  // in the worlds
  simulation::Bill bill;
  double wall_seconds = 0;
  double cpu_seconds = 0;
};

// `on_result` is called for every trial, one at a time, in the order in which they end.
HuntSum Hunt(const HuntOptions& options,
             const std::function<void(uint64_t seed, Mode mode, const Result& result)>& on_result);

}  // namespace fault_finder
