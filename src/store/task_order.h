#pragma once

// What a list of tasks is ordered and filtered by, as values that every store compares alike.

#include <vector>

#include "store/row_value.h"
#include "store/store.h"

namespace store {

// What a list knows of the run of a task.
struct RunOfTask {
  int64_t no = 0;  // as it was created
  std::optional<base::Time> logical_date;
  base::Time run_after;
};

RowValue ValueOf(const model::TaskRow& row, const RunOfTask& run, TaskColumn column);

// The order in full: no two tasks are equal in it.
std::vector<TaskOrder> WholeOrder(const std::vector<TaskOrder>& asked);

// Whether the task is among those that are asked for, but for `names`.
bool Meets(const model::TaskRow& row, const RunOfTask& run, const TaskQuery& query);

}  // namespace store
