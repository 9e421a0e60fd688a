#pragma once

// Values of columns, as every store compares them, and the filters of queries over them.

#include <algorithm>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "store/filters.h"

namespace store {

using RowValue = std::variant<std::monostate, int64_t, std::string>;  // absent is the least

// No wish is every wish.
template <typename Value>
bool IsAmong(const Value& value, const std::vector<Value>& wanted) {
  return wanted.empty() || std::ranges::find(wanted, value) != wanted.end();
}

// The query's ranges and patterns; `value_of` a column of the row.
template <typename Query, typename ValueOf>
bool MeetsFilters(const Query& query, ValueOf value_of) {
  for (const auto& range : query.ranges) {
    const RowValue value = value_of(range.column);
    const auto* number = std::get_if<int64_t>(&value);
    if (number == nullptr || (range.from && *number < *range.from) ||
        (range.until && *number > *range.until))
      return false;
  }
  for (const auto& match : query.matches) {
    const RowValue value = value_of(match.column);
    const auto* text = std::get_if<std::string>(&value);
    if (text == nullptr || std::ranges::none_of(match.any_of, [&](const TextPattern& pattern) {
          return Fits(pattern, *text);
        }))
      return false;
  }
  return true;
}

}  // namespace store
