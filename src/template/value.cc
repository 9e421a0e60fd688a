#include "template/value.h"

#include <cstdlib>
#include <map>
#include <vector>

#include "base/json_text.h"
#include "base/text.h"

namespace tmpl {

using base::Cat;

namespace {

std::string TwoDigits(int number) {
  return Cat(number < 10 ? "0" : "", number);
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
  if (std::holds_alternative<Unknown>(value))
    return std::string();
  const auto& plain = std::get<json::value>(value);
  if (!plain.is_structured())
    return base::ScalarText(plain);
  return base::Fail(base::ErrorCode::kInvalidArgument,
                    Cat(Describe(value),
                        " cannot stand inside a text; use '| tojson'",
                        plain.is_array() ? " or '| join(\",\")'" : ""));
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

std::string_view Describe(const Value& value) {
  if (std::holds_alternative<DateTime>(value))
    return "a time";
  if (std::holds_alternative<Unknown>(value))
    return "a value";
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
