#pragma once

// The call budget: token buckets in world time, one per EMR action and one for the account, as
// EMR's own quotas are shaped ("Service limits" in the EMR Management Guide; figures from Service
// Quotas). Shared by every caller in the process. A refusal by EMR empties the bucket: others in
// the account draw from the same quota.

#include <map>
#include <string>
#include <string_view>

#include "base/time.h"

namespace driver {

struct Quota {
  double burst = 10;
  double per_second = 0.5;
};

class Budget {
 public:
  Budget();

  // Tokens that may be taken now. Polls leave a reserve in the account's bucket for what matters
  // more.
  int Available(std::string_view action, base::Time now, double account_reserve);
  // REQUIRES: Available() > 0.
  void Take(std::string_view action, base::Time now);
  void Return(std::string_view action);
  // EMR throttled the action.
  void Drain(std::string_view action, base::Time now);
  // When a token of the action will be there.
  base::Time ReadyAt(std::string_view action, base::Time now, double account_reserve);

 private:
  struct Bucket {
    Quota quota;
    double tokens = 0;
    base::Time filled_at{};
  };
  static void Refill(Bucket& bucket, base::Time now);
  static base::Duration UntilTokens(const Bucket& bucket, double wanted);
  Bucket& BucketOf(std::string_view action);

  Bucket account_;
  std::map<std::string, Bucket, std::less<>> actions_;
};

}  // namespace driver
