#pragma once

// How many logins may fail: after the first few of a user, or from a host (base::HostOf), each
// further one makes the next wait, ever longer up to a bound. Who waits is refused whatever the
// password is. Names that no user has count as those of users do. Pure; its memory is bounded:
// where it is full, those with the fewest failures are forgotten first.

#include <map>
#include <string>

#include "base/time.h"

namespace accounts {

class LoginLimits {
 public:
  // How long until a login may be tried; 0: now. `now` is of any clock that only goes forward.
  base::Duration WaitOf(const std::string& user, const std::string& address, base::Duration now);
  void Failed(const std::string& user, const std::string& address, base::Duration now);
  // The same for logins whose user is not known while they are tried.
  base::Duration WaitOfAddress(const std::string& address, base::Duration now);
  void AddressFailed(const std::string& address, base::Duration now);
  // A right password: what the user's own mistakes had cost is forgiven. The address's is not.
  void Succeeded(const std::string& user);

 private:
  struct Account {
    int failures = 0;
    base::Duration blocked_until{0};
    base::Duration forgotten_at{0};
  };
  using Accounts = std::map<std::string, Account>;
  static base::Duration WaitIn(Accounts& accounts, const std::string& key, base::Duration now);
  static void Count(Accounts& accounts,
                    const std::string& key,
                    int free_of_charge,
                    base::Duration now);

  Accounts users_, addresses_;
};

}  // namespace accounts
