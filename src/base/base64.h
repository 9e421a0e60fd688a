#pragma once

// Base64 as RFC 4648 has it, by libsodium. Strict: no white space, no other alphabet, no bits that
// say nothing. Pure.

#include <optional>
#include <string>
#include <string_view>

namespace base {

// With padding.
std::string ToBase64(std::string_view bytes);
std::optional<std::string> FromBase64(std::string_view text);

// For URLs ("-" and "_"), without padding: RFC 7515's base64url.
std::string ToBase64Url(std::string_view bytes);
std::optional<std::string> FromBase64Url(std::string_view text);

}  // namespace base
