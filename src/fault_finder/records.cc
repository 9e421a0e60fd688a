// DrawRecords: small documents that are written and dropped, often several at one moment.

#include "fault_finder/plan.h"
#include "simulation/dice.h"

namespace fault_finder {

void DrawRecords(Plan& plan) {
  simulation::Dice dice(plan.seed, "records");
  if (!dice.Percent(30))
    return;
  base::Duration at{0};
  for (int64_t i = dice.Between(4, 25); i > 0; --i) {
    if (dice.Percent(45))
      at = dice.Between(base::seconds(1), plan.work.fires_for + base::hours(1));
    RecordChange& change = Add<RecordChange>(plan);
    change.at = at;
    change.record = dice.Between(0, 3);
    change.drops = dice.Percent(20);
    change.expects = dice.Between(0, 3);
    change.is_pair = dice.Percent(30);
    change.is_quiet = dice.Percent(25);
  }
}

}  // namespace fault_finder
