// signalbox-sim: the same core in a virtual world, hunted for faults.

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "fault_finder/hunt.h"
#include "fault_finder/replay.h"
#include "fault_finder/shrink.h"
#include "fault_finder/sweep.h"
#include "fault_finder/week_command.h"

namespace fault_finder {
namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;

struct Arguments {
  uint64_t seed = 0;
  std::vector<std::string> plans;
  std::string week;
  bool has_forecast = false, has_storm = false;
  std::string from;
  std::string write_plan;
  bool shrinks = false;
  std::string seeds;
  std::string mode = "random";
  int jobs = 1;
  int minutes = 0;
  bool keeps_going = false;
  bool hash = false;
  bool trace = false;
  bool sweep = false;
};

std::vector<Mode> ModesOf(const std::string& text) {
  if (text == "liveness")
    return {Mode::kLiveness};
  if (text == "both")
    return {Mode::kRandom, Mode::kLiveness};
  return {Mode::kRandom};
}

void PrintFailure(uint64_t seed, Mode mode, const Result& result) {
  std::cout << "FAILED seed " << seed << " " << result.breaches.front()
            << "; replay: " << ReplayCommand(seed, mode) << std::endl;
}

std::string Hex(uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof(text), "%016llx", static_cast<unsigned long long>(value));
  return text;
}

int PlayPlan(const Arguments& arguments, const Plan& plan) {
  std::cout << "seed " << plan.seed << ", " << ToString(plan.mode) << ": " << plan.work.dags.size()
            << " DAGs, " << plan.disturbances.size() << " disturbances\n";
  for (const Disturbance& disturbance : plan.disturbances)
    std::cout << "  " << Describe(disturbance) << "\n";
  const Result result = Play(plan, arguments.trace ? &std::cout : nullptr);
  std::cout << result.runs << " runs, " << result.launches << " clusters, " << result.calls
            << " calls, " << result.deaths << " deaths in " << base::FormatDuration(result.lasted)
            << "; trace " << Hex(result.trace) << "\n";
  for (const std::string& breach : result.breaches)
    std::cout << "  " << breach << "\n";
  return result.ok() ? 0 : kFailed;
}

int ShrinkOne(const Arguments& arguments, const Plan& plan) {
  const Shrunk shrunk = Shrink(plan, [](const Shrunk& now) {
    std::cerr << "\r" << now.trials << " trials: " << now.plan.disturbances.size()
              << " disturbances, " << CountJobs(now.plan) << " jobs" << std::flush;
  });
  std::cerr << "\n";
  if (shrunk.result.ok()) {
    std::cerr << "this plan does not fail\n";
    return 0;
  }
  PlayPlan(arguments, shrunk.plan);
  const std::string path =
      arguments.write_plan.empty()
          ? base::Cat("signalbox-sim-", ToString(plan.mode), "-", plan.seed, ".json")
          : arguments.write_plan;
  if (WriteTape(shrunk.plan, path).empty())
    return kUsage;
  std::cout << "FAILED " << shrunk.result.breaches.front() << "; replay: " << PlanCommand(path)
            << std::endl;
  return kFailed;
}

int PlayOne(const Arguments& arguments) {
  int code = 0;
  for (Mode mode : ModesOf(arguments.mode)) {
    const Plan plan = DrawPlan(arguments.seed, mode);
    if (!arguments.write_plan.empty() && !arguments.shrinks &&
        WriteTape(plan, arguments.write_plan).empty())
      return kUsage;
    const int one = arguments.shrinks ? ShrinkOne(arguments, plan) : PlayPlan(arguments, plan);
    if (one == kFailed && !arguments.shrinks)
      std::cout << "FAILED; replay: " << ReplayCommand(arguments.seed, mode) << std::endl;
    code = std::max(code, one);
  }
  return code;
}

int PlayTape(const Arguments& arguments, const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) {
    std::cerr << "cannot read " << path << "\n";
    return kUsage;
  }
  const base::Result<Plan> plan = ParsePlan(text.str());
  if (!plan) {
    std::cerr << path << ": " << plan.error().message << "\n";
    return kUsage;
  }
  if (arguments.plans.size() > 1)
    std::cout << path << "\n";
  return arguments.shrinks ? ShrinkOne(arguments, *plan) : PlayPlan(arguments, *plan);
}

int PlayTapes(const Arguments& arguments) {
  int code = 0;
  for (const std::string& path : arguments.plans)
    code = std::max(code, PlayTape(arguments, path));
  return code;
}

void PrintSum(const HuntSum& sum) {
  std::printf(
      "%lld trials, %lld failed: %lld clusters for %lld runs, %lld calls, %lld deaths in %lld "
      "simulated hours\n",
      static_cast<long long>(sum.trials),
      static_cast<long long>(sum.failures),
      static_cast<long long>(sum.launches),
      static_cast<long long>(sum.runs),
      static_cast<long long>(sum.calls),
      static_cast<long long>(sum.deaths),
      static_cast<long long>(sum.lasted / base::hours(1)));
  std::printf("instance hours: %.0f did the work, %.0f were lost to faults and people\n",
              sum.bill.useful_hours,
              sum.bill.retried_hours);
  std::printf("%.1f s; %.0f clusters a second of one core\n",
              sum.wall_seconds,
              static_cast<double>(sum.launches) / std::max(sum.cpu_seconds, 1e-9));
}

