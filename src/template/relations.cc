#include <limits>

#include "base/text.h"
#include "template/operators.h"

namespace tmpl {

using base::Cat;

namespace {

tl::unexpected<base::Error> Fail(std::string message) {
  return base::Fail(base::ErrorCode::kInvalidArgument, std::move(message));
}

// Whole numbers and fractions are compared exactly: a long double holds both.
static_assert(std::numeric_limits<long double>::digits >= 64);
std::optional<long double> Comparable(const Value& value) {
  if (auto whole = WholeNumber(value))
    return *whole;
  if (IsHuge(value))
    return std::get<json::value>(value).get_uint64();
  return AsDouble(value);
}

bool Equal(const Value& left, const Value& right);

bool EqualMaps(const json::object& left, const json::object& right) {
  if (left.size() != right.size())
    return false;
  for (const auto& member : left) {
    const json::value* other = right.if_contains(member.key());
    if (other == nullptr || !Equal(member.value(), *other))
      return false;
  }
  return true;
}

bool EqualLists(const json::array& left, const json::array& right) {
  if (left.size() != right.size())
    return false;
  for (size_t i = 0; i < left.size(); ++i)
    if (!Equal(left[i], right[i]))
      return false;
  return true;
}

bool Equal(const Value& left, const Value& right) {
  if (const auto* time = std::get_if<DateTime>(&left)) {
    const auto* other = std::get_if<DateTime>(&right);
    return other != nullptr && time->utc == other->utc;
  }
  if (const auto* span = std::get_if<Span>(&left)) {
    const auto* other = std::get_if<Span>(&right);
    return other != nullptr && span->length == other->length;
  }
  const auto* first = std::get_if<json::value>(&left);
  const auto* second = std::get_if<json::value>(&right);
  if (first == nullptr || second == nullptr)
    return false;
  const auto number = Comparable(left);
  const auto other = Comparable(right);
  if (number || other)
    return number == other;
  if (first->is_array() && second->is_array())
    return EqualLists(first->get_array(), second->get_array());
  if (first->is_object() && second->is_object())
    return EqualMaps(first->get_object(), second->get_object());
  return *first == *second;
}

// As <=>: -1, 0 or 1.
base::Result<int> Order(const Value& left, const Value& right);

template <typename T>
int Compare(const T& left, const T& right) {
  return left < right ? -1 : right < left ? 1 : 0;
}

base::Result<int> OrderOfLists(const json::array& left, const json::array& right) {
  for (size_t i = 0; i < left.size() && i < right.size(); ++i)
    if (!Equal(left[i], right[i]))
      return Order(left[i], right[i]);
  return Compare(left.size(), right.size());
}

base::Result<int> Order(const Value& left, const Value& right) {
  const auto number = Comparable(left);
  const auto other = Comparable(right);
  if (number && other)
    return Compare(*number, *other);
  const json::string* text = TextOf(left);
  const json::string* other_text = TextOf(right);
  if (text != nullptr && other_text != nullptr)
    return Compare(View(*text), View(*other_text));
  if (std::holds_alternative<DateTime>(left) && std::holds_alternative<DateTime>(right))
    return Compare(std::get<DateTime>(left).utc, std::get<DateTime>(right).utc);
  if (std::holds_alternative<Span>(left) && std::holds_alternative<Span>(right))
    return Compare(std::get<Span>(left).length, std::get<Span>(right).length);
  const auto* first = std::get_if<json::value>(&left);
  const auto* second = std::get_if<json::value>(&right);
  if (first != nullptr && second != nullptr && first->is_array() && second->is_array())
    return OrderOfLists(first->get_array(), second->get_array());
  return Fail(Cat(Describe(left), " and ", Describe(right), " have no order"));
}

base::Result<bool> IsIn(const Value& item, const Value& container) {
  const auto* plain = std::get_if<json::value>(&container);
  if (plain != nullptr && plain->is_array()) {
    for (const json::value& each : plain->get_array())
      if (Equal(item, each))
        return true;
    return false;
  }
  const json::string* text = TextOf(item);
  if (plain != nullptr && plain->is_string() && text != nullptr)
    return View(plain->get_string()).find(View(*text)) != std::string_view::npos;
  const auto* key = std::get_if<json::value>(&item);
  if (plain != nullptr && plain->is_object() && (key == nullptr || !key->is_structured()))
    return text != nullptr && plain->get_object().contains(View(*text));
  if (plain != nullptr && (plain->is_string() || plain->is_object()))
    return Fail(Cat("'in' cannot look for ", Describe(item), " in ", Describe(container)));
  return Fail(Cat("'in' needs a list, a text or a map, found ", Describe(container)));
}

bool HoldsFor(Relation relation, int order) {
  switch (relation) {
    case Relation::kLess:
      return order < 0;
    case Relation::kLessEqual:
      return order <= 0;
    case Relation::kGreater:
      return order > 0;
    case Relation::kGreaterEqual:
      return order >= 0;
    case Relation::kEqual:
    case Relation::kUnequal:
    case Relation::kIn:
    case Relation::kNotIn:
      break;
  }
  return false;
}

}  // namespace

base::Result<bool> Holds(Relation relation, const Value& left, const Value& right) {
  if (relation == Relation::kEqual || relation == Relation::kUnequal)
    return Equal(left, right) == (relation == Relation::kEqual);
  if (relation == Relation::kIn || relation == Relation::kNotIn) {
    ASSIGN_OR_RETURN(const bool in, IsIn(left, right));
    return in == (relation == Relation::kIn);
  }
  ASSIGN_OR_RETURN(const int order, Order(left, right));
  return HoldsFor(relation, order);
}

}  // namespace tmpl
