#pragma once

// What this process takes of its machine, from /proc: for metrics. A figure that cannot be read
// is 0.

#include <cstdint>

namespace base {

struct ProcessUsage {
  double cpu_seconds = 0;  // user and system
  int64_t resident_bytes = 0;
  int64_t virtual_bytes = 0;
  int64_t open_files = 0;
  int64_t most_open_files = 0;
  double started_at = 0;  // wall time, seconds since 1970
};

ProcessUsage ReadProcessUsage();

}  // namespace base
