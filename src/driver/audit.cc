#include "driver/audit.h"

#include <algorithm>
#include <tuple>

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

base::Time Audit::DueAt(const model::ClusterRow& cluster,
                        const Watch& watch,
                        const Outlook& outlook) const {
  const Options& options = context_.options;
  const base::Time graced = *cluster.in_service_since + options.emr.fleet_grace;
  const bool lost = lost_at_ && context_.Now() < *lost_at_ + emr::kLossCounts;
  const emr::NodeRisk risk = watch.Risk(outlook.events_come, lost);
  if (watch.IsLossHinted() && !cluster.zero_seen_at)
    return graced;
  if (watch.IsSuspect(cluster)) {
    base::Time due = risk.is_first ? graced : watch.nodes_at() + options.emr.fleet_confirm;
    if (cluster.zero_seen_at)  // confirmed or dropped without delay
      due = std::min(due, *cluster.zero_seen_at + options.emr.fleet_confirm);
    return std::max(graced, due);
  }
  const base::Time since = risk.is_first ? *cluster.in_service_since : watch.nodes_at();
  base::Time due = since + emr::NodeLookInterval(risk, options.fleet_interval);
  if (risk.has_spot && outlook.spot_warned_at && since < *outlook.spot_warned_at + kSpotWarning)
    due = std::min(due, *outlook.spot_warned_at + kSpotWarning);
  return std::max(graced, due);
}

void Audit::Start(std::vector<Due> due, std::optional<base::Time>& wake) {
  base::Time now = context_.Now();
  std::sort(due.begin(), due.end(), [](const Due& a, const Due& b) {
    return std::tie(a.at, *a.id) < std::tie(b.at, *b.id);
  });
  for (const Due& each : due) {
    TokenBucket& bucket = each.watch->has_groups() ? groups_ : fleets_;
    if (bucket.TokensAt(now) >= 1) {
      bucket.Take(now);
      looks_.StartNodes(*each.id, *each.watch, Priority::kPoll, &bucket);
    } else {
      Earlier(wake, bucket.ReadyAt(now, 1));
    }
  }
}

}  // namespace driver
