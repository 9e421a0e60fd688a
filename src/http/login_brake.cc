#include "http/login_brake.h"

#include <algorithm>

namespace http {

namespace {

constexpr base::Duration kCost = base::milliseconds(200);
// What a peer may owe before it waits: ten refusals at once, or five a second for ever.
constexpr base::Duration kCredit = base::seconds(2);
constexpr base::Duration kMaxWait = base::seconds(2);
constexpr size_t kMaxPeers = 256;
// All peers beyond those share one account.
constexpr char kOthers[] = "";

}  // namespace

base::Duration LoginBrake::Refuse(const std::string& peer, base::Duration now) {
  std::erase_if(paid_until_, [&](const auto& account) { return account.second <= now; });
  const bool has_room = paid_until_.size() < kMaxPeers || paid_until_.contains(peer);
  base::Duration& paid_until = paid_until_[has_room ? peer : kOthers];
  paid_until = std::max(paid_until, now) + kCost;
  const base::Duration debt = paid_until - now;
  // More is not kept than what is waited for: a peer that stops is soon forgiven.
  paid_until = std::min(paid_until, now + kCredit + kMaxWait);
  return std::clamp(debt - kCredit, base::Duration(0), kMaxWait);
}

}  // namespace http
