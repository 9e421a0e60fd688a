#include "driver/audit.h"

#include <algorithm>

#include "emr/health.h"

namespace driver {

namespace {

// From EC2's warning to the end of the instance.
constexpr base::Duration kSpotWarning = base::minutes(2);

Quota Half(const Quota& quota) {
  return {std::max(1.0, quota.burst / 2), quota.per_second / 2};
}

}  // namespace

Audit::Audit(Context& context, Looks& looks)
    : context_(context),
      looks_(looks),
      fleets_(Half(context.caller.budget().QuotaOf(kListFleets))),
      groups_(Half(context.caller.budget().QuotaOf(kListGroups))) {}

bool Audit::IsSuspect(const model::ClusterRow& cluster, const Watch& watch) const {
  // What is confirmed is no longer suspected.
  return cluster.health == model::ClusterHealth::kOk &&
         (cluster.zero_seen_at || watch.suspected ||
          emr::SpeaksOfInstanceFailure(cluster.reason_code, cluster.reason_message) ||
          std::any_of(cluster.steps.begin(), cluster.steps.end(), [](const model::StepView& step) {
            return step.overdue && !IsTerminal(step.state);
          }));
}

base::Time Audit::DueAt(const model::ClusterRow& cluster,
                        const Watch& watch,
                        std::optional<base::Time> warned_at) const {
  const Options& options = context_.options;
  const bool is_suspect = IsSuspect(cluster, watch);
  base::Time due = *cluster.in_service_since + options.engine.fleet_grace;
  if (watch.suspected && !cluster.zero_seen_at)
    return due;
  if (watch.nodes_at != base::Time{}) {
    base::Time next =
        watch.nodes_at + (is_suspect ? options.engine.fleet_confirm : options.fleet_interval);
    if (warned_at && watch.nodes_at < *warned_at + kSpotWarning)
      next = std::min(next, *warned_at + kSpotWarning);
    due = std::max(due, next);
  }
  if (is_suspect && cluster.zero_seen_at)  // confirmed or dropped without delay
    due = std::min(due, *cluster.zero_seen_at + options.engine.fleet_confirm);
  return due;
}

void Audit::Start(std::vector<Due> due, std::optional<base::Time>& wake) {
  base::Time now = context_.Now();
  std::sort(due.begin(), due.end(), [](const Due& a, const Due& b) {
    return a.second->nodes_at < b.second->nodes_at;
  });
  for (const auto& [id, watch] : due) {
    TokenBucket& bucket = watch->has_groups ? groups_ : fleets_;
    if (bucket.TokensAt(now) >= 1) {
      bucket.Take(now);
      looks_.StartNodes(*id, *watch, Priority::kPoll, &bucket);
    } else {
      Earlier(wake, bucket.ReadyAt(now, 1));
    }
  }
}

}  // namespace driver
