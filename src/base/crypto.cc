#include "base/crypto.h"

#include <algorithm>
#include <array>
#include <sodium.h>
#include <vector>

#include "base/base64.h"
#include "base/check.h"
#include "base/hash.h"

namespace base {

namespace {

constexpr size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(sizeof(SealKey) == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

void Begin() {
  static const bool is_begun = sodium_init() >= 0;
  CHECK(is_begun);
}

const unsigned char* BytesOf(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string FromHex(std::string_view text) {
  std::string out(text.size() / 2 + 1, '\0');
  size_t size = 0;
  const char* end = nullptr;
  if (sodium_hex2bin(reinterpret_cast<unsigned char*>(out.data()),
                     out.size(),
                     text.data(),
                     text.size(),
                     nullptr,
                     &size,
                     &end) != 0 ||
      end != text.data() + text.size())
    return "";
  out.resize(size);
  return out;
}

SealKey KeyOf(std::string_view bytes) {
  SealKey key;
  std::copy(bytes.begin(), bytes.end(), key.begin());
  return key;
}

}  // namespace

std::string Seal(const SealKey& key, std::string_view plain, std::string_view context) {
  Begin();
  std::string out = RandomBytes(kNonce);
  out.resize(kNonce + plain.size() + kTag);
  unsigned long long size = 0;
  auto* bytes = reinterpret_cast<unsigned char*>(out.data());
  crypto_aead_xchacha20poly1305_ietf_encrypt(bytes + kNonce,
                                             &size,
                                             BytesOf(plain),
                                             plain.size(),
                                             BytesOf(context),
                                             context.size(),
                                             nullptr,
                                             bytes,
                                             key.data());
  return ToBase64(out);
}

Result<std::string> OpenSealed(const SealKey& key,
                               std::string_view sealed,
                               std::string_view context) {
  Begin();
  const std::string bytes = FromBase64(sealed).value_or("");
  if (bytes.size() < kNonce + kTag)
    return Fail(ErrorCode::kCorrupt, "it is no sealed text");
  std::string plain(bytes.size() - kNonce - kTag, '\0');
  unsigned long long size = 0;
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(reinterpret_cast<unsigned char*>(plain.data()),
                                                 &size,
                                                 nullptr,
                                                 BytesOf(bytes) + kNonce,
                                                 bytes.size() - kNonce,
                                                 BytesOf(context),
                                                 context.size(),
                                                 BytesOf(bytes),
                                                 key.data()) != 0)
    return Fail(ErrorCode::kCorrupt, "it was sealed with another key, or was changed since");
  return plain;
}

Result<SealKey> ParseSealKey(std::string_view text) {
  Begin();
  if (text.size() == 2 * sizeof(SealKey)) {
    if (const std::string bytes = FromHex(text); bytes.size() == sizeof(SealKey))
      return KeyOf(bytes);
  }
  if (const std::string bytes = FromBase64(text).value_or(""); bytes.size() == sizeof(SealKey))
    return KeyOf(bytes);
  if (text.size() < sizeof(SealKey))
    return Fail(ErrorCode::kInvalidArgument,
                "a key has at least 32 characters; `openssl rand -base64 32` makes one");
  return KeyOf(AsText(Sha256(text)));
}

std::string HashPassword(std::string_view password) {
  Begin();
  std::array<char, crypto_pwhash_STRBYTES> out{};
  const int failed = crypto_pwhash_str_alg(out.data(),
                                           password.data(),
                                           password.size(),
                                           crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                           crypto_pwhash_MEMLIMIT_INTERACTIVE,
                                           crypto_pwhash_ALG_ARGON2ID13);
  CHECK(failed == 0);  // no 64 MiB of memory
  return out.data();
}

bool IsPassword(const std::string& hash, std::string_view password) {
  Begin();
  std::array<char, crypto_pwhash_STRBYTES> text{};
  const bool is_hash = hash.starts_with(crypto_pwhash_STRPREFIX) && hash.size() < text.size();
  // A hash of nothing: who asks for an unknown user waits as long.
  static const std::string kNobody = HashPassword(RandomBytes(32));
  const std::string& used = is_hash ? hash : kNobody;
  std::copy(used.begin(), used.end(), text.begin());
  const bool is_same = crypto_pwhash_str_verify(text.data(), password.data(), password.size()) == 0;
  return is_same && is_hash;
}

}  // namespace base
