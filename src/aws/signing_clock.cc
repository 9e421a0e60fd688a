#include "aws/signing_clock.h"

#include <algorithm>
#include <chrono>

#include "base/log.h"

namespace aws {

bool SigningClock::LearnFrom(const http::Response& refusal, base::Time signed_at) {
  constexpr base::Duration kSkew = base::minutes(4);
  const auto date = http::ParseHttpDate(refusal.headers.Get("Date").value_or(""));
  if (!date || std::chrono::abs(*date - signed_at) < kSkew)
    return false;
  offset_ += *date - signed_at;
  base::LogWarning("clock_skew",
                   {{"seconds", std::chrono::duration_cast<base::seconds>(offset_).count()},
                    {"mend", "set this machine's clock; until then AWS's is followed"}});
  return true;
}

bool IsAboutSignature(std::string_view error_code) {
  constexpr std::string_view kCodes[] = {"RequestTimeTooSkewed",
                                         "RequestExpired",
                                         "RequestInTheFuture",
                                         "InvalidSignatureException",
                                         "SignatureDoesNotMatch",
                                         "AuthFailure"};
  return std::ranges::find(kCodes, error_code) != std::end(kCodes);
}

}  // namespace aws
