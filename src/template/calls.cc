#include <cmath>

#include "base/text.h"
#include "template/calendar.h"
#include "template/eval.h"
#include "template/formats.h"
#include "template/operators.h"

namespace tmpl {

using base::Cat;
using base::ErrorCode;

namespace {

tl::unexpected<base::Error> Fail(std::string message) {
  return base::Fail(ErrorCode::kInvalidArgument, std::move(message));
}

base::Result<Value> Text(std::string text) {
  return json::value(json::string(text));
}

DateTime ToLocal(const DateTime& time, const Context& context) {
  int offset = context.utc_offset_seconds ? context.utc_offset_seconds(time.utc) : 0;
  return {.utc = time.utc, .offset_seconds = offset, .local = true};
}

// int() of Python; Jinja gives 0 where that fails, here it is an error unless there is a default.
base::Result<Value> ToInt(const Value& input, const Arguments& arguments) {
  std::optional<double> number;
  if (const auto* value = std::get_if<json::value>(&input)) {
    if (value->is_int64() || value->is_uint64())
      return *value;
    if (value->is_bool())
      return json::value(value->get_bool() ? 1 : 0);
    if (value->is_double())
      number = value->get_double();
    if (value->is_string()) {
      std::string_view text = base::Trim(View(value->get_string()));
      if (text.starts_with('+') && !text.substr(1).starts_with('-'))
        text.remove_prefix(1);
      if (auto integer = base::ParseInt(text))
        return json::value(*integer);
      number = base::ParseDouble(text);
    }
  }
  if (number && std::abs(*number) < 9e18)
    return json::value(static_cast<int64_t>(*number));
  if (number && std::isfinite(*number))
    return Fail("the result is a number that 64 bits cannot hold");
  if (arguments[0])
    return *arguments[0];
  auto text = ToText(input);
  return Fail(text ? Cat("'", *text, "' is not a whole number") : text.error().message);
}

size_t CountOf(std::string_view text, std::string_view part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + part.size()))
    ++count;
  return count;
}

base::Result<Value> Replace(const Value& input, const Arguments& arguments) {
  ASSIGN_OR_RETURN(std::string text, ToText(input));
  ASSIGN_OR_RETURN(std::string from, ToText(*arguments[0]));
  ASSIGN_OR_RETURN(std::string to, ToText(*arguments[1]));
  if (from.empty())
    return Fail("'replace' needs a text to look for");
  if (to.size() > from.size() && CountOf(text, from) > kMaxText / (to.size() - from.size()))
    return Fail("the text that 'replace' makes is too long");
  return Bounded(json::string(base::ReplaceAll(text, from, to)));
}

base::Result<Value> Join(const Value& input, const Arguments& arguments) {
  const auto* list = std::get_if<json::value>(&input);
  if (list == nullptr || !list->is_array())
    return Fail(Cat("'join' needs a list, found ", Describe(input)));
  std::string separator;
  if (arguments[0]) {
    ASSIGN_OR_RETURN(separator, ToText(*arguments[0]));
  }
  std::string out;
  for (const json::value& item : list->get_array()) {
    ASSIGN_OR_RETURN(std::string text, ToText(item));
    if (&item != &list->get_array().front())
      out += separator;
    out += text;
    if (out.size() > kMaxText)
      return Fail("the text that 'join' makes is too long");
  }
  return Text(std::move(out));
}

base::Result<Value> Get(const Value& input, const Arguments& arguments) {
  const auto* map = std::get_if<json::value>(&input);
  if (map == nullptr || !map->is_object())
    return Fail(Cat("'get' needs a map, found ", Describe(input)));
  const json::string* key = TextOf(*arguments[0]);
  const json::value* value = key == nullptr ? nullptr : map->get_object().if_contains(View(*key));
  if (value != nullptr)
    return *value;
  return arguments[1].value_or(json::value());
}

// A number of days, months and so on; 0 where it is not given.
base::Result<int64_t> CountAt(const FunctionSpec& spec, const Arguments& arguments, size_t i) {
  if (!arguments[i])
    return 0;
  if (auto count = WholeNumber(*arguments[i]))
    return *count;
  return Fail(Cat("'",
                  spec.name,
                  "' needs a whole number for '",
                  spec.parameters[i].name,
                  "', found ",
                  Describe(*arguments[i])));
}

