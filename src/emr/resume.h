#pragma once

// What an attempt's request is: the job's patches, and the steps that are left. Pure functions.

#include <vector>

#include "base/json.h"
#include "model/rows.h"

namespace emr {

// The request of some try: every patch whose from_try it has reached is merged over it, in order,
// so the later wins. Patches are not merged with each other first: a null must still remove.
json::object PatchedRequest(json::object request,
                            const std::vector<model::RetryPatch>& patches,
                            int try_number);

// For `resume: failed_step`: which of a job's steps the next cluster runs, given the steps of the
// clusters of its earlier attempts, oldest first (each list as EMR has it, oldest step first; empty
// for an attempt without a cluster). Indices into the job's steps, in order. Names may be doubled,
// so steps are matched by place; a cluster with another number of steps than it was given tells
// nothing. Where nothing is left to run, the last cluster's steps run again: a cluster without
// steps proves nothing.
std::vector<size_t> StepsToRun(size_t step_count,
                               const std::vector<std::vector<model::StepView>>& earlier);

}  // namespace emr
