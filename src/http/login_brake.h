#pragma once

// How long a refused login is made to wait for its answer: the first few of a peer nothing, then
// ever longer, so that guessing and misconfigured clients cost little. A login that is right never
// waits. Pure; its memory is bounded. Internal to this module.

#include <map>
#include <string>

#include "base/time.h"

namespace http {

class LoginBrake {
 public:
  // Counts a refusal at `now`, on any clock that only goes forward.
  base::Duration Refuse(const std::string& peer, base::Duration now);
  size_t peers() const { return paid_until_.size(); }

 private:
  // Each refusal costs a moment; this is when the peer has paid for all of them.
  std::map<std::string, base::Duration> paid_until_;
};

}  // namespace http
