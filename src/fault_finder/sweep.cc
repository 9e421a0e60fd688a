#include "fault_finder/sweep.h"

#include <algorithm>
#include <mutex>
#include <set>
#include <utility>

#include "fault_finder/replay.h"
#include "fault_finder/scenarios.h"
#include "fault_finder/workers.h"

namespace fault_finder {

namespace {

using simulation::Act;
using simulation::Deed;

constexpr Blur kBlurred = {.stale_every = 2, .hide_every = 3};
constexpr base::Duration kSpan = base::minutes(45);
// From a person's word to EMR's last: one look-up of a launch that is in doubt, a terminate that
// EMR ignores and its next issue, a restart of ours, shutting down.
constexpr base::Duration kDiesWithin = base::minutes(8);

// Every minute, and while each call of an undisturbed life is under way.
std::vector<base::Duration> Moments(const Plan& scenario) {
  std::set<base::Duration> moments;
  for (base::Duration at = base::minutes(1); at <= kSpan; at += base::minutes(1))
    moments.insert(at);
  for (base::Duration effect : Play(scenario).effect_times)
    moments.insert(effect + base::milliseconds(50));
  return {moments.begin(), moments.end()};
}

std::vector<Deed> DeedsAt(base::Duration moment) {
  std::vector<Deed> deeds;
  for (Act act : simulation::kActs) {
    deeds.push_back({moment, act, 0, 0});
    if (act == Act::kClear || act == Act::kMarkSuccess || act == Act::kMarkFailed)
      deeds.push_back({moment, act, 0, 1});
  }
  return deeds;
}

// At each `every`-th moment.
std::vector<Plan> WithPeople(const Plan& scenario, size_t every) {
  const std::vector<base::Duration> moments = Moments(scenario);
  std::vector<Plan> plans;
  for (size_t i = 0; i < moments.size(); i += every) {
    for (const Deed& deed : DeedsAt(moments[i])) {
      plans.push_back(scenario);
      Plan& plan = plans.back();
      plan.disturbances.emplace_back(PersonAsks{deed});
      plan.ending.attempts = 0;
      plan.ending.stops_within = kDiesWithin;
    }
  }
  return plans;
}

// A plan of the series, with so many crashes added.
struct Life {
  const Plan* plan = nullptr;
  std::vector<simulation::CrashPoint> crashes;
};

Plan PlanOf(const Life& life) {
  Plan plan = *life.plan;
  for (const simulation::CrashPoint& point : life.crashes)
    plan.disturbances.emplace_back(
        CrashAtEffect{point.effect, point.when == simulation::When::kAfter});
  return plan;
}

class Sweeper {
 public:
  Sweeper(const Series& series, int jobs) : series_(series), jobs_(jobs) {}

  SweepSum Run() {
    std::vector<Life> lives;
    for (const Plan& plan : series_.plans)
      lives.push_back({&plan, {}});
    for (int crashes = 0; !lives.empty() && !sum_.failure; ++crashes)
      lives = PlayAll(lives, crashes < series_.crashes);
    return std::move(sum_);
  }

 private:
  // The lives with one crash more each, in an order that does not depend on the threads.
  std::vector<Life> PlayAll(const std::vector<Life>& lives, bool goes_on) {
    std::vector<int> effects(lives.size());
    Work({0, lives.size() - 1, jobs_}, [&](uint64_t item) {
      const Plan plan = PlanOf(lives[item]);
      const Playing playing(
          [&] { return TrialName{series_.name, PlanCommand(KeepFailure(plan))}; });
      const Result result = Play(plan);
      effects[item] = result.effects;
      return Add(plan, result);
    });
    std::vector<Life> next;
    for (size_t i = 0; goes_on && i < lives.size(); ++i) {
      for (int effect = 1; effect <= effects[i]; ++effect) {
        for (simulation::When when : {simulation::When::kBefore, simulation::When::kAfter}) {
          next.push_back(lives[i]);
          next.back().crashes.push_back({effect, when});
        }
      }
    }
    return next;
  }

  // False where it failed.
  bool Add(const Plan& plan, const Result& result) {
    const std::lock_guard lock(mutex_);
    ++sum_.lives;
    for (Act act : result.granted)
      ++sum_.granted[act];
    if (!result.ok() && !sum_.failure)
      sum_.failure = SweepFailure{plan, result.breaches.front()};
    return result.ok();
  }

  const Series& series_;
  const int jobs_;
  std::mutex mutex_;
  SweepSum sum_;
};

}  // namespace

std::string KeepFailure(const Plan& plan) {
  return WriteTape(plan, "build/sim/sweep-failure.json");
}

std::vector<Series> AllSeries() {
  const Plan small = Scenario();
  const Plan stale = StaleScenario();
  const Plan chain = ShortScenario(2);
  return {
      {"L1_L2_L3_L5_T4 a crash at every effect", {small}, 1},
      {"L4_L6_T1 a crash at every effect, with late accepts, list lag and ignored terminates",
       {stale},
       1},
      {"W2_W5 a crash at every effect, while every second read is stale",
       {With(small, {.stale_every = 2})},
       1},
      {"W2_W5 a crash at every effect, with late accepts, while every third read is stale",
       {With(stale, {.stale_every = 3})},
       1},
      {"W1 a crash at every effect, while every second list hides a cluster",
       {With(small, {.hide_every = 2})},
       1},
      {"W1 a crash at every effect, with late accepts, while every third list hides a cluster",
       {With(stale, {.hide_every = 3})},
       1},
      {"L1_L2_L3_T1_T4 a crash at every effect, and another at every effect of the next life",
       {ShortScenario(1)},
       2},
      {"W1_W5 two crashes, while reads are stale and lists lack clusters",
       {With(ShortScenario(1), kBlurred)},
       2},
      {"R1_R4_T7 people at every moment", WithPeople(chain, 1)},
      {"R1_R4_W1_W5 people at every moment, while reads are stale and lists lack clusters",
       WithPeople(With(chain, kBlurred), 1)},
      {"R1_R4_T4_T7 people, and a crash at every effect", WithPeople(chain, 8), 1},
  };
}

SweepSum Sweep(const Series& series, int jobs) {
  return Sweeper(series, jobs).Run();
}

}  // namespace fault_finder
