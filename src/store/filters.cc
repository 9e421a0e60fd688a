#include "store/filters.h"

namespace store {

namespace {

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Where the character that begins at `at` ends, in UTF-8.
size_t After(std::string_view text, size_t at) {
  ++at;
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80)
    ++at;
  return at;
}

bool IsLike(std::string_view pattern, std::string_view text) {
  constexpr size_t kNone = std::string_view::npos;
  size_t p = 0, t = 0, star = kNone, begin = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '%') {
      star = p++;
      begin = t;
    } else if (p < pattern.size() && pattern[p] == '_') {
      ++p;
      t = After(text, t);
    } else if (p < pattern.size() && Lower(pattern[p]) == Lower(text[t])) {
      ++p;
      ++t;
    } else if (star != kNone) {
      p = star + 1;
      t = begin = After(text, begin);
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '%')
    ++p;
  return p == pattern.size();
}

}  // namespace

bool Fits(const TextPattern& pattern, std::string_view text) {
  return pattern.is_prefix ? text.starts_with(pattern.text) : IsLike(pattern.text, text);
}

}  // namespace store
