#pragma once

// SHA-256, HMAC-SHA-256, SHA-1 (OpenSSL), hex and base32. Pure.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace base {

using Digest = std::array<uint8_t, 32>;

Digest Sha256(std::string_view data);
Digest HmacSha256(std::string_view key, std::string_view data);
inline std::string_view AsText(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// Lower case.
std::string Hex(std::string_view bytes);
std::string Sha256Hex(std::string_view data);
// Only for names that others define with it: SSO's cache files, UUIDs of version 5.
std::string Sha1Hex(std::string_view data);
// RFC 4648's alphabet in lower case, without padding.
std::string Base32(std::string_view bytes);
// Compares in constant time.
bool SameSecret(std::string_view a, std::string_view b);
// `count` bytes from the operating system's generator. The one impure function here: for keys,
// incarnations and tokens, never for draws.
std::string RandomBytes(size_t count);

}  // namespace base
