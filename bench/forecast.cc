// How honest the forecast is, and what it costs: weeks of a project are played with drawn durations
// and faults; every six hours of the second week the forecast is asked, and later compared with
// what came. The first week is there to give each job a history.
//
//   forecast_bench [PROJECT] [WEEKS]
//
// Printed: the share of runs that ended by their p50 and by their p90 (85 to 95 % is honest), by
// how far ahead it was said; the time of a copy of the estate and of a forecast.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/draw.h"
#include "base/text.h"
#include "dagfile/load.h"
#include "forecast/build.h"
#include "forecast/outlook.h"
#include "project/folder.h"
#include "project/settings.h"
#include "project/zones.h"
#include "simulation/week.h"

namespace {

using base::Cat;

constexpr base::Duration kWeek = base::hours(24 * 7);

struct Said {
  model::RunKey run;
  base::Duration ahead;  // of its being due; 0: the run was live
  std::optional<base::Time> p50, p90;
};

struct Costs {
  std::vector<double> copy_ms, build_ms, forecast_ms;
  size_t jobs = 0, runs = 0;
};

double MillisecondsSince(std::chrono::steady_clock::time_point begun) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun)
      .count();
}

double Median(std::vector<double> values) {
  std::nth_element(
      values.begin(), values.begin() + static_cast<long>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

// How runs turned out, by how far ahead that was said.
class Score {
 public:
  void Count(const Said& said, const model::RunRow& run) {
    const char* when = said.ahead == base::Duration(0) ? "live"
                       : said.ahead < base::hours(6)   ? "due in 6 h"
                       : said.ahead < base::hours(24)  ? "due in 24 h"
                                                       : "later";
    for (const char* line : {when, "all"}) {
      Line& of = lines_[line];
      ++of.count;
      const bool ended = run.state == model::RunState::kSuccess && run.end_date;
      of.by_p50 += ended && said.p50 && *run.end_date <= *said.p50 ? 1 : 0;
      of.by_p90 += ended && said.p90 && *run.end_date <= *said.p90 ? 1 : 0;
      of.failed += run.state == model::RunState::kFailed ? 1 : 0;
      of.never += said.p90 ? 0 : 1;
    }
  }
  void Print() const {
    std::printf(
        "%-12s %8s %10s %10s %8s %8s\n", "said", "runs", "by p50", "by p90", "failed", "never");
    for (const char* name : {"live", "due in 6 h", "due in 24 h", "later", "all"}) {
      const auto found = lines_.find(name);
      if (found == lines_.end())
        continue;
      const Line& of = found->second;
      std::printf("%-12s %8d %9.1f%% %9.1f%% %8d %8d\n",
                  name,
                  of.count,
                  100.0 * of.by_p50 / of.count,
                  100.0 * of.by_p90 / of.count,
                  of.failed,
                  of.never);
    }
  }

 private:
  struct Line {
    int count = 0, by_p50 = 0, by_p90 = 0, failed = 0, never = 0;
  };
  std::map<std::string, Line> lines_;
};

// Each job's name, and which of its clusters fail in this world: one in twelve, drawn by name.
std::string FaultsOf(const std::vector<std::shared_ptr<const model::Dag>>& dags, uint64_t seed) {
  std::string faults = "faults:\n";
  for (const auto& dag : dags) {
    for (const model::Job& job : dag->jobs) {
      if (model::EmrOf(job) == nullptr)
        continue;
      const std::string name = DisplayName(job.id, job.lane);
      const std::string entity = Cat(dag->id.str(), "/", name);
      for (uint64_t n = 1; n <= 400; ++n) {
        if (base::DrawUnit(seed, entity, n) < 1.0 / 12)
          faults += Cat(
              "  - {name: '* ",
              dag->id.str(),
              " * ",
              name,
              " try *', nth: ",
              n,
              ", do: ",
              n % 2 == 0 ? "fail_step, step: 1" : "lose_fleet, fleet: CORE, on: RUNNING, after: 2m",
              "}\n");
        if (n > 24 && dag->schedule.cron.find("* * *") == std::string::npos)
          break;
      }
    }
  }
  return faults;
}

simulation::WeekOptions ReadProject(const std::string& folder, const schedule::ZoneSet& zones) {
  auto files = project::ReadProjectFiles(folder);
  CHECK(files.has_value());
  const dagfile::Loaded loaded = dagfile::LoadProject(
      std::move(files->files), [&](std::string_view name) { return zones.Find(name); });
  CHECK(loaded.errors.empty() && loaded.project);
  simulation::WeekOptions week;
  week.dags = loaded.dags;
  week.pools = loaded.project->pools;
  week.limits = loaded.project->job_limits;
  week.driver = project::MakeSettings({*loaded.project, loaded.project->region}).driver;
  week.driver.sources = {};
  week.start = base::ParseTime("2026-01-05T00:00:00Z").value();
  week.length = 2 * kWeek;
  week.emr.journal = false;
  return week;
}

void Listen(simulation::WeekOptions& week, Score& score, Costs& costs, std::vector<Said>& said) {
  const base::Time second = week.start + kWeek;
  const base::Time end = week.start + week.length;
  week.look = [&, second, end](const engine::State& state, base::Time now) {
    if (now < second || now > end - base::hours(24))
      return;
    auto begun = std::chrono::steady_clock::now();
    const auto estate = forecast::CopyEstate(state, now);
    costs.copy_ms.push_back(MillisecondsSince(begun));
    begun = std::chrono::steady_clock::now();
    forecast::Network built = forecast::BuildNetwork(*estate, end);
    costs.build_ms.push_back(MillisecondsSince(begun));
    const forecast::Outlook outlook(std::move(built));
    costs.forecast_ms.push_back(MillisecondsSince(begun));
    const forecast::Network& network = outlook.network();
    costs.jobs = std::max(costs.jobs, network.jobs.size());
    costs.runs = std::max(costs.runs, network.runs.size());
    for (size_t i = 0; i < network.runs.size(); ++i) {
      const auto run = static_cast<int>(i);
      const auto time = [&](double q) {
        const forecast::Seconds at = outlook.RunFinish(run, q);
        return at >= forecast::kNever ? std::nullopt : std::optional(TimeOf(network, at));
      };
      const base::Duration ahead =
          network.runs[i].queued_at ? base::Duration(0) : network.runs[i].run_after - now;
      said.push_back({network.runs[i].key, ahead, time(0.5), time(0.9)});
    }
  };
  week.at_end = [&](store::Reader& rows) {
    for (const Said& each : said) {
      if (const auto run = rows.Run(each.run))
        score.Count(each, *run);
    }
    said.clear();
  };
}

}  // namespace

int main(int count, char** arguments) {
  const std::string folder = count > 1 ? arguments[1] : "examples/delphi-week";
  const int weeks = count > 2 ? std::atoi(arguments[2]) : 3;
  const auto zones = project::LoadZones("/usr/share/zoneinfo");
  CHECK(zones.has_value());
  simulation::WeekOptions week = ReadProject(folder, *zones);
  Score score;
  Costs costs;
  std::vector<Said> said;
  Listen(week, score, costs, said);
  std::ifstream file(folder + "/faults.yaml");
  std::stringstream timing;
  timing << file.rdbuf();
  for (int seed = 1; seed <= weeks; ++seed) {
    auto plan = emulator::ParseFaultPlan(timing.str(), folder + "/faults.yaml");
    CHECK(plan.has_value());
    auto faults =
        emulator::ParseFaultPlan(FaultsOf(week.dags, static_cast<uint64_t>(seed)), "drawn");
    CHECK(faults.has_value());
    plan->faults = faults->faults;
    week.emr.plan = *plan;
    week.emr.seed = static_cast<uint64_t>(seed);
    const simulation::WeekReport report = simulation::PlayWeek(week, *zones);
    std::printf("week %d: %lld runs, %lld failed, %lld clusters%s\n",
                seed,
                static_cast<long long>(report.runs),
                static_cast<long long>(report.failed_runs),
                static_cast<long long>(report.clusters),
                report.breaches.empty() ? "" : Cat("; ", report.breaches.front()).c_str());
    std::fflush(stdout);
  }
  score.Print();
  std::printf(
      "%zu runs, %zu jobs at most; a copy of the estate %.2f ms, a forecast %.1f ms, of which %.1f "
      "ms make the graph "
      "(medians)\n",
      costs.runs,
      costs.jobs,
      Median(costs.copy_ms),
      Median(costs.forecast_ms),
      Median(costs.build_ms));
  return 0;
}
