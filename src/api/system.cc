#include <algorithm>
#include <utility>

#include "api/paging.h"
#include "api/resources.h"
#include "base/text.h"

namespace api {

namespace {
constexpr int64_t kHistoryLimit = 100;
constexpr int64_t kHistoryLimitMax = 1000;
}  // namespace

// Airflow's four components as Airflow shows them, then ours: each with a sentence and since when.
Answer GetHealth(Context& context, const Exchange& exchange) {
  RETURN_IF_ERROR(CheckParams(exchange, {}));
  const runtime::HealthView health = context.views.Health();
  const runtime::Published now = context.views.Publish();
  auto word = [](bool healthy) { return healthy ? "healthy" : "unhealthy"; };
  const json::value beat = TimeOrNull(health.heartbeat);
  const char* running = word(health.is_running);
  json::object out{
      {"metadatabase", {{"status", word(health.is_running && health.is_stored)}}},
      {"scheduler", {{"status", running}, {"latest_scheduler_heartbeat", beat}}},
      {"triggerer", {{"status", nullptr}, {"latest_triggerer_heartbeat", nullptr}}},
      {"dag_processor", {{"status", running}, {"latest_dag_processor_heartbeat", beat}}}};
  for (const runtime::HealthView::Part& part : health.parts) {
    json::object component{{"status", word(part.healthy())}, {"since", TimeOrNull(part.since)}};
    // A sentence may name folders, roles and accounts.
    if (exchange.has_token)
      component["message"] = TextOrNull(part.message);
    if (part.last_answer)
      component["last_answer"] = TimeOrNull(part.last_answer);
    out[part.name] = std::move(component);
  }
  out["launching"].as_object()["holds"] = now.holds;
  if (exchange.has_token)
    out["launching"].as_object()["held"] = OptionalText(now.launching_held);
  out["now"] = TimeOrNull(now.now);
  return out;
}

Answer GetVersion(Context& context, const Exchange& exchange) {
  RETURN_IF_ERROR(CheckParams(exchange, {}));
  return json::object{{"version", context.version}, {"git_version", nullptr}};
}

Answer ListImportErrors(Context& context, const Exchange& exchange) {
  RETURN_IF_ERROR(CheckParams(exchange, {"limit", "offset", "cursor"}));
  const auto paging = ReadPaging(exchange);
  if (!paging)
    return paging.error();
  const runtime::Published now = context.views.Publish();
  json::array errors;
  for (const yaml::Diagnostic& error : *now.import_errors)
    errors.push_back(json::object{{"import_error_id", errors.size() + 1},
                                  {"timestamp", TimeOrNull(now.imported_at)},
                                  {"filename", error.file},
                                  {"bundle_name", nullptr},
                                  {"stack_trace", error.ToString()}});
  return PageOf("import_errors", std::move(errors), *paging);
}

namespace {

template <typename Id>
base::Status ReadId(const Exchange& exchange, std::string_view name, std::optional<Id>& out) {
  ASSIGN_OR_RETURN(const auto text, ReadOne(exchange, name));
  if (text)
    out = Id(*text);
  return {};
}

base::Result<store::HistoryQuery> ReadHistoryQuery(const Exchange& exchange) {
  RETURN_IF_ERROR(CheckParams(exchange,
                              {"after",
                               "limit",
                               "kind",
                               "dag_id",
                               "dag_run_id",
                               "job_id",
                               "lane_id",
                               "map_index",
                               "cluster_id",
                               "actor"}));
  store::HistoryQuery query;
  ASSIGN_OR_RETURN(query.after, ReadInt(exchange, "after", 0));
  ASSIGN_OR_RETURN(const int64_t limit, ReadInt(exchange, "limit", kHistoryLimit));
  query.limit = static_cast<int>(std::min(limit, kHistoryLimitMax));
  ASSIGN_OR_RETURN(const auto kind, ReadOne(exchange, "kind"));
  if (kind && !(query.kind = model::ParseEntityKind(*kind)))
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      "'kind' is one of dag, run, task, launch, cluster, step, backfill, hold");
  RETURN_IF_ERROR(ReadId(exchange, "dag_id", query.dag));
  RETURN_IF_ERROR(ReadId(exchange, "dag_run_id", query.run));
  RETURN_IF_ERROR(ReadId(exchange, "job_id", query.job));
  RETURN_IF_ERROR(ReadId(exchange, "lane_id", query.lane));
  RETURN_IF_ERROR(ReadId(exchange, "cluster_id", query.cluster));
  RETURN_IF_ERROR(ReadId(exchange, "actor", query.actor));
  ASSIGN_OR_RETURN(const auto index, ReadOne(exchange, "map_index"));
  if (index) {
    ASSIGN_OR_RETURN(const int64_t wanted, ReadInt(exchange, "map_index", 0));
    query.index = static_cast<int>(wanted);
  }
  return query;
}

json::object HistoryJson(const model::HistoryRow& row) {
  const model::Subject& subject = row.subject;
  return {{"seq", row.seq},
          {"at", TimeOrNull(row.at)},
          {"kind", ToString(subject.kind)},
          {"entity", subject.text},
          {"dag_id", TextOrNull(subject.dag.str())},
          {"dag_run_id", TextOrNull(subject.run.str())},
          {"job_id", TextOrNull(subject.job.str())},
          {"lane_id", TextOrNull(subject.lane.str())},
          {"map_index", subject.index},
          {"cluster_id", TextOrNull(subject.cluster.str())},
          {"from", row.from},
          {"to", row.to},
          {"cause", row.cause},
          {"actor", TextOrNull(row.by.name)},
          {"means", TextOrNull(row.by.means)},
          {"address", TextOrNull(row.by.address)}};
}

}  // namespace

Answer ListHistory(const Reading& reading, const Exchange& exchange) {
  ASSIGN_OR_RETURN(const store::HistoryQuery query, ReadHistoryQuery(exchange));
  ASSIGN_OR_RETURN(auto rows, reading.rows.History(query));
  json::array history;
  for (const model::HistoryRow& row : rows)
    history.push_back(HistoryJson(row));
  return json::object{{"history", std::move(history)}};
}

}  // namespace api
