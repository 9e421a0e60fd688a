// DrawLosses: a part of what was stored is lost, and what the reaper may do about it.

#include <algorithm>

#include "fault_finder/plan.h"
#include "simulation/dice.h"

namespace fault_finder {

namespace {

using base::minutes;
using base::seconds;

// What the schedule asked for it asks for again; what people did is lost for good.
void DrawTriggers(simulation::Dice& dice, base::Duration before, Plan& plan) {
  for (int64_t i = dice.Between(1, 8); i > 0; --i) {
    PersonAsks& person = Add<PersonAsks>(plan);
    person.deed.after = std::max(base::Duration(0), before - dice.Between(seconds(5), minutes(10)));
    person.deed.act = simulation::Act::kTrigger;
    person.deed.run = static_cast<size_t>(dice.Between(0, 30));
  }
}

void DrawReaper(simulation::Dice& dice, Settings& settings) {
  settings.reaper_without_brakes = dice.Percent(20);
  settings.reaper_is_armed = dice.Percent(75);
  if (dice.Percent(60)) {
    settings.reaper_grace = dice.Between(seconds(0), minutes(5));
    settings.reaper_most = dice.Between(1, 2);
    // So that several are due in one pass.
    settings.reaper_interval = dice.Between(minutes(1), minutes(6));
  }
  if (dice.Percent(50))
    settings.reaper_percent = dice.Percent(50) ? dice.Between(5, 30) : 100;
}

// The file is deleted while work is under way.
void DrawVoids(Plan& plan) {
  simulation::Dice dice(plan.seed, "voids");
  if (!dice.Percent(5))
    return;
  StoreDeleted& gone = Add<StoreDeleted>(plan);
  gone.from = dice.Between(base::Duration(0), plan.work.fires_for);
  gone.lasts = dice.Between(seconds(10), minutes(40));
}

}  // namespace

void DrawLosses(Plan& plan) {
  DrawVoids(plan);
  simulation::Dice dice(plan.seed, "losses");
  if (!dice.Percent(8))
    return;
  for (int64_t i = dice.Between(1, 2); i > 0; --i) {
    LostTail loss;
    loss.at = dice.Between(base::Duration(0), plan.work.fires_for);
    loss.commits = dice.Percent(60) ? dice.Between(1, 40) : dice.Between(40, 150);
    if (dice.Percent(75))
      DrawTriggers(dice, loss.at, plan);
    plan.disturbances.emplace_back(loss);
  }
  DrawReaper(dice, plan.settings);
}

}  // namespace fault_finder
