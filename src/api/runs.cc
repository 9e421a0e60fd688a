#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

#include "api/resources.h"
#include "base/json_text.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "model/limits.h"

namespace api {

namespace {

// A run and how early it was created.
struct Ranked {
  model::RunRow row;
  size_t rank = 0;
};
using Less = std::function<bool(const Ranked&, const Ranked&)>;

template <typename Value>
Less By(Value value) {
  return [value](const Ranked& a, const Ranked& b) {
    return std::invoke(value, a.row) < std::invoke(value, b.row);
  };
}

Less LessBy(std::string_view attribute) {
  using Row = model::RunRow;
  if (attribute == "id")
    return [](const Ranked& a, const Ranked& b) { return a.rank < b.rank; };
  if (attribute == "dag_id")
    return By([](const Row& row) { return row.key.dag; });
  if (attribute == "run_id" || attribute == "dag_run_id")
    return By([](const Row& row) { return row.key.run; });
  if (attribute == "state")
    return By([](const Row& row) { return ToString(row.state); });
  if (attribute == "logical_date")
    return By(&Row::logical_date);
  if (attribute == "run_after")
    return By(&Row::run_after);
  if (attribute == "start_date")
    return By(&Row::start_date);
  if (attribute == "end_date")
    return By(&Row::end_date);
  return nullptr;
}

// The attributes' order, the first being the most important, each with "-" for descending; the
// newest first where they are equal.
base::Result<Less> ReadOrder(const std::vector<std::string>& attributes) {
  std::vector<Less> order;
  for (std::string_view attribute : attributes) {
    bool descending = attribute.starts_with('-');
    attribute.remove_prefix(descending ? 1 : 0);
    Less less = LessBy(attribute);
    if (!less)
      return base::Fail(base::ErrorCode::kInvalidArgument,
                        base::Cat("ordering by '",
                                  base::Excerpt(attribute),
                                  "' is not supported; known: id, dag_id, run_id, dag_run_id, "
                                  "state, logical_date, run_after, start_date, end_date"));
    if (descending)
      less = [less](const Ranked& a, const Ranked& b) { return less(b, a); };
    order.push_back(std::move(less));
  }
  return [order = std::move(order)](const Ranked& a, const Ranked& b) {
    for (const Less& less : order) {
      if (less(a, b))
        return true;
      if (less(b, a))
        return false;
    }
    return a.rank > b.rank;
  };
}

// The page of the sorted rows that is asked for. `rows` come newest first.
base::Result<std::vector<model::RunRow>> Sorted(std::vector<model::RunRow> rows,
                                                const std::vector<std::string>& attributes,
                                                const Paging& paging) {
  ASSIGN_OR_RETURN(Less less, ReadOrder(attributes));
  std::vector<Ranked> ranked;
  for (model::RunRow& row : rows)
    ranked.push_back({std::move(row), rows.size() - ranked.size()});
  std::sort(ranked.begin(), ranked.end(), less);
  const auto first = static_cast<size_t>(paging.offset);
  const size_t end = std::min(ranked.size(), first + static_cast<size_t>(paging.limit));
  std::vector<model::RunRow> page;
  for (size_t i = first; i < end; ++i)
    page.push_back(std::move(ranked[i].row));
  return page;
}

// Null where a list leaves it out.
json::value Conf(const model::RunRow& row) {
  if (row.conf.empty())
    return nullptr;
  base::Result<json::value> conf = base::ParseJson(row.conf);
  return conf && conf->is_object() ? std::move(*conf) : json::object();
}

json::object RunJson(const model::RunRow& row) {
  bool scheduled = row.type == model::RunType::kScheduled;
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
      {"triggered_by", scheduled ? "timetable" : "rest_api"},
      {"triggering_user_name", scheduled ? json::value(nullptr) : TextOrNull(row.triggered_by)},
      {"note", nullptr},
      {"dag_versions", json::array()},
      {"bundle_version", nullptr},
      {"version", row.version.str()},
  };
}

base::Result<store::RunQuery> ReadRunQuery(Context& context, const Exchange& exchange) {
  store::RunQuery query;
  if (exchange.dag().str() != "~") {
    RETURN_IF_ERROR(FindDag(context, exchange.dag()));
    query.dag = exchange.dag();
  }
  for (const std::string& text : ReadAll(exchange, "state")) {
    std::optional<model::RunState> state = model::ParseRunState(text);
    if (!state)
      return base::Fail(base::ErrorCode::kInvalidArgument,
                        base::Cat("'", base::Excerpt(text), "' is not a state of a run"));
    query.states.push_back(*state);
  }
  return query;
}

// Nothing where the member is null or absent.
base::Result<std::optional<base::Time>> ReadTime(const json::object& body, std::string_view name) {
  const json::value* value = body.if_contains(name);
  if (value == nullptr || value->is_null())
    return std::nullopt;
  if (!value->is_string())
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat("'", name, "' must be a text such as 2026-01-05T02:00:00Z"));
  ASSIGN_OR_RETURN(base::Time time, base::ParseTime(value->get_string()));
  return time;
}

