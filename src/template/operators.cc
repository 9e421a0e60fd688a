#include "template/operators.h"

#include <cmath>
#include <limits>

#include "base/text.h"
#include "template/calendar.h"

namespace tmpl {

using base::Cat;

namespace {

tl::unexpected<base::Error> Fail(std::string message) {
  return base::Fail(base::ErrorCode::kInvalidArgument, std::move(message));
}

tl::unexpected<base::Error> TooLarge() {
  return Fail("the result is a number that 64 bits cannot hold");
}

tl::unexpected<base::Error> ByZero() {
  return Fail("division by zero");
}

std::string_view SignOf(Operator operation) {
  switch (operation) {
    case Operator::kAdd:
      return "+";
    case Operator::kSubtract:
      return "-";
    case Operator::kMultiply:
      return "*";
    case Operator::kDivide:
      return "/";
    case Operator::kFloorDivide:
      return "//";
    case Operator::kModulo:
      return "%";
    case Operator::kConcat:
      return "~";
  }
  return "";
}

tl::unexpected<base::Error> CannotTake(Operator operation, const Value& left, const Value& right) {
  const bool texts = TextOf(left) != nullptr || TextOf(right) != nullptr;
  return Fail(Cat("'",
                  SignOf(operation),
                  "' cannot take ",
                  Describe(left),
                  " and ",
                  Describe(right),
                  texts && operation == Operator::kAdd      ? "; '~' joins texts"
                  : texts && operation == Operator::kModulo ? "; texts are put together with '~'"
                                                            : ""));
}

// Python's divmod: the remainder has the sign of the divisor.
int64_t FloorQuotient(int64_t left, int64_t right) {
  const int64_t quotient = left / right;
  return left % right != 0 && (left < 0) != (right < 0) ? quotient - 1 : quotient;
}

int64_t Remainder(int64_t left, int64_t right) {
  if (right == -1)
    return 0;
  const int64_t rest = left % right;
  return rest != 0 && (rest < 0) != (right < 0) ? rest + right : rest;
}

base::Result<Value> OfWhole(Operator operation, int64_t left, int64_t right) {
  int64_t result = 0;
  bool fits = true;
  switch (operation) {
    case Operator::kAdd:
      fits = !__builtin_add_overflow(left, right, &result);
      break;
    case Operator::kSubtract:
      fits = !__builtin_sub_overflow(left, right, &result);
      break;
    case Operator::kMultiply:
      fits = !__builtin_mul_overflow(left, right, &result);
      break;
    case Operator::kDivide:
      return right == 0 ? base::Result<Value>(ByZero()) : json::value(TrueQuotient(left, right));
    case Operator::kFloorDivide:
    case Operator::kModulo:
      if (right == 0)
        return ByZero();
      fits = operation == Operator::kModulo || right != -1 ||
             left != std::numeric_limits<int64_t>::min();
      if (fits)
        result =
            operation == Operator::kModulo ? Remainder(left, right) : FloorQuotient(left, right);
      break;
    case Operator::kConcat:
      break;
  }
  if (!fits)
    return TooLarge();
  return json::value(result);
}

struct Divided {
  double quotient;
  double rest;
};

// As CPython does it, to the last bit.
Divided DivideFloor(double left, double right) {
  double rest = std::fmod(left, right);
  double quotient = (left - rest) / right;
  if (rest == 0) {
    rest = std::copysign(0.0, right);
  } else if ((right < 0) != (rest < 0)) {
    rest += right;
    quotient -= 1;
  }
  if (quotient == 0)
    return {std::copysign(0.0, left / right), rest};
  double floored = std::floor(quotient);
  if (quotient - floored > 0.5)
    floored += 1;
  return {floored, rest};
}

base::Result<Value> OfDoubles(Operator operation, double left, double right) {
  double result = 0;
  switch (operation) {
    case Operator::kAdd:
      result = left + right;
      break;
    case Operator::kSubtract:
      result = left - right;
      break;
    case Operator::kMultiply:
      result = left * right;
      break;
    case Operator::kDivide:
    case Operator::kFloorDivide:
    case Operator::kModulo:
      if (right == 0)
        return ByZero();
      result = operation == Operator::kDivide        ? left / right
               : operation == Operator::kFloorDivide ? DivideFloor(left, right).quotient
                                                     : DivideFloor(left, right).rest;
      break;
    case Operator::kConcat:
      break;
  }
  if (!std::isfinite(result))
    return TooLarge();
  return json::value(result);
}

base::Result<Value> SpanOf(base::Result<Value> micros) {
  if (!micros)
    return Fail("the span of time is too long");
  return Span{base::Duration(std::get<json::value>(*micros).get_int64())};
}

// Python's timedelta / int: to the nearest microsecond, and of two to the even one.
base::Result<Value> DivideRounding(int64_t micros, int64_t number) {
  auto floored = OfWhole(Operator::kFloorDivide, micros, number);
  if (!floored)
    return SpanOf(std::move(floored));
  int64_t quotient = std::get<json::value>(*floored).get_int64();
  const int64_t rest = Remainder(micros, number);
  const int64_t other = number - rest;  // how far it is to the next one
  const bool nearer = number > 0 ? rest > other : rest < other;
  if (nearer || (rest == other && quotient % 2 != 0))
    ++quotient;
  return Span{base::Duration(quotient)};
}

base::Result<Value> OfTimes(Operator operation,
                            const DateTime& left,
                            const Value& right,
                            const Context& context) {
  if (const auto* span = std::get_if<Span>(&right)) {
    constexpr int64_t kLongest = std::numeric_limits<int64_t>::max();
    if (operation == Operator::kAdd)
      return Move(left, span->length, context);
    if (operation == Operator::kSubtract && span->length.count() >= -kLongest)
      return Move(left, -span->length, context);
  }
  const auto* time = std::get_if<DateTime>(&right);
  if (time != nullptr && operation == Operator::kSubtract)
    return Span{left.utc - time->utc};
  return CannotTake(operation, left, right);
}

base::Result<Value> OfSpans(Operator operation, const Span& left, const Value& right) {
  const int64_t micros = left.length.count();
  if (const auto* span = std::get_if<Span>(&right)) {
    const int64_t other = span->length.count();
    if (operation == Operator::kDivide || operation == Operator::kFloorDivide)
      return OfWhole(operation, micros, other);
    if (operation == Operator::kModulo && other == 0)
      return ByZero();
    if (operation != Operator::kMultiply && operation != Operator::kConcat)
      return SpanOf(OfWhole(operation, micros, other));
  } else if (auto number = WholeNumber(right)) {
    const bool divides = operation == Operator::kDivide || operation == Operator::kFloorDivide;
    if (divides && *number == 0)
      return ByZero();
    if (operation == Operator::kDivide)
      return DivideRounding(micros, *number);
    if (operation == Operator::kMultiply || operation == Operator::kFloorDivide)
      return SpanOf(OfWhole(operation, micros, *number));
  }
  return CannotTake(operation, left, right);
}

// A text or a list so many times.
base::Result<Value> Repeat(const json::value& value, int64_t times) {
  const auto count = static_cast<size_t>(std::max<int64_t>(times, 0));
  const json::string* repeated = value.if_string();
  const size_t size = repeated != nullptr ? repeated->size() : SizeOf(value, kMaxText);
  if (size > 0 && count > kMaxText / size)
    return Fail("the result is longer than 1 MiB");
  if (repeated != nullptr) {
    json::string out;
    for (size_t i = 0; i < count && size > 0; ++i)
      out += *repeated;
    return json::value(std::move(out));
  }
  json::array out;
  for (size_t i = 0; i < count; ++i)
    out.insert(out.end(), value.get_array().begin(), value.get_array().end());
  return json::value(std::move(out));
}

bool IsSequence(const json::value& value) {
  return value.is_string() || value.is_array();
}

base::Result<Value> OfSequences(Operator operation, const Value& left, const Value& right) {
  const auto* first = std::get_if<json::value>(&left);
  const auto* second = std::get_if<json::value>(&right);
  if (operation == Operator::kMultiply) {
    if (auto times = WholeNumber(right); times && first != nullptr && IsSequence(*first))
      return Repeat(*first, *times);
    if (auto times = WholeNumber(left); times && second != nullptr && IsSequence(*second))
      return Repeat(*second, *times);
  }
  if (operation != Operator::kAdd || first == nullptr || second == nullptr)
    return CannotTake(operation, left, right);
  if (first->is_string() && second->is_string()) {
    json::string out = first->get_string();
    out += second->get_string();
    return Bounded(std::move(out));
  }
  if (!first->is_array() || !second->is_array())
    return CannotTake(operation, left, right);
  json::array out = first->get_array();
  out.insert(out.end(), second->get_array().begin(), second->get_array().end());
  return Bounded(std::move(out));
}

base::Result<Value> Concat(const Value& left, const Value& right) {
  ASSIGN_OR_RETURN(std::string text, ToText(left));
  ASSIGN_OR_RETURN(std::string tail, ToText(right));
  text += tail;
  return Bounded(json::string(text));
}

}  // namespace

std::optional<int64_t> WholeNumber(const Value& value) {
  const auto* plain = std::get_if<json::value>(&value);
  if (plain == nullptr)
    return std::nullopt;
  if (plain->is_bool())
    return plain->get_bool() ? 1 : 0;
  if (plain->is_int64())
    return plain->get_int64();
  if (plain->is_uint64() && plain->get_uint64() <= std::numeric_limits<int64_t>::max())
    return static_cast<int64_t>(plain->get_uint64());
  return std::nullopt;
}

std::optional<double> AsDouble(const Value& value) {
  if (auto whole = WholeNumber(value))
    return static_cast<double>(*whole);
  const auto* plain = std::get_if<json::value>(&value);
  return plain != nullptr && plain->is_double() ? std::optional(plain->get_double()) : std::nullopt;
}

bool IsHuge(const Value& value) {
  const auto* plain = std::get_if<json::value>(&value);
  return plain != nullptr && plain->is_uint64() && !WholeNumber(value);
}

double TrueQuotient(int64_t left, int64_t right) {
  __extension__ using Wide = unsigned __int128;
  const uint64_t above = left < 0 ? -static_cast<uint64_t>(left) : static_cast<uint64_t>(left);
  const uint64_t below = right < 0 ? -static_cast<uint64_t>(right) : static_cast<uint64_t>(right);
  if (above == 0)
    return right < 0 ? -0.0 : 0.0;
  // So many bits that the quotient has at least 56, of which the last stands for all that follow.
  const int shift = 57 + __builtin_clzll(above) - __builtin_clzll(below);
  const Wide dividend = shift > 0 ? Wide(above) << shift : Wide(above);
  const Wide divisor = shift < 0 ? Wide(below) << -shift : Wide(below);
  auto quotient = static_cast<uint64_t>(dividend / divisor);
  if (dividend % divisor != 0)
    quotient |= 1;
  const double result = std::ldexp(static_cast<double>(quotient), -shift);
  return (left < 0) != (right < 0) ? -result : result;
}

base::Result<Value> Bounded(json::value value) {
  if (SizeOf(value, kMaxText) > kMaxText)
    return Fail("the result is longer than 1 MiB");
  return value;
}

base::Result<Value> Calculate(Operator operation,
                              const Value& left,
                              const Value& right,
                              const Context& context) {
  if (operation == Operator::kConcat)
    return Concat(left, right);
  const auto whole_left = WholeNumber(left);
  const auto whole_right = WholeNumber(right);
  if (whole_left && whole_right)
    return OfWhole(operation, *whole_left, *whole_right);
  if (IsHuge(left) || IsHuge(right))
    return TooLarge();
  const auto double_left = AsDouble(left);
  const auto double_right = AsDouble(right);
  if (double_left && double_right)
    return OfDoubles(operation, *double_left, *double_right);
  if (const auto* time = std::get_if<DateTime>(&left))
    return OfTimes(operation, *time, right, context);
  if (const auto* span = std::get_if<Span>(&left))
    return operation == Operator::kAdd && std::holds_alternative<DateTime>(right)
               ? OfTimes(operation, std::get<DateTime>(right), left, context)
               : OfSpans(operation, *span, right);
  if (const auto* span = std::get_if<Span>(&right);
      span != nullptr && whole_left && operation == Operator::kMultiply)
    return OfSpans(operation, *span, left);
  return OfSequences(operation, left, right);
}

base::Result<Value> Negate(const Value& value, bool minus) {
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
  if (const auto* span = std::get_if<Span>(&value)) {
    if (minus && span->length.count() == kLeast)
      return Fail("the span of time is too long");
    return minus ? Span{-span->length} : *span;
  }
  if (auto whole = WholeNumber(value)) {
    if (minus && *whole == kLeast)
      return TooLarge();
    return json::value(minus ? -*whole : *whole);
  }
  if (IsHuge(value))
    return TooLarge();
  if (auto number = AsDouble(value))
    return json::value(minus ? -*number : *number);
  return Fail(Cat("'", minus ? "-" : "+", "' needs a number, found ", Describe(value)));
}

}  // namespace tmpl
