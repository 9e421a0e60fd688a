#include "template/value.h"

#include <cstdlib>
#include <map>
#include <vector>

#include "base/json_text.h"
#include "base/text.h"
#include "template/expression.h"

namespace tmpl {

using base::Cat;

namespace {

std::string TwoDigits(int number) {
  return Cat(number < 10 ? "0" : "", number);
}

// As Python's str(timedelta): "1 day, 2:03:04.500000", "-1 day, 23:00:00".
std::string SpanText(base::Duration length) {
  using std::chrono::days;
  auto whole = std::chrono::floor<days>(length);
  std::chrono::hh_mm_ss clock(length - whole);
  std::string text;
  if (whole.count() != 0)
    text = Cat(whole.count(), std::abs(whole.count()) == 1 ? " day, " : " days, ");
  text += Cat(clock.hours().count(),
              ":",
              TwoDigits(static_cast<int>(clock.minutes().count())),
              ":",
              TwoDigits(static_cast<int>(clock.seconds().count())));
  std::string micros = Cat(clock.subseconds().count());
  if (micros != "0")
    text += Cat(".", std::string(6 - micros.size(), '0'), micros);
  return text;
}

}  // namespace

std::string IsoFormat(const DateTime& time) {
  constexpr std::string_view kUtc = "+00:00";
  std::string text = base::FormatIso(time.utc + base::seconds(time.offset_seconds));
  text.resize(text.size() - kUtc.size());
  int east = std::abs(time.offset_seconds);
  text += Cat(
      time.offset_seconds < 0 ? "-" : "+", TwoDigits(east / 3600), ":", TwoDigits(east / 60 % 60));
  if (east % 60 != 0)
    text += Cat(":", TwoDigits(east % 60));
  return text;
}

base::Result<std::string> ToText(const Value& value) {
  if (const auto* time = std::get_if<DateTime>(&value))
    return IsoFormat(*time);
  if (const auto* span = std::get_if<Span>(&value))
    return SpanText(span->length);
  if (IsUnknown(value))
    return std::string();
  const auto& plain = std::get<json::value>(value);
  if (!plain.is_structured())
    return base::ScalarText(plain);
  return base::Fail(base::ErrorCode::kInvalidArgument,
                    Cat(Describe(value),
                        " cannot stand inside a text; use '| tojson'",
                        plain.is_array() ? " or '| join(\",\")'" : ""));
}

json::value ToJsonValue(Value value) {
  if (const auto* time = std::get_if<DateTime>(&value))
    return json::string(IsoFormat(*time));
  if (const auto* span = std::get_if<Span>(&value))
    return json::string(SpanText(span->length));
  auto* plain = std::get_if<json::value>(&value);
  return plain == nullptr ? json::value() : std::move(*plain);
}

std::string ToJson(const json::value& value) {
  if (!value.is_structured())
    return base::Serialize(value);
  std::vector<std::string> parts;
  if (const json::array* array = value.if_array()) {
    for (const json::value& item : *array)
      parts.push_back(ToJson(item));
    return Cat("[", base::Join(parts, ","), "]");
  }
  std::map<std::string_view, const json::value*> members;
  for (const auto& member : value.get_object())
    members.emplace(member.key(), &member.value());
  for (const auto& [key, member] : members)
    parts.push_back(Cat(base::Serialize(json::value(key)), ":", ToJson(*member)));
  return Cat("{", base::Join(parts, ","), "}");
}

bool Truth(const Value& value) {
  if (const auto* span = std::get_if<Span>(&value))
    return span->length.count() != 0;
  const auto* plain = std::get_if<json::value>(&value);
  return plain == nullptr || IsTrue(*plain);
}

bool IsTrue(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return false;
    case json::kind::bool_:
      return value.get_bool();
    case json::kind::int64:
      return value.get_int64() != 0;
    case json::kind::uint64:
      return value.get_uint64() != 0;
    case json::kind::double_:
      return value.get_double() != 0;
    case json::kind::string:
      return !value.get_string().empty();
    case json::kind::array:
      return !value.get_array().empty();
    case json::kind::object:
      return !value.get_object().empty();
  }
  return true;
}

size_t SizeOf(const json::value& value, size_t limit) {
  constexpr size_t kEach = 16;
  size_t size = kEach;
  if (const json::string* text = value.if_string())
    return size + text->size();
  if (const json::array* list = value.if_array()) {
    for (const json::value& item : *list)
      if (size <= limit)
        size += SizeOf(item, limit);
  } else if (const json::object* map = value.if_object()) {
    for (const auto& member : *map)
      if (size <= limit)
        size += member.key().size() + SizeOf(member.value(), limit);
  }
  return size;
}

std::string_view Describe(const Value& value) {
  if (std::holds_alternative<DateTime>(value))
    return "a time";
  if (std::holds_alternative<Span>(value))
    return "a span of time";
  if (std::holds_alternative<Unknown>(value))
    return "a value";
  if (std::holds_alternative<Secret>(value))
    return "a secret";
  if (std::holds_alternative<LookedMap>(value))
    return "a map with secrets";
  switch (std::get<json::value>(value).kind()) {
    case json::kind::null:
      return "None";
    case json::kind::bool_:
      return "true or false";
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_:
      return "a number";
    case json::kind::string:
      return "a text";
    case json::kind::array:
      return "a list";
    case json::kind::object:
      return "a map";
  }
  return "a value";
}

}  // namespace tmpl
