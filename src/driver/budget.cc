#include "driver/budget.h"

#include <algorithm>
#include <cmath>

namespace driver {

namespace {

constexpr Quota kAccount{25, 5};

// Per account and region, adjustable by AWS; actions that are not listed have the commonest
// figures.
Quota QuotaOf(std::string_view action) {
  if (action == "DescribeCluster")
    return {10, 1};
  if (action == "ListClusters")
    return {20, 0.5};
  if (action == "ListInstanceFleets")
    return {5, 0.5};
  if (action == "SetTerminationProtection")
    return {5, 0.2};
  return {10, 0.5};
}

}  // namespace

Budget::Budget() : account_{kAccount, kAccount.burst, {}} {}

void Budget::Refill(Bucket& bucket, base::Time now) {
  if (now > bucket.filled_at) {
    double seconds = static_cast<double>((now - bucket.filled_at).count()) / 1e6;
    bucket.tokens = std::min(bucket.quota.burst, bucket.tokens + seconds * bucket.quota.per_second);
    bucket.filled_at = now;
  }
}

Budget::Bucket& Budget::BucketOf(std::string_view action) {
  auto found = actions_.find(action);
  if (found == actions_.end()) {
    Quota quota = QuotaOf(action);
    found = actions_.emplace(std::string(action), Bucket{quota, quota.burst, {}}).first;
  }
  return found->second;
}

int Budget::Available(std::string_view action, base::Time now, double account_reserve) {
  Bucket& bucket = BucketOf(action);
  Refill(bucket, now);
  Refill(account_, now);
  return std::max(0,
                  static_cast<int>(std::floor(
                      std::min(bucket.tokens, account_.tokens - account_reserve) + 1e-9)));
}

void Budget::Take(std::string_view action, base::Time now) {
  Bucket& bucket = BucketOf(action);
  Refill(bucket, now);
  Refill(account_, now);
  bucket.tokens -= 1;
  account_.tokens -= 1;
}

void Budget::Return(std::string_view action) {
  BucketOf(action).tokens += 1;
  account_.tokens += 1;
}

void Budget::Drain(std::string_view action, base::Time now) {
  Bucket& bucket = BucketOf(action);
  Refill(bucket, now);
  bucket.tokens = std::min(bucket.tokens, 0.0);
}

base::Duration Budget::UntilTokens(const Bucket& bucket, double wanted) {
  double missing = wanted - bucket.tokens;
  if (missing <= 0)
    return base::Duration(0);
  return base::Duration(static_cast<int64_t>(std::ceil(missing / bucket.quota.per_second * 1e6)));
}

base::Time Budget::ReadyAt(std::string_view action, base::Time now, double account_reserve) {
  Bucket& bucket = BucketOf(action);
  Refill(bucket, now);
  Refill(account_, now);
  return now + std::max(UntilTokens(bucket, 1), UntilTokens(account_, 1 + account_reserve));
}

}  // namespace driver
