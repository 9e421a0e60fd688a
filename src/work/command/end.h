#pragma once

// What the end of a command's process means for its attempt. Pure.
//
// As in Airflow's BashOperator: exit code 0 is success, one of `skip_on_exit_code` skips the job,
// every other one is a failure. A process that something on the machine has killed is no fault of
// the command: it counts as an infrastructure failure.
//
// A task of Airflow has told its state by the Task Execution API before its process ended. If it
// has not, its process was killed, or could not reach us: an infrastructure failure.

#include <string>
#include <vector>

#include "model/event.h"
#include "model/verdict.h"
#include "model/work.h"

namespace work {

struct ProcessEnd {
  model::Verdict verdict;
  bool skips = false;    // the job, instead of the verdict
  std::string outputs;   // a JSON object; "": it tells nothing
  bool is_told = false;  // a task of Airflow has told its state
  // Of a success: Airflow's ids of tasks that it wants skipped.
  std::vector<std::string> skipped = {};
};
// REQUIRES: `seen` is not kBegan.
ProcessEnd JudgeProcess(const model::CommandWork& work, const model::ProcessSeen& seen);

}  // namespace work
