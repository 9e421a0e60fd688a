#include "base/utf8.h"

namespace base {

namespace {

// What the first byte promises: the sequence's size and the range of its second byte (Unicode,
// table 3-7). Size 0: no sequence begins so.
struct Lead {
  size_t size = 0;
  unsigned char low = 0x80, high = 0xBF;
};

Lead LeadOf(unsigned char first) {
  if (first < 0xC2 || first > 0xF4)
    return {};
  if (first < 0xE0)
    return {.size = 2};
  if (first < 0xF0)
    return {.size = 3,
            .low = static_cast<unsigned char>(first == 0xE0 ? 0xA0 : 0x80),
            .high = static_cast<unsigned char>(first == 0xED ? 0x9F : 0xBF)};
  return {.size = 4,
          .low = static_cast<unsigned char>(first == 0xF0 ? 0x90 : 0x80),
          .high = static_cast<unsigned char>(first == 0xF4 ? 0x8F : 0xBF)};
}

bool IsBetween(uint32_t code, uint32_t low, uint32_t high) {
  return low <= code && code <= high;
}

}  // namespace

Char FirstChar(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80)
    return {.code = first};
  const Lead lead = LeadOf(first);
  uint32_t code = lead.size == 0 ? 0 : first & (0xFFu >> (lead.size + 1));
  for (size_t i = 1; i < lead.size; ++i) {
    const unsigned char low = i == 1 ? lead.low : 0x80;
    const unsigned char high = i == 1 ? lead.high : 0xBF;
    if (i >= text.size() || byte(i) < low || byte(i) > high)
      return {.size = i, .is_valid = false};
    code = code << 6 | (byte(i) & 0x3Fu);
  }
  return {.size = lead.size == 0 ? 1 : lead.size, .code = code, .is_valid = lead.size != 0};
}

bool IsHarmful(uint32_t code) {
  return code < 0x20 || IsBetween(code, 0x7F, 0x9F) ||  // C0, DEL, C1
         code == 0x061C || IsBetween(code, 0x200E, 0x200F) ||
         IsBetween(code, 0x2028, 0x202E) ||  // separators, embeddings and overrides
         IsBetween(code, 0x2066, 0x2069) || code == 0xFEFF;
}

}  // namespace base
