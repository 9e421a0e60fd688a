// DrawReruns: DAGs that get and lose jobs, people who have runs take the newest version, and who
// leave notes.

#include "fault_finder/plan.h"
#include "simulation/dice.h"

namespace fault_finder {

namespace {

using simulation::Act;
using simulation::Deed;

Deed& AddDeed(simulation::Dice& dice, Plan& plan, Act act) {
  Deed& deed = Add<PersonAsks>(plan).deed;
  deed.after = dice.Between(base::minutes(20), plan.work.fires_for + base::hours(2));
  deed.act = act;
  deed.run = static_cast<size_t>(dice.Between(0, 30));
  deed.job = static_cast<size_t>(dice.Between(0, 10));
  return deed;
}

}  // namespace

void DrawReruns(Plan& plan) {
  simulation::Dice dice(plan.seed, "reruns");
  if (plan.ending.is_good)
    return;
  if (dice.Percent(30)) {
    for (int64_t i = dice.Between(1, 4); i > 0; --i)
      AddDeed(dice, plan, Act::kNote);
  }
  if (!dice.Percent(30))
    return;
  const auto dag = static_cast<int64_t>(dice.Throw() % plan.work.dags.size());
  for (int64_t i = dice.Between(1, 4); i > 0; --i) {
    DagEdit& edit = Add<DagEdit>(plan);
    edit.at = dice.Between(base::minutes(10), plan.work.fires_for);
    edit.dag = dice.Percent(70) ? dag : dice.Between(0, 10);
    edit.reshapes = dice.Percent(20) ? 0 : dice.Between(1, 3);
  }
  for (int64_t i = dice.Between(2, 6); i > 0; --i)
    AddDeed(dice, plan, Act::kClearNewest);
}

}  // namespace fault_finder
