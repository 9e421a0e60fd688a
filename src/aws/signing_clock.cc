#include "aws/signing_clock.h"

#include <algorithm>
#include <chrono>

#include "base/log.h"

namespace aws {

namespace {

// A smaller difference is no reason to refuse a signature.
constexpr base::Duration kSkew = base::minutes(4);
// With a larger one a look-up could miss a cluster by its creation time (driver/look_back.h), and
// the Date is more likely wrong than followed with profit.
constexpr base::Duration kSkewMost = base::hours(24);

}  // namespace

bool SigningClock::LearnFrom(const http::Response& refusal, const Reading& signed_with) {
  const auto date = http::ParseHttpDate(refusal.headers.Get("Date").value_or(""));
  if (!date || std::chrono::abs(*date - signed_with.at) < kSkew)
    return false;
  // Another refusal has taught us since: that offset has not been tried yet.
  if (signed_with.offset != offset_)
    return true;
  base::Duration offset = *date - wall_();
  if (std::chrono::abs(offset) > kSkewMost) {
    base::LogError("clock_skew_too_large",
                   {{"seconds", std::chrono::duration_cast<base::seconds>(offset).count()},
                    {"fix", "set this machine's clock; AWS refuses every call until then"}});
    return false;
  }
  if (std::chrono::abs(offset) < kSkew)
    offset = {};  // this machine's clock was set right
  if (offset == offset_)
    return true;  // the request waited for long before it was sent
  offset_ = offset;
  if (offset_ == base::Duration(0)) {
    learned_at_ = std::nullopt;
    base::LogInfo("clock_skew_is_over");
    return true;
  }
  learned_at_ = wall_();
  base::LogWarning("clock_skew",
                   {{"seconds", std::chrono::duration_cast<base::seconds>(offset_).count()},
                    {"fix", "set this machine's clock; until then AWS's is followed"}});
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
