#include <cmath>

#include "base/text.h"
#include "template/eval.h"

namespace tmpl {

using base::Cat;
using base::ErrorCode;

namespace {

tl::unexpected<base::Error> Fail(std::string message) {
  return base::Fail(ErrorCode::kInvalidArgument, std::move(message));
}

base::Result<Value> ToLocal(const DateTime& time, const Context& context) {
  int offset = context.utc_offset_seconds ? context.utc_offset_seconds(time.utc) : 0;
  return DateTime{.utc = time.utc, .offset_seconds = offset};
}

// int() of Python; Jinja gives 0 where that fails, here it is an error unless there is a default.
base::Result<Value> ToInt(const Value& input, const std::vector<Value>& arguments) {
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
  if (!arguments.empty())
    return arguments[0];
  auto text = ToText(input);
  return Fail(text ? Cat("'", *text, "' is not a whole number") : text.error().message);
}

base::Result<Value> Replace(const Value& input, const std::vector<Value>& arguments) {
  ASSIGN_OR_RETURN(std::string text, ToText(input));
  ASSIGN_OR_RETURN(std::string from, ToText(arguments[0]));
  ASSIGN_OR_RETURN(std::string to, ToText(arguments[1]));
  if (from.empty())
    return Fail("'replace' needs a text to look for");
  if (to.size() > from.size() && text.size() / from.size() * to.size() > kMaxText)
    return Fail("the text that 'replace' makes is too long");
  return json::value(json::string(base::ReplaceAll(text, from, to)));
}

base::Result<Value> Join(const Value& input, const std::vector<Value>& arguments) {
  const auto* list = std::get_if<json::value>(&input);
  if (list == nullptr || !list->is_array())
    return Fail(Cat("'join' needs a list, found ", Describe(input)));
  std::string separator;
  if (!arguments.empty()) {
    ASSIGN_OR_RETURN(separator, ToText(arguments[0]));
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
  return json::value(json::string(out));
}

}  // namespace

base::Result<Value> ApplyFilter(Filter filter,
                                const Value& input,
                                const std::vector<Value>& arguments,
                                const Context& context) {
  switch (filter) {
    case Filter::kInt:
      return ToInt(input, arguments);
    case Filter::kReplace:
      return Replace(input, arguments);
    case Filter::kJoin:
      return Join(input, arguments);
    case Filter::kToJson:
      if (const auto* value = std::get_if<json::value>(&input))
        return json::value(json::string(ToJson(*value)));
      return Fail("'tojson' cannot write a time; use '| ts | tojson'");
    case Filter::kDs:
    case Filter::kDsNodash:
    case Filter::kLocal:
    case Filter::kTs:
    case Filter::kDefault:
      break;
  }
  const auto* time = std::get_if<DateTime>(&input);
  if (time == nullptr)
    return Fail(Cat("this filter needs a time such as logical_date, found ", Describe(input)));
  if (filter == Filter::kLocal)
    return ToLocal(*time, context);
  std::string text = IsoFormat(*time);
  if (filter != Filter::kTs)
    text.resize(text.find('T'));
  if (filter == Filter::kDsNodash)
    text = base::ReplaceAll(text, "-", "");
  return json::value(json::string(text));
}

}  // namespace tmpl
