#include <algorithm>
#include <utility>

#include "api/resources.h"
#include "base/text.h"

namespace api {

namespace {
constexpr int64_t kHistoryLimit = 100;
constexpr int64_t kHistoryLimitMax = 1000;
}  // namespace

// Airflow's four components as Airflow shows them, then ours: each with a sentence and since when.
base::Result<json::object> GetHealth(Context& context, const Exchange& exchange) {
  RETURN_IF_ERROR(CheckParams(exchange, {}));
  runtime::Runtime& runtime = context.runtime;
  const driver::Driver& driver = runtime.driver();
  auto word = [](bool healthy) { return healthy ? "healthy" : "unhealthy"; };
  const json::value beat = TimeOrNull(runtime.heartbeat());
  json::object out{
      {"metadatabase",
       {{"status", word(!driver.launching_held() && !driver.store_damage() && !driver.fatal())}}},
      {"scheduler", {{"status", word(!driver.fatal())}, {"latest_scheduler_heartbeat", beat}}},
      {"triggerer", {{"status", nullptr}, {"latest_triggerer_heartbeat", nullptr}}},
      {"dag_processor",
       {{"status", word(!driver.fatal())}, {"latest_dag_processor_heartbeat", beat}}}};
  for (const runtime::Component& part : runtime.health().components()) {
    json::object component{{"status", word(part.healthy())}, {"since", TimeOrNull(part.since)}};
    // A sentence may name folders, roles and accounts.
    if (exchange.has_token)
      component["message"] = TextOrNull(part.message);
    if (const auto at = runtime.LastGood(part.name))
      component["last_answer"] = TimeOrNull(at);
    out[part.name] = std::move(component);
  }
  if (exchange.has_token)
    out["launching"].as_object()["held"] = LaunchingHeld(driver);
  out["now"] = TimeOrNull(runtime.Now());
  return out;
}

base::Result<json::object> GetVersion(Context& context, const Exchange& exchange) {
  RETURN_IF_ERROR(CheckParams(exchange, {}));
  return json::object{{"version", context.version}, {"git_version", nullptr}};
}

base::Result<json::object> ListImportErrors(Context& context, const Exchange& exchange) {
  RETURN_IF_ERROR(CheckParams(exchange, {"limit", "offset"}));
  ASSIGN_OR_RETURN(Paging paging, ReadPaging(exchange));
  json::array errors;
  for (const yaml::Diagnostic& error : context.runtime.import_errors())
    errors.push_back(json::object{{"import_error_id", errors.size() + 1},
                                  {"timestamp", TimeOrNull(context.runtime.imported_at())},
                                  {"filename", error.file},
                                  {"bundle_name", nullptr},
                                  {"stack_trace", error.ToString()}});
  return PageOf("import_errors", std::move(errors), paging);
}

base::Result<json::object> ListHistory(Context& context, const Exchange& exchange) {
  RETURN_IF_ERROR(CheckParams(exchange, {"after", "limit"}));
  ASSIGN_OR_RETURN(int64_t after, ReadInt(exchange, "after", 0));
  ASSIGN_OR_RETURN(int64_t limit, ReadInt(exchange, "limit", kHistoryLimit));
  ASSIGN_OR_RETURN(
      auto rows,
      context.runtime.reader().History(after, static_cast<int>(std::min(limit, kHistoryLimitMax))));
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
