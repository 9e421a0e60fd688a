#include "store/task_order.h"

#include <algorithm>
#include <optional>

namespace store {

namespace {

RowValue Micros(const std::optional<base::Time>& time) {
  return time ? RowValue(base::ToMicros(*time)) : RowValue();
}

}  // namespace

RowValue ValueOf(const model::TaskRow& row, const RunOfTask& run, TaskColumn column) {
  switch (column) {
    case TaskColumn::kRunNo:
      return run.no;
    case TaskColumn::kDag:
      return row.job.run.dag.str();
    case TaskColumn::kRun:
      return row.job.run.run.str();
    case TaskColumn::kJob:
      return row.job.job.str();
    case TaskColumn::kLane:
      return row.job.lane.str();
    case TaskColumn::kIndex:
      return int64_t{row.job.index};
    case TaskColumn::kTask:
      return int64_t{row.task};
    case TaskColumn::kState:
      return std::string(ToString(row.state));
    case TaskColumn::kTryNumber:
      return int64_t{row.try_number};
    case TaskColumn::kLogicalDate:
      return Micros(run.logical_date);
    case TaskColumn::kRunAfter:
      return base::ToMicros(run.run_after);
    case TaskColumn::kQueuedAt:
      return Micros(row.queued_at);
    case TaskColumn::kStartDate:
      return Micros(row.start_date);
    case TaskColumn::kEndDate:
      return Micros(row.end_date);
    case TaskColumn::kDuration:
      if (row.start_date && row.end_date)
        return (*row.end_date - *row.start_date).count();
      return {};
  }
  return {};
}

std::vector<TaskOrder> WholeOrder(const std::vector<TaskOrder>& asked) {
  using enum TaskColumn;
  std::vector<TaskOrder> whole;
  const auto add = [&](const TaskOrder& order) {
    if (std::ranges::find(whole, order.column, &TaskOrder::column) == whole.end())
      whole.push_back(order);
  };
  for (const TaskOrder& order : asked)
    add(order);
  add({kRunNo, asked.empty() || asked.front().is_descending});
  for (const TaskColumn column : {kJob, kLane, kIndex, kTask})
    add({column});
  return whole;
}

bool Meets(const model::TaskRow& row, const RunOfTask& run, const TaskQuery& query) {
  const model::JobKey& job = row.job;
  const auto is = [](const auto& wanted, const auto& found) { return !wanted || *wanted == found; };
  return is(query.dag, job.run.dag) && is(query.run, job.run.run) && is(query.of.job, job.job) &&
         is(query.of.lane, job.lane) && job.index >= query.of.first && job.index <= query.of.last &&
         is(query.task, row.task) && IsAmong(row.state, query.states) &&
         IsAmong(job.run.dag, query.dags) && IsAmong(job.run.run, query.runs) &&
         MeetsFilters(query, [&](TaskColumn column) { return ValueOf(row, run, column); });
}

}  // namespace store
