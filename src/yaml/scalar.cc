#include "yaml/scalar.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string>

namespace yaml {
namespace {

bool IsDigits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

Number ReadInt(std::string_view digits, int base, bool negative, int64_t* value) {
  uint64_t magnitude = 0;
  auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), magnitude, base);
  if (end != digits.data() + digits.size())
    return Number::kNone;
  uint64_t limit = static_cast<uint64_t>(INT64_MAX) + (negative ? 1 : 0);
  if (ec != std::errc() || magnitude > limit)
    return Number::kTooLarge;
  *value = static_cast<int64_t>(negative ? -magnitude : magnitude);
  return Number::kInt;
}

}  // namespace

// The core schema's numbers: [-+]?[0-9]+, 0o[0-7]+, 0x[0-9a-fA-F]+ and
// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
Number ReadNumber(std::string_view text, int64_t* integer, double* number) {
  if (text.size() > 2 && text[0] == '0' && (text[1] == 'o' || text[1] == 'x'))
    return ReadInt(text.substr(2), text[1] == 'o' ? 8 : 16, false, integer);
  bool negative = text.starts_with('-');
  std::string_view rest = text;
  if (negative || text.starts_with('+'))
    rest.remove_prefix(1);
  if (rest == ".inf" || rest == ".Inf" || rest == ".INF" || text == ".nan" || text == ".NaN" ||
      text == ".NAN")
    return Number::kTooLarge;
  if (IsDigits(rest)) {
    if (rest.size() > 1 && rest[0] == '0')
      return Number::kNone;  // 007 is a text here: as a number it would lose its zeros
    return ReadInt(rest, 10, negative, integer);
  }
  std::string_view mantissa = rest.substr(0, rest.find_first_of("eE"));
  if (mantissa.size() < rest.size()) {
    std::string_view exponent = rest.substr(mantissa.size() + 1);
    if (exponent.starts_with('-') || exponent.starts_with('+'))
      exponent.remove_prefix(1);
    if (!IsDigits(exponent))
      return Number::kNone;
  }
  size_t dot = mantissa.find('.');
  std::string_view whole = mantissa.substr(0, dot);
  std::string_view fraction = dot == std::string_view::npos ? "" : mantissa.substr(dot + 1);
  if ((!whole.empty() && !IsDigits(whole)) || (!fraction.empty() && !IsDigits(fraction)) ||
      (whole.empty() && fraction.empty()))
    return Number::kNone;
  // from_chars knows no leading '+' and calls an underflow an error, which strtod's zero is not.
  *number = std::strtod(std::string(text).c_str(), nullptr);
  return std::isfinite(*number) ? Number::kDouble : Number::kTooLarge;
}

}  // namespace yaml
