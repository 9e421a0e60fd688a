#include "base/mask.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"

namespace base {

namespace {

// Airflow's list (core.hide_sensitive_var_conn_fields); part of a name in any case.
constexpr std::string_view kSecretNames[] = {"access_token",
                                             "api_key",
                                             "apikey",
                                             "authorization",
                                             "keyfile_dict",
                                             "passphrase",
                                             "passwd",
                                             "password",
                                             "private_key",
                                             "secret",
                                             "service_account",
                                             "token"};
constexpr size_t kKeyIdLength = 20;  // "AKIA" and 16 more

bool IsKeyCharacter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool IsTokenCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         std::string_view("+/=_-.%~").find(c) != std::string_view::npos;
}

// How much of `text` from `place` on is an access key id; 0: it is none.
size_t KeyIdAt(std::string_view text, size_t place) {
  const std::string_view kind = text.substr(place, 4);
  if ((kind != "AKIA" && kind != "ASIA") || (place > 0 && IsKeyCharacter(text[place - 1])))
    return 0;
  size_t end = place;
  while (end < text.size() && IsKeyCharacter(text[end]))
    ++end;
  return end - place == kKeyIdLength ? kKeyIdLength : 0;
}

// What a secret follows at `place`; "" where nothing of the kind stands there.
std::string_view MarkAt(std::string_view text, size_t place) {
  static constexpr std::string_view kMarks[] = {
      "bearer ", "signature=", "security-token=", "security-token: ", "x-amz-credential="};
  for (const std::string_view mark : kMarks) {
    const std::string_view here = text.substr(place, mark.size());
    if (std::ranges::equal(
            here, mark, [](unsigned char a, unsigned char b) { return std::tolower(a) == b; }))
      return here;
  }
  return "";
}

}  // namespace

std::string MaskSecrets(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t place = 0; place < text.size();) {
    if (const size_t key = KeyIdAt(text, place); key > 0) {
      out += Cat(text.substr(place, 4), kMask);
      place += key;
      continue;
    }
    const std::string_view mark = MarkAt(text, place);
    if (mark.empty()) {
      out += text[place++];
      continue;
    }
    out += mark;
    place += mark.size();
    const size_t begin = place;
    while (place < text.size() && IsTokenCharacter(text[place]))
      ++place;
    if (place > begin)
      out += kMask;
  }
  return out;
}

bool IsSecretName(std::string_view name) {
  const std::string lower = ToLower(name);
  return std::ranges::any_of(kSecretNames, [&](std::string_view secret) {
    return lower.find(secret) != std::string::npos;
  });
}

}  // namespace base
