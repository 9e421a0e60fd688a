#pragma once

// The values of expressions, and their texts. Only for this folder.

#include <string>
#include <string_view>
#include <variant>

#include "base/json.h"
#include "base/time.h"

namespace tmpl {

struct Unknown {};  // only in Check: a value that nobody knows yet

struct DateTime {
  base::Time utc;
  int offset_seconds = 0;  // east of UTC: the clock that it is shown by
};

using Value = std::variant<json::value, DateTime, Unknown>;

// "2026-01-05T02:00:00+00:00", as Python's isoformat.
std::string IsoFormat(const DateTime& time);

// As Python's str(); an error for lists and maps.
base::Result<std::string> ToText(const Value& value);

// Compact JSON with sorted keys, and numbers as in ToText ("0.25", where Boost writes 2.5E-1).
std::string ToJson(const json::value& value);

// "a text", "a list": for messages.
std::string_view Describe(const Value& value);

inline std::string_view View(const json::string& text) {
  return {text.data(), text.size()};
}

}  // namespace tmpl
