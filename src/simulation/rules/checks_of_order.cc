// Checks: what a job waits for, in its own run and in other DAGs.

#include <algorithm>

#include "base/text.h"
#include "simulation/rules/checks.h"

namespace simulation {

using emulator::Cluster;

namespace {

bool AnyHasDoneItsWork(const std::vector<const Cluster*>& clusters) {
  return std::any_of(clusters.begin(), clusters.end(), [](const Cluster* cluster) {
    return HasDoneItsWork(*cluster);
  });
}

}  // namespace

void Checks::OnWork(const Workload& work) {
  crossings_.OnWork(work);
}

void Checks::CheckUpstream(base::Time now, const model::JobKey& key, const model::Job& def) {
  const model::Dag& dag = *DagOf(key.run);
  // Other rules: readiness_rules.h.
  const bool needs_all = def.trigger_rule == model::TriggerRule::kAllSuccess;
  for (int up : needs_all ? def.upstream : def.setups) {
    const model::Job& job = dag.jobs[static_cast<size_t>(up)];
    if (model::EmrOf(job) != nullptr)
      Check(AnyHasDoneItsWork(jobs_[JobLabel(key.run, job)].clusters), now, [&] {
        return base::Cat("I3: ", JobLabel(key.run, def), " is launched before ", job.id.str());
      });
  }
  const auto edges = crossings_.EdgesOf(key.run, def.id.str());
  if (!edges)
    return;
  std::string missing;
  for (const Crossings::Edge& edge : *edges)
    Check(IsOver(edge, def.lane, missing), now, [&] {
      return base::Cat("I3: ", JobLabel(key.run, def), " is launched before ", missing);
    });
}

// Any run with the interval counts, whatever its type and its logical date; for each lane it may be
// another one.
bool Checks::IsOver(const Crossings::Edge& edge, const model::LaneId& mine, std::string& missing) {
  for (const base::Interval& interval : edge.intervals) {
    missing =
        base::Cat(edge.dag.str(), "/", edge.job.str(), " of ", base::FormatRfc3339(interval.end));
    if (edge.skips_holes && IsInHole(edge.dag, interval))
      continue;
    const auto runs = by_interval_.find({edge.dag, interval.start, interval.end});
    if (runs == by_interval_.end() ||
        std::none_of(runs->second.begin(), runs->second.end(), [&](const model::RunKey& run) {
          return HasSucceeded(run, runs->second, edge, mine);
        }))
      return false;
  }
  return true;
}

// All lanes of `run` that the edge means have succeeded, in it or in another of `runs`.
bool Checks::HasSucceeded(const model::RunKey& run,
                          const std::vector<model::RunKey>& runs,
                          const Crossings::Edge& edge,
                          const model::LaneId& mine) {
  if (IsTouched(run))
    return true;
  std::vector<const model::Job*> lanes;
  for (const model::Job& job : DagOf(run)->jobs) {
    // A job without clusters leaves no trace with EMR.
    if (job.id == edge.job && model::EmrOf(job) != nullptr)
      lanes.push_back(&job);
  }
  const bool has_mine = std::any_of(
      lanes.begin(), lanes.end(), [&](const model::Job* job) { return job->lane == mine; });
  return std::all_of(lanes.begin(), lanes.end(), [&](const model::Job* job) {
    return (has_mine && job->lane != mine) ||
           std::any_of(runs.begin(), runs.end(), [&](const model::RunKey& other) {
             return AnyHasDoneItsWork(jobs_[JobLabel(other, *job)].clusters);
           });
  });
}

}  // namespace simulation
