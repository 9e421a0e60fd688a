// DrawDrifts: what is not as it was before: schedules that are edited, reads that answer with the
// oldest that may be, refusals in words that nobody has seen, clocks that are set.

#include <algorithm>

#include "fault_finder/plan.h"
#include "simulation/dice.h"
#include "simulation/rules/refusals.h"

namespace fault_finder {

namespace {

using Kind = Disturbance::Kind;

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
    Disturbance edit;
    edit.kind = Kind::kEdit;
    edit.at = dice.Between(base::Duration(0), plan.work.fires_for);
    edit.n = upstream[dice.Throw() % upstream.size()];
    edit.after = true;
    plan.disturbances.push_back(std::move(edit));
  }
}

void DrawOldest(simulation::Dice& dice, Plan& plan) {
  for (Disturbance& d : plan.disturbances) {
    if (d.kind == Kind::kStale)
      d.after = dice.Percent(50);
  }
}

// EMR refuses clusters after it has accepted them, in old words and new ones.
void DrawRefusals(simulation::Dice& dice, Plan& plan) {
  if (!dice.Percent(25))
    return;
  for (int64_t i = dice.Between(1, 4); i > 0; --i) {
    constexpr int64_t kClusters = 30;
    const simulation::RefusalText& refusal = dice.Of(simulation::kRefusalTexts);
    Disturbance refused;
    refused.kind = Kind::kEmr;
    refused.fault.kind = emulator::FaultKind::kFailProvisioning;
    refused.fault.nth = dice.Between(1, kClusters);
    refused.fault.count = dice.Between(1, 6);
    refused.fault.code = simulation::kRefusalCode;
    refused.fault.message = refusal.text;
    plan.disturbances.push_back(std::move(refused));
  }
}

// Somebody sets our clock, by seconds or by hours, while we work or while we are down; and perhaps
// sets it right later.
void DrawClocks(simulation::Dice& dice, Plan& plan) {
  if (!dice.Percent(8))
    return;
  auto add = [&](Kind kind, base::Duration at) -> Disturbance& {
    plan.disturbances.push_back({});
    plan.disturbances.back().kind = kind;
    plan.disturbances.back().at = at;
    return plan.disturbances.back();
  };
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
      Disturbance& outage = add(Kind::kOutage, at - std::min(at, before));
      outage.span = before + dice.Between(base::seconds(5), base::minutes(10));
    }
    Disturbance& step = add(Kind::kClock, at);
    step.span = by;
    step.after = is_behind;
    if (dice.Percent(50))
      add(Kind::kClock, at + dice.Between(base::minutes(5), base::hours(3)));
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