int HuntMany(const Arguments& arguments) {
  const size_t dots = arguments.seeds.find("..");
  const auto first = base::ParseInt(arguments.seeds.substr(0, dots));
  const auto last =
      dots == std::string::npos ? std::nullopt : base::ParseInt(arguments.seeds.substr(dots + 2));
  if (!first || !last || *first < 0 || *last < *first) {
    std::cerr << "--seeds wants A..B with A <= B, such as 1..2000\n";
    return kUsage;
  }
  HuntOptions options;
  options.modes = ModesOf(arguments.mode);
  options.first = static_cast<uint64_t>(*first);
  options.last = static_cast<uint64_t>(*last);
  options.jobs = arguments.jobs;
  options.keeps_going = arguments.keeps_going;
  if (arguments.minutes > 0)
    options.time_limit = base::minutes(arguments.minutes);
  const bool shows_progress = isatty(STDERR_FILENO) != 0;
  std::map<std::pair<uint64_t, std::string_view>, uint64_t> hashes;
  int64_t trials = 0;
  const HuntSum sum = Hunt(options, [&](uint64_t seed, Mode mode, const Result& result) {
    if (arguments.hash)
      hashes[{seed, ToString(mode)}] = result.trace;
    if (!result.ok())
      PrintFailure(seed, mode, result);
    if (++trials % 100 == 0 && shows_progress)
      std::cerr << "\r" << trials << " trials, seed " << seed << std::flush;
  });
  if (shows_progress)
    std::cerr << "\r\x1b[K";
  for (const auto& [key, hash] : hashes)
    std::cout << key.first << " " << key.second << " " << Hex(hash) << "\n";
  if (!arguments.hash)
    PrintSum(sum);
  return sum.failures == 0 ? 0 : kFailed;
}

int SweepAll(const Arguments& arguments) {
  const auto began = std::chrono::steady_clock::now();
  int64_t lives = 0;
  for (const Series& series : AllSeries()) {
    const SweepSum sum = Sweep(series, arguments.jobs);
    lives += sum.lives;
    if (sum.failure) {
      std::cout << "FAILED " << series.name << ": " << sum.failure->breach
                << "; replay: " << PlanCommand(KeepFailure(sum.failure->plan)) << std::endl;
      return kFailed;
    }
    std::cout << series.name << ": " << sum.lives << " lives";
    for (const auto& [act, times] : sum.granted)
      std::cout << ", " << times << " times " << simulation::ToString(act);
    std::cout << std::endl;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  std::printf("%lld lives; %.1f s\n", static_cast<long long>(lives), took.count());
  return 0;
}

int Main(int argc, char** argv) {
  CLI::App app(
      "The real driver, engine and store against a model of EMR, in virtual time, with "
      "crashes and faults drawn from a seed and the rules I1-I16 checked from outside.");
  Arguments arguments;
  auto* seed = app.add_option("--seed", arguments.seed, "play this seed, and tell what it meets");
  app.add_option("--seeds", arguments.seeds, "hunt through the seeds A..B")->excludes(seed);
  app.add_flag("--sweep", arguments.sweep, "play every scenario with a crash at every effect");
  app.add_option("--plan", arguments.plans, "play these tapes (plans as JSON)")->excludes(seed);
  app.add_option("--week", arguments.week, "play a week of this project's schedules, no faults");
  app.add_flag(
         "--forecast",
         arguments.has_forecast,
         "with --week: a second week follows; on each of its mornings the forecast is asked, and "
         "compared with what came")
      ->needs("--week");
  app.add_flag("--storm",
               arguments.has_storm,
               "with --week: on its Wednesday clusters lose their core nodes")
      ->needs("--week");
  app.add_option("--from",
                 arguments.from,
                 "with --week: the day it begins (default: the first "
                 "Monday on which every DAG has begun)");
  app.add_flag("--shrink", arguments.shrinks, "make a failure of --seed or --plan small");
  app.add_option("--write-plan", arguments.write_plan, "write the (shrunk) plan to this file");
  app.add_option("--mode", arguments.mode, "random, liveness (faults that stay), or both")
      ->check(CLI::IsMember({"random", "liveness", "both"}));
  app.add_option("--jobs", arguments.jobs, "threads of a hunt or a sweep")
      ->check(CLI::Range(1, 256));
  app.add_option("--minutes", arguments.minutes, "begin no new seed after this time")
      ->check(CLI::Range(1, 100'000));
  app.add_flag("--keep-going", arguments.keeps_going, "hunt on after a failure");
  app.add_flag("--hash", arguments.hash, "print each seed's trace hash");
  app.add_flag("--trace", arguments.trace, "with --seed: tell everything that happens");
  app.footer("Exit codes: 0 all is well, 1 a rule was broken, 2 usage.");
  CLI11_PARSE(app, argc, argv);
  base::SetLogLevel(base::LogLevel::kOff);
  if (arguments.sweep)
    return SweepAll(arguments);
  if (!arguments.seeds.empty())
    return HuntMany(arguments);
  if (!arguments.week.empty())
    return WeekCommand(
        {arguments.week, arguments.from, arguments.has_forecast, arguments.has_storm});
  if (!arguments.plans.empty())
    return PlayTapes(arguments);
  if (seed->count() > 0)
    return PlayOne(arguments);
  std::cerr << app.help();
  return kUsage;
}

}  // namespace
}  // namespace fault_finder

int main(int argc, char** argv) {
  return fault_finder::Main(argc, argv);
}
