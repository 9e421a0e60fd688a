#include "engine/resume.h"

#include <numeric>

#include "emr/retry.h"

namespace engine {

namespace {

// What EMR last said of the steps of an attempt's cluster; none where it never had one.
std::vector<model::StepView> StepsSeen(const State& state, const model::AttemptKey& attempt) {
  for (const auto& [token, launch] : state.launches) {
    if (launch.attempt != attempt || launch.state != model::LaunchState::kAccepted)
      continue;
    auto cluster = state.clusters.find(launch.cluster);
    if (cluster != state.clusters.end())
      return cluster->second.steps;
  }
  return {};
}

}  // namespace

int TryOf(const JobInstance& job) {
  return job.row.application_failures + job.row.infrastructure_failures + 1;
}

std::vector<size_t> StepsOfAttempt(const State& state, const JobInstance& job, size_t step_count) {
  int earlier_tries = TryOf(job) - 1;
  if (job.def->resume == model::Resume::kNone || earlier_tries == 0) {
    std::vector<size_t> all(step_count);
    std::iota(all.begin(), all.end(), size_t{0});
    return all;
  }
  std::vector<std::vector<model::StepView>> earlier;
  for (int n = job.row.try_number - earlier_tries; n < job.row.try_number; ++n)
    earlier.push_back(StepsSeen(state, {job.row.key, n}));
  return emr::StepsToRun(step_count, earlier);
}

}  // namespace engine
