#include "simulation/rules/order_rules.h"

#include <algorithm>

#include "base/text.h"

namespace simulation {

using emulator::Cluster;

namespace {

bool AnyHasDoneItsWork(const std::vector<Promises::Job*>& jobs) {
  return std::any_of(jobs.begin(), jobs.end(), [](const Promises::Job* job) {
    return std::any_of(job->clusters.begin(), job->clusters.end(), [](const Cluster* cluster) {
      return HasDoneItsWork(*cluster);
    });
  });
}

}  // namespace

void OrderRules::OnLaunch(base::Time now, const model::JobKey& key, const model::Job& def) {
  const model::Dag& dag = *facts_.DagOf(key.run);
  // Other rules: readiness_rules.h.
  const bool needs_all = def.trigger_rule == model::TriggerRule::kAllSuccess;
  for (int up : needs_all ? def.upstream : def.setups) {
    const model::Job& job = dag.jobs[static_cast<size_t>(up)];
    if (model::EmrOf(job) != nullptr)
      facts_.Check(AnyHasDoneItsWork(facts_.JobsOf(key.run, job)), now, [&] {
        return base::Cat("I3: ", JobLabel(key.run, def), " is launched before ", job.id.str());
      });
  }
  const auto edges = facts_.crossings.EdgesOf(key.run, def.id.str());
  if (!edges)
    return;
  std::string missing;
  for (const Crossings::Edge& edge : *edges)
    facts_.Check(edge.IsJudgedByItself() || IsOver(edge, def.lane, missing), now, [&] {
      return base::Cat("I3: ", JobLabel(key.run, def), " is launched before ", missing);
    });
}

// Any run with the interval counts, whatever its type and its logical date; for each lane it may be
// another one.
bool OrderRules::IsOver(const Crossings::Edge& edge,
                        const model::LaneId& mine,
                        std::string& missing) {
  for (const base::Interval& interval : edge.intervals) {
    missing =
        base::Cat(edge.dag.str(), "/", edge.job.str(), " of ", base::FormatRfc3339(interval.end));
    if (edge.skips_holes && fire_rules_.IsInHole(edge.dag, interval))
      continue;
    const auto runs = facts_.by_interval.find({edge.dag, interval.start, interval.end});
    if (runs == facts_.by_interval.end() ||
        std::none_of(runs->second.begin(), runs->second.end(), [&](const model::RunKey& run) {
          return HasSucceeded(run, runs->second, edge, mine);
        }))
      return false;
  }
  return true;
}

// All lanes of `run` that the edge means have succeeded, in it or in another of `runs`.
bool OrderRules::HasSucceeded(const model::RunKey& run,
                              const std::vector<model::RunKey>& runs,
                              const Crossings::Edge& edge,
                              const model::LaneId& mine) {
  if (facts_.IsTouched(run))
    return true;
  std::vector<const model::Job*> lanes;
  for (const model::Job& job : facts_.DagOf(run)->jobs) {
    // A job without clusters leaves no trace with EMR.
    if (job.id == edge.job && model::EmrOf(job) != nullptr)
      lanes.push_back(&job);
  }
  const bool has_mine = std::any_of(
      lanes.begin(), lanes.end(), [&](const model::Job* job) { return job->lane == mine; });
  return std::all_of(lanes.begin(), lanes.end(), [&](const model::Job* job) {
    return (has_mine && job->lane != mine) ||
           std::any_of(runs.begin(), runs.end(), [&](const model::RunKey& other) {
             return AnyHasDoneItsWork(facts_.JobsOf(other, *job));
           });
  });
}

}  // namespace simulation
