#pragma once

// Log lines of what was committed: launches, adoptions, verdicts, retries, kills, failed tasks,
// ends of runs. The one place that makes them, from the rows of a batch, so that a line stands for
// something that is stored.

#include <vector>

#include "model/rows.h"

namespace driver {

void LogCommitted(const std::vector<model::Change>& batch);

}  // namespace driver
