#include "template/value.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <map>
#include <vector>

#include "base/text.h"

namespace tmpl {

using base::Cat;

namespace {

// Python's repr: the shortest digits that read back, with an exponent below 1e-4 and from 1e16.
std::string ToText(double number) {
  if (!std::isfinite(number))
    return std::isnan(number) ? "nan" : number > 0 ? "inf" : "-inf";
  char buffer[40] = {};  // atoi below wants an end
  auto [end, ec] =
      std::to_chars(buffer, buffer + sizeof(buffer), number, std::chars_format::scientific);
  std::string_view text(buffer, static_cast<size_t>(end - buffer));  // "-1.25e-05"
  size_t e = text.find('e');
  int exponent = std::atoi(buffer + e + 1);
  if (exponent < -4 || exponent >= 16)
    return std::string(text);
  bool negative = text.starts_with('-');
  std::string digits = base::ReplaceAll(text.substr(negative, e - negative), ".", "");
  if (exponent < 0) {
    digits.insert(0, static_cast<size_t>(-exponent), '0');
    exponent = 0;
  }
  size_t point = static_cast<size_t>(exponent) + 1;
  if (digits.size() <= point)
    digits.append(point + 1 - digits.size(), '0');
  return Cat(negative ? "-" : "", digits.substr(0, point), ".", digits.substr(point));
}

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
  switch (plain.kind()) {
    case json::kind::null:
      return "None";
    case json::kind::bool_:
      return plain.get_bool() ? "True" : "False";
    case json::kind::int64:
      return Cat(plain.get_int64());
    case json::kind::uint64:
      return Cat(plain.get_uint64());
    case json::kind::double_:
      return ToText(plain.get_double());
    case json::kind::string:
      return std::string(View(plain.get_string()));
    case json::kind::array:
    case json::kind::object:
      return base::Fail(base::ErrorCode::kInvalidArgument,
                        Cat(Describe(value),
                            " cannot stand inside a text; use '| tojson'",
                            plain.is_array() ? " or '| join(\",\")'" : ""));
  }
  return std::string();
}

std::string ToJson(const json::value& value) {
  if (value.is_double())
    return ToText(value.get_double());
  if (!value.is_structured())
    return json::serialize(value);
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
    parts.push_back(Cat(json::serialize(key), ":", ToJson(*member)));
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
