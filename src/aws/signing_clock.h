#pragma once

// Wall time as AWS sees it: this machine's clock plus what AWS's replies say it is off. One for all
// clients of a process. It is what signatures carry and what the expiry of keys is compared with;
// world time has no business here.
//
// Many requests may be refused at once. So an offset is always AWS's Date minus the bare wall
// clock, never a correction of an older offset, and each request remembers what it was signed with.
//
// Facts: the SDKs take a difference of four minutes for skew; AWS itself refuses from five to
// fifteen on, depending on the service.
//
// Thread rule: the loop thread.

#include <functional>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "http/message.h"

namespace aws {

class SigningClock {
 public:
  // What one request was signed with.
  struct Reading {
    base::Time at;            // the time in the signature
    base::Duration offset{};  // the offset that made it
  };

  // `wall` is read for each signature; tests set their own.
  explicit SigningClock(std::function<base::Time()> wall = base::Clock::Wall)
      : wall_(std::move(wall)) {}

  base::Time Now() const { return wall_() + offset_; }
  Reading Read() const { return {Now(), offset_}; }
  // How far this machine's clock is behind AWS's, zero until a reply said otherwise.
  base::Duration offset() const { return offset_; }

  // Wall time; nothing while the offset is zero.
  const std::optional<base::Time>& learned_at() const { return learned_at_; }

  // To be asked of a reply that refuses a signature: by its Date header the time that was signed
  // was off, and signing again with Now() can help.
  bool LearnFrom(const http::Response& refusal, const Reading& signed_with);

 private:
  std::function<base::Time()> wall_;
  base::Duration offset_{};
  std::optional<base::Time> learned_at_;
};

// The service looked at the signature or its time and refused: a code of the SDKs' two lists.
bool IsAboutSignature(std::string_view error_code);

}  // namespace aws
