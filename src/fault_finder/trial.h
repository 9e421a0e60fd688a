#pragma once

// One plan, played to its end with every check on.

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "fault_finder/plan.h"
#include "simulation/ledger.h"

namespace fault_finder {

struct Result {
  std::vector<std::string> breaches;  // the first one counts; none: all is well
  uint64_t trace = 0;                 // equal traces are equal runs
  int64_t launches = 0;               // clusters that were made for us
  int64_t calls = 0;
  int64_t deaths = 0;
  int64_t runs = 0;
  int64_t attempts = 0;
  int effects = 0;                           // of the last life, until it was at rest
  std::vector<base::Duration> effect_times;  // of all lives, from the workload's start
  std::vector<simulation::Act> granted;      // what people asked for and were given
  base::Duration lasted{0};                  // in the world
  simulation::Bill bill;

  bool ok() const { return breaches.empty(); }
  // "I2" of the first breach; "" where there is none.
  std::string Rule() const;
};

// `story`, where it is given, is told everything that happens.
Result Play(const Plan& plan, std::ostream* story = nullptr);

}  // namespace fault_finder
