#pragma once

// Which jobs of a DAG a person means. Pure; also for dry runs, which ask without changing anything.

#include <vector>

#include "base/result.h"
#include "model/dag.h"

namespace model {

// Indices into dag.jobs, ascending; all of them where `jobs` is empty. With `downstream` also what
// depends on them within the DAG. kNotFound where a named job is not in the DAG.
base::Result<std::vector<int>> SelectJobs(const Dag& dag,
                                          const std::vector<JobKey>& jobs,
                                          bool downstream);

// What must run again together with these jobs, ascending, themselves included: the setups around
// them, and the teardowns of those setups.
std::vector<int> WithSetups(const Dag& dag, const std::vector<int>& jobs);

}  // namespace model
