#include "work/emr/resume.h"

#include <algorithm>
#include <numeric>

#include "emr/resume.h"
#include "emr/verdict.h"

namespace work {

namespace {

// The cluster of an attempt; null where it never had one.
const model::ClusterRow* ClusterOf(const EmrState& state, const model::AttemptKey& attempt) {
  for (const auto& [token, launch] : state.launches) {
    if (launch.attempt != attempt || launch.state != model::LaunchState::kAccepted)
      continue;
    auto cluster = state.clusters.find(launch.cluster);
    if (cluster != state.clusters.end())
      return &cluster->second;
  }
  return nullptr;
}

// Of the attempts since the last clear, all but the latest: their clusters, oldest first.
std::vector<const model::ClusterRow*> EarlierClusters(const EmrState& state,
                                                      const engine::JobInstance& job) {
  std::vector<const model::ClusterRow*> clusters;
  for (int n = job.row.try_number - TryOf(job) + 1; n < job.row.try_number; ++n)
    clusters.push_back(ClusterOf(state, {job.row.key, n}));
  return clusters;
}

}  // namespace

int TryOf(const engine::JobInstance& job) {
  return job.row.application_failures + job.row.infrastructure_failures + 1;
}

std::vector<size_t> StepsOfAttempt(const EmrState& state,
                                   const engine::JobInstance& job,
                                   size_t step_count) {
  if (model::EmrOf(*job.def)->resume == model::Resume::kNone || TryOf(job) == 1) {
    std::vector<size_t> all(step_count);
    std::iota(all.begin(), all.end(), size_t{0});
    return all;
  }
  // What EMR last said of their steps.
  std::vector<std::vector<model::StepView>> earlier;
  for (const model::ClusterRow* cluster : EarlierClusters(state, job))
    earlier.push_back(cluster == nullptr ? std::vector<model::StepView>() : cluster->steps);
  return emr::StepsToRun(step_count, earlier);
}

int UnclearRefusals(const EmrState& state, const engine::JobInstance& job) {
  const std::vector<const model::ClusterRow*> clusters = EarlierClusters(state, job);
  return static_cast<int>(std::ranges::count_if(clusters, [](const model::ClusterRow* cluster) {
    return cluster != nullptr && IsTerminal(cluster->phase) &&
           emr::Judge({.phase = cluster->phase,
                       .reason_code = cluster->reason_code,
                       .reason_message = cluster->reason_message,
                       .steps = cluster->steps,
                       .errors = {},
                       .fleets = {},
                       .own_kill = {}})
               .unclear;
  }));
}

}  // namespace work
