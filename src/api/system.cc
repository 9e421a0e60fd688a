#include <algorithm>
#include <utility>

#include "api/filters.h"
#include "api/paging.h"
#include "api/resources.h"
#include "base/json_text.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace api {

namespace {

// A sentence may name folders, roles and accounts, and that of the project other teams' files.
std::string ShownTo(const Exchange& exchange, const runtime::HealthView::Part& part) {
  if (part.name == "project" && !part.healthy() && exchange.IsScoped())
    return "files of the project cannot be read, or are missing: ask who sees all DAGs";
  return part.message;
}

}  // namespace

// Airflow's four components as Airflow shows them, then ours: each with a sentence and since when.
Answer GetHealth(Context& context, const Exchange& exchange) {
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
    if (exchange.has_token)
      component["message"] = TextOrNull(ShownTo(exchange, part));
    if (part.last_answer)
      component["last_answer"] = TimeOrNull(part.last_answer);
    out[part.name] = std::move(component);
  }
  out["launching"].as_object()["holds"] = now.holds;
  if (exchange.has_token)
    out["launching"].as_object()["held"] = OptionalText(now.launching_held);
  out["now"] = TimeOrNull(now.now);
  out["clock_speed"] = health.clock_speed;
  return out;
}

Answer GetVersion(Context& context, const Exchange&) {
  return json::object{{"version", context.version},
                      {"git_version", nullptr},
                      {"has_single_sign_on", context.sso.provider() != nullptr}};
}

namespace {

// One process does all the work of Airflow's scheduler, its triggerer and its parser of files.
json::object JobJson(const runtime::HealthView& health) {
  return {{"id", health.epoch},
          {"dag_id", nullptr},
          {"dag_display_name", nullptr},
          {"state", health.is_running ? "running" : "failed"},
          {"job_type", "SchedulerJob"},
          {"start_date", TimeOrNull(health.started_at)},
          {"end_date", nullptr},
          {"latest_heartbeat", TimeOrNull(health.heartbeat)},
          {"executor_class", nullptr},
          {"hostname", nullptr},
          {"unixname", nullptr}};
}

// Of the files whose DAGs the caller sees. A file with no DAG yet is for those who see all.
json::array ErrorsOf(const runtime::Published& now, const Exchange& exchange) {
  json::array errors;
  size_t id = 0;
  for (const yaml::Diagnostic& error : *now.import_errors) {
    ++id;
    if (exchange.IsScoped() && !exchange.sight->files.contains(error.file))
      continue;
    errors.push_back(json::object{{"import_error_id", id},
                                  {"timestamp", TimeOrNull(now.imported_at)},
                                  {"filename", error.file},
                                  {"bundle_name", nullptr},
                                  {"stack_trace", error.ToString()}});
  }
  return errors;
}

std::string FileOf(const json::value& error) {
  return std::string(error.at("filename").get_string());
}

json::object SectionJson(const runtime::SettingsSection& section) {
  json::array options;
  for (const auto& [key, value] : section.options) {
    // Airflow's are texts.
    options.push_back(json::object{
        {"key", key}, {"value", value.is_string() ? value : json::value(base::Serialize(value))}});
  }
  return {{"name", section.name}, {"options", std::move(options)}};
}

Answer EmptyList(const Exchange& exchange, std::string_view name) {
  const auto paging = ReadPaging(exchange);
  if (!paging)
    return paging.error();
  return PageOf(name, {}, *paging);
}

}  // namespace

Answer ListImportErrors(Context& context, const Exchange& exchange) {
  const auto paging = ReadPaging(exchange);
  if (!paging)
    return paging.error();
  const auto order = ReadOrder(exchange, {"id", "import_error_id", "timestamp", "filename"});
  if (!order)
    return order.error();
  const auto patterns = ReadPatterns(exchange, "filename");
  const auto name = exchange.target.Param("filename");
  json::array errors;
  for (json::value& error : ErrorsOf(context.views.Publish(), exchange)) {
    if (FitsAll(patterns, FileOf(error)) && (!name || *name == FileOf(error)))
      errors.push_back(std::move(error));
  }
  if (!order->empty() && order->front().which == 3)
    std::ranges::sort(errors, {}, [](const json::value& error) {
      return std::pair(FileOf(error), error.at("import_error_id").to_number<int64_t>());
    });
  if (!order->empty() && order->front().is_descending)
    std::ranges::reverse(errors);
  return PageOf("import_errors", std::move(errors), *paging);
}

Answer GetImportError(Context& context, const Exchange& exchange) {
  json::array errors = ErrorsOf(context.views.Publish(), exchange);
  const std::string& asked = exchange.args.at(0);
  const auto id = base::ParseInt(asked);
  for (json::value& error : errors) {
    if (id && error.at("import_error_id").to_number<int64_t>() == *id)
      return std::move(error.get_object());
  }
  return base::Fail(base::ErrorCode::kNotFound,
                    base::Cat("there is no import error '", base::Excerpt(asked), "'"));
}

Answer ListJobs(Context& context, const Exchange& exchange) {
  const auto paging = ReadPaging(exchange);
  if (!paging)
    return paging.error();
  ASSIGN_OR_RETURN(const auto is_alive, ReadBool(exchange, "is_alive"));
  const runtime::HealthView health = context.views.Health();
  json::object job = JobJson(health);
  const auto is = [&](std::string_view param, std::string_view member) {
    const auto wanted = exchange.target.Param(param);
    return !wanted || *wanted == base::GetString(job, member);
  };
  json::array jobs;
  if ((!is_alive || *is_alive == health.is_running) && is("job_state", "state") &&
      is("job_type", "job_type") && is("hostname", "hostname"))
    jobs.push_back(std::move(job));
  return PageOf("jobs", std::move(jobs), *paging);
}

Answer GetConfig(Context& context, const Exchange& exchange) {
  const auto wanted = exchange.target.Param("section");
  json::array sections;
  for (const runtime::SettingsSection& section : context.views.Settings()) {
    if (!wanted || *wanted == section.name)
      sections.push_back(SectionJson(section));
  }
  if (wanted && sections.empty())
    return base::Fail(base::ErrorCode::kNotFound,
                      base::Cat("there is no section '", base::Excerpt(*wanted), "'"));
  return json::object{{"sections", std::move(sections)}};
}

Answer GetConfigValue(Context& context, const Exchange& exchange) {
  for (runtime::SettingsSection& section : context.views.Settings()) {
    if (section.name != exchange.args.at(0))
      continue;
    std::erase_if(section.options,
                  [&](const auto& option) { return option.first != exchange.args.at(1); });
    if (!section.options.empty())
      return json::object{{"sections", json::array{SectionJson(section)}}};
  }
  return base::Fail(base::ErrorCode::kNotFound,
                    base::Cat("there is no option '",
                              base::Excerpt(exchange.args.at(1)),
                              "' in a section '",
                              base::Excerpt(exchange.args.at(0)),
                              "'"));
}

// Nothing can be added to Signalbox: these lists are empty, and that is the truth.
Answer ListPlugins(Context&, const Exchange& exchange) {
  return EmptyList(exchange, "plugins");
}

Answer ListPluginErrors(Context&, const Exchange& exchange) {
  return EmptyList(exchange, "import_errors");
}

Answer ListProviders(Context&, const Exchange& exchange) {
  return EmptyList(exchange, "providers");
}

}  // namespace api
