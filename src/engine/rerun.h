#pragma once

// The exception to I15: a person who clears may ask that the run goes on with its DAG's newest
// version. Jobs that this one has not become `removed`, and keep their rows; jobs that only it has
// begin; the others keep what they are, and what had begun to wait begins to wait again.
//
// Refused while anything of the run works or may still cost money: an attempt belongs to one
// version. Refused too where a job is another kind of work there, or had been removed before: the
// numbers of its attempts would begin again.

#include <string_view>

#include "engine/turn.h"

namespace engine {

// True if the run has another version now; false if it had the newest. `by` goes to history.
// REQUIRES: nothing of the run has been recorded in this step.
base::Result<bool> TakeNewestVersion(Turn& turn, Run& run, std::string_view by);

}  // namespace engine
