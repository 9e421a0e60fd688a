// DrawVanishes: many DAG files are gone at once, as where a disk is not mounted or a copy has
// failed.

#include "base/text.h"
#include "fault_finder/plan.h"
#include "simulation/dice.h"

namespace fault_finder {

namespace {

using base::hours;
using base::minutes;

// Small ones, so that many can vanish.
void AddDags(simulation::Dice& dice, simulation::Workload& work) {
  const int64_t more = dice.Between(3, 7);
  for (int64_t i = 0; i < more; ++i) {
    simulation::DagSpec dag;
    dag.id = base::Cat("v", i);
    dag.every_minutes = dice.Percent(50) ? 30 : 60;
    dag.minute = static_cast<int>(dice.Between(0, 29));
    dag.catchup = dice.Percent(50);
    simulation::JobSpec job;
    job.id = "only";
    job.is_empty = true;
    dag.jobs.push_back(std::move(job));
    work.dags.push_back(std::move(dag));
  }
}

}  // namespace

void DrawVanishes(Plan& plan) {
  simulation::Dice dice(plan.seed, "vanishes");
  if (!dice.Percent(6))
    return;
  AddDags(dice, plan.work);
  const int64_t times = dice.Between(1, 2);
  for (int64_t i = 0; i < times; ++i) {
    FilesVanish& vanish = Add<FilesVanish>(plan);
    vanish.from = dice.Between(base::Duration(0), plan.work.fires_for);
    vanish.lasts = dice.Between(minutes(5), hours(2));
    vanish.dags = dice.Between(2, static_cast<int64_t>(plan.work.dags.size()));
    vanish.is_confirmed = dice.Percent(40);
  }
}

}  // namespace fault_finder
