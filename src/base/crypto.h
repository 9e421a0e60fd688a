#pragma once

// What must be kept secret at rest, by libsodium: sealed texts (XChaCha20-Poly1305) and hashed
// passwords (Argon2id). Not here: digests and random bytes (hash.h), where keys come from
// (secrets), who may log in (accounts).
//
// Thread rule: any thread.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace base {

using SealKey = std::array<uint8_t, 32>;

// A text that only the key opens again, in base64. `context` is what it belongs to ("variable/x"):
// a text that was moved elsewhere does not open. Each call gives another text.
std::string Seal(const SealKey& key, std::string_view plain, std::string_view context);
// kCorrupt where it was sealed with another key or for another context, was changed, or is no
// sealed text.
Result<std::string> OpenSealed(const SealKey& key,
                               std::string_view sealed,
                               std::string_view context);

// The key that a text of people stands for: 64 hexadecimal digits or 44 characters of base64 are
// the key itself, and any other text of at least 32 characters is hashed. kInvalidArgument where it
// is shorter.
Result<SealKey> ParseSealKey(std::string_view text);

// With parameters and salt in it, by libsodium's interactive limits: 64 MiB and some 50 ms, so
// never on the loop thread.
std::string HashPassword(std::string_view password);
// As long as HashPassword, whatever the answer; also where `hash` is no hash (false).
bool IsPassword(const std::string& hash, std::string_view password);

}  // namespace base
