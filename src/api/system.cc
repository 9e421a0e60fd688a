#include <algorithm>
#include <utility>

#include "api/resources.h"
#include "base/text.h"

namespace api {

namespace {
constexpr int64_t kHistoryLimit = 100;
constexpr int64_t kHistoryLimitMax = 1000;
}  // namespace

base::Result<json::object> GetHealth(Context& context, const Exchange& exchange) {
  RETURN_IF_ERROR(CheckParams(exchange, {}));
  const runtime::Runtime& runtime = context.runtime;
  const driver::Driver& driver = runtime.driver();
  auto word = [](bool healthy) { return healthy ? "healthy" : "unhealthy"; };
  json::value beat = TimeOrNull(runtime.heartbeat());
  json::value held = LaunchingHeld(driver);
  const runtime::ClockState clock = runtime.clock();
  bool store_refuses = driver.launching_held() || driver.fatal();
  return json::object{
      {"metadatabase", {{"status", word(!store_refuses)}}},
      {"scheduler", {{"status", word(!driver.fatal())}, {"latest_scheduler_heartbeat", beat}}},
      {"triggerer", {{"status", nullptr}, {"latest_triggerer_heartbeat", nullptr}}},
      {"dag_processor",
       {{"status", word(!driver.fatal())}, {"latest_dag_processor_heartbeat", beat}}},
      {"launching", {{"status", word(held.is_null())}, {"held", held}}},
      {"clock",
       {{"status", word(clock.sentence.empty())},
        {"reason", TextOrNull(clock.sentence)},
        {"since", TimeOrNull(clock.since)}}},
      {"now", TimeOrNull(runtime.Now())}};
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
