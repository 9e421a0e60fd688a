#pragma once

// `when`: an expression over what a run was given and how the jobs before have ended. It is asked
// once a job is ready, and only then.

#include "engine/turn.h"

namespace engine {

// False: the job is skipped. An error, in words for people, fails it.
base::Result<bool> ConditionHolds(const Turn& turn, const Run& run, const JobInstance& job);

}  // namespace engine
