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

Answer ListHistory(const Reading& reading, const Exchange& exchange) {
  RETURN_IF_ERROR(CheckParams(exchange, {"after", "limit"}));
  ASSIGN_OR_RETURN(int64_t after, ReadInt(exchange, "after", 0));
  ASSIGN_OR_RETURN(int64_t limit, ReadInt(exchange, "limit", kHistoryLimit));
  ASSIGN_OR_RETURN(
      auto rows, reading.rows.History(after, static_cast<int>(std::min(limit, kHistoryLimitMax))));
  json::array history;
  for (const model::HistoryRow& row : rows)
    history.push_back(json::object{{"seq", row.seq},
                                   {"at", TimeOrNull(row.at)},
                                   {"entity", row.entity},
                                   {"from", row.from},
                                   {"to", row.to},
                                   {"cause", row.cause}});
  return json::object{{"history", std::move(history)}};
}

}  // namespace api
