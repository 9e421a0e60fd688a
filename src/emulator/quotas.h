#pragma once

// EMR's call quotas as token buckets in world time: one for each action and one for the account,
// both of which a call must pass. Sizes: two independent dumps of Service Quotas' defaults. Pure.

#include <map>
#include <string>
#include <string_view>

#include "base/time.h"

namespace emulator {

class TokenBucket {
 public:
  TokenBucket(double burst, double refill_per_second)
      : burst_(burst), refill_per_second_(refill_per_second), tokens_(burst) {}

  bool HasToken(base::Time now);
  // REQUIRES: HasToken(now).
  void Take() { tokens_ -= 1; }

 private:
  double burst_;
  double refill_per_second_;
  double tokens_;
  base::Time filled_at_{};
};

class Quotas {
 public:
  Quotas();
  // Takes one token from the action's bucket and the account's; false (and nothing taken) where one
  // of them is empty.
  bool Admit(std::string_view action, base::Time now);

 private:
  TokenBucket account_;
  std::map<std::string, TokenBucket, std::less<>> actions_;
};

}  // namespace emulator
