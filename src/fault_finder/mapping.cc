// DrawMapping: jobs with instances. The lists are short: what counts is that there are several of
// them, one or none, and that a list which is decided again is another one.

#include "fault_finder/plan.h"
#include "simulation/dice.h"

namespace fault_finder {

namespace {

using simulation::Act;
using simulation::DagSpec;
using simulation::Dice;
using simulation::JobSpec;

constexpr int kLengths[] = {0, 1, 2, 2, 3, 3, 4};
constexpr Act kActs[] = {Act::kClear,
                         Act::kClear,
                         Act::kClearDownstream,
                         Act::kMarkSuccess,
                         Act::kMarkFailed,
                         Act::kAbort};

}  // namespace

void DrawMapping(Plan& plan) {
  Dice dice(plan.seed, "mapping");
  if (!dice.Percent(30))
    return;
  bool any = false;
  for (DagSpec& dag : plan.work.dags) {
    std::vector<bool> is_setup(dag.jobs.size(), false);
    for (const JobSpec& job : dag.jobs) {
      if (job.teardown_of >= 0)
        is_setup[static_cast<size_t>(job.teardown_of)] = true;
    }
    for (size_t i = 0; i < dag.jobs.size(); ++i) {
      JobSpec& job = dag.jobs[i];
      if (is_setup[i] || job.teardown_of >= 0 || job.lanes > 2 || !dice.Percent(45))
        continue;
      job.items = dice.Of(kLengths);
      if (dice.Percent(60))
        job.items_again = dice.Of(kLengths);
      any = true;
    }
  }
  // A second person: one alone is who judges the end of what was marked.
  for (int64_t i = any && dice.Percent(60) ? dice.Between(2, 4) : 0; i > 0; --i) {
    PersonAsks& person = Add<PersonAsks>(plan);
    person.deed.act = dice.Of(kActs);
    person.deed.after = dice.Between(base::minutes(10), base::hours(4));
    person.deed.run = static_cast<size_t>(dice.Between(0, 30));
    person.deed.job = static_cast<size_t>(dice.Between(0, 30));
  }
}

}  // namespace fault_finder
