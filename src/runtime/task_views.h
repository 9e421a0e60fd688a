#pragma once

// What the Task Execution API may ask of the process: the task instance that calls, and what the
// other jobs of its run have told.
//
// Thread rule: the loop thread.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "model/dag.h"
#include "model/ids.h"
#include "model/rows.h"

namespace runtime {

struct Core;  // core.h

// The task instance of a process that lives.
struct TaskView {
  model::ProcessToken process;
  std::string id;  // Airflow's: a UUID
  model::JobKey key;
  std::shared_ptr<const model::Dag> dag;
  const model::Job* job = nullptr;  // of `dag`
  model::RunRow run;
  int try_number = 0;
  bool should_retry = false;  // it is tried again if it fails
  bool is_wanted = false;     // nobody has cleared, marked or aborted it meanwhile
};

class TaskViews {
 public:
  explicit TaskViews(Core& core) : core_(core) {}

  // Of the process that shows the token. kPermission: it is no token of ours; kNotFound: its
  // process counts as over.
  base::Result<TaskView> Find(std::string_view token) const;
  // What an instance of a job of the run in memory has told; -1: of a job that is not mapped.
  // Nothing where it has told nothing.
  std::optional<json::object> ToldBy(const model::JobKey& key) const;
  // What each instance of a mapped job has told, by its number.
  std::vector<std::pair<int, json::object>> ToldByAll(const model::JobKey& job) const;
  // As templates have them; kNotFound in words that say how to make one.
  base::Result<json::object> Variable(const std::string& key) const;
  base::Result<json::object> Connection(const std::string& id) const;

 private:
  Core& core_;
};

}  // namespace runtime
