#pragma once

// Wall time as AWS sees it: this machine's clock plus what AWS's replies say it is off. One for all
// clients of a process. It is what signatures carry and what the expiry of keys is compared with;
// world time has no business here.
//
// Facts: the SDKs take a difference of four minutes for skew; AWS itself refuses from five to
// fifteen on, depending on the service.
//
// Thread rule: the loop thread.

#include <string_view>

#include "base/clock.h"
#include "http/message.h"

namespace aws {

class SigningClock {
 public:
  base::Time Now() const { return base::Clock::Wall() + offset_; }
  // How far this machine's clock is behind AWS's, zero until a reply said otherwise.
  base::Duration offset() const { return offset_; }

  // To be asked of a reply that refuses a signature: by its Date header the time that was signed
  // was off, and signing again with the corrected clock can help.
  bool LearnFrom(const http::Response& refusal, base::Time signed_at);

 private:
  base::Duration offset_{};
};

// The service looked at the signature or its time and refused: a code of the SDKs' two lists.
bool IsAboutSignature(std::string_view error_code);

}  // namespace aws
