// DrawTriggers: jobs that trigger runs of later DAGs, whose runs wait for nobody elsewhere; jobs
// whose condition asks how those of other DAGs have ended; people who act in between.

#include <algorithm>

#include "base/text.h"
#include "fault_finder/plan.h"
#include "simulation/dice.h"

namespace fault_finder {

namespace {

using simulation::Act;
using simulation::DagSpec;
using simulation::Dice;
using simulation::IfThere;
using simulation::JobSpec;
using simulation::WantedRun;

constexpr WantedRun kWants[] = {
    WantedRun::kOwn, WantedRun::kOwn, WantedRun::kNamed, WantedRun::kDated};
constexpr IfThere kIfThere[] = {IfThere::kFail, IfThere::kReset, IfThere::kReset, IfThere::kSkip};
constexpr Act kActs[] = {
    Act::kClear, Act::kClear, Act::kMarkSuccess, Act::kMarkFailed, Act::kAbort};

// One that waits for its run may not be waited for by it.
bool MayBeTarget(const DagSpec& dag) {
  return !dag.is_continuous &&
         std::ranges::all_of(dag.jobs, [](const JobSpec& job) { return job.cross.empty(); });
}

// In place of a short delay there is none: the next try begins in the step that ends the last.
constexpr base::Duration kShort = base::minutes(7);

void DrawTrigger(Dice& dice, int target, DagSpec& dag, size_t place) {
  JobSpec& job = dag.jobs[place];
  job.trigger = {.dag = target, .wants = dice.Of(kWants), .if_there = dice.Of(kIfThere)};
  job.trigger.waits = dice.Percent(70);
  job.trigger.takes_any = job.trigger.waits && dice.Percent(30);
  job.trigger.minds_pause = dice.Percent(25);
  job.is_empty = false;
  job.outputs = simulation::OutputsSort::kNone;
  job.reads = -1;
  job.execution_timeout.reset();
  job.max_run_time.reset();
  if (job.retry_delay < kShort)
    job.retry_delay = {};
  for (JobSpec& other : dag.jobs)
    other.reads = other.reads == static_cast<int>(place) ? -1 : other.reads;
}

// Neither a setup nor a teardown.
bool IsWork(const DagSpec& dag, size_t place) {
  return dag.jobs[place].teardown_of < 0 &&
         std::ranges::none_of(
             dag.jobs,
             [&](const JobSpec& job) { return job.teardown_of == static_cast<int>(place); });
}

void DrawCondition(Dice& dice, const Plan& plan, JobSpec& job) {
  const JobSpec::Cross& cross = job.cross[dice.Throw() % job.cross.size()];
  const DagSpec& other = plan.work.dags[static_cast<size_t>(cross.dag)];
  const std::string name =
      cross.is_whole_run ? other.id
                         : base::Cat(other.id, "/", other.jobs[static_cast<size_t>(cross.job)].id);
  job.when = base::Cat("states['", name, "'] ", dice.Percent(50) ? "==" : "!=", " 'failed'");
}

}  // namespace

void DrawTriggers(Plan& plan) {
  Dice dice(plan.seed, "triggers");
  if (!dice.Percent(30))
    return;
  std::vector<DagSpec>& dags = plan.work.dags;
  bool any = false;
  for (size_t i = 0; i < dags.size(); ++i) {
    std::vector<int> targets;
    for (size_t later = i + 1; later < dags.size(); ++later) {
      if (MayBeTarget(dags[later]))
        targets.push_back(static_cast<int>(later));
    }
    for (size_t place = 0; place < dags[i].jobs.size(); ++place) {
      JobSpec& job = dags[i].jobs[place];
      if (!targets.empty() && !dags[i].is_continuous && IsWork(dags[i], place) &&
          dice.Percent(45)) {
        DrawTrigger(dice, targets[dice.Throw() % targets.size()], dags[i], place);
        any = true;
      }
      if (!job.cross.empty() && job.when.empty() && dice.Percent(60))
        DrawCondition(dice, plan, job);
    }
  }
  for (int64_t i = any && dice.Percent(60) ? dice.Between(1, 4) : 0; i > 0; --i) {
    PersonAsks& person = Add<PersonAsks>(plan);
    person.deed.act = dice.Of(kActs);
    person.deed.after = dice.Between(base::minutes(10), base::hours(4));
    person.deed.run = static_cast<size_t>(dice.Between(0, 30));
    person.deed.job = static_cast<size_t>(dice.Between(0, 30));
  }
  for (int64_t i = any ? dice.Between(0, 1) : 0; i > 0; --i) {
    DagPause& pause = Add<DagPause>(plan);
    pause.from = dice.Between(base::Duration(0), plan.work.fires_for);
    pause.lasts = dice.Between(base::minutes(20), base::hours(2));
    pause.dag = dice.Between(0, std::ssize(dags) - 1);
  }
}

}  // namespace fault_finder
