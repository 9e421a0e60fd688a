#include "simulation/rules/trouble.h"

#include <algorithm>

namespace simulation {

namespace {

// A launch may take effect so much later than it was decided: launch_settle.
constexpr base::Duration kSettle = base::minutes(15);

}  // namespace

using emulator::Cluster;

bool HasTrouble(const Cluster& cluster,
                const model::Job& def,
                base::Time now,
                base::Duration older) {
  using emulator::ClusterState;
  if (cluster.Ending() || cluster.state == ClusterState::kWaiting)
    return true;
  const bool is_starting =
      cluster.state == ClusterState::kStarting || cluster.state == ClusterState::kBootstrapping;
  // Times less than five minutes apart count as one.
  const base::Duration age = now - cluster.created_at + base::minutes(5) + older;
  // A read may be late, but it was starting for that long.
  const base::Time ready_at = is_starting ? now : cluster.ready_at.value_or(now);
  if (age - (now - ready_at) >= model::EmrOf(def)->launch_timeout)
    return true;
  if (const auto& most = model::EmrOf(def)->max_run_time; most && age >= *most)
    return true;
  if (const auto& most = def.execution_timeout; most && age + kSettle >= *most)
    return true;
  return std::any_of(cluster.fleets.begin(),
                     cluster.fleets.end(),
                     [](const emulator::Fleet& fleet) { return fleet.lost_at.has_value(); }) ||
         std::any_of(cluster.steps.begin(), cluster.steps.end(), [](const emulator::Step& step) {
           return step.state == emulator::StepState::kFailed;
         });
}

bool IsToBlame(const Cluster& cluster,
               const model::Job& def,
               bool by_us,
               base::Time now,
               base::Duration older) {
  if (const auto& most = model::EmrOf(def)->max_run_time;
      most && now - cluster.created_at + older >= *most)
    return true;
  if (const auto& most = def.execution_timeout;
      most && now - cluster.created_at + older + kSettle >= *most)
    return true;
  // What ended it took the place of what EMR had said before.
  if (cluster.Ending() && cluster.reason.code != "INSTANCE_FAILURE" &&
      !(by_us && cluster.reason.code == "USER_REQUEST"))
    return true;
  base::Time lost_at = base::Time::max();
  for (const emulator::Fleet& fleet : cluster.fleets)
    lost_at = std::min(lost_at, fleet.lost_at.value_or(lost_at));
  return std::any_of(cluster.steps.begin(), cluster.steps.end(), [&](const emulator::Step& step) {
    return step.state == emulator::StepState::kFailed && *step.ended_at < lost_at;
  });
}

}  // namespace simulation
