#include "metro/text_width.h"

#include <array>
#include <cstdint>
#include <iterator>

#include "base/utf8.h"

namespace metro {

namespace {

constexpr int16_t kWidths[] = {
#include "metro/font_widths.inc"
};
constexpr uint32_t kFirst = 0x20;
constexpr double kOther = 1.0;  // of any other letter, as an ellipsis: a CJK one fills a square
constexpr std::string_view kEllipsis = "\u2026", kReplacement = "\ufffd";

double WidthOf(const base::Char& letter) {
  const uint32_t code = letter.code;
  if (!letter.is_valid)
    return kOther;
  if (code >= kFirst && code < kFirst + std::size(kWidths) && kWidths[code - kFirst] > 0)
    return kWidths[code - kFirst] / 1000.0;
  return code < kFirst ? 0 : kOther;
}

}  // namespace

double TextWidth(std::string_view text) {
  double width = 0;
  for (size_t at = 0; at < text.size();) {
    const base::Char letter = base::FirstChar(text.substr(at));
    width += WidthOf(letter);
    at += letter.size;
  }
  return width;
}

std::string CutToWidth(std::string_view text, double width) {
  std::string out;
  double used = 0;
  size_t kept = 0;  // of `out`: what leaves room for an ellipsis
  for (size_t at = 0; at < text.size();) {
    const base::Char letter = base::FirstChar(text.substr(at));
    const std::string_view bytes = text.substr(at, letter.size);
    at += letter.size;
    if (letter.is_valid && base::IsHarmful(letter.code))
      continue;
    used += WidthOf(letter);
    if (used > width)
      return out.substr(0, kept) + std::string(kEllipsis);
    out += letter.is_valid ? bytes : kReplacement;
    if (used + kOther <= width)
      kept = out.size();
  }
  return out;
}

}  // namespace metro
