#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.h"

namespace driver {

// Calls of one action, since the process began.
struct CallCounts {
  int64_t made = 0;
  int64_t throttled = 0;
  int64_t failed = 0;   // any other error
  int64_t waiting = 0;  // for their budget, now
  base::Duration waited{0};
  base::Duration longest_wait{0};

  CallCounts& operator+=(const CallCounts& other) {
    made += other.made;
    throttled += other.throttled;
    failed += other.failed;
    waiting += other.waiting;
    waited += other.waited;
    longest_wait = std::max(longest_wait, other.longest_wait);
    return *this;
  }
};

}  // namespace driver
