// DrawGroups: groups with retries, some with another one inside. Of their jobs more fail for good
// than of others.

#include <algorithm>

#include "fault_finder/plan.h"
#include "simulation/dice.h"

namespace fault_finder {

namespace {

using simulation::DagSpec;
using simulation::Dice;
using simulation::JobSpec;

// A job that waits for another DAG, which may wait for the group, is not in it, nor above it.
size_t JobsBeforeEdges(const DagSpec& dag) {
  const auto first =
      std::ranges::find_if(dag.jobs, [](const JobSpec& job) { return !job.cross.empty(); });
  return static_cast<size_t>(first - dag.jobs.begin());
}

// As `dags validate` wants it: the setup of each teardown is in the group.
bool HasItsSetups(const DagSpec& dag, size_t first, size_t end) {
  for (size_t i = first; i < end; ++i) {
    const int setup = dag.jobs[i].teardown_of;
    if (setup >= 0 && static_cast<size_t>(setup) < first)
      return false;
  }
  return true;
}

void AddGroup(Dice& dice, DagSpec& dag, const std::string& path, size_t first, size_t end) {
  dag.groups.push_back({.path = path,
                        .retries = static_cast<int>(dice.Between(1, 2)),
                        .retry_delay = dice.Between(base::minutes(1), base::minutes(12))});
  for (size_t i = first; i < end; ++i)
    dag.jobs[i].group = path;
}

}  // namespace

void DrawGroups(Plan& plan) {
  Dice dice(plan.seed, "groups");
  if (!dice.Percent(40))
    return;
  for (DagSpec& dag : plan.work.dags) {
    const size_t most = JobsBeforeEdges(dag);
    if (most == 0 || !dice.Percent(75))
      continue;
    const auto first = static_cast<size_t>(dice.Between(0, static_cast<int64_t>(most) - 1));
    size_t end = first + 1;
    while (end < most && dag.jobs[end].lanes == dag.jobs[first].lanes && dice.Percent(85))
      ++end;
    if (!HasItsSetups(dag, first, end))
      continue;
    AddGroup(dice, dag, "g", first, end);
    if (end - first > 1 && dice.Percent(40)) {
      const size_t inner = first + static_cast<size_t>(dice.Between(0, 1));
      const size_t inner_end = std::max(inner + 1, end - static_cast<size_t>(dice.Between(0, 1)));
      if (HasItsSetups(dag, inner, inner_end))
        AddGroup(dice, dag, "g.in", inner, inner_end);
    }
    for (size_t i = first; i < end; ++i) {
      if (dice.Percent(70))
        dag.jobs[i].retries = dag.jobs[i].infra_retries = 0;
    }
  }
}

}  // namespace fault_finder
