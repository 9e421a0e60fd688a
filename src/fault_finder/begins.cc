// DrawBegins: jobs that depend on their DAG's past, DAGs that are continuous, runs that start later
// than their ticks, times at which nothing fires, and failures that stop a DAG or a job.

#include <algorithm>

#include "fault_finder/plan.h"
#include "simulation/dice.h"
#include "simulation/rules/crossings.h"

namespace fault_finder {

namespace {

using simulation::DagSpec;
using simulation::Dice;
using simulation::JobSpec;

bool CrossesAny(const Plan& plan, int place) {
  const DagSpec& mine = plan.work.dags[static_cast<size_t>(place)];
  const auto crosses = [](const JobSpec& job) { return !job.cross.empty(); };
  return std::ranges::any_of(mine.jobs, crosses) ||
         std::ranges::any_of(plan.work.dags, [&](const DagSpec& dag) {
           return std::ranges::any_of(dag.jobs, [&](const JobSpec& job) {
             return std::ranges::any_of(
                 job.cross, [&](const JobSpec::Cross& cross) { return cross.dag == place; });
           });
         });
}

void DrawPast(Dice& dice, DagSpec& dag) {
  for (JobSpec& job : dag.jobs) {
    job.depends_on_past = dice.Percent(50);
    job.wait_for_downstream = job.depends_on_past && dice.Percent(40);
    // One that fails holds the next runs.
    if (job.depends_on_past && dice.Percent(25))
      job.retries = 0;
  }
}

void MakeContinuous(Dice& dice, DagSpec& dag) {
  dag.is_continuous = true;
  dag.every_minutes = 0;
  dag.minute = 0;
  dag.by_interval = false;
  dag.catchup = false;
  dag.catchup_max = 0;
  dag.max_active_runs = 1;
  // Runs of it that end at once, now and then.
  if (dice.Percent(40))
    dag.jobs.resize(1);
  if (dice.Percent(40))
    dag.jobs.front().is_empty = true;
}

void DrawClosed(Dice& dice, const simulation::Workload& work, DagSpec& dag) {
  if (dice.Percent(30)) {
    dag.closed_day = std::chrono::floor<std::chrono::days>(work.start + work.fires_for);
    return;
  }
  dag.closed_from = work.start + dice.Between(base::Duration(0), work.fires_for);
  dag.closed_until = dag.closed_from + dice.Between(base::minutes(10), base::hours(2));
  // The ends of a blackout are ticks, now and then.
  DagSpec open = dag;
  open.closed_from = open.closed_until = base::Time();
  if (dice.Percent(50))
    dag.closed_until = std::max(dag.closed_from, simulation::LatestTick(open, dag.closed_until));
  if (dice.Percent(50))
    dag.closed_from = simulation::LatestTick(open, dag.closed_from);
}

// DAGs that stop after some failures, and jobs of which one lane's mistake holds the others.
void DrawBreakers(Plan& plan) {
  Dice dice(plan.seed, "breakers");
  if (!dice.Percent(25))
    return;
  for (DagSpec& dag : plan.work.dags) {
    if (dice.Percent(50))
      dag.most_failures = static_cast<int>(dice.Between(1, 3));
    for (JobSpec& job : dag.jobs)
      job.holds_lanes = dice.Percent(50);
  }
}

}  // namespace

void DrawBegins(Plan& plan) {
  DrawBreakers(plan);
  Dice dice(plan.seed, "begins");
  if (!dice.Percent(35))
    return;
  for (int place = 0; place < static_cast<int>(plan.work.dags.size()); ++place) {
    DagSpec& dag = plan.work.dags[static_cast<size_t>(place)];
    if (dice.Percent(35))
      DrawPast(dice, dag);
    if (dice.Percent(25) && !CrossesAny(plan, place)) {
      MakeContinuous(dice, dag);
      continue;
    }
    if (dag.every_minutes == 0)
      continue;
    if (dice.Percent(30))
      dag.start_jitter = dice.Between(base::minutes(1), base::minutes(45));
    if (dice.Percent(30))
      DrawClosed(dice, plan.work, dag);
  }
}

}  // namespace fault_finder
