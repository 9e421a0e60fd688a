// DrawEdgeForms: what the edges across DAGs want (rules, whole runs, windows that are bounded or
// moved back); DrawAssets: jobs that make assets, DAGs that follow them, events by hand.

#include <algorithm>
#include <array>

#include "base/text.h"
#include "fault_finder/plan.h"
#include "simulation/dice.h"

namespace fault_finder {

namespace {

using simulation::DagSpec;
using simulation::Dice;
using simulation::JobSpec;

constexpr std::array kRules{model::TriggerRule::kAllDone,
                            model::TriggerRule::kAllDone,
                            model::TriggerRule::kOneSuccess,
                            model::TriggerRule::kOneFailed,
                            model::TriggerRule::kOneDone,
                            model::TriggerRule::kNoneFailed,
                            model::TriggerRule::kAllFailed,
                            model::TriggerRule::kNoneSkipped,
                            model::TriggerRule::kAllDoneMinOneSuccess,
                            model::TriggerRule::kNoneFailedMinOneSuccess};

void DrawForm(Dice& dice, const DagSpec& upstream, JobSpec::Cross& cross) {
  if (dice.Percent(55)) {
    cross.rule = kRules[dice.Throw() % kRules.size()];
    cross.ends_job = dice.Percent(25);
    cross.skips_holes = cross.skips_holes && dice.Percent(30);
  }
  cross.is_whole_run = dice.Percent(25);
  const base::Duration step = base::minutes(upstream.every_minutes);
  if (cross.window == model::Window::kLatestDue && dice.Percent(30)) {
    cross.window = model::Window::kWithin;
    // The latest may be older than this.
    cross.within = dice.Between(step / 4, step * 2);
  }
  if (dice.Percent(30))
    cross.offset = dice.Percent(70) ? step : base::minutes(dice.Between(1, 180));
  else if (cross.window == model::Window::kLatestDue && dice.Percent(30))
    cross.intervals_back = static_cast<int>(dice.Between(1, 3));
}

std::string NameOf(int64_t asset) {
  return base::Cat("a", asset);
}

// Only later DAGs follow what earlier ones make: no DAG starts itself.
void DrawOutlets(Dice& dice, DagSpec& dag, int assets) {
  for (JobSpec& job : dag.jobs) {
    for (int64_t asset = 1; asset <= assets; ++asset) {
      if (dice.Percent(40))
        job.outlets.push_back(NameOf(asset));
    }
  }
}

void DrawConsumer(Dice& dice, DagSpec& dag, int assets) {
  for (int64_t i = dice.Between(1, 3); i > 0; --i) {
    std::string any = NameOf(dice.Between(1, assets));
    for (int64_t more = dice.Percent(40) ? dice.Between(1, 2) : 0; more > 0; --more)
      any += "|" + NameOf(dice.Between(1, assets));
    dag.assets.push_back(any);
  }
  for (JobSpec& job : dag.jobs)
    job.outlets.clear();
  dag.max_active_runs = dice.Percent(50) ? 1 : dag.max_active_runs;
  if (dice.Percent(40))
    dag.jobs.front().is_empty = true;
}

}  // namespace

void DrawEdgeForms(Plan& plan) {
  Dice dice(plan.seed, "edges");
  if (!dice.Percent(35))
    return;
  for (DagSpec& dag : plan.work.dags) {
    for (JobSpec& job : dag.jobs) {
      for (JobSpec::Cross& cross : job.cross) {
        const DagSpec& upstream = plan.work.dags[static_cast<size_t>(cross.dag)];
        if (upstream.every_minutes > 0 && dice.Percent(75))
          DrawForm(dice, upstream, cross);
      }
    }
  }
}

void DrawAssets(Plan& plan) {
  Dice dice(plan.seed, "assets");
  if (!dice.Percent(30))
    return;
  const auto assets = static_cast<int>(dice.Between(1, 3));
  const size_t dags = plan.work.dags.size();
  const size_t first =
      dags < 2 ? dags : static_cast<size_t>(dice.Between(1, std::ssize(plan.work.dags) - 1));
  for (size_t i = 0; i < dags; ++i) {
    if (i < first)
      DrawOutlets(dice, plan.work.dags[i], assets);
    else if (!plan.work.dags[i].is_continuous && dice.Percent(70))
      DrawConsumer(dice, plan.work.dags[i], assets);
  }
  if (first == dags)
    return;
  for (int64_t i = dice.Between(0, 5); i > 0; --i) {
    PersonAsks& person = Add<PersonAsks>(plan);
    person.deed.act = dice.Percent(60) ? simulation::Act::kAssetEvent : simulation::Act::kClear;
    person.deed.after = dice.Between(base::minutes(5), plan.work.fires_for + base::hours(1));
    person.deed.run = static_cast<size_t>(dice.Between(0, 10));
    person.deed.job = static_cast<size_t>(dice.Between(0, 10));
  }
  for (int64_t i = dice.Between(0, 2); i > 0; --i) {
    DagPause& pause = Add<DagPause>(plan);
    pause.from = dice.Between(base::Duration(0), plan.work.fires_for);
    pause.lasts = dice.Between(base::minutes(20), base::hours(2));
    pause.dag = dice.Between(static_cast<int64_t>(first), static_cast<int64_t>(dags) - 1);
  }
}

}  // namespace fault_finder
