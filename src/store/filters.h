#pragma once

// What lists are filtered by beside their keys, as every store understands it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace store {

// Of a column that holds a time, or a length of time, in microseconds: both ends are in it. Where
// the column holds nothing, it is in no range.
template <typename Column>
struct NumberRange {
  Column column{};
  std::optional<int64_t> from = {}, until = {};
};

// As SQLite's LIKE: `%` stands for any run of characters, `_` for one, and letters of ASCII are
// alike in both cases. A prefix stands for itself.
struct TextPattern {
  std::string text;
  bool is_prefix = false;
};
bool Fits(const TextPattern& pattern, std::string_view text);

// Of a column that holds a text: one of the patterns fits.
template <typename Column>
struct TextMatch {
  Column column{};
  std::vector<TextPattern> any_of;
};

}  // namespace store
