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

inline std::string PlanCommand(std::string_view path) {
  return base::Cat("signalbox-sim --plan ", path);
}

// Returns the path; "" where it cannot be written, which it says. Makes its folder.
std::string WriteTape(const Plan& plan, std::string path);

}  // namespace fault_finder
