// DrawReadiness: when jobs begin beside "all have succeeded", and what is removed afterwards.

#include <algorithm>

#include "fault_finder/plan.h"
#include "simulation/dice.h"

namespace fault_finder {

namespace {

using model::TriggerRule;
using simulation::DagSpec;
using simulation::Dice;
using simulation::JobSpec;

constexpr TriggerRule kRules[] = {TriggerRule::kAllFailed,
                                  TriggerRule::kAllDone,
                                  TriggerRule::kAllDone,
                                  TriggerRule::kAllDoneMinOneSuccess,
                                  TriggerRule::kAllSkipped,
                                  TriggerRule::kOneFailed,
                                  TriggerRule::kOneSuccess,
                                  TriggerRule::kOneDone,
                                  TriggerRule::kNoneFailed,
                                  TriggerRule::kNoneFailedMinOneSuccess,
                                  TriggerRule::kNoneSkipped,
                                  TriggerRule::kAlways};

// One job becomes a setup; a new last job removes what it made, behind all that follows from it.
void AddTeardown(Dice& dice, DagSpec& dag) {
  const auto setup = static_cast<int>(dice.Throw() % dag.jobs.size());
  JobSpec teardown = dag.jobs[static_cast<size_t>(setup)];
  teardown.id = "teardown";
  teardown.cross.clear();
  teardown.upstream = {setup};
  teardown.teardown_of = setup;
  teardown.fails_run = dice.Percent(30);
  for (int i = setup + 1; i < static_cast<int>(dag.jobs.size()); ++i) {
    const std::vector<int>& above = dag.jobs[static_cast<size_t>(i)].upstream;
    const bool follows = std::any_of(above.begin(), above.end(), [&](int up) {
      return std::find(teardown.upstream.begin(), teardown.upstream.end(), up) !=
             teardown.upstream.end();
    });
    if (follows)
      teardown.upstream.push_back(i);
  }
  if (!dag.jobs[static_cast<size_t>(setup)].is_empty && dice.Percent(30))
    dag.jobs.push_back(teardown);
  else if (teardown.upstream.size() > 1)
    dag.jobs.push_back(teardown);
}

}  // namespace

void DrawReadiness(Plan& plan) {
  Dice dice(plan.seed, "readiness");
  if (!dice.Percent(40))
    return;
  for (DagSpec& dag : plan.work.dags) {
    for (JobSpec& job : dag.jobs) {
      if (!job.upstream.empty() && dice.Percent(45))
        job.trigger_rule = dice.Of(kRules);
      if (dice.Percent(12))
        job.when = dice.Percent(60) ? "params.off" : "not params.off";
      // A job that fails at once shows what follows from it.
      if (dice.Percent(20))
        job.retries = job.infra_retries = 0;
      if (dice.Percent(15))
        job.execution_timeout = base::minutes(dice.Between(45, 150));
    }
    if (dice.Percent(40))
      AddTeardown(dice, dag);
  }
}

}  // namespace fault_finder
