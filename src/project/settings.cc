#include "project/settings.h"

#include <cmath>

#include "base/check.h"
#include "base/text.h"

namespace project {

namespace {

constexpr base::Duration kTimeoutMargin = base::seconds(2);
// What AWS may take to accept a signed request, and ListClusters to show a cluster.
constexpr base::Duration kSafeSettle = base::minutes(15);
constexpr base::Duration kSafeLag = base::minutes(3);

driver::SourceOptions SourcesOf(const dagfile::Sources& sources) {
  driver::SourceOptions options;
  options.policy = sources.policy;
  options.poke_interval = sources.poke_interval;
  options.stale_after = sources.stale_after;
  options.table = sources.table;
  for (const auto& [attribute, name] : sources.table_names)
    CHECK(options.table_names.Rename(attribute, name).has_value());  // dagfile has checked them
  options.table_weight = sources.table_weight;
  options.emr_weight = sources.emr_weight;
  options.queue_url = sources.queue_url;
  return options;
}

}  // namespace

Settings MakeSettings(const SettingsInput& input) {
  const dagfile::Project& project = input.project;
  Settings settings;
  driver::Options& options = settings.driver;
  options.emr.region = input.region;
  options.emr.launch_settle = project.launch_settle;
  options.emr.list_lag_max = project.list_lag_max;
  options.emr.fleet_grace = project.fleet_grace;
  options.emr.idle_timeout = project.idle_timeout;
  options.emr.overdue_factor = project.overdue_factor;
  options.emr.reaper = {.armed = project.reaper.armed,
                        .grace = project.reaper.grace,
                        .max_per_pass = project.reaper.max_per_pass,
                        .max_ratio = project.reaper.max_ratio};
  if (project.openlineage.spark && !project.openlineage.url.empty())
    options.emr.lineage_space = dagfile::SpaceOf(project);
  options.reaper_interval = project.reaper.interval;
  options.poll_interval = project.poll_interval;
  options.fleet_interval = project.fleet_interval;
  options.budget.share = project.budget_share;
  for (const auto& [action, quota] : project.budget)
    options.budget.quotas[action] = {quota.burst, quota.per_second};

  options.sources = SourcesOf(project.sources);

  double least_wall = static_cast<double>((input.http_timeout + kTimeoutMargin).count());
  base::Duration least(std::llround(std::ceil(least_wall * input.clock_speed)));
  if (project.launch_settle < least) {
    options.emr.launch_settle = least;
    settings.warnings.push_back(base::Cat("emr.launch_settle is ",
                                          base::FormatDuration(project.launch_settle),
                                          "; ",
                                          base::FormatDuration(least),
                                          " is taken, which the HTTP time-out needs"));
  }
  if (input.clock_speed != 1)
    return settings;
  if (project.launch_settle < kSafeSettle)
    settings.warnings.push_back(base::Cat("emr.launch_settle is ",
                                          base::FormatDuration(project.launch_settle),
                                          ": below 15m a launch may happen twice"));
  if (project.list_lag_max < kSafeLag)
    settings.warnings.push_back(base::Cat("emr.list_lag_max is ",
                                          base::FormatDuration(project.list_lag_max),
                                          ": below 3m a launch may happen twice"));
  return settings;
}

}  // namespace project