struct Unit {
  std::string_view name;
  int64_t size;
};

// What the arguments of these names make together, each times its unit's size. The sign is that of
// `sign`.
base::Result<int64_t> SumOf(const FunctionSpec& spec,
                            const Arguments& arguments,
                            std::initializer_list<Unit> units,
                            int sign) {
  int64_t sum = 0;
  for (size_t i = 0; i < arguments.size(); ++i)
    for (const Unit& unit : units) {
      if (unit.name != spec.parameters[i].name)
        continue;
      ASSIGN_OR_RETURN(int64_t count, CountAt(spec, arguments, i));
      if (__builtin_mul_overflow(count, unit.size * sign, &count) ||
          __builtin_add_overflow(sum, count, &sum))
        return Fail("the span of time is too long");
    }
  return sum;
}

constexpr Unit kMicrosecond = {"microseconds", 1};
constexpr Unit kMillisecond = {"milliseconds", 1'000};
constexpr Unit kSecond = {"seconds", 1'000'000};
constexpr Unit kMinute = {"minutes", 60'000'000};
constexpr Unit kHour = {"hours", 3'600'000'000};
constexpr int64_t kDaySize = 86'400'000'000;

base::Result<Value> Timedelta(const FunctionSpec& spec, const Arguments& arguments) {
  ASSIGN_OR_RETURN(const int64_t micros,
                   SumOf(spec,
                         arguments,
                         {kMicrosecond,
                          kMillisecond,
                          kSecond,
                          kMinute,
                          kHour,
                          {"days", kDaySize},
                          {"weeks", 7 * kDaySize}},
                         1));
  return Span{base::Duration(micros)};
}

base::Result<Value> MoveBy(const FunctionSpec& spec,
                           const DateTime& time,
                           const Arguments& arguments,
                           const Context& context) {
  const int sign = spec.function == Function::kSubtract ? -1 : 1;
  ASSIGN_OR_RETURN(const int64_t months,
                   SumOf(spec, arguments, {{"years", 12}, {"months", 1}}, sign));
  ASSIGN_OR_RETURN(const int64_t days, SumOf(spec, arguments, {{"weeks", 7}, {"days", 1}}, sign));
  ASSIGN_OR_RETURN(const int64_t rest,
                   SumOf(spec, arguments, {kMicrosecond, kSecond, kMinute, kHour}, sign));
  return Move(time, Shift{.months = months, .days = days, .rest = base::Duration(rest)}, context);
}

// The argument as a text that is right for its parameter.
base::Result<std::string> TextAt(const FunctionSpec& spec, const Arguments& arguments, size_t i) {
  const Parameter& parameter = spec.parameters[i];
  const json::string* text = TextOf(*arguments[i]);
  if (text == nullptr)
    return Fail(Cat("'",
                    spec.name,
                    "' needs a text for '",
                    parameter.name,
                    "', found ",
                    Describe(*arguments[i])));
  if (std::string problem = ProblemOfConstant(parameter.kind, View(*text)); !problem.empty())
    return Fail(std::move(problem));
  return std::string(View(*text));
}

constexpr std::string_view kDsFormat = "%Y-%m-%d";

// As Airflow's macros.ds_add.
base::Result<Value> DsAdd(const FunctionSpec& spec,
                          const Arguments& arguments,
                          const Context& context) {
  ASSIGN_OR_RETURN(const int64_t days, CountAt(spec, arguments, 1));
  ASSIGN_OR_RETURN(std::string ds, ToText(*arguments[0]));
  if (days == 0)
    return Text(std::move(ds));
  ASSIGN_OR_RETURN(const DateTime time, Strptime(ds, kDsFormat));
  ASSIGN_OR_RETURN(const DateTime moved, Move(time, Shift{.days = days}, context));
  return Text(Strftime(moved, kDsFormat));
}

// As Airflow's macros.ds_format.
base::Result<Value> DsFormat(const FunctionSpec& spec, const Arguments& arguments) {
  ASSIGN_OR_RETURN(std::string ds, ToText(*arguments[0]));
  ASSIGN_OR_RETURN(std::string input, TextAt(spec, arguments, 1));
  ASSIGN_OR_RETURN(std::string output, TextAt(spec, arguments, 2));
  ASSIGN_OR_RETURN(const DateTime time, Strptime(ds, input));
  return Text(Strftime(time, output));
}

std::string WithoutSigns(std::string_view text) {
  return base::ReplaceAll(base::ReplaceAll(text, "-", ""), ":", "");
}

// The functions of a time.
base::Result<Value> OfTime(const FunctionSpec& spec,
                           const DateTime& time,
                           const Arguments& arguments,
                           const Context& context) {
  switch (spec.function) {
    case Function::kAdd:
    case Function::kSubtract:
      return MoveBy(spec, time, arguments, context);
    case Function::kDs:
      return Text(Strftime(time, kDsFormat));
    case Function::kDsNodash:
      return Text(Strftime(time, "%Y%m%d"));
    case Function::kIsoFormat:
    case Function::kTs:
      return Text(IsoFormat(time));
    case Function::kTsNodash:
      return Text(Strftime(time, "%Y%m%dT%H%M%S"));
    case Function::kTsNodashWithTz:
      return Text(WithoutSigns(IsoFormat(time)));
    case Function::kLocal:
      return ToLocal(time, context);
    case Function::kWeekday:
      return json::value(*base::ParseInt(Strftime(time, "%u")) - 1);
    case Function::kIsoWeekday:
      return json::value(*base::ParseInt(Strftime(time, "%u")));
    case Function::kTimestamp:
      return json::value(TrueQuotient(base::ToMicros(time.utc), kSecond.size));
    case Function::kStrftime:
    case Function::kStartOf:
    case Function::kEndOf: {
      ASSIGN_OR_RETURN(std::string text, TextAt(spec, arguments, 0));
      if (spec.function == Function::kStrftime)
        return Text(Strftime(time, text));
      return spec.function == Function::kStartOf ? StartOf(time, text, context)
                                                 : EndOf(time, text, context);
    }
    case Function::kDefault:
    case Function::kDsAdd:
    case Function::kDsFormat:
    case Function::kGet:
    case Function::kInt:
    case Function::kJoin:
    case Function::kReplace:
    case Function::kTimedelta:
    case Function::kToJson:
    case Function::kTotalSeconds:
      break;
  }
  return Fail(Cat("'", spec.name, "' takes no time"));
}

base::Result<Value> TotalSeconds(const Value& input) {
  const auto* span = std::get_if<Span>(&input);
  if (span == nullptr)
    return Fail(Cat("'total_seconds' needs a span of time, found ", Describe(input)));
  return json::value(TrueQuotient(span->length.count(), kSecond.size));
}

base::Result<Value> ToJsonText(const Value& input) {
  const auto* value = std::get_if<json::value>(&input);
  if (value == nullptr)
    return Fail("'tojson' cannot write a time; use '| ts | tojson'");
  return Bounded(json::string(ToJson(*value)));
}

}  // namespace

base::Result<Value> Apply(const FunctionSpec& spec,
                          const Value& input,
                          const Arguments& arguments,
                          const Context& context) {
  switch (spec.function) {
    case Function::kDsAdd:
      return DsAdd(spec, arguments, context);
    case Function::kDsFormat:
      return DsFormat(spec, arguments);
    case Function::kGet:
      return Get(input, arguments);
    case Function::kInt:
      return ToInt(input, arguments);
    case Function::kJoin:
      return Join(input, arguments);
    case Function::kReplace:
      return Replace(input, arguments);
    case Function::kTimedelta:
      return Timedelta(spec, arguments);
    case Function::kToJson:
      return ToJsonText(input);
    case Function::kTotalSeconds:
      return TotalSeconds(input);
    case Function::kAdd:
    case Function::kDefault:
    case Function::kDs:
    case Function::kDsNodash:
    case Function::kEndOf:
    case Function::kIsoFormat:
    case Function::kIsoWeekday:
    case Function::kLocal:
    case Function::kStartOf:
    case Function::kStrftime:
    case Function::kSubtract:
    case Function::kTimestamp:
    case Function::kTs:
    case Function::kTsNodash:
    case Function::kTsNodashWithTz:
    case Function::kWeekday:
      break;
  }
  if (const auto* time = std::get_if<DateTime>(&input))
    return OfTime(spec, *time, arguments, context);
  return Fail(Cat("'", spec.name, "' needs a time such as logical_date, found ", Describe(input)));
}

}  // namespace tmpl
