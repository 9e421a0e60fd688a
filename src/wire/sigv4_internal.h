#pragma once

// What signing and verifying share. Included by sigv4.cc and sigv4_verify.cc alone.

#include <string>
#include <string_view>

#include "wire/sigv4.h"

namespace wire::internal {

inline constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
inline constexpr size_t kDateLength = 8;  // the YYYYMMDD at the front of an X-Amz-Date

// "20150830/us-east-1/service/aws4_request".
std::string ScopeText(std::string_view date, const SigningScope& scope);
std::string Signature(std::string_view secret_key,
                      std::string_view date,
                      const SigningScope& scope,
                      std::string_view string_to_sign);

}  // namespace wire::internal
