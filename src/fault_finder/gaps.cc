// DrawGaps: ticks that do not fire (DAGs that are paused for long, long outages, edited schedules),
// jobs of other DAGs that need them, and people who make such runs.

#include <algorithm>

#include "fault_finder/plan.h"
#include "simulation/dice.h"

namespace fault_finder {

namespace {

using simulation::DagSpec;
using simulation::Dice;
using simulation::JobSpec;

bool IsUpstream(const Plan& plan, size_t dag) {
  for (const DagSpec& spec : plan.work.dags) {
    for (const JobSpec& job : spec.jobs) {
      for (const JobSpec::Cross& cross : job.cross) {
        if (cross.dag == static_cast<int>(dag))
          return true;
      }
    }
  }
  return false;
}

void DrawEdges(Dice& dice, Plan& plan) {
  for (size_t i = 1; i < plan.work.dags.size(); ++i) {
    DagSpec& dag = plan.work.dags[i];
    for (JobSpec& job : dag.jobs) {
      if (job.cross.empty() && dag.every_minutes > 0 && dice.Percent(20)) {
        const auto other = static_cast<size_t>(dice.Between(0, static_cast<int64_t>(i) - 1));
        const DagSpec& upstream = plan.work.dags[other];
        const size_t place = dice.Throw() % upstream.jobs.size();
        if (upstream.every_minutes > 0)
          job.cross.push_back({static_cast<int>(other), static_cast<int>(place)});
      }
      for (JobSpec::Cross& cross : job.cross) {
        const DagSpec& upstream = plan.work.dags[static_cast<size_t>(cross.dag)];
        cross.skips_holes = dice.Percent(35);
        if (upstream.every_minutes < dag.every_minutes && dice.Percent(40))
          cross.window = model::Window::kCovers;
        if (upstream.every_minutes == dag.every_minutes && upstream.minute == dag.minute &&
            dice.Percent(70))
          cross.window = model::Window::kSameInterval;
      }
    }
  }
}

void DrawSchedules(Dice& dice, Plan& plan) {
  for (size_t i = 0; i < plan.work.dags.size(); ++i) {
    DagSpec& dag = plan.work.dags[i];
    if (dag.every_minutes == 0)
      continue;
    if (dice.Percent(25))
      dag.paused_for = dice.Between(base::minutes(5), plan.work.fires_for);
    if (IsUpstream(plan, i) && dice.Percent(50))
      dag.catchup = false;
    if (dice.Percent(20))
      dag.by_interval = true;
    if (dice.Percent(50))
      dag.starts_after = dice.Percent(50) ? base::Duration(0)
                                          : dice.Between(base::minutes(0), plan.work.fires_for / 2);
    // Equal schedules, now and then.
    if (i > 0 && plan.work.dags[i - 1].every_minutes > 0 && dice.Percent(20)) {
      dag.every_minutes = plan.work.dags[i - 1].every_minutes;
      dag.minute = plan.work.dags[i - 1].minute;
    }
  }
}

// DAGs that begin before anybody has seen them: without catchup their early ticks are not due.
void DrawEarlyStarts(Plan& plan) {
  Dice dice(plan.seed, "early starts");
  for (DagSpec& dag : plan.work.dags) {
    if (dag.every_minutes > 0 && !dag.catchup && dag.starts_after == base::Duration(0) &&
        dice.Percent(40))
      dag.starts_before = dice.Between(base::minutes(1), base::hours(48));
  }
}

void DrawDeeds(Dice& dice, Plan& plan) {
  const base::Duration later = plan.work.fires_for + base::hours(2);
  for (int64_t i = dice.Between(0, 4); i > 0; --i) {
    PersonAsks& person = Add<PersonAsks>(plan);
    person.deed.act =
        dice.Percent(60) ? simulation::Act::kFillHole : simulation::Act::kTriggerDated;
    person.deed.after = dice.Between(base::minutes(10), later);
    person.deed.run = static_cast<size_t>(dice.Between(0, 10));
    person.deed.job = static_cast<size_t>(dice.Between(0, 10));
  }
}

void DrawTroubles(Dice& dice, Plan& plan) {
  const base::Duration horizon = plan.work.fires_for;
  const auto dags = static_cast<int64_t>(plan.work.dags.size());
  if (dice.Percent(40)) {
    Outage& outage = Add<Outage>(plan);
    outage.from = dice.Between(base::Duration(0), horizon);
    outage.lasts = dice.Between(base::hours(1), base::hours(5));
  }
  for (int64_t i = dice.Between(0, 2); i > 0; --i) {
    DagPause& pause = Add<DagPause>(plan);
    pause.from = dice.Between(base::Duration(0), horizon);
    pause.lasts = dice.Between(base::minutes(20), base::hours(4));
    pause.dag = dice.Between(0, dags - 1);
  }
  for (int64_t i = dice.Percent(40) ? dice.Between(1, 3) : 0; i > 0; --i) {
    DagEdit& edit = Add<DagEdit>(plan);
    edit.at = dice.Between(base::Duration(0), horizon);
    edit.dag = dice.Between(0, dags - 1);
    edit.fires_more_rarely = dice.Percent(30);
    edit.fires_later_by = base::minutes(dice.Between(1, 59));
  }
}

}  // namespace

void DrawGaps(Plan& plan) {
  Dice dice(plan.seed, "gaps");
  if (!dice.Percent(35))
    return;
  DrawSchedules(dice, plan);
  DrawEarlyStarts(plan);
  DrawEdges(dice, plan);
  DrawTroubles(dice, plan);
  DrawDeeds(dice, plan);
}

}  // namespace fault_finder
