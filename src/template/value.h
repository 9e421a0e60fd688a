#pragma once

// The values of expressions, and their texts. Only for this folder.

#include <string>
#include <string_view>
#include <variant>

#include "base/json.h"
#include "base/time.h"
#include "template/template.h"

namespace tmpl {

struct Unknown {};  // only in Check: a value that nobody knows yet

struct DateTime {
  base::Time utc;
  int offset_seconds = 0;  // east of UTC: the clock that it is shown by
  bool local = false;      // the clock is the DAG's zone: its offset changes with the time
};

struct Span {
  base::Duration length{};
};

using Value = std::variant<json::value, DateTime, Span, Unknown, Secret, LookedMap>;

enum class Operator { kAdd, kSubtract, kMultiply, kDivide, kFloorDivide, kModulo, kConcat };
enum class Relation { kEqual, kUnequal, kLess, kLessEqual, kGreater, kGreaterEqual, kIn, kNotIn };

// Of one text or list that an expression makes.
inline constexpr size_t kMaxText = 1 << 20;

// "2026-01-05T02:00:00+00:00", as Python's isoformat.
std::string IsoFormat(const DateTime& time);

// As Python's str(); an error for lists and maps.
base::Result<std::string> ToText(const Value& value);

// What leaves the language: times and spans are texts there.
json::value ToJsonValue(Value value);

// Compact JSON with sorted keys, and numbers as in ToText ("0.25", where Boost writes 2.5E-1).
std::string ToJson(const json::value& value);

// As Python: not None, not zero, not empty.
bool Truth(const Value& value);

// About how many bytes the value holds; counting ends soon after `limit`.
size_t SizeOf(const json::value& value, size_t limit);

// "a text", "a list": for messages.
std::string_view Describe(const Value& value);

// A secret, or a map that holds some.
inline bool IsHidden(const Value& value) {
  return std::holds_alternative<Secret>(value) || std::holds_alternative<LookedMap>(value);
}

inline bool IsUnknown(const Value& value) {
  return std::holds_alternative<Unknown>(value);
}

inline std::string_view View(const json::string& text) {
  return {text.data(), text.size()};
}

// The value as a text; null where it is none.
inline const json::string* TextOf(const Value& value) {
  const auto* plain = std::get_if<json::value>(&value);
  return plain == nullptr ? nullptr : plain->if_string();
}

}  // namespace tmpl
