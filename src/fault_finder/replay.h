#pragma once

// The one line with which a failure is played again.

#include <cstdint>
#include <string>

#include "base/text.h"
#include "fault_finder/plan.h"

namespace fault_finder {

inline std::string ReplayCommand(uint64_t seed, Mode mode) {
  return base::Cat("signalbox-sim --mode ", ToString(mode), " --seed ", seed);
}

}  // namespace fault_finder
