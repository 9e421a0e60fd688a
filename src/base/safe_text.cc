#include "base/safe_text.h"

#include <cstdint>
#include <cstring>

namespace base {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::string_view kEllipsis = "\xE2\x80\xA6";     // U+2026

struct Char {
  size_t size = 1;    // in bytes; of a malformed sequence what one replacement stands for
  uint32_t code = 0;  // the code point
  bool is_valid = true;
};

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

// REQUIRES: not empty.
Char First(std::string_view text) {
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

bool IsBetween(uint32_t code, uint32_t low, uint32_t high) {
  return low <= code && code <= high;
}

// Steers a terminal, or changes how the characters around it are read.
bool IsHarmful(uint32_t code) {
  return code < 0x20 || IsBetween(code, 0x7F, 0x9F) ||  // C0, DEL, C1
         code == 0x061C || IsBetween(code, 0x200E, 0x200F) ||
         IsBetween(code, 0x2028, 0x202E) ||  // separators, embeddings and overrides
         IsBetween(code, 0x2066, 0x2069) || code == 0xFEFF;
}

void AppendEscape(std::string& out, uint32_t code) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4)
    out += kHex[code >> shift & 15];
}

// How many bytes of ASCII the text begins with, in whole words: most texts are nothing else.
size_t AsciiWords(std::string_view text) {
  constexpr uint64_t kHighBits = 0x8080808080808080;
  size_t size = 0;
  uint64_t word = 0;
  for (; size + sizeof(word) <= text.size(); size += sizeof(word)) {
    std::memcpy(&word, text.data() + size, sizeof(word));
    if ((word & kHighBits) != 0)
      break;
  }
  return size;
}

enum class Layout { kKept, kSpaces };

std::string MakePrintable(std::string_view text, Layout layout) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Char next = First(text);
    const bool is_space = next.code == '\n' || next.code == '\t';
    const bool is_half_line_end = next.code == '\r' && text.substr(1).starts_with('\n');
    if (!next.is_valid)
      out += kReplacement;
    else if (is_space)
      out += layout == Layout::kSpaces ? ' ' : text.front();
    else if (!IsHarmful(next.code))
      out += text.substr(0, next.size);
    else if (!is_half_line_end)
      AppendEscape(out, next.code);
    text.remove_prefix(next.size);
  }
  return out;
}

}  // namespace

bool IsUtf8(std::string_view text) {
  while (true) {
    text.remove_prefix(AsciiWords(text));
    if (text.empty())
      return true;
    const Char next = First(text);
    if (!next.is_valid)
      return false;
    text.remove_prefix(next.size);
  }
}

std::string ValidUtf8(std::string text) {
  if (IsUtf8(text))
    return text;
  std::string out;
  out.reserve(text.size() + kReplacement.size());
  for (std::string_view rest = text; !rest.empty();) {
    const Char next = First(rest);
    out += next.is_valid ? rest.substr(0, next.size) : kReplacement;
    rest.remove_prefix(next.size);
  }
  return out;
}

std::string Printable(std::string_view text) {
  return MakePrintable(text, Layout::kKept);
}

std::string PrintableLine(std::string_view text) {
  return MakePrintable(text, Layout::kSpaces);
}

std::string Excerpt(std::string_view text, size_t max) {
  size_t end = 0;
  for (size_t count = 0; end < text.size(); ++count) {
    if (count == max)
      return std::string(text.substr(0, end)).append(kEllipsis);
    end += First(text.substr(end)).size;
  }
  return std::string(text);
}

}  // namespace base
