#pragma once

// The call budget: token buckets in world time, one per EMR action and one for the account, as
// EMR's own quotas are shaped ("Service limits" in the EMR Management Guide; figures from two
// dumps of Service Quotas' defaults). Shared by every caller in the process.
//
// Alone in its account a process with this budget is never throttled: EMR counts a call somewhere
// between its sending and its reply, so a token comes back only after the reply. Others draw from
// the same quota, though: a throttled action is slowed down to half and grows back with time.
//
// Thread rule: none; one thread at a time.

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "driver/token_bucket.h"

namespace driver {

// What matters more comes first. Each leaves tokens in the bucket for those before it.
enum class Priority { kTerminate, kLaunch, kInspect, kPoll };
inline constexpr size_t kPriorities = 4;
std::string_view ToString(Priority priority);  // "terminate"

// The key of the account's bucket among the actions'.
inline constexpr std::string_view kAccountQuota = "account";

struct BudgetOptions {
  std::map<std::string, Quota, std::less<>> quotas;  // by action; others have EMR's defaults
  double share = 1;                                  // of each quota, the rest is left to others
};

class Budget {
 public:
  explicit Budget(const BudgetOptions& options = {});

  // How many calls of the action may begin now.
  int Available(std::string_view action, base::Time now, Priority priority);
  // A call begins. REQUIRES: Available() > 0.
  void Take(std::string_view action, base::Time now);
  // It was not made after all.
  void Return(std::string_view action);
  // Its reply came, or is given up.
  void End(std::string_view action, base::Time now);
  // Its reply, to what was sent at `sent_at`, was that the rate is exceeded.
  void OnThrottled(std::string_view action, base::Time now, base::Time sent_at);
  // When a call may begin; nothing where that depends on the end of another.
  std::optional<base::Time> ReadyAt(std::string_view action, base::Time now, Priority priority);

  double share() const { return options_.share; }
  // What the process may use of the action's quota, and its bucket now; kAccountQuota for the
  // account's.
  Quota QuotaOf(std::string_view action) const;
  TokenBucket BucketOf(std::string_view action) const;

 private:
  struct Throttled {
    std::string action;
    base::Time at;
  };

  TokenBucket& Bucket(std::string_view action);

  const BudgetOptions options_;
  TokenBucket account_;
  std::map<std::string, TokenBucket, std::less<>> actions_;
  std::optional<Throttled> last_throttled_;
};

}  // namespace driver
