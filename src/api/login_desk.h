#pragma once

// Passwords are hashed and compared on the threads for reads, one after the other: each takes 64
// MiB and some 50 ms. What a user is told is the same, and takes as long, whether there is no such
// user, or none that may log in, or the password is wrong.
//
// Thread rule: the loop thread.

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "accounts/accounts.h"
#include "accounts/login_limits.h"
#include "base/result.h"
#include "runtime/views.h"

namespace api {

class LoginDesk {
 public:
  explicit LoginDesk(const runtime::Views& views) : views_(views) {}

  struct Asked {
    std::string user, password;
    std::string address;  // of the peer
  };
  // The user, whose password may have to be changed. kPermission where it is not theirs,
  // kThrottled where too many have failed or wait.
  void Check(Asked asked, std::function<void(base::Result<accounts::User>)> done);
  // Until the user may try from there again; at least 1, for others may wait for their turn.
  int64_t SecondsToWait(const std::string& user, const std::string& address);
  // Of logins that show no password here: they wait as others do, by their address.
  base::Duration WaitOf(const std::string& address);
  void CountFailure(const std::string& address);
  // kThrottled where too many wait.
  void Hash(std::string password, std::function<void(base::Result<std::string>)> done);

 private:
  struct Work {
    std::function<void()> run;  // on a thread for reads
    std::function<void(base::Status)> done;
  };
  void Queue(Work work);
  void Next();
  base::Result<accounts::User> Judge(const Asked& asked, const std::string& hash, bool is_right);

  const runtime::Views& views_;
  accounts::LoginLimits limits_;
  std::deque<Work> waiting_;
  bool is_busy_ = false;
  // Reads that end after this hold it weakly.
  const std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace api
