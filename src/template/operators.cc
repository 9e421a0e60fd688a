// What operators make of values, with Python's meaning.

#include <algorithm>
#include <cmath>
#include <compare>

#include "base/text.h"
#include "template/eval.h"

namespace tmpl {

using base::Cat;

namespace {

bool IsNumber(const json::value& value) {
  return value.is_number() || value.is_bool();
}

// True and False are 1 and 0.
std::partial_ordering OrderOfNumbers(const json::value& left, const json::value& right) {
  const auto whole = [](const json::value& value) -> std::optional<int64_t> {
    if (value.is_bool())
      return value.get_bool() ? 1 : 0;
    return value.is_int64() ? std::optional(value.get_int64()) : std::nullopt;
  };
  const auto a = whole(left), b = whole(right);
  if (a && b)
    return *a <=> *b;
  const auto number = [](const json::value& value) {
    return value.is_bool() ? (value.get_bool() ? 1.0 : 0.0) : value.to_number<double>();
  };
  return number(left) <=> number(right);
}

bool Equal(const json::value& left, const json::value& right) {
  if (IsNumber(left) && IsNumber(right))
    return OrderOfNumbers(left, right) == 0;
  if (left.kind() != right.kind())
    return false;
  if (left.is_array())
    return std::equal(left.get_array().begin(),
                      left.get_array().end(),
                      right.get_array().begin(),
                      right.get_array().end(),
                      Equal);
  if (left.is_object()) {
    const json::object& other = right.get_object();
    return left.get_object().size() == other.size() &&
           std::all_of(left.get_object().begin(), left.get_object().end(), [&](const auto& member) {
             const json::value* found = other.if_contains(member.key());
             return found != nullptr && Equal(member.value(), *found);
           });
  }
  return left == right;
}

bool EqualValues(const Value& left, const Value& right) {
  const auto* a = std::get_if<json::value>(&left);
  const auto* b = std::get_if<json::value>(&right);
  if (a != nullptr && b != nullptr)
    return Equal(*a, *b);
  const auto* time = std::get_if<DateTime>(&left);
  const auto* other = std::get_if<DateTime>(&right);
  return time != nullptr && other != nullptr && time->utc == other->utc;
}

base::Result<std::partial_ordering> Order(const Value& left, const Value& right) {
  const auto* time = std::get_if<DateTime>(&left);
  const auto* other = std::get_if<DateTime>(&right);
  if (time != nullptr && other != nullptr)
    return time->utc <=> other->utc;
  const auto* a = std::get_if<json::value>(&left);
  const auto* b = std::get_if<json::value>(&right);
  if (a != nullptr && b != nullptr) {
    if (IsNumber(*a) && IsNumber(*b))
      return OrderOfNumbers(*a, *b);
    if (a->is_string() && b->is_string())
      return View(a->get_string()) <=> View(b->get_string());
  }
  return base::Fail(base::ErrorCode::kInvalidArgument,
                    Cat(Describe(left), " and ", Describe(right), " have no order"));
}

base::Result<bool> Contains(const Value& container, const Value& item) {
  const auto* whole = std::get_if<json::value>(&container);
  const auto* part = std::get_if<json::value>(&item);
  if (whole != nullptr && whole->is_array())
    return std::any_of(whole->get_array().begin(),
                       whole->get_array().end(),
                       [&](const json::value& each) { return EqualValues(each, item); });
  const bool is_text = part != nullptr && part->is_string();
  if (whole != nullptr && whole->is_object() && part != nullptr && !part->is_structured())
    return is_text && whole->get_object().contains(part->get_string());
  if (whole != nullptr && whole->is_string() && is_text)
    return View(whole->get_string()).find(View(part->get_string())) != std::string_view::npos;
  return base::Fail(base::ErrorCode::kInvalidArgument,
                    Cat(Describe(item), " cannot be in ", Describe(container)));
}

}  // namespace

bool IsTrue(const Value& value) {
  const auto* plain = std::get_if<json::value>(&value);
  if (plain == nullptr)
    return true;
  switch (plain->kind()) {
    case json::kind::null:
      return false;
    case json::kind::bool_:
      return plain->get_bool();
    case json::kind::int64:
      return plain->get_int64() != 0;
    case json::kind::uint64:
      return plain->get_uint64() != 0;
    case json::kind::double_:
      return plain->get_double() != 0;
    case json::kind::string:
      return !plain->get_string().empty();
    case json::kind::array:
      return !plain->get_array().empty();
    case json::kind::object:
      return !plain->get_object().empty();
  }
  return true;
}

bool IsUnknown(const Value& value) {
  return std::holds_alternative<Unknown>(value);
}

base::Result<bool> Holds(Comparison comparison, const Value& left, const Value& right) {
  if (comparison == Comparison::kEqual || comparison == Comparison::kNotEqual)
    return EqualValues(left, right) == (comparison == Comparison::kEqual);
  if (comparison == Comparison::kIn || comparison == Comparison::kNotIn) {
    ASSIGN_OR_RETURN(const bool contains, Contains(right, left));
    return contains == (comparison == Comparison::kIn);
  }
  ASSIGN_OR_RETURN(const std::partial_ordering order, Order(left, right));
  switch (comparison) {
    case Comparison::kLess:
      return order < 0;
    case Comparison::kLessEqual:
      return order <= 0;
    case Comparison::kGreater:
      return order > 0;
    default:
      return order >= 0;
  }
}

// While checking, each operand is looked at: a mistake counts even where it is not needed.

Evaluated<Value> Evaluator::Items(const List& list) const {
  json::array items;
  bool known = true;
  for (const ExprPtr& item : list.items) {
    auto value = Eval(*item);
    if (!value)
      return value;
    known = known && !IsUnknown(*value);
    if (const auto* time = std::get_if<DateTime>(&*value))
      items.emplace_back(IsoFormat(*time));
    else if (const auto* plain = std::get_if<json::value>(&*value))
      items.push_back(*plain);
  }
  return known ? Value(json::value(std::move(items))) : Value(Unknown{});
}

Evaluated<Value> Evaluator::Both(const Logic& logic) const {
  auto left = Eval(*logic.left);
  if (!left)
    return left;
  const bool decides = !IsUnknown(*left) && IsTrue(*left) != logic.is_and;
  if (decides && mode_ == Mode::kRender)
    return left;
  auto right = Eval(*logic.right);
  if (!right || decides)
    return right ? std::move(left) : std::move(right);
  return IsUnknown(*left) ? Evaluated<Value>(Unknown{}) : std::move(right);
}

Evaluated<Value> Evaluator::Choose(const Choice& choice) const {
  auto condition = Eval(*choice.condition);
  if (!condition)
    return condition;
  if (mode_ == Mode::kCheck) {
    for (const ExprPtr* each : {&choice.then, &choice.otherwise}) {
      if (auto value = Eval(**each); !value)
        return value;
    }
    if (IsUnknown(*condition))
      return Unknown{};
  }
  return Eval(IsTrue(*condition) ? *choice.then : *choice.otherwise);
}

Evaluated<Value> Evaluator::Chain(const Compare& compare) const {
  auto left = Eval(*compare.first);
  if (!left)
    return left;
  bool holds = true;
  bool known = !IsUnknown(*left);
  for (const auto& [comparison, next] : compare.rest) {
    if (!holds && mode_ == Mode::kRender)
      break;
    auto right = Eval(*next);
    if (!right)
      return right;
    known = known && !IsUnknown(*right);
    if (known) {
      auto result = Holds(comparison, *left, *right);
      if (!result)
        return tl::unexpected(EvalError{next->offset, false, std::move(result.error().message)});
      holds = holds && *result;
    }
    left = std::move(right);
  }
  return known ? Value(json::value(holds)) : Value(Unknown{});
}

Evaluated<Value> Evaluator::IsSo(const TestCall& call) const {
  auto value = Eval(*call.input);
  if (call.test == Test::kDefined) {
    if (!value && !value.error().undefined)
      return value;
    if (mode_ == Mode::kCheck)
      return Unknown{};
    return json::value(value.has_value() != call.is_negated);
  }
  if (!value || IsUnknown(*value))
    return value;
  const auto* plain = std::get_if<json::value>(&*value);
  return json::value((plain != nullptr && plain->is_null()) != call.is_negated);
}

}  // namespace tmpl
