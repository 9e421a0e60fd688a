#pragma once

// What is asked of several runs at once is asked run by run: each is one step of its own, and what
// broke off can be repeated. The answer is one list of the task instances of all of them.

#include <functional>
#include <string_view>
#include <vector>

#include "api/resources.h"
#include "base/json.h"

namespace api {

// Calls `ask` with each place up to `count`, one after the other, and then `then`; or answers with
// why one was refused, and how many were "cleared" before.
void RunByRun(size_t count,
              std::function<void(size_t place, runtime::OnOutcome)> ask,
              std::string_view done,
              Answered answered,
              std::function<void()> then);

struct TasksOfRun {
  model::RunKey run;
  std::vector<model::JobKey> jobs;
  std::function<void(json::array& tasks)> edit = {};  // of the run's; none: they stay as they are
};
base::Result<JobsRead> TaskInstancesOf(const Reading& reading, std::vector<TasksOfRun> runs);
// What of it the caller sees, as the rows are now.
void AnswerWithTasks(Context& context,
                     SightPtr sight,
                     std::vector<TasksOfRun> runs,
                     Answered answered);

}  // namespace api
