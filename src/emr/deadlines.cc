#include "emr/deadlines.h"

#include <algorithm>

#include "base/text.h"

namespace emr {

namespace {
using model::ClusterPhase;
using model::ClusterRow;

// EMR's own time where it was seen; before the first look `phase_seen_at` is the launch's time.
base::Time CreatedAt(const ClusterRow& cluster) {
  return cluster.created_at.value_or(cluster.phase_seen_at);
}

bool IsEnding(ClusterPhase phase) {
  return phase == ClusterPhase::kTerminating || IsTerminal(phase);
}
}  // namespace

std::optional<Deadline> LaunchDeadline(const ClusterRow& cluster, base::Duration limit) {
  if (cluster.phase != ClusterPhase::kStarting && cluster.phase != ClusterPhase::kBootstrapping)
    return std::nullopt;
  return Deadline{CreatedAt(cluster) + limit,
                  base::Cat("the cluster is ",
                            ToString(cluster.phase),
                            " for more than ",
                            base::FormatDuration(limit),
                            "; see that EC2 has capacity for its instance types")};
}

std::optional<Deadline> IdleDeadline(const ClusterRow& cluster, base::Duration limit) {
  if (cluster.phase != ClusterPhase::kWaiting)
    return std::nullopt;
  base::Time idle_since = cluster.in_service_since.value_or(CreatedAt(cluster));
  for (const model::StepView& step : cluster.steps) {
    if (step.state == model::StepState::kRunning)
      return std::nullopt;
    idle_since = std::max(idle_since, step.end.value_or(idle_since));
  }
  return Deadline{
      idle_since + limit,
      base::Cat("the cluster waits without a step for more than ", base::FormatDuration(limit))};
}

std::optional<Deadline> StepDeadline(const model::StepView& step,
                                     base::Duration expected,
                                     double factor) {
  if (step.state != model::StepState::kRunning || !step.start)
    return std::nullopt;
  auto limit = std::chrono::duration_cast<base::seconds>(expected * factor);
  return Deadline{*step.start + limit,
                  base::Cat("step '",
                            step.name,
                            "' runs for more than ",
                            base::FormatDuration(limit),
                            "; ",
                            base::FormatDuration(expected),
                            " were expected")};
}

std::optional<Deadline> RunDeadline(const ClusterRow& cluster, base::Duration limit) {
  if (IsEnding(cluster.phase) || !cluster.in_service_since)
    return std::nullopt;
  return Deadline{*cluster.in_service_since + limit,
                  base::Cat("the cluster runs for more than ", base::FormatDuration(limit))};
}

std::optional<Deadline> ExecutionDeadline(const ClusterRow& cluster,
                                          base::Time launched_at,
                                          base::Duration limit) {
  if (IsEnding(cluster.phase))
    return std::nullopt;
  return Deadline{launched_at + limit,
                  base::Cat("the try takes more than ", base::FormatDuration(limit))};
}

}  // namespace emr
