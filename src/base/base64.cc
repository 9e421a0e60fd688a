#include "base/base64.h"

#include <sodium.h>

namespace base {

namespace {

constexpr int kPlain = sodium_base64_VARIANT_ORIGINAL;
constexpr int kForUrls = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

std::string Encode(std::string_view bytes, int variant) {
  std::string out(sodium_base64_encoded_len(bytes.size(), variant), '\0');
  sodium_bin2base64(out.data(),
                    out.size(),
                    reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(),
                    variant);
  out.pop_back();  // the NUL
  return out;
}

std::optional<std::string> Decode(std::string_view text, int variant) {
  std::string out(text.size(), '\0');
  size_t size = 0;
  const char* end = nullptr;
  const int result = sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()),
                                       out.size(),
                                       text.data(),
                                       text.size(),
                                       nullptr,
                                       &size,
                                       &end,
                                       variant);
  if (result != 0 || end != text.data() + text.size())
    return std::nullopt;
  out.resize(size);
  // libsodium 1.0.18 takes some bytes beyond ASCII for letters.
  if (Encode(out, variant) != text)
    return std::nullopt;
  return out;
}

}  // namespace

std::string ToBase64(std::string_view bytes) {
  return Encode(bytes, kPlain);
}

std::optional<std::string> FromBase64(std::string_view text) {
  return Decode(text, kPlain);
}

std::string ToBase64Url(std::string_view bytes) {
  return Encode(bytes, kForUrls);
}

std::optional<std::string> FromBase64Url(std::string_view text) {
  return Decode(text, kForUrls);
}

}  // namespace base
