#pragma once

// The exhaustive mode: scenarios (scenarios.h), each with a crash before and after every effect, or
// with pairs of crashes, or with a person at every moment. Nothing is drawn.
//
// Judged as every trial is: by the rules, and by what the scenario says of its end.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fault_finder/trial.h"

namespace fault_finder {

// What belongs together, and has a name that tells what it tries.
struct Series {
  std::string name;
  std::vector<Plan> plans;
  // Each plan is played as it is; then with a crash at every effect of that life; then with a
  // second one at every effect of each life that followed the first…: up to so many of them.
  int crashes = 0;
};

// All there are: every crash point, every pair of them, people at every moment.
std::vector<Series> AllSeries();

struct SweepFailure {
  Plan plan;
  std::string breach;
};

struct SweepSum {
  int64_t lives = 0;
  std::map<simulation::Act, int64_t> granted;  // what people asked for and were given
  std::optional<SweepFailure> failure;         // the first; no further life is begun after it
};

SweepSum Sweep(const Series& series, int jobs);

// Writes a failure's plan to build/sim/sweep-failure.json, and returns that.
std::string KeepFailure(const Plan& plan);

}  // namespace fault_finder
