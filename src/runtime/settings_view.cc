#include "runtime/settings_view.h"

#include <chrono>

#include "base/text.h"
#include "dagfile/project.h"

namespace runtime {

namespace {

json::value Span(base::Duration of) {
  return json::value(base::FormatDuration(std::chrono::duration_cast<base::seconds>(of)));
}

}  // namespace

std::vector<SettingsSection> ShownSettings(const dagfile::Project& project,
                                           const std::string& region) {
  const dagfile::Sources& sources = project.sources;
  const dagfile::Reaper& reaper = project.reaper;
  std::vector<std::pair<std::string, json::value>> emr{
      {"region", json::value(region)},
      {"poll_interval", Span(project.poll_interval)},
      {"launch_settle", Span(project.launch_settle)},
      {"list_lag_max", Span(project.list_lag_max)},
      {"fleet_grace", Span(project.fleet_grace)},
      {"fleet_interval", Span(project.fleet_interval)},
      {"idle_timeout", Span(project.idle_timeout)},
      {"overdue_factor", project.overdue_factor},
      {"budget.share", project.budget_share}};
  for (const auto& [action, quota] : project.budget) {
    emr.emplace_back(base::Cat("budget.", action, ".burst"), quota.burst);
    emr.emplace_back(base::Cat("budget.", action, ".per_second"), quota.per_second);
  }
  return {{"core", {{"deployment", json::value(project.deployment)}}},
          {"emr", std::move(emr)},
          {"limits",
           {{"jobs_per_dag", project.limits.jobs_per_dag},
            {"jobs_per_project", project.limits.jobs_per_project}}},
          {"sources",
           {{"policy", sources.policy == dagfile::WatchPolicy::kAdaptive ? "adaptive" : "sampled"},
            {"poke_interval", Span(sources.poke_interval)},
            {"stale_after", Span(sources.stale_after)},
            {"dynamodb.weight", sources.table_weight},
            {"emr.weight", sources.emr_weight}}},
          {"server",
           {{"bind", json::array(project.server.bind.begin(), project.server.bind.end())},
            {"port", project.server.port},
            {"insecure_http", project.server.insecure_http},
            {"max_body_bytes", project.server.max_body_bytes},
            {"max_header_bytes", project.server.max_header_bytes},
            {"read_timeout", Span(project.server.read_timeout)},
            {"idle_timeout", Span(project.server.idle_timeout)},
            {"max_connections", project.server.max_connections},
            {"max_strangers", project.server.max_strangers},
            {"max_strangers_per_peer", project.server.max_strangers_per_peer},
            {"max_event_streams", project.server.max_event_streams}}},
          {"reaper",
           {{"armed", reaper.armed},
            {"grace", Span(reaper.grace)},
            {"interval", Span(reaper.interval)},
            {"max_per_pass", reaper.max_per_pass},
            {"max_ratio", reaper.max_ratio}}}};
}

}  // namespace runtime
