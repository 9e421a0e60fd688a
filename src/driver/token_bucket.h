#pragma once

// One quota as EMR counts it: a bucket that starts full, gives a token for each call and refills at
// a steady rate. Tokens of calls under way do not come back before their end, because EMR may count
// them as late as that. Additive increase, multiplicative decrease: being throttled halves the
// rate, and time gives it back. Pure.

#include <optional>

#include "base/time.h"

namespace driver {

struct Quota {
  double burst = 10;
  double per_second = 0.5;
};

class TokenBucket {
 public:
  explicit TokenBucket(Quota quota) : quota_(quota), tokens_(quota.burst) {}

  const Quota& quota() const { return quota_; }
  double TokensAt(base::Time now) const;
  // Tokens a second, as far as throttling has left it.
  double RateAt(base::Time now) const;
  // When `wanted` tokens are there; nothing where calls under way keep it from ever being.
  std::optional<base::Time> ReadyAt(base::Time now, double wanted) const;

  // A call begins.
  void Take(base::Time now);
  // It was not made.
  void Return();
  // It has ended.
  void End(base::Time now);
  // A call that was sent at `sent_at` was throttled: the bucket is empty, and the rate is halved,
  // but once for all that was sent before it was.
  void OnThrottled(base::Time now, base::Time sent_at);

 private:
  double FactorAt(base::Time now) const;
  // Tokens that come within `seconds` from `now`.
  double Gain(base::Time now, double seconds) const;
  double Limit() const { return quota_.burst - under_way_; }
  void Refill(base::Time now);

  Quota quota_;
  double tokens_;
  base::Time filled_at_{};
  int under_way_ = 0;
  // The share of the rate that is in use: `factor_` at `cut_at_`, growing since.
  double factor_ = 1;
  base::Time cut_at_{};
};

}  // namespace driver
