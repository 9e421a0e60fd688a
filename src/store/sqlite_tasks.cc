#include "store/sqlite_tasks.h"

#include <string_view>
#include <utility>

#include "store/refusals.h"
#include "store/sqlite_list.h"
#include "store/sqlite_rows.h"
#include "store/task_order.h"

namespace store {

namespace {

using base::Cat;

std::string_view NameOf(TaskColumn column) {
  switch (column) {
    case TaskColumn::kRunNo:
      return "r.run_no";
    case TaskColumn::kDag:
      return "r.dag";
    case TaskColumn::kRun:
      return "r.run";
    case TaskColumn::kJob:
      return "t.job";
    case TaskColumn::kLane:
      return "t.lane";
    case TaskColumn::kIndex:
      return "t.idx";
    case TaskColumn::kTask:
      return "t.task";
    case TaskColumn::kState:
      return "t.state";
    case TaskColumn::kTryNumber:
      return "t.try_number";
    case TaskColumn::kLogicalDate:
      return "r.logical_date";
    case TaskColumn::kRunAfter:
      return "r.run_after";
    case TaskColumn::kQueuedAt:
      return "t.queued_at";
    case TaskColumn::kStartDate:
      return "t.start_date";
    case TaskColumn::kEndDate:
      return "t.end_date";
    case TaskColumn::kDuration:
      return "(t.end_date - t.start_date)";
  }
  return "";
}

bool MayBeNull(TaskColumn column) {
  using enum TaskColumn;
  return column == kLogicalDate || column == kQueuedAt || column == kStartDate ||
         column == kEndDate || column == kDuration;
}

base::Result<RunOfTask> ReadRunOfTask(sqlite::Database& database, const model::RunKey& run) {
  ASSIGN_OR_RETURN(
      sqlite::Statement * statement,
      database.Cached("SELECT run_no, logical_date, run_after FROM run WHERE dag = ? AND run = ?"));
  statement->BindText(run.dag.str()).BindText(run.run.str());
  ASSIGN_OR_RETURN(const bool found, statement->Step());
  if (!found)
    return base::Fail(NoRun(run));
  RunOfTask out{.no = statement->Int(0),
                .logical_date = std::nullopt,
                .run_after = base::FromMicros(statement->Int(2))};
  if (!statement->IsNull(1))
    out.logical_date = base::FromMicros(statement->Int(1));
  statement->Reset();
  return out;
}

base::Status PutOrder(sqlite::Database& database, const TaskQuery& query, Listing& list) {
  const std::vector<TaskOrder> order = WholeOrder(query.order);
  std::vector<Listing::Term> terms;
  for (const TaskOrder& part : order)
    terms.push_back({std::string(NameOf(part.column)), part.is_descending, MayBeNull(part.column)});
  list.OrderBy(std::move(terms));
  if (!query.from)
    return {};
  const model::TaskRow& edge = query.from->row;
  ASSIGN_OR_RETURN(const RunOfTask run, ReadRunOfTask(database, edge.job.run));
  std::vector<Listing::Value> values;
  for (const TaskOrder& part : order)
    values.push_back(ValueOf(edge, run, part.column));
  list.From(std::move(values), query.from->is_backward);
  return {};
}

void PutNames(const std::vector<TaskName>& names, Listing& list) {
  std::vector<std::string> any;
  std::vector<Listing::Value> values;
  for (const TaskName& name : names) {
    any.push_back(Cat("(t.job = ? AND t.lane = ? AND t.task = ?",
                      name.is_alone ? " AND NOT EXISTS (SELECT 1 FROM task u WHERE u.run_no = "
                                      "t.run_no AND u.job = t.job AND u.lane = t.lane AND u.idx = "
                                      "t.idx AND u.task <> t.task)"
                                    : "",
                      ")"));
    values.insert(values.end(), {name.job.str(), name.lane.str(), int64_t{name.task}});
  }
  if (!any.empty())
    list.Where(Cat("(", base::Join(any, " OR "), ")"), std::move(values));
}

}  // namespace

base::Result<Page<model::TaskRow>> ListTasks(sqlite::Database& database, const TaskQuery& query) {
  Listing list("task t JOIN run r ON r.run_no = t.run_no", query.limit, query.offset);
  if (query.dag.has_value())
    list.Where("r.dag = ?", query.dag->str());
  if (query.run.has_value())
    list.Where("r.run = ?", query.run->str());
  if (query.of.job.has_value())
    list.Where("t.job = ?", query.of.job->str());
  if (query.of.lane.has_value())
    list.Where("t.lane = ?", query.of.lane->str());
  list.Where("t.idx >= ?", int64_t{query.of.first});
  list.Where("t.idx <= ?", int64_t{query.of.last});
  if (query.task.has_value())
    list.Where("t.task = ?", int64_t{*query.task});
  if (!query.states.empty())
    list.Where(OneOf("t.state", query.states));
  list.WhereOneOf("r.dag", query.dags);
  list.WhereOneOf("r.run", query.runs);
  PutNames(query.names, list);
  for (const auto& range : query.ranges)
    list.WhereIn(NameOf(range.column), range.from, range.until);
  for (const auto& match : query.matches)
    list.WhereFits(NameOf(match.column), match.any_of);
  list.Where(
      "NOT (t.idx = -1 AND EXISTS (SELECT 1 FROM mapping m WHERE m.run_no = t.run_no AND "
      "m.job = t.job AND m.lane = t.lane AND m.items <> ''))");
  RETURN_IF_ERROR(PutOrder(database, query, list));
  return ReadPage<model::TaskRow>(database, list);
}

}  // namespace store
