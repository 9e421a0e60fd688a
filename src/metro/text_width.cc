#include "metro/text_width.h"

#include <array>
#include <cstdint>
#include <iterator>

namespace metro {

namespace {

constexpr int16_t kWidths[] = {
#include "metro/font_widths.inc"
};
constexpr uint32_t kFirst = 0x20;
constexpr double kOther = 1.0;  // of any other letter: a CJK one fills a square
constexpr std::string_view kEllipsis = "\u2026";
constexpr double kEllipsisWidth = 0.9;

struct Letter {
  uint32_t code = 0xfffd;
  size_t size = 1;  // in bytes
};

// Of a text that may be any bytes.
Letter LetterAt(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = byte(at);
  if (first < 0x80)
    return {first, 1};
  const size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 1;
  if (size == 1 || at + size > text.size())
    return {};
  uint32_t code = first & (0xffU >> (size + 1));
  for (size_t i = 1; i < size; ++i) {
    if ((byte(at + i) & 0xc0) != 0x80)
      return {};
    code = code << 6 | (byte(at + i) & 0x3f);
  }
  return {code, size};
}

// Control characters, and those that change the direction of what follows.
bool IsShown(uint32_t code) {
  return code >= kFirst && !(code >= 0x7f && code < 0xa0) && code != 0x200e && code != 0x200f &&
         !(code >= 0x2028 && code <= 0x202e) && !(code >= 0x2066 && code <= 0x2069);
}

double WidthOf(uint32_t code) {
  if (code >= kFirst && code < kFirst + std::size(kWidths) && kWidths[code - kFirst] > 0)
    return kWidths[code - kFirst] / 1000.0;
  return code < kFirst ? 0 : kOther;
}

}  // namespace

double TextWidth(std::string_view text) {
  double width = 0;
  for (size_t at = 0; at < text.size();) {
    const Letter letter = LetterAt(text, at);
    width += WidthOf(letter.code);
    at += letter.size;
  }
  return width;
}

std::string CutToWidth(std::string_view text, double width) {
  std::string out;
  double used = 0;
  size_t kept = 0;  // of `out`: what leaves room for an ellipsis
  for (size_t at = 0; at < text.size();) {
    const Letter letter = LetterAt(text, at);
    const size_t from = at;
    at += letter.size;
    if (!IsShown(letter.code))
      continue;
    used += WidthOf(letter.code);
    if (used > width)
      return out.substr(0, kept) + std::string(kEllipsis);
    out +=
        letter.code == 0xfffd ? std::string("\ufffd") : std::string(text.substr(from, letter.size));
    if (used + kEllipsisWidth <= width)
      kept = out.size();
  }
  return out;
}

}  // namespace metro
