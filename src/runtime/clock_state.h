#pragma once

// This machine's clock, as far as we can tell.

#include <optional>
#include <string>

#include "base/time.h"

namespace runtime {

struct ClockState {
  base::Duration skew{0};           // how far it is behind AWS's, by which our calls are signed
  base::Duration ahead{0};          // of world time, while it is behind what it has shown before
  std::string sentence;             // what is wrong and what to do; "" where nothing is
  std::optional<base::Time> since;  // world time
};

}  // namespace runtime
