#include "driver/budget.h"

#include <algorithm>
#include <cmath>

namespace driver {

namespace {

constexpr Quota kAccountDefault{25, 5};

// EMR's defaults per account and region, adjustable there; actions that are not listed have the
// commonest figures.
Quota DefaultOf(std::string_view action) {
  if (action == kAccountQuota)
    return kAccountDefault;
  if (action == "DescribeCluster" || action == "ListInstanceGroups")
    return {10, 1};
  if (action == "ListClusters")
    return {20, 0.5};
  if (action == "ListInstanceFleets")
    return {5, 0.5};
  if (action == "SetTerminationProtection")
    return {5, 0.2};
  return {10, 0.5};
}

// The part of the burst that stays for what matters more. A terminate has an action of its own and
// shares only the account's bucket; ListClusters is shared by look-ups (launch) and sweeps (poll).
constexpr std::array<double, kPriorities> kAccountReserve{0, 0.08, 0.16, 0.2};
constexpr std::array<double, kPriorities> kActionReserve{0, 0, 0, 0.2};

double Reserve(const std::array<double, kPriorities>& parts,
               const Quota& quota,
               Priority priority) {
  // A bucket that is too small for a reserve has none: nothing may starve for ever.
  return std::min(parts[static_cast<size_t>(priority)] * quota.burst, quota.burst - 1);
}

// Two actions throttled this close together: it was the account's bucket.
constexpr base::Duration kTogether = base::seconds(10);

}  // namespace

std::string_view ToString(Priority priority) {
  switch (priority) {
    case Priority::kTerminate:
      return "terminate";
    case Priority::kLaunch:
      return "launch";
    case Priority::kInspect:
      return "inspect";
    case Priority::kPoll:
      return "poll";
  }
  return "";
}

Budget::Budget(const BudgetOptions& options)
    : options_(options), account_(QuotaOf(kAccountQuota)) {}

Quota Budget::QuotaOf(std::string_view action) const {
  auto given = options_.quotas.find(action);
  Quota quota = given == options_.quotas.end() ? DefaultOf(action) : given->second;
  return {std::max(1.0, quota.burst * options_.share), quota.per_second * options_.share};
}

TokenBucket& Budget::Bucket(std::string_view action) {
  auto found = actions_.find(action);
  if (found == actions_.end())
    found = actions_.emplace(std::string(action), TokenBucket(QuotaOf(action))).first;
  return found->second;
}

TokenBucket Budget::BucketOf(std::string_view action) const {
  if (action == kAccountQuota)
    return account_;
  auto found = actions_.find(action);
  return found == actions_.end() ? TokenBucket(QuotaOf(action)) : found->second;
}

int Budget::Available(std::string_view action, base::Time now, Priority priority) {
  const TokenBucket& bucket = Bucket(action);
  const double own = bucket.TokensAt(now) - Reserve(kActionReserve, bucket.quota(), priority);
  const double all = account_.TokensAt(now) - Reserve(kAccountReserve, account_.quota(), priority);
  return std::max(0, static_cast<int>(std::floor(std::min(own, all))));
}

void Budget::Take(std::string_view action, base::Time now) {
  Bucket(action).Take(now);
  account_.Take(now);
}

void Budget::Return(std::string_view action) {
  Bucket(action).Return();
  account_.Return();
}

void Budget::End(std::string_view action, base::Time now) {
  Bucket(action).End(now);
  account_.End(now);
}

void Budget::OnThrottled(std::string_view action, base::Time now, base::Time sent_at) {
  Bucket(action).OnThrottled(now, sent_at);
  // "Rate exceeded" does not say which bucket was empty.
  if (last_throttled_ && last_throttled_->action != action &&
      now - last_throttled_->at <= kTogether)
    account_.OnThrottled(now, sent_at);
  last_throttled_ = Throttled{std::string(action), now};
}

std::optional<base::Time> Budget::ReadyAt(std::string_view action,
                                          base::Time now,
                                          Priority priority) {
  const TokenBucket& bucket = Bucket(action);
  const auto own = bucket.ReadyAt(now, 1 + Reserve(kActionReserve, bucket.quota(), priority));
  const auto all = account_.ReadyAt(now, 1 + Reserve(kAccountReserve, account_.quota(), priority));
  if (!own || !all)
    return std::nullopt;
  return std::max(*own, *all);
}

}  // namespace driver
