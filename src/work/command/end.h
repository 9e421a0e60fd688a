#pragma once

// What the end of a command's process means for its attempt. Pure.
//
// As in Airflow's BashOperator: exit code 0 is success, one of `skip_on_exit_code` skips the job,
// every other one is a failure. A process that something on the machine has killed is no fault of
// the command: it counts as an infrastructure failure.

#include <string>

#include "model/event.h"
#include "model/verdict.h"
#include "model/work.h"

namespace work {

struct ProcessEnd {
  model::Verdict verdict;
  bool skips = false;   // the job, instead of the verdict
  std::string outputs;  // of a success: a JSON object; "": it tells nothing
};
// REQUIRES: `seen` is not kBegan.
ProcessEnd JudgeProcess(const model::CommandWork& work, const model::ProcessSeen& seen);

}  // namespace work
