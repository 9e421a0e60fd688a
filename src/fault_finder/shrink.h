#pragma once

// Makes a failing plan small: leaves out disturbances, DAGs, jobs and steps, and makes numbers
// smaller, as long as the same rule is still broken first (delta debugging: Zeller and Hildebrandt,
// 2002).

#include <functional>

#include "fault_finder/plan.h"
#include "fault_finder/trial.h"

namespace fault_finder {

struct Shrunk {
  Plan plan;
  Result result;
  int trials = 0;
};

// `on_smaller` is called for each smaller plan that still fails. A plan that does not fail comes
// back as it is.
Shrunk Shrink(const Plan& plan, const std::function<void(const Shrunk&)>& on_smaller);

size_t CountJobs(const Plan& plan);

}  // namespace fault_finder
