#pragma once

// The driver's options from the project's, with the bounds that the clock and the HTTP time-out
// set. Pure.

#include <string>
#include <vector>

#include "base/time.h"
#include "dagfile/project.h"
#include "driver/options.h"

namespace project {

struct Settings {
  driver::Options driver;
  std::vector<std::string> warnings;
};

struct SettingsInput {
  const dagfile::Project& project;
  std::string region;
  double clock_speed = 1;
  base::Duration http_timeout = base::seconds(10);  // wall
};

// A launch must not be given up while its request may still be under way: launch_settle is at least
// the HTTP time-out plus a margin, in world time.
Settings MakeSettings(const SettingsInput& input);

}  // namespace project
