#pragma once

// The texts that tokens and sessions are shown by: "sbx_ID_SECRET". The id names the record, and
// may be shown; the secret is 256 random bits, of which the record has the digest alone.

#include <optional>
#include <string>
#include <string_view>

namespace accounts {

inline constexpr std::string_view kTokenPrefix = "sbx_";    // API tokens; scanners know it by this
inline constexpr std::string_view kSessionPrefix = "sbs_";  // sessions

struct Secret {
  std::string text;    // to be shown once
  std::string id;      // 13 characters
  std::string digest;  // what is kept
};
Secret DrawSecret(std::string_view prefix);

// The id in a text of that form; nothing where it has another.
std::optional<std::string> IdIn(std::string_view text, std::string_view prefix);
bool IsSecretOf(std::string_view text, std::string_view digest);

// What a page has to send with every change that it asks for by its session's cookie: it can be
// made of the cookie alone, which other sites cannot read.
std::string CsrfTokenOf(std::string_view text);

// A password for one login: 24 characters.
std::string DrawPassword();

}  // namespace accounts
