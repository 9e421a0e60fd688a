// DrawDrifts: what is not as it was before: schedules that are edited, reads that answer with the
// oldest that may be, refusals in words that nobody has seen, clocks that are set.

#include <algorithm>

#include "fault_finder/plan.h"
#include "simulation/dice.h"
#include "simulation/rules/refusals.h"

namespace fault_finder {

namespace {

// What others wait for is due more rarely from then on.
void DrawReschedules(simulation::Dice& dice, Plan& plan) {
  std::vector<int64_t> upstream;
  for (const simulation::DagSpec& dag : plan.work.dags) {
    for (const simulation::JobSpec& job : dag.jobs) {
      for (const simulation::JobSpec::Cross& cross : job.cross)
        upstream.push_back(cross.dag);
    }
  }
  if (upstream.empty() || !dice.Percent(20))
    return;
  for (int64_t i = dice.Between(1, 2); i > 0; --i) {
    DagEdit& edit = Add<DagEdit>(plan);
    edit.at = dice.Between(base::Duration(0), plan.work.fires_for);
    edit.dag = upstream[dice.Throw() % upstream.size()];
    edit.fires_more_rarely = true;
  }
}

void DrawOldest(simulation::Dice& dice, Plan& plan) {
  for (Disturbance& d : plan.disturbances) {
    if (StaleReads* stale = std::get_if<StaleReads>(&d))
      stale->is_oldest = dice.Percent(50);
  }
}

// EMR refuses clusters after it has accepted them, in old words and new ones.
void DrawRefusals(simulation::Dice& dice, Plan& plan) {
  if (!dice.Percent(25))
    return;
  for (int64_t i = dice.Between(1, 4); i > 0; --i) {
    constexpr int64_t kClusters = 30;
    const simulation::RefusalText& refusal = dice.Of(simulation::kRefusalTexts);
    emulator::Fault& fault = Add<EmrFault>(plan).fault;
    fault.kind = emulator::FaultKind::kFailProvisioning;
    fault.nth = dice.Between(1, kClusters);
    fault.count = dice.Between(1, 6);
    fault.code = simulation::kRefusalCode;
    fault.message = refusal.text;
  }
}

// Somebody sets our clock, by seconds or by hours, while we work or while we are down; and perhaps
// sets it right later.
void DrawClocks(simulation::Dice& dice, Plan& plan) {
  if (!dice.Percent(8))
    return;
  for (int64_t i = dice.Between(1, 2); i > 0; --i) {
    const base::Duration at = dice.Between(base::Duration(0), plan.work.fires_for);
    const bool is_far = dice.Percent(60);
    const base::Duration by = is_far ? dice.Between(base::minutes(10), base::hours(4))
                                     : dice.Between(base::seconds(2), base::minutes(5));
    const bool is_down = dice.Percent(30);
    // A step forward while we are dead looks like time that has passed: nothing is promised of it.
    const bool is_behind = dice.Percent(60) || is_down;
    if (is_down) {
      const base::Duration before = dice.Between(base::seconds(5), base::minutes(5));
      Outage& outage = Add<Outage>(plan);
      outage.from = at - std::min(at, before);
      outage.lasts = before + dice.Between(base::seconds(5), base::minutes(10));
    }
    Add<ClockSet>(plan, {at, by, is_behind});
    if (dice.Percent(50))
      Add<ClockSet>(plan).at = at + dice.Between(base::minutes(5), base::hours(3));
  }
}

}  // namespace

void DrawDrifts(Plan& plan) {
  simulation::Dice dice(plan.seed, "drifts");
  DrawReschedules(dice, plan);
  DrawOldest(dice, plan);
  DrawRefusals(dice, plan);
  simulation::Dice clocks(plan.seed, "clocks");
  DrawClocks(clocks, plan);
}

}  // namespace fault_finder
