// DrawDeletes: somebody who deletes runs, and has others under their ids.

#include "fault_finder/plan.h"
#include "simulation/dice.h"

namespace fault_finder {

void DrawDeletes(Plan& plan) {
  simulation::Dice dice(plan.seed, "deletes");
  const bool is_told_from_elsewhere = Has<LostTail>(plan) || Has<StoreDeleted>(plan) ||
                                      Has<Usurpation>(plan) || Has<FinalDeath>(plan);
  if (!dice.Percent(8) || is_told_from_elsewhere)
    return;
  // What they ask of a run, and what becomes of it, is judged by its id.
  std::erase_if(plan.disturbances, &IsAnyOf<PersonAsks, PastRuns>);
  const auto dags = static_cast<int64_t>(plan.work.dags.size());
  for (int64_t i = dice.Between(1, 3); i > 0; --i) {
    RunsDeleted& runs = Add<RunsDeleted>(plan);
    runs.at = dice.Between(base::minutes(2), plan.work.fires_for + base::minutes(30));
    runs.dag = dice.Between(0, dags - 1);
    runs.times = dice.Between(1, 3);
    runs.waits =
        dice.Percent(50) ? base::Duration(0) : dice.Between(base::minutes(1), base::minutes(40));
  }
}

}  // namespace fault_finder
