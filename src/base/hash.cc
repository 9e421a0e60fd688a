#include "base/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "base/check.h"

namespace base {

Digest Sha256(std::string_view data) {
  Digest out;
  unsigned int size = 0;
  CHECK(EVP_Digest(data.data(), data.size(), out.data(), &size, EVP_sha256(), nullptr) == 1);
  CHECK(size == out.size());
  return out;
}

std::string Sha1Hex(std::string_view data) {
  std::array<uint8_t, 20> out;
  unsigned int size = 0;
  CHECK(EVP_Digest(data.data(), data.size(), out.data(), &size, EVP_sha1(), nullptr) == 1);
  return Hex({reinterpret_cast<const char*>(out.data()), size});
}

Digest HmacSha256(std::string_view key, std::string_view data) {
  Digest out;
  unsigned int size = 0;
  CHECK(HMAC(EVP_sha256(),
             key.data(),
             static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(data.data()),
             data.size(),
             out.data(),
             &size) != nullptr);
  CHECK(size == out.size());
  return out;
}

std::string Hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (unsigned char c : bytes) {
    out += kDigits[c >> 4];
    out += kDigits[c & 15];
  }
  return out;
}

std::string Sha256Hex(std::string_view data) {
  return Hex(AsText(Sha256(data)));
}

std::string Base32(std::string_view bytes) {
  constexpr char kAlphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
  std::string out;
  uint32_t buffer = 0;
  int bits = 0;
  for (unsigned char c : bytes) {
    buffer = (buffer << 8) | c;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += kAlphabet[(buffer >> bits) & 31];
    }
  }
  if (bits > 0)
    out += kAlphabet[(buffer << (5 - bits)) & 31];
  return out;
}

bool SameSecret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string RandomBytes(size_t count) {
  std::string out(count, '\0');
  CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) == 1);
  return out;
}

}  // namespace base