base::Result<std::optional<base::Interval>> ReadInterval(const json::object& body) {
  ASSIGN_OR_RETURN(const auto start, ReadTime(body, "data_interval_start"));
  ASSIGN_OR_RETURN(const auto end, ReadTime(body, "data_interval_end"));
  if (start.has_value() != end.has_value())
    return base::Fail(
        base::ErrorCode::kInvalidArgument,
        "'data_interval_start' and 'data_interval_end' go together: give both or none");
  return start ? std::optional(base::Interval{*start, *end}) : std::nullopt;
}

bool IsFinite(const json::value& value) {
  if (const json::object* object = value.if_object())
    return std::ranges::all_of(*object,
                               [](const auto& member) { return IsFinite(member.value()); });
  if (const json::array* array = value.if_array())
    return std::ranges::all_of(*array, IsFinite);
  return !value.is_double() || std::isfinite(value.get_double());
}

base::Status CheckConf(const json::object& conf) {
  const size_t size = base::Serialize(conf).size();
  if (size > model::kConfBytesMax)
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat("'conf' has ",
                                size,
                                " bytes as JSON, and at most ",
                                model::kConfBytesMax,
                                " are taken: put large inputs into S3 and pass their address"));
  if (!IsFinite(conf))
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      "'conf' holds a number that is too large: write it as a text");
  return {};
}

base::Result<model::TriggerRun> ReadTrigger(const Exchange& exchange) {
  static const std::vector<std::string_view> kNotYet = {"run_after", "note", "partition_key"};
  std::vector<std::string_view> known = kNotYet;
  known.insert(known.end(),
               {"dag_run_id", "logical_date", "data_interval_start", "data_interval_end", "conf"});
  ASSIGN_OR_RETURN(json::object body, ReadBody(exchange, known));
  auto invalid = [](std::string message) {
    return base::Fail(base::ErrorCode::kInvalidArgument, std::move(message));
  };
  for (std::string_view name : kNotYet) {
    if (const json::value* value = body.if_contains(name); value != nullptr && !value->is_null())
      return invalid(base::Cat("'", name, "' is not supported yet"));
  }
  if (!body.contains("logical_date"))
    return invalid("'logical_date' is required; it may be null");
  model::TriggerRun trigger{.dag = exchange.dag(), .actor = "api"};
  const json::value* run_id = body.if_contains("dag_run_id");
  if (run_id != nullptr && !run_id->is_null()) {
    if (!run_id->is_string())
      return invalid("'dag_run_id' must be a text");
    trigger.run_id = model::RunId(std::string(run_id->get_string()));
  }
  ASSIGN_OR_RETURN(trigger.logical_date, ReadTime(body, "logical_date"));
  ASSIGN_OR_RETURN(trigger.data_interval, ReadInterval(body));
  const json::value* conf = body.if_contains("conf");
  if (conf != nullptr && !conf->is_null()) {
    if (!conf->is_object())
      return invalid("'conf' must be a JSON object");
    RETURN_IF_ERROR(CheckConf(conf->get_object()));
    trigger.conf = conf->get_object();
  }
  return trigger;
}

}  // namespace

base::Result<json::object> ListRuns(Context& context, const Exchange& exchange) {
  RETURN_IF_ERROR(CheckParams(exchange, {"limit", "offset", "state", "order_by"}));
  ASSIGN_OR_RETURN(Paging paging, ReadPaging(exchange));
  ASSIGN_OR_RETURN(store::RunQuery query, ReadRunQuery(context, exchange));
  std::vector<std::string> order = ReadAll(exchange, "order_by");
  query.limit = paging.limit;
  query.offset = paging.offset;
  if (!order.empty()) {  // the store knows one order: newest first
    query.limit = std::numeric_limits<int>::max();
    query.offset = 0;
  }
  ASSIGN_OR_RETURN(auto page, context.runtime.reader().Runs(query));
  if (!order.empty()) {
    ASSIGN_OR_RETURN(page.rows, Sorted(std::move(page.rows), order, paging));
  }
  json::array runs;
  for (const model::RunRow& row : page.rows)
    runs.push_back(RunJson(row));
  return json::object{{"dag_runs", std::move(runs)}, {"total_entries", page.total}};
}

base::Result<json::object> GetRun(Context& context, const Exchange& exchange) {
  RETURN_IF_ERROR(CheckParams(exchange, {}));
  ASSIGN_OR_RETURN(model::RunRow row, context.runtime.reader().Run(exchange.run()));
  return RunJson(row);
}

void TriggerRun(Context& context, const Exchange& exchange, Answered answered) {
  base::Result<model::TriggerRun> trigger = ReadTrigger(exchange);
  if (!trigger)
    return answered(base::Fail(trigger.error()));
  context.runtime.Trigger(
      std::move(*trigger),
      [&context, answered = std::move(answered)](const driver::Outcome& outcome) {
        if (!outcome)
          return answered(base::Fail(outcome.error()));
        base::Result<model::RunRow> row = context.runtime.reader().Run(outcome->value());
        answered(row ? base::Result<json::object>(RunJson(*row)) : base::Fail(row.error()));
      });
}

}  // namespace api
