#include "api/task_queries.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "api/filters.h"
#include "api/resources.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "model/work.h"

namespace api {

namespace {

using store::TaskColumn;

// Airflow's names of what task instances can be ordered by.
constexpr std::array<Named<TaskColumn>, 14> kOrders{{
    {"id", TaskColumn::kRunNo},
    {"dag_id", TaskColumn::kDag},
    {"run_id", TaskColumn::kRun},
    {"dag_run_id", TaskColumn::kRun},
    {"task_id", TaskColumn::kJob},
    {"map_index", TaskColumn::kIndex},
    {"state", TaskColumn::kState},
    {"try_number", TaskColumn::kTryNumber},
    {"logical_date", TaskColumn::kLogicalDate},
    {"run_after", TaskColumn::kRunAfter},
    {"queued_when", TaskColumn::kQueuedAt},
    {"start_date", TaskColumn::kStartDate},
    {"end_date", TaskColumn::kEndDate},
    {"duration", TaskColumn::kDuration},
}};
constexpr size_t kMostNames = 500;  // each is a part of one statement of the database
constexpr std::array<Named<TaskColumn>, 4> kTimes{{
    {"logical_date", TaskColumn::kLogicalDate},
    {"run_after", TaskColumn::kRunAfter},
    {"start_date", TaskColumn::kStartDate},
    {"end_date", TaskColumn::kEndDate},
}};
constexpr std::array<Named<TaskColumn>, 2> kTexts{{
    {"dag_id", TaskColumn::kDag},
    {"run_id", TaskColumn::kRun},
}};

json::value MicrosOrNull(const std::optional<base::Time>& time) {
  return time ? json::value(base::ToMicros(*time)) : json::value(nullptr);
}

std::optional<model::TaskRow> ReadEdge(const json::array& values) {
  if (values.size() != EdgeOf({}).size())
    return std::nullopt;
  const auto is_text = [](const json::value& value) { return value.is_string(); };
  const auto is_number = [](const json::value& value) { return value.is_int64(); };
  if (!std::all_of(values.begin(), values.begin() + 4, is_text) || !values[6].is_string() ||
      !std::all_of(values.begin() + 4, values.begin() + 6, is_number) || !values[7].is_int64())
    return std::nullopt;
  const auto text = [&](size_t i) { return std::string(values[i].get_string()); };
  const auto number = [&](size_t i) { return static_cast<int>(values[i].get_int64()); };
  const auto time = [&](size_t i) -> std::optional<base::Time> {
    const int64_t* micros = values[i].if_int64();
    return micros != nullptr ? std::optional(base::FromMicros(*micros)) : std::nullopt;
  };
  const auto state = model::ParseTaskState(text(6));
  if (!state)
    return std::nullopt;
  return model::TaskRow{.job = {{model::DagId(text(0)), model::RunId(text(1))},
                                model::JobId(text(2)),
                                model::LaneId(text(3)),
                                number(4)},
                        .task = number(5),
                        .state = *state,
                        .try_number = number(7),
                        .queued_at = time(8),
                        .start_date = time(9),
                        .end_date = time(10)};
}

// "train_1.start_cluster" is a task of the job `train` in the lane `1`, or of a job `train_1`
// without lanes.
void AddNames(std::string_view task_id, std::vector<store::TaskName>& names) {
  std::string_view job = task_id;
  int task = 0;
  bool is_alone = true;
  for (const model::KindInfo& kind : model::kKinds) {
    for (size_t place = 0; place < kind.task_ids.size(); ++place) {
      const std::string suffix = base::Cat(".", kind.task_ids[place]);
      if (!task_id.ends_with(suffix))
        continue;
      job = task_id.substr(0, task_id.size() - suffix.size());
      task = static_cast<int>(place);
      is_alone = false;
    }
  }
  names.push_back({model::JobId(std::string(job)), model::LaneId(""), task, is_alone});
  for (size_t at = job.find('_'); at != std::string_view::npos; at = job.find('_', at + 1))
    names.push_back({model::JobId(std::string(job.substr(0, at))),
                     model::LaneId(std::string(job.substr(at + 1))),
                     task,
                     is_alone});
}

base::Status ReadFilters(const Reading& reading,
                         const Exchange& exchange,
                         store::TaskQuery& query) {
  ASSIGN_OR_RETURN(query.states, ReadStates(exchange));
  ASSIGN_OR_RETURN(query.ranges, ReadTimeRanges<TaskColumn>(exchange, kTimes));
  query.matches = ReadMatches<TaskColumn>(exchange, kTexts);
  for (const std::string& dag : ReadAll(exchange, "dag_ids"))
    query.dags.emplace_back(dag);
  for (const std::string& run : ReadAll(exchange, "dag_run_ids"))
    query.runs.emplace_back(run);
  for (const std::string& task : ReadAll(exchange, "task_id"))
    AddNames(task, query.names);
  // One task_id may be a job in as many lanes as it has "_".
  if (query.names.size() > kMostNames)
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat("'task_id': too many, or with too many '_'; at most ",
                                kMostNames,
                                " jobs and lanes are looked for"));
  ASSIGN_OR_RETURN(const auto index, ReadOne(exchange, "map_index"));
  if (index) {
    ASSIGN_OR_RETURN(query.of.first, ReadMapIndex(*index));
    query.of.last = query.of.first;
  }
  if (exchange.dag().str() != kAny) {
    RETURN_IF_ERROR(FindDag(reading, exchange.dag()));
    query.dag = exchange.dag();
  }
  if (exchange.run().run.str() != kAny)
    query.run = exchange.run().run;
  return {};
}

}  // namespace

base::Result<std::vector<model::TaskState>> ReadStates(const Exchange& exchange) {
  std::vector<model::TaskState> states;
  for (const std::string& text : ReadAll(exchange, "state")) {
    const auto state = model::ParseTaskState(text);
    if (!state)
      return base::Fail(base::ErrorCode::kInvalidArgument,
                        base::Cat("'", base::Excerpt(text), "' is not a state of a task"));
    states.push_back(*state);
  }
  return states;
}

// All that tasks can be ordered by, but for what their runs know.
json::array EdgeOf(const model::TaskRow& task) {
  return {task.job.run.dag.str(),
          task.job.run.run.str(),
          task.job.job.str(),
          task.job.lane.str(),
          task.job.index,
          task.task,
          ToString(task.state),
          task.try_number,
          MicrosOrNull(task.queued_at),
          MicrosOrNull(task.start_date),
          MicrosOrNull(task.end_date)};
}

base::Result<Asked<store::TaskQuery>> ReadTaskQuery(const Reading& reading,
                                                    const Exchange& exchange,
                                                    const Paging& paging) {
  store::TaskQuery query{.limit = FetchLimit(paging), .offset = paging.offset};
  RETURN_IF_ERROR(ReadFilters(reading, exchange, query));
  const auto order = ReadColumns<TaskColumn>(exchange, kOrders);
  if (!order)
    return tl::unexpected(order.error());
  for (const auto& [column, is_descending] : *order) {
    query.order.push_back({column, is_descending});
    if (column == TaskColumn::kJob)
      query.order.push_back({TaskColumn::kLane, is_descending});
  }
  if (paging.cursor) {
    auto edge = ReadEdge(paging.cursor->values);
    if (!edge)
      return tl::unexpected(NotOfThisList());
    query.from = {*std::move(edge), paging.cursor->is_backward};
  }
  return query;
}

}  // namespace api
