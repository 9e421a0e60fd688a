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
  for (int up : def.upstream) {
    const model::Job& job = dag.jobs[static_cast<size_t>(up)];
    if (job.type == model::JobType::kEmrJob)
      Check(AnyHasDoneItsWork(jobs_[JobLabel(key.run, job)].clusters), now, [&] {
        return base::Cat("I3: ", JobLabel(key.run, def), " is launched before ", job.id.str());
      });
  }
  const std::vector<std::vector<Crossings::Edge>> lists = crossings_.ListsOf(key.run, def.id.str());
  std::string missing;
  const bool may_start =
      lists.empty() || std::any_of(lists.begin(), lists.end(), [&](const auto& edges) {
        return std::all_of(edges.begin(), edges.end(), [&](const Crossings::Edge& edge) {
          return IsOver(edge, def.lane, missing);
        });
      });
  Check(may_start, now, [&] {
    return base::Cat("I3: ", JobLabel(key.run, def), " is launched before ", missing);
  });
}

bool Checks::IsOver(const Crossings::Edge& edge, const model::LaneId& mine, std::string& missing) {
  for (base::Time date : edge.dates) {
    missing = base::Cat(edge.dag.str(), "/", edge.job.str(), " of ", base::FormatRfc3339(date));
    const auto run = fires_.find({edge.dag, date});
    if (run == fires_.end())
      return false;
    if (IsTouched(run->second))
      continue;
    std::vector<const model::Job*> lanes;
    for (const model::Job& job : DagOf(run->second)->jobs) {
      // A job without clusters leaves no trace with EMR.
      if (job.id == edge.job && job.type == model::JobType::kEmrJob)
        lanes.push_back(&job);
    }
    const bool has_mine = std::any_of(
        lanes.begin(), lanes.end(), [&](const model::Job* job) { return job->lane == mine; });
    for (const model::Job* job : lanes) {
      if ((!has_mine || job->lane == mine) &&
          !AnyHasDoneItsWork(jobs_[JobLabel(run->second, *job)].clusters))
        return false;
    }
  }
  return true;
}

}  // namespace simulation
