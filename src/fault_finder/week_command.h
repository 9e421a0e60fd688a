#pragma once

// `signalbox-sim --week PROJECT`: a project's folder read from disk and its week played.

#include <string>

namespace fault_finder {

// Prints what it was like; the exit code.
int WeekCommand(const std::string& folder, const std::string& from);

}  // namespace fault_finder
