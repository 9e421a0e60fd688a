// History as Airflow's log of events: `event` is what something became, `owner` who asked for it.

#include <algorithm>
#include <utility>

#include "api/filters.h"
#include "api/job_names.h"
#include "api/paging.h"
#include "api/resources.h"
#include "base/json_text.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace api {

namespace {

// "train_1.start_cluster" of "task spark/first/train_1[7].start_cluster"; "" of what is no task.
std::string TaskIdOf(const model::Subject& subject) {
  if (subject.kind != model::EntityKind::kTask)
    return "";
  const std::string id = subject.text.substr(subject.text.rfind('/') + 1);
  return base::ReplaceAll(id, base::Cat("[", subject.index, "]"), "");
}

json::object EventJson(const model::HistoryRow& row) {
  const model::Subject& subject = row.subject;
  const std::string task_id = TaskIdOf(subject);
  const json::object extra{{"kind", ToString(subject.kind)},
                           {"entity", subject.text},
                           {"from", row.from},
                           {"cause", row.cause},
                           {"cluster_id", TextOrNull(subject.cluster.str())},
                           {"means", TextOrNull(row.by.means)},
                           {"address", TextOrNull(row.by.address)}};
  json::value map_index = nullptr;
  if (!task_id.empty())
    map_index = subject.index;
  return {{"event_log_id", row.seq},
          {"when", TimeOrNull(row.at)},
          {"dag_id", TextOrNull(subject.dag.str())},
          {"dag_display_name", TextOrNull(subject.dag.str())},
          {"run_id", TextOrNull(subject.run.str())},
          {"task_id", TextOrNull(task_id)},
          {"task_display_name", TextOrNull(task_id)},
          {"map_index", std::move(map_index)},
          {"try_number", nullptr},
          {"event", row.to},
          {"logical_date", nullptr},
          {"owner", TextOrNull(row.by.name)},
          {"extra", base::Serialize(extra)}};
}

// "train_1[7].start_cluster", as history names the task of an instance.
std::string HistoryName(const std::string& task_id, int map_index) {
  if (map_index < 0)
    return task_id;
  const size_t dot = std::min(task_id.rfind('.'), task_id.size());
  return base::Cat(task_id.substr(0, dot), "[", map_index, "]", task_id.substr(dot));
}

template <typename Id>
void Take(const Exchange& exchange, std::string_view name, std::optional<Id>& out) {
  if (const auto text = exchange.target.Param(name))
    out = Id(*text);
}

base::Result<store::HistoryQuery> ReadQuery(const Exchange& exchange) {
  store::HistoryQuery query;
  Take(exchange, "dag_id", query.dag);
  Take(exchange, "run_id", query.run);
  Take(exchange, "owner", query.actor);
  Take(exchange, "task_id", query.task);
  if (const auto text = exchange.target.Param("map_index")) {
    ASSIGN_OR_RETURN(query.index, ReadMapIndex(*text));
  }
  if (query.task)
    query.task = HistoryName(*query.task, query.index.value_or(-1));
  query.to = ReadAll(exchange, "included_events");
  if (const auto event = exchange.target.Param("event"))
    query.to = {*event};
  query.to_others = ReadAll(exchange, "excluded_events");
  constexpr base::Duration kInstant{1};
  if (const auto text = exchange.target.Param("after")) {
    ASSIGN_OR_RETURN(query.from, base::ParseTime(*text));
    *query.from += kInstant;
  }
  if (const auto text = exchange.target.Param("before")) {
    ASSIGN_OR_RETURN(query.until, base::ParseTime(*text));
    *query.until -= kInstant;
  }
  return query;
}

}  // namespace

Answer ListEventLogs(const Reading& reading, const Exchange& exchange) {
  const auto paging = ReadPaging(exchange);
  if (!paging)
    return paging.error();
  // Events are numbered in the order of their times.
  const auto order = ReadOrder(exchange, {"event_log_id", "id", "when"});
  if (!order)
    return order.error();
  ASSIGN_OR_RETURN(auto query, ReadQuery(exchange));
  query.limit = paging->limit;
  query.offset = paging->offset;
  query.is_newest_first = !order->empty() && order->front().is_descending;
  ASSIGN_OR_RETURN(const auto rows, reading.rows.History(query));
  ASSIGN_OR_RETURN(const int64_t total, reading.rows.CountHistory(query));
  json::array events;
  for (const model::HistoryRow& row : rows)
    events.push_back(EventJson(row));
  return json::object{{"event_logs", std::move(events)},
                      {"total_entries", std::min(total, store::kCountedMax)},
                      {"total_entries_limited", total > store::kCountedMax}};
}

Answer GetEventLog(const Reading& reading, const Exchange& exchange) {
  const std::string& asked = exchange.args.at(0);
  const int64_t seq = base::ParseInt(asked).value_or(0);
  ASSIGN_OR_RETURN(const auto rows, reading.rows.History({.after = seq - 1, .limit = 1}));
  if (seq < 1 || rows.empty() || rows[0].seq != seq)
    return base::Fail(base::ErrorCode::kNotFound,
                      base::Cat("there is no event '", base::Excerpt(asked), "'"));
  return EventJson(rows[0]);
}

}  // namespace api
