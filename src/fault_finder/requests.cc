// DrawRequests: people who ask for past runs of DAGs, and who hold launches; the deadlines that are
// judged meanwhile.

#include <algorithm>

#include "fault_finder/plan.h"
#include "simulation/dice.h"

namespace fault_finder {

namespace {

using simulation::Dice;

void DrawBackfill(Dice& dice, Plan& plan) {
  PastRuns& runs = Add<PastRuns>(plan);
  runs.at = dice.Between(base::minutes(20), plan.work.fires_for + base::hours(2));
  runs.dag = dice.Between(0, static_cast<int64_t>(plan.work.dags.size()) - 1);
  runs.ticks = dice.Between(1, 8);
  runs.reprocess = dice.Between(0, 2);
  runs.max_active_runs = dice.Between(1, 3);
  runs.is_reversed = dice.Percent(40);
  runs.fills_holes = dice.Percent(35);
  runs.names_intervals = dice.Percent(15);
  if (dice.Percent(35)) {
    runs.pauses_after = dice.Between(base::minutes(1), base::minutes(60));
    runs.pauses_for = dice.Between(base::minutes(5), base::hours(2));
  }
  if (dice.Percent(25))
    runs.cancels_after =
        runs.pauses_after + runs.pauses_for + dice.Between(base::minutes(1), base::minutes(90));
}

// Somebody makes the run of a hole's last tick while a backfill is on its way there.
void DrawRival(Dice& dice, Plan& plan) {
  PastRuns& runs = std::get<PastRuns>(plan.disturbances.back());
  if (!runs.fills_holes || !dice.Percent(60))
    return;
  runs.max_active_runs = 1;
  runs.is_reversed = false;
  const PastRuns asked = runs;
  for (int64_t hole = 0; hole < 3; ++hole) {
    simulation::Deed& deed = Add<PersonAsks>(plan).deed;
    deed.act = simulation::Act::kFillHole;
    deed.after = asked.at + dice.Between(-base::minutes(5), base::minutes(20));
    deed.run = static_cast<size_t>(asked.dag);
    deed.job = static_cast<size_t>(2 * hole);
  }
}

void DrawHold(Dice& dice, Plan& plan) {
  LaunchHold& hold = Add<LaunchHold>(plan);
  hold.from = dice.Between(base::Duration(0), plan.work.fires_for);
  hold.lasts = dice.Between(base::minutes(2), base::hours(2));
  hold.dag = dice.Between(0, static_cast<int64_t>(plan.work.dags.size()) - 1);
  hold.scope = dice.Between(0, 3);
}

void DrawJudgements(Plan& plan) {
  Dice dice(plan.seed, "deadlines");
  if (!dice.Percent(30))
    return;
  for (int64_t i = dice.Between(2, 12); i > 0; --i) {
    Judgement& judgement = Add<Judgement>(plan);
    judgement.at = dice.Between(base::Duration(0), plan.work.fires_for + base::hours(3));
    judgement.due_in = dice.Between(base::minutes(1), base::hours(5));
    judgement.which = dice.Between(0, 7);
    judgement.is_of_job = dice.Percent(30);
    judgement.is_shared = dice.Percent(30);
    judgement.is_whole = dice.Percent(10);
    judgement.is_old = dice.Percent(25);
    judgement.moves = dice.Percent(20);
  }
}

// A forecast that cannot make up its mind: a deadline is late, is only at risk, and is late again
// until its time is over.
void DrawWavering(Plan& plan) {
  Dice dice(plan.seed, "wavering");
  if (!dice.Percent(20))
    return;
  for (int64_t i = dice.Between(1, 4); i > 0; --i) {
    base::Duration at = dice.Between(base::minutes(5), plan.work.fires_for);
    const base::Duration due_in = dice.Between(base::minutes(10), base::minutes(90));
    for (const model::DeadlineStatus status : {model::DeadlineStatus::kLate,
                                               model::DeadlineStatus::kAtRisk,
                                               model::DeadlineStatus::kLate}) {
      Judgement& judgement = Add<Judgement>(plan);
      judgement.at = at;
      judgement.due_in = due_in;
      judgement.which = static_cast<int64_t>(status);
      at += dice.Between(base::minutes(1), base::minutes(8));
    }
  }
}

}  // namespace

void DrawRequests(Plan& plan) {
  DrawJudgements(plan);
  DrawWavering(plan);
  Dice dice(plan.seed, "requests");
  const bool asks = dice.Percent(30);
  const bool holds = dice.Percent(25);
  for (int64_t i = asks ? dice.Between(1, 3) : 0; i > 0; --i) {
    DrawBackfill(dice, plan);
    DrawRival(dice, plan);
  }
  if (!holds)
    return;
  for (simulation::DagSpec& dag : plan.work.dags)
    dag.tags.emplace_back(dice.Percent(50) ? "blue" : "red");
  for (int64_t i = dice.Between(1, 4); i > 0; --i)
    DrawHold(dice, plan);
}

}  // namespace fault_finder
