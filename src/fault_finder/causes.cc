// DrawCauses: logs that tell why attempts failed, late, more than once, or of what is gone.

#include "fault_finder/plan.h"
#include "simulation/dice.h"

namespace fault_finder {

void DrawCauses(Plan& plan) {
  simulation::Dice dice(plan.seed, "causes");
  // Where runs are deleted, what is told late is of a run that is gone, and another has its id.
  const bool is_late = Has<RunsDeleted>(plan);
  if (!dice.Percent(is_late ? 90 : 30))
    return;
  for (int64_t i = is_late ? dice.Between(20, 40) : dice.Between(2, 15); i > 0; --i) {
    CauseTold& told = Add<CauseTold>(plan);
    told.at = dice.Between(base::minutes(5), plan.work.fires_for + base::hours(2));
    told.attempt = dice.Between(0, 40);
    told.waits = dice.Percent(is_late ? 10 : 60)
                     ? base::Duration(0)
                     : dice.Between(base::minutes(1), base::minutes(is_late ? 120 : 40));
    told.times = dice.Percent(30) ? dice.Between(2, 3) : 1;
    told.is_unknown = dice.Percent(15);
  }
}

}  // namespace fault_finder
