#include "engine/ways.h"

#include <algorithm>
#include <set>

#include "engine/durations.h"

namespace engine {

namespace {

// What follows from the job, and the job itself. REQUIRES: what follows from it is known.
Duration WayOf(const State& state,
               const Plan& plan,
               size_t job,
               const std::vector<Duration>& ways) {
  const model::Job& def = plan.dag->jobs[job];
  Duration longest{0};
  for (int down : plan.downstream[job])
    longest = std::max(longest, ways[static_cast<size_t>(down)]);
  return longest + (model::IsInstant(def.work)
                        ? Duration(0)
                        : TypicalDuration(state, plan.dag->id, def).value_or(kUnknownTakes));
}

// Each job after all that follow from it.
std::vector<size_t> LastFirst(const Plan& plan) {
  std::vector<size_t> order;
  std::vector<size_t> open(plan.downstream.size());
  for (size_t job = 0; job < open.size(); ++job) {
    open[job] = plan.downstream[job].size();
    if (open[job] == 0)
      order.push_back(job);
  }
  for (size_t i = 0; i < order.size(); ++i) {
    for (int up : plan.dag->jobs[order[i]].upstream) {
      if (--open[static_cast<size_t>(up)] == 0)
        order.push_back(static_cast<size_t>(up));
    }
  }
  return order;
}

// The job's way has changed, and with it perhaps those that lead to it: each is computed once.
void Update(const State& state, int from, Ways& ways) {
  std::set<std::pair<int, int>> changed{{ways.rank[static_cast<size_t>(from)], from}};
  while (!changed.empty()) {
    const auto job = static_cast<size_t>(changed.begin()->second);
    changed.erase(changed.begin());
    const Duration way = WayOf(state, *ways.plan, job, ways.left);
    if (way == ways.left[job])
      continue;
    ways.left[job] = way;
    for (int up : ways.plan->dag->jobs[job].upstream)
      changed.emplace(ways.rank[static_cast<size_t>(up)], up);
  }
}

std::vector<int> RanksOf(const Plan& plan) {
  std::vector<int> ranks(plan.downstream.size());
  int rank = 0;
  for (size_t job : LastFirst(plan))
    ranks[job] = rank++;
  return ranks;
}

}  // namespace

std::vector<Duration> ComputeWays(const State& state, const Plan& plan) {
  std::vector<Duration> ways(plan.downstream.size(), Duration(0));
  for (size_t job : LastFirst(plan))
    ways[job] = WayOf(state, plan, job, ways);
  return ways;
}

const std::vector<Duration>& WaysOf(State& state, const std::shared_ptr<const Plan>& plan) {
  const std::pair key(plan->dag->id, plan->dag->version);
  const auto known = state.ways.find(key);
  if (known != state.ways.end())
    return known->second.left;
  // Those of plans that no run and no DAG has any more; not each time, for that costs a pass over
  // all.
  if (state.ways.size() > 2 * state.dags.size())
    std::erase_if(state.ways, [](const auto& item) { return item.second.plan.use_count() == 1; });
  Ways& ways = state.ways[key];
  ways = {plan, ComputeWays(state, *plan), RanksOf(*plan)};
  return ways.left;
}

void RefreshWays(State& state, const JobInstance& job) {
  const model::DagId& dag = job.row.key.run.dag;
  for (auto at = state.ways.lower_bound({dag, model::VersionId()});
       at != state.ways.end() && at->first.first == dag;
       ++at) {
    const Plan& plan = *at->second.plan;
    const auto place = plan.index.find({job.def->id, job.def->lane});
    if (place != plan.index.end())
      Update(state, place->second, at->second);
  }
}

}  // namespace engine
