#pragma once

// Threads that play one trial after the other; each trial is played by one thread alone.
//
// A trial that does not end within minutes of wall time, or in which a CHECK of the product fails,
// cannot be gone on with: the process names it and ends.

#include <cstdint>
#include <functional>
#include <string>

#include "base/time.h"

namespace fault_finder {

struct Shift {
  uint64_t first = 1;
  uint64_t last = 1;
  int jobs = 1;
  base::Duration time_limit = base::hours(24 * 365);  // wall time: no item is begun after it
};

// Calls `work` for each item from the first to the last, from any of the threads; false: no further
// item is begun.
void Work(const Shift& shift, const std::function<bool(uint64_t item)>& work);

// How a trial is named where it cannot end: "seed 17", "signalbox-sim --seed 17".
struct TrialName {
  std::string what;
  std::string replay;
};

// While it lives, this thread of Work plays the trial that `name` names. The name is asked for only
// where it is needed.
class Playing {
 public:
  explicit Playing(std::function<TrialName()> name);
  ~Playing();
  Playing(const Playing&) = delete;
  Playing& operator=(const Playing&) = delete;

 private:
  const std::function<TrialName()> name_;
};

}  // namespace fault_finder
