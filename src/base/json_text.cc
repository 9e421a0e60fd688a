#include "base/json_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "base/text.h"

namespace base {

namespace {

bool HasDouble(const json::value& value) {
  if (const json::array* array = value.if_array())
    return std::any_of(array->begin(), array->end(), HasDouble);
  if (const json::object* object = value.if_object())
    return std::any_of(object->begin(), object->end(), [](const auto& member) {
      return HasDouble(member.value());
    });
  return value.is_double();
}

void Append(const json::value& value, std::string& out) {
  std::string_view separator = "";
  if (value.is_double() && std::isfinite(value.get_double())) {
    out += NumberText(value.get_double());
  } else if (!HasDouble(value)) {
    out += json::serialize(value);
  } else if (const json::array* array = value.if_array()) {
    out += '[';
    for (const json::value& item : *array) {
      out += std::exchange(separator, ",");
      Append(item, out);
    }
    out += ']';
  } else if (const json::object* object = value.if_object()) {
    out += '{';
    for (const auto& [key, member] : *object) {
      out += Cat(std::exchange(separator, ","), json::serialize(json::value(key)), ":");
      Append(member, out);
    }
    out += '}';
  } else {
    out += "null";  // infinite, or no number: JSON has no word for it
  }
}

}  // namespace

std::string NumberText(double number) {
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
  std::string digits = ReplaceAll(text.substr(negative, e - negative), ".", "");
  if (exponent < 0) {
    digits.insert(0, static_cast<size_t>(-exponent), '0');
    exponent = 0;
  }
  size_t point = static_cast<size_t>(exponent) + 1;
  if (digits.size() <= point)
    digits.append(point + 1 - digits.size(), '0');
  return Cat(negative ? "-" : "", digits.substr(0, point), ".", digits.substr(point));
}

std::string Serialize(const json::value& value) {
  std::string out;
  Append(value, out);
  return out;
}

std::string ScalarText(const json::value& value) {
  if (value.is_null())
    return "None";
  if (value.is_bool())
    return value.get_bool() ? "True" : "False";
  if (value.is_double())
    return NumberText(value.get_double());
  return value.is_string() ? std::string(std::string_view(value.get_string())) : Serialize(value);
}

}  // namespace base
