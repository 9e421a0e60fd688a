#include "driver/audit.h"

#include <algorithm>
#include <tuple>

#include "emr/health.h"
#include "emr/node_looks.h"

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
                        const Outlook& outlook) const {
  const Options& options = context_.options;
  const base::Time graced = *cluster.in_service_since + options.emr.fleet_grace;
  const bool is_first = watch.nodes_at == base::Time{};
  if (watch.suspected && !cluster.zero_seen_at)
    return graced;
  if (IsSuspect(cluster, watch)) {
    base::Time due = is_first ? graced : watch.nodes_at + options.emr.fleet_confirm;
    if (cluster.zero_seen_at)  // confirmed or dropped without delay
      due = std::min(due, *cluster.zero_seen_at + options.emr.fleet_confirm);
    return std::max(graced, due);
  }
  const bool lost = lost_at_ && context_.Now() < *lost_at_ + emr::kLossCounts;
  const base::Time since = is_first ? *cluster.in_service_since : watch.nodes_at;
  base::Time due =
      since + emr::NodeLookInterval({.has_spot = watch.has_spot,
                                     .is_told = outlook.events_come && watch.nodes_told,
                                     .losses_of_late = lost,
                                     .is_first = is_first},
                                    options.fleet_interval);
  if (watch.has_spot && outlook.spot_warned_at && since < *outlook.spot_warned_at + kSpotWarning)
    due = std::min(due, *outlook.spot_warned_at + kSpotWarning);
  return std::max(graced, due);
}

void Audit::Start(std::vector<Due> due, std::optional<base::Time>& wake) {
  base::Time now = context_.Now();
  std::sort(due.begin(), due.end(), [](const Due& a, const Due& b) {
    return std::tie(a.at, *a.id) < std::tie(b.at, *b.id);
  });
  for (const Due& each : due) {
    TokenBucket& bucket = each.watch->has_groups ? groups_ : fleets_;
    if (bucket.TokensAt(now) >= 1) {
      bucket.Take(now);
      looks_.StartNodes(*each.id, *each.watch, Priority::kPoll, &bucket);
    } else {
      Earlier(wake, bucket.ReadyAt(now, 1));
    }
  }
}

}  // namespace driver
