#include "driver/token_bucket.h"

#include <algorithm>
#include <cmath>

namespace driver {

namespace {

constexpr double kFloor = 0.125;      // of the rate: throttling never stops an action
constexpr double kGrowth = 0.1 / 60;  // of the rate, a second
constexpr double kRounding = 1e-9;    // sums of refills may fall short by this

double Seconds(base::Duration span) {
  return static_cast<double>(span.count()) / 1e6;
}

}  // namespace

double TokenBucket::FactorAt(base::Time now) const {
  return std::min(1.0, factor_ + std::max(0.0, Seconds(now - cut_at_)) * kGrowth);
}

double TokenBucket::RateAt(base::Time now) const {
  return quota_.per_second * FactorAt(now);
}

double TokenBucket::Gain(base::Time now, double seconds) const {
  const double factor = FactorAt(now);
  const double growing = std::min(seconds, (1 - factor) / kGrowth);
  return quota_.per_second *
         (factor * growing + kGrowth * growing * growing / 2 + (seconds - growing));
}

double TokenBucket::TokensAt(base::Time now) const {
  const double gain = now > filled_at_ ? Gain(filled_at_, Seconds(now - filled_at_)) : 0;
  return std::min(Limit(), tokens_ + gain) + kRounding;
}

std::optional<base::Time> TokenBucket::ReadyAt(base::Time now, double wanted) const {
  const double missing = wanted - TokensAt(now);
  if (missing <= 0)
    return now;
  if (wanted > Limit() + kRounding)
    return std::nullopt;
  // Solves Gain(now, seconds) = missing.
  const double factor = FactorAt(now);
  const double whole = missing / quota_.per_second;
  const double growing = (1 - factor) / kGrowth;
  const double while_growing = factor * growing + kGrowth * growing * growing / 2;
  const double seconds = whole < while_growing
                             ? (std::sqrt(factor * factor + 2 * kGrowth * whole) - factor) / kGrowth
                             : growing + whole - while_growing;
  return now + base::Duration(static_cast<int64_t>(std::ceil(seconds * 1e6)));
}

void TokenBucket::Refill(base::Time now) {
  tokens_ = TokensAt(now) - kRounding;
  filled_at_ = std::max(filled_at_, now);
}

void TokenBucket::Take(base::Time now) {
  Refill(now);
  tokens_ = std::max(0.0, tokens_ - 1);
  ++under_way_;
}

void TokenBucket::Return() {
  --under_way_;
  tokens_ = std::min(Limit(), tokens_ + 1);
}

void TokenBucket::End(base::Time now) {
  Refill(now);
  --under_way_;
}

void TokenBucket::OnThrottled(base::Time now, base::Time sent_at) {
  Refill(now);
  tokens_ = 0;
  if (sent_at < cut_at_)
    return;
  factor_ = std::max(kFloor, FactorAt(now) / 2);
  cut_at_ = now;
}

}  // namespace driver
