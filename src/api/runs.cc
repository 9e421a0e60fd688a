#include <algorithm>
#include <array>
#include <utility>

#include "api/filters.h"
#include "api/paging.h"
#include "api/resources.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace api {

namespace {

using store::RunColumn;

// Airflow's names of what runs can be ordered by.
constexpr std::array<Named<RunColumn>, 10> kOrders{{
    {"id", RunColumn::kId},
    {"dag_id", RunColumn::kDag},
    {"run_id", RunColumn::kRun},
    {"dag_run_id", RunColumn::kRun},
    {"state", RunColumn::kState},
    {"logical_date", RunColumn::kLogicalDate},
    {"run_after", RunColumn::kRunAfter},
    {"start_date", RunColumn::kStartDate},
    {"end_date", RunColumn::kEndDate},
    {"duration", RunColumn::kDuration},
}};
constexpr std::array<Named<RunColumn>, 4> kTimes{{
    {"logical_date", RunColumn::kLogicalDate},
    {"run_after", RunColumn::kRunAfter},
    {"start_date", RunColumn::kStartDate},
    {"end_date", RunColumn::kEndDate},
}};
constexpr std::array<Named<RunColumn>, 3> kTexts{{
    {"dag_id", RunColumn::kDag},
    {"run_id", RunColumn::kRun},
    {"triggering_user_name", RunColumn::kTriggeredBy},
}};

// Of each DAG.
constexpr int64_t kRecentRuns = 14;
constexpr int64_t kRecentRunsMax = 100;

// Null where a list leaves it out.
json::value Conf(const model::RunRow& row) {
  if (row.conf.empty())
    return nullptr;
  base::Result<json::value> conf = base::ParseJson(row.conf);
  return conf && conf->is_object() ? std::move(*conf) : json::object();
}

std::string_view TriggeredBy(model::RunType type) {
  switch (type) {
    case model::RunType::kScheduled:
      return "timetable";
    case model::RunType::kManual:
      return "rest_api";
    case model::RunType::kBackfill:
      return "backfill";
    case model::RunType::kAssetTriggered:
      return "asset";
    case model::RunType::kOperatorTriggered:
      return "operator";
  }
  return "";
}

json::object RunJson(const model::RunRow& row, const SightPtr& sight) {
  const bool is_by_job = row.type == model::RunType::kOperatorTriggered;
  const bool is_by_nobody = row.type == model::RunType::kScheduled || is_by_job;
  return {
      {"dag_run_id", row.key.run.str()},
      {"dag_id", row.key.dag.str()},
      {"dag_display_name", row.key.dag.str()},
      {"run_type", ToString(row.type)},
      {"state", ToString(row.state)},
      {"logical_date", TimeOrNull(row.logical_date)},
      {"data_interval_start", TimeOrNull(row.data_interval.start)},
      {"data_interval_end", TimeOrNull(row.data_interval.end)},
      {"run_after", TimeOrNull(row.run_after)},
      {"queued_at", TimeOrNull(row.queued_at)},
      {"start_date", TimeOrNull(row.start_date)},
      {"end_date", TimeOrNull(row.end_date)},
      {"duration", DurationOrNull(row.start_date, row.end_date)},
      {"last_scheduling_decision", nullptr},
      {"conf", Conf(row)},
      {"conf_left_out", row.conf.empty()},
      {"triggered_by", TriggeredBy(row.type)},
      {"backfill_id", row.backfill == 0 ? json::value(nullptr) : json::value(row.backfill)},
      {"triggering_user_name", is_by_nobody ? json::value(nullptr) : TextOrNull(row.triggered_by)},
      {"triggering_job",
       is_by_job ? TextOrNull(SeenJob(sight, row.triggered_by)) : json::value(nullptr)},
      {"note", TextOrNull(row.note)},
      {"dag_versions", json::array()},
      {"bundle_version", nullptr},
      {"version", row.version.str()},
  };
}

template <typename State, typename Parse>
base::Result<std::vector<State>> ReadEach(const Exchange& exchange,
                                          std::string_view name,
                                          Parse parse,
                                          std::string_view what) {
  std::vector<State> values;
  for (const std::string& text : ReadAll(exchange, name)) {
    const std::optional<State> value = parse(text);
    if (!value)
      return base::Fail(base::ErrorCode::kInvalidArgument,
                        base::Cat("'", base::Excerpt(text), "' is not a ", what, " of a run"));
    values.push_back(*value);
  }
  return values;
}

base::Status ReadFilters(const Reading& reading, const Exchange& exchange, store::RunQuery& query) {
  if (exchange.dag().str() != "~") {
    RETURN_IF_ERROR(FindDag(reading, exchange.dag()));
    query.dag = exchange.dag();
  }
  ASSIGN_OR_RETURN(query.states,
                   ReadEach<model::RunState>(exchange, "state", model::ParseRunState, "state"));
  ASSIGN_OR_RETURN(query.types,
                   ReadEach<model::RunType>(exchange, "run_type", model::ParseRunType, "type"));
  for (const std::string& dag : ReadAll(exchange, "dag_ids"))
    query.dags.emplace_back(dag);
  ASSIGN_OR_RETURN(query.ranges, ReadTimeRanges<RunColumn>(exchange, kTimes));
  query.matches = ReadMatches<RunColumn>(exchange, kTexts);
  return {};
}

// All that runs can be ordered by.
json::array EdgeOf(const model::RunRow& row) {
  const auto micros = [](const std::optional<base::Time>& time) {
    return time ? json::value(base::ToMicros(*time)) : json::value(nullptr);
  };
  return {row.key.dag.str(),
          row.key.run.str(),
          ToString(row.state),
          micros(row.logical_date),
          micros(row.run_after),
          micros(row.start_date),
          micros(row.end_date)};
}

std::optional<model::RunRow> ReadEdge(const json::array& values) {
  const auto text = [&](size_t i) {
    const auto* value = values[i].if_string();
    return value != nullptr ? std::string(*value) : "";
  };
  const auto time = [&](size_t i) -> std::optional<base::Time> {
    const int64_t* value = values[i].if_int64();
    return value != nullptr ? std::optional(base::FromMicros(*value)) : std::nullopt;
  };
  if (values.size() != EdgeOf({}).size())
    return std::nullopt;
  const auto state = model::ParseRunState(text(2));
  const auto run_after = time(4);
  if (!state || !run_after)
    return std::nullopt;
  model::RunRow row{.key = {model::DagId(text(0)), model::RunId(text(1))}};
  row.state = *state;
  row.logical_date = time(3);
  row.run_after = *run_after;
  row.start_date = time(5);
  row.end_date = time(6);
  return row;
}

}  // namespace

