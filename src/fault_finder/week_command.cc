#include "fault_finder/week_command.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <sstream>

#include "base/text.h"
#include "dagfile/load.h"
#include "fault_finder/week_forecast.h"
#include "project/folder.h"
#include "project/settings.h"
#include "project/zones.h"
#include "simulation/week.h"

namespace fault_finder {

namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;
constexpr base::Duration kDay = base::hours(24);
constexpr base::Duration kWeek = kDay * 7;

base::Result<emulator::FaultPlan> ReadTiming(const std::string& path) {
  std::ifstream file(path);
  if (!file)
    return emulator::FaultPlan();
  std::stringstream text;
  text << file.rdbuf();
  ASSIGN_OR_RETURN(emulator::FaultPlan plan, emulator::ParseFaultPlan(text.str(), path));
  plan.faults.clear();
  return plan;
}

// The first Monday on which every DAG has begun.
base::Time FirstWholeWeek(const std::vector<std::shared_ptr<const model::Dag>>& dags) {
  base::Time start = base::ParseTime("2026-01-05T00:00:00Z").value();
  while (std::any_of(dags.begin(), dags.end(), [&](const auto& dag) {
    return dag->start_date && *dag->start_date > start;
  }))
    start += base::hours(24 * 7);
  return start;
}

// Spot capacity goes in the middle of the week: first tries lose all core nodes while they work.
emulator::Fault StormOn(base::Time wednesday) {
  emulator::Fault storm{.kind = emulator::FaultKind::kLoseFleet, .name = "*try 1"};
  storm.from = wednesday + base::hours(6);
  storm.until = wednesday + base::hours(18);
  storm.after = base::minutes(20);
  return storm;
}

struct Reading {
  simulation::WeekOptions week;
  std::vector<model::SharedDeadline> deadlines;
};

base::Result<Reading> ReadWeek(const std::string& folder,
                               const std::string& from,
                               const schedule::ZoneSet& zones) {
  ASSIGN_OR_RETURN(project::ProjectFiles files, project::ReadProjectFiles(folder));
  const dagfile::Loaded loaded = dagfile::LoadProject(
      std::move(files.files), [&](std::string_view name) { return zones.Find(name); });
  if (!loaded.errors.empty() || !loaded.project)
    return base::Fail(
        base::ErrorCode::kInvalidArgument,
        base::Cat("the project has errors; see `signalbox dags validate ", folder, "`"));
  simulation::WeekOptions week;
  week.dags = loaded.dags;
  week.pools = loaded.project->pools;
  week.limits = loaded.project->job_limits;
  week.spend_rules = loaded.project->spend_rules;
  week.deployment = loaded.project->deployment;
  week.driver = project::MakeSettings({*loaded.project, loaded.project->region}).driver;
  // Without a table or a queue in this world EMR alone tells.
  week.driver.sources = {};
  ASSIGN_OR_RETURN(week.emr.plan, ReadTiming(folder + "/faults.yaml"));
  week.emr.journal = false;
  week.start = FirstWholeWeek(week.dags);
  if (!from.empty()) {
    ASSIGN_OR_RETURN(week.start, base::ParseTime(from));
  }
  return Reading{std::move(week), loaded.project->deadlines};
}

void Print(const simulation::WeekOptions& week,
           const simulation::WeekReport& report,
           double seconds) {
  size_t jobs = 0;
  for (const auto& dag : week.dags)
    jobs += dag->jobs.size();
  std::printf("%zu DAGs, %zu jobs, the week from %s\n",
              week.dags.size(),
              jobs,
              base::FormatRfc3339(week.start).c_str());
  std::printf(
      "%lld runs (%lld failed), %lld clusters; %zu at once at most, more than 20 in %.0f %% "
      "of the week\n",
      static_cast<long long>(report.runs),
      static_cast<long long>(report.failed_runs),
      static_cast<long long>(report.clusters),
      report.most_clusters,
      100 * report.share_over_20);
  std::printf("the last run ended at %s; %.0f instance hours; %lld calls, %lld throttled\n",
              base::FormatRfc3339(report.ended_at).c_str(),
              report.bill.useful_hours,
              static_cast<long long>(report.calls),
              static_cast<long long>(report.throttled));
  std::printf("%.2f s of one core, with every check\n", seconds);
  for (const std::string& breach : report.breaches)
    std::printf("FAILED %s\n", breach.c_str());
}

}  // namespace

int WeekCommand(const WeekArguments& arguments) {
  const char* directory = std::getenv("TZDIR");
  const auto zones = project::LoadZones(directory != nullptr ? directory : "/usr/share/zoneinfo");
  if (!zones) {
    std::cerr << zones.error().message << "\n";
    return kUsage;
  }
  auto reading = ReadWeek(arguments.folder, arguments.from, *zones);
  if (!reading) {
    std::cerr << reading.error().message << "\n";
    return kUsage;
  }
  simulation::WeekOptions& week = reading->week;
  std::optional<WeekForecast> forecast;
  if (arguments.has_forecast) {
    // The week before gives the jobs a history.
    const base::Time from = week.start + kWeek;
    week.length = kWeek * 2;
    week.look_every = kDay;
    forecast.emplace(reading->deadlines, *zones, from, from + kWeek);
    week.look = [&](const engine::State& state, base::Time now) { forecast->Look(state, now); };
    week.at_end = [&](store::Reader& rows) { forecast->Compare(rows); };
  }
  if (arguments.has_storm)
    week.emr.plan.faults.push_back(StormOn(week.start + week.length - kDay * 5));
  const std::clock_t began = std::clock();
  const simulation::WeekReport report = simulation::PlayWeek(week, *zones);
  Print(week, report, static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC);
  if (forecast)
    forecast->Print();
  return report.breaches.empty() ? 0 : kFailed;
}

}  // namespace fault_finder
