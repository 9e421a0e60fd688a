#pragma once

// Small helpers over strings. Pure.

#include <charconv>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace base {

namespace internal {
inline size_t TextSize(std::string_view piece) {
  return piece.size();
}
inline size_t TextSize(std::integral auto) {
  return 0;
}
inline void AppendPiece(std::string& out, std::string_view piece) {
  out += piece;
}
inline void AppendPiece(std::string& out, char piece) {
  out += piece;
}
template <std::integral T>
  requires(!std::same_as<T, char> && !std::same_as<T, bool>)
void AppendPiece(std::string& out, T piece) {
  char buffer[24];
  auto [end, ec] = std::to_chars(buffer, buffer + sizeof(buffer), piece);
  out.append(buffer, end);
}
}  // namespace internal

// Cat("step ", 3, " of ", name): strings, characters and integers, one after the other.
template <typename... Pieces>
std::string Cat(const Pieces&... pieces) {
  std::string out;
  out.reserve((internal::TextSize(pieces) + ... + 0));
  (internal::AppendPiece(out, pieces), ...);
  return out;
}

std::vector<std::string> Split(std::string_view text, char separator);
std::string Join(const std::vector<std::string>& parts, std::string_view separator);
// Without white space at both ends.
std::string_view Trim(std::string_view text);
std::string ToLower(std::string_view text);
std::string ToUpper(std::string_view text);
std::string ReplaceAll(std::string_view text, std::string_view from, std::string_view to);

// The whole text as a decimal integer; nothing for anything else ("12x", "", an overflow).
std::optional<int64_t> ParseInt(std::string_view text);
std::optional<double> ParseDouble(std::string_view text);

// 0 to 15; -1 for what is no hexadecimal digit.
int HexDigit(char c);

// `*` matches any run of characters, `?` one character; everything else matches itself.
bool GlobMatch(std::string_view pattern, std::string_view text);

// The candidate that a person who typed `word` most probably meant: the one with the smallest edit
// distance (at most a third of the word's length, at least 1); nothing where none is near.
std::optional<std::string> DidYouMean(std::string_view word,
                                      const std::vector<std::string>& candidates);

}  // namespace base
