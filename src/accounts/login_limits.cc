#include "accounts/login_limits.h"

#include <algorithm>

#include "base/ip.h"

namespace accounts {

namespace {

constexpr int kFreeOfUser = 5, kFreeOfAddress = 20;
constexpr base::Duration kFirstWait = base::seconds(1);
// The longest also bounds for how long others can keep a user out.
constexpr base::Duration kLongestWait = base::seconds(60);
constexpr base::Duration kForgottenAfter = base::minutes(15);
constexpr size_t kMostAccounts = 1024;

// Who has one address of an IPv6 network has them all.
std::string HostOf(const std::string& address) {
  const auto ip = base::ParseIpAddress(address);
  return ip ? base::HostOf(*ip) : address;
}

}  // namespace

base::Duration LoginLimits::WaitIn(Accounts& accounts, const std::string& key, base::Duration now) {
  std::erase_if(accounts, [&](const auto& item) { return item.second.forgotten_at <= now; });
  const auto found = accounts.find(key);
  return found == accounts.end() ? base::Duration(0)
                                 : std::max(base::Duration(0), found->second.blocked_until - now);
}

base::Duration LoginLimits::WaitOf(const std::string& user,
                                   const std::string& address,
                                   base::Duration now) {
  return std::max(WaitIn(users_, user, now), WaitIn(addresses_, HostOf(address), now));
}

base::Duration LoginLimits::WaitOfAddress(const std::string& address, base::Duration now) {
  return WaitIn(addresses_, HostOf(address), now);
}

void LoginLimits::AddressFailed(const std::string& address, base::Duration now) {
  Count(addresses_, HostOf(address), kFreeOfAddress, now);
}

void LoginLimits::Failed(const std::string& user, const std::string& address, base::Duration now) {
  Count(users_, user, kFreeOfUser, now);
  Count(addresses_, HostOf(address), kFreeOfAddress, now);
}

void LoginLimits::Count(Accounts& accounts,
                        const std::string& key,
                        int free_of_charge,
                        base::Duration now) {
  if (accounts.size() >= kMostAccounts && !accounts.contains(key))
    accounts.erase(std::ranges::min_element(accounts, {}, [](const auto& item) {
      return std::pair(item.second.failures, item.second.forgotten_at);
    }));
  Account& account = accounts[key];
  ++account.failures;
  account.forgotten_at = now + kForgottenAfter;
  const int beyond = account.failures - free_of_charge;
  if (beyond < 0)
    return;
  const base::Duration wait = beyond > 6 ? kLongestWait : kFirstWait * (1 << beyond);
  account.blocked_until = now + std::min(wait, kLongestWait);
}

void LoginLimits::Succeeded(const std::string& user) {
  users_.erase(user);
}

}  // namespace accounts
