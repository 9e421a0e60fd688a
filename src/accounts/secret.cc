#include "accounts/secret.h"

#include "base/hash.h"
#include "base/text.h"

namespace accounts {

namespace {

constexpr size_t kIdBytes = 8, kSecretBytes = 32, kPasswordBytes = 15;
constexpr size_t kIdSize = 13;      // of kIdBytes in base32
constexpr size_t kSecretSize = 52;  // of kSecretBytes

}  // namespace

Secret DrawSecret(std::string_view prefix) {
  Secret secret;
  secret.id = base::Base32(base::RandomBytes(kIdBytes));
  secret.text = base::Cat(prefix, secret.id, "_", base::Base32(base::RandomBytes(kSecretBytes)));
  secret.digest = base::Sha256Hex(secret.text);
  return secret;
}

std::optional<std::string> IdIn(std::string_view text, std::string_view prefix) {
  const size_t before = prefix.size() + kIdSize;
  if (!text.starts_with(prefix) || text.size() != before + 1 + kSecretSize || text[before] != '_')
    return std::nullopt;
  return std::string(text.substr(prefix.size(), kIdSize));
}

bool IsSecretOf(std::string_view text, std::string_view digest) {
  return !digest.empty() && base::SameSecret(base::Sha256Hex(text), digest);
}

std::string CsrfTokenOf(std::string_view text) {
  return base::Hex(base::AsText(base::HmacSha256(text, "csrf")));
}

std::string DrawPassword() {
  return base::Base32(base::RandomBytes(kPasswordBytes));
}

}  // namespace accounts
