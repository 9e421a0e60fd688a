#include "base/safe_text.h"

#include <cstdint>
#include <cstring>

#include "base/utf8.h"

namespace base {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::string_view kEllipsis = "\xE2\x80\xA6";     // U+2026

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
    const Char next = FirstChar(text);
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
    const Char next = FirstChar(text);
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
    const Char next = FirstChar(rest);
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
    end += FirstChar(text.substr(end)).size;
  }
  return std::string(text);
}

}  // namespace base
