#pragma once

// The tries of one task, read from rows.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/exchange.h"
#include "api/step_logs.h"
#include "api/task_facts.h"

namespace api {

struct TaskTries {
  std::shared_ptr<const RunFacts> facts;
  model::TaskRow task;
  std::vector<model::AttemptRow> attempts;   // of its job, the oldest first
  std::vector<model::LaunchRow> launches;    // of these
  std::vector<model::ProcessRow> processes;  // of these
};
// Of the task of the path; its instance is the path's or the query's map_index.
base::Result<TaskTries> ReadTries(const Reading& reading, const Exchange& exchange);

// The cluster of a try; nothing where there is none.
const model::LaunchRow* LaunchOf(const TaskTries& tries, int try_number);
// The process of a try of a command; null where there is none.
const model::ProcessRow* ProcessOf(const TaskTries& tries, int try_number);

}  // namespace api
