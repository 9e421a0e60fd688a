#pragma once

// `signalbox-sim --week PROJECT`: a project's folder read from disk and its week played.

#include <string>

namespace fault_finder {

struct WeekArguments {
  std::string folder;
  std::string from;           // the day it begins; "": the first on which every DAG has begun
  bool has_forecast = false;  // asked each morning of a second week, which has the first's history
  bool has_storm = false;     // on its Wednesday new clusters lose their core nodes
};

// Prints what it was like; the exit code.
int WeekCommand(const WeekArguments& arguments);

}  // namespace fault_finder
