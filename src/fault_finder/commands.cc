// DrawCommands: jobs that are processes of our own machine, supervisors that die, and people who
// act in between.

#include <algorithm>

#include "fault_finder/plan.h"
#include "simulation/dice.h"

namespace fault_finder {

namespace {

using simulation::Act;
using simulation::DagSpec;
using simulation::Dice;
using simulation::JobSpec;
using simulation::ProcessSort;

constexpr ProcessSort kSorts[] = {ProcessSort::kGood,
                                  ProcessSort::kGood,
                                  ProcessSort::kGood,
                                  ProcessSort::kFailsFirst,
                                  ProcessSort::kDiesFirst,
                                  ProcessSort::kSkips,
                                  ProcessSort::kDeaf,
                                  ProcessSort::kRefused};
constexpr ProcessSort kAirflowSorts[] = {ProcessSort::kGood,
                                         ProcessSort::kGood,
                                         ProcessSort::kFailsFirst,
                                         ProcessSort::kDiesFirst,
                                         ProcessSort::kSkips,
                                         ProcessSort::kDeaf,
                                         ProcessSort::kRefused,
                                         ProcessSort::kGivesUp,
                                         ProcessSort::kSilentFirst,
                                         ProcessSort::kDiesThenFails,
                                         ProcessSort::kTellsAndDies};
constexpr Act kActs[] = {
    Act::kClear, Act::kClear, Act::kMarkSuccess, Act::kMarkFailed, Act::kAbort};

// The clusters of others are not its own matter.
bool MayBeCommand(const JobSpec& job) {
  return !job.is_empty && job.trigger.dag < 0;
}

void MakeCommand(Dice& dice, DagSpec& dag, size_t place) {
  JobSpec& job = dag.jobs[place];
  job.command = {.sort = dice.Of(kSorts), .minutes = static_cast<int>(dice.Between(1, 40))};
  if (dice.Percent(40)) {
    job.command.is_airflow = true;
    job.command.sort = dice.Of(kAirflowSorts);
  }
  job.outputs = simulation::OutputsSort::kNone;
  job.reads = -1;
  job.resumes = false;
  job.max_run_time.reset();
  job.has_patch = false;
  if (job.execution_timeout)
    job.execution_timeout = base::minutes(dice.Between(10, 60));
  for (JobSpec& other : dag.jobs)
    other.reads = other.reads == static_cast<int>(place) ? -1 : other.reads;
}

}  // namespace

void DrawCommands(Plan& plan) {
  Dice dice(plan.seed, "commands");
  if (!dice.Percent(30))
    return;
  const int64_t rate = dice.Between(15, 70);
  bool any = false;
  for (DagSpec& dag : plan.work.dags) {
    for (size_t place = 0; place < dag.jobs.size(); ++place) {
      if (!MayBeCommand(dag.jobs[place]) || !dice.Percent(rate))
        continue;
      MakeCommand(dice, dag, place);
      any = true;
    }
  }
  if (!any)
    return;
  for (int64_t i = dice.Percent(60) ? dice.Between(1, 4) : 0; i > 0; --i) {
    PersonAsks& person = Add<PersonAsks>(plan);
    person.deed.act = dice.Of(kActs);
    person.deed.after = dice.Between(base::minutes(10), base::hours(4));
    person.deed.run = static_cast<size_t>(dice.Between(0, 30));
    person.deed.job = static_cast<size_t>(dice.Between(0, 30));
  }
  for (int64_t i = dice.Percent(50) ? dice.Between(1, 5) : 0; i > 0; --i) {
    SupervisorsDie& death = Add<SupervisorsDie>(plan);
    death.at = dice.Between(base::minutes(5), base::hours(4));
    death.process = dice.Between(0, 20);
    death.all = dice.Percent(25);
  }
}

}  // namespace fault_finder