Answer ListRuns(const Reading& reading, const Exchange& exchange) {
  const auto paging = ReadPaging(exchange);
  if (!paging)
    return paging.error();
  const auto order = ReadColumns<RunColumn>(exchange, kOrders);
  if (!order)
    return order.error();
  store::RunQuery query;
  RETURN_IF_ERROR(ReadFilters(reading, exchange, query));
  query.limit = FetchLimit(*paging);
  query.offset = paging->offset;
  for (const auto& [column, is_descending] : *order)
    query.order.push_back({column, is_descending});
  if (paging->cursor) {
    auto edge = ReadEdge(paging->cursor->values);
    if (!edge)
      return NotOfThisList();
    query.from = {*std::move(edge), paging->cursor->is_backward};
  }
  ASSIGN_OR_RETURN(auto page, reading.rows.Runs(query));
  Links links = TakeLinks(page.rows, *paging, EdgeOf);
  json::array runs;
  for (const model::RunRow& row : page.rows)
    runs.push_back(RunJson(row, exchange.sight));
  return ListObject("dag_runs", std::move(runs), page.total, *paging, std::move(links));
}

// The latest runs of each DAG, as they were created, with what a bar in a list shows of them: an
// estate has thousands.
Answer ListRecentRuns(const Reading& reading, const Exchange& exchange) {
  ASSIGN_OR_RETURN(const int64_t limit, ReadInt(exchange, "limit", kRecentRuns));
  store::RunQuery query;
  query.limit = static_cast<int>(std::clamp(limit, int64_t{1}, kRecentRunsMax));
  ASSIGN_OR_RETURN(const auto dags, reading.rows.Dags());
  json::array runs;
  for (const model::DagRow& dag : dags) {
    if (!dag.is_active)
      continue;
    query.dag = dag.dag;
    ASSIGN_OR_RETURN(const auto page, reading.rows.Runs(query));
    for (const model::RunRow& row : page.rows)
      runs.push_back(json::object{{"dag_id", row.key.dag.str()},
                                  {"dag_run_id", row.key.run.str()},
                                  {"state", ToString(row.state)},
                                  {"run_after", TimeOrNull(row.run_after)},
                                  {"start_date", TimeOrNull(row.start_date)},
                                  {"end_date", TimeOrNull(row.end_date)}});
  }
  const size_t total = runs.size();
  return json::object{{"dag_runs", std::move(runs)}, {"total_entries", total}};
}

Answer GetRun(const Reading& reading, const Exchange& exchange) {
  ASSIGN_OR_RETURN(model::RunRow row, reading.rows.Run(exchange.run()));
  return RunJson(row, exchange.sight);
}

}  // namespace api
