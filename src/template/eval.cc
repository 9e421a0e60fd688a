#include "template/eval.h"

#include "base/json_text.h"
#include "base/text.h"
#include "template/operators.h"
#include "template/visit.h"

namespace tmpl {

using base::Cat;

namespace {

using Kind = EvalError::Kind;

tl::unexpected<EvalError> Fail(size_t offset, Kind kind, std::string message) {
  return tl::unexpected(EvalError{offset, kind, std::move(message)});
}

// With the place where the operation stands.
template <typename T>
Evaluated<Value> Placed(base::Result<T> result, size_t offset) {
  if (!result)
    return Fail(offset, Kind::kWrong, std::move(result.error().message));
  if constexpr (std::is_same_v<T, bool>)
    return json::value(*result);
  else
    return std::move(*result);
}

std::string Help(std::string_view name, const std::vector<std::string>& names) {
  if (auto near = base::DidYouMean(name, names))
    return Cat("; did you mean '", *near, "'?");
  return names.empty() ? "" : Cat("; there are ", base::Join(names, ", "));
}

std::vector<std::string> Keys(const json::object& object) {
  std::vector<std::string> keys;
  for (const auto& member : object)
    keys.emplace_back(member.key());
  return keys;
}

std::string KeyText(const Value& key) {
  const auto* plain = std::get_if<json::value>(&key);
  return plain == nullptr ? std::string(Describe(key)) : base::Serialize(*plain);
}

bool IsFailedBranch(const EvalError& error) {
  return error.kind != Kind::kWrong;
}

}  // namespace

std::string SpellPath(const Expr& expr) {
  if (const auto* name = std::get_if<Name>(&expr.node))
    return name->name;
  const auto* subscript = std::get_if<Subscript>(&expr.node);
  if (subscript == nullptr)
    return "(…)";
  std::string object = SpellPath(*subscript->object);
  const auto* key = std::get_if<Literal>(&subscript->key->node);
  const auto* plain = key == nullptr ? nullptr : std::get_if<json::value>(&key->value);
  if (plain == nullptr)
    return Cat(object, "[…]");
  if (plain->is_string())
    return Cat(object, ".", View(plain->get_string()));
  return Cat(object, "[", base::Serialize(*plain), "]");
}

Value Evaluator::Known(const json::value& value) const {
  if (mode_ == Mode::kCheck && value.is_null())
    return Unknown{};
  return value;
}

Evaluated<Value> Evaluator::Eval(const Expr& expr) const {
  return std::visit([&](const auto& node) { return Of(node, expr.offset); }, expr.node);
}

Evaluated<Value> Evaluator::Operand(const Expr& expr) const {
  auto value = Eval(expr);
  if (!value && value.error().kind == Kind::kUndefined)
    value.error().kind = Kind::kUndefinedInside;
  if (value && IsHidden(*value))
    return Fail(expr.offset,
                Kind::kWrong,
                Cat("'",
                    SpellPath(expr),
                    "' is ",
                    Describe(*value),
                    std::holds_alternative<Secret>(*value)
                        ? ": it can be put into a text as it is, and nothing else can be done "
                          "with it"
                        : ": name one of its members"));
  return value;
}

Evaluated<Value> Evaluator::EvalWhole(const Expr& expr) const {
  auto value = Eval(expr);
  if (!value || !IsHidden(*value))
    return value;
  if (std::holds_alternative<LookedMap>(*value))
    return Operand(expr);
  if (secrets_ == Secrets::kTaken)
    return value;
  return Fail(expr.offset,
              Kind::kWrong,
              Cat("'",
                  SpellPath(expr),
                  "' is a secret, which would be seen here: secrets stand only in the arguments "
                  "of steps and bootstrap actions and in properties of a cluster's request"));
}

Evaluated<Value> Evaluator::Of(const Literal& literal, size_t /*offset*/) const {
  return literal.value;
}

Evaluated<Value> Evaluator::Of(const Name& name, size_t offset) const {
  if (auto time = context_.times.find(name.name); time != context_.times.end())
    return DateTime{.utc = time->second};
  if (const json::value* value = context_.values.if_contains(name.name))
    return Known(*value);
  const auto below = context_.lookups.lower_bound(name.name);
  if (below != context_.lookups.end() &&
      (below->first == name.name || below->first.starts_with(Cat(name.name, "."))))
    return Fail(offset,
                Kind::kWrong,
                Cat("'", name.name, "' is no value: name a member, as in ", below->first, ".NAME"));
  std::vector<std::string> names = Keys(context_.values);
  for (const auto& time : context_.times)
    if (time.first.find('.') == std::string::npos)
      names.push_back(time.first);
  return Fail(
      offset, Kind::kUndefined, Cat("'", name.name, "' is not defined", Help(name.name, names)));
}

Evaluated<Value> Evaluator::Of(const List& list, size_t offset) const {
  json::array items;
  bool known = true;
  size_t size = 0;
  for (const ExprPtr& expr : list.items) {
    auto value = Operand(*expr);
    if (!value)
      return value;
    const auto* plain = std::get_if<json::value>(&*value);
    if (plain == nullptr && !IsUnknown(*value))
      return Fail(expr->offset,
                  Kind::kWrong,
                  Cat("a list cannot hold ", Describe(*value), "; make it a text, as '| ts' does"));
    known = known && plain != nullptr;
    if (plain == nullptr)
      continue;
    size += SizeOf(*plain, kMaxText);
    if (size > kMaxText)
      return Fail(offset, Kind::kWrong, "the result is longer than 1 MiB");
    items.push_back(*plain);
  }
  if (!known)
    return Unknown{};
  return Placed(Bounded(std::move(items)), offset);
}

// A time that stands inside a map, such as dag_run.logical_date.
const base::Time* Evaluator::TimeOfPath(const Subscript& subscript) const {
  const auto* object = std::get_if<Name>(&subscript.object->node);
  const auto* key = std::get_if<Literal>(&subscript.key->node);
  const json::string* member = key == nullptr ? nullptr : TextOf(key->value);
  if (object == nullptr || member == nullptr)
    return nullptr;
  auto time = context_.times.find(Cat(object->name, ".", View(*member)));
  return time == context_.times.end() ? nullptr : &time->second;
}

Evaluated<Value> Evaluator::Of(const Subscript& subscript, size_t offset) const {
  if (const base::Time* time = TimeOfPath(subscript))
    return DateTime{.utc = *time};
  if (const Lookup* lookup = LookupOf(*subscript.object)) {
    auto key = Operand(*subscript.key);
    return key ? LookUp(*lookup, *subscript.object, *key, offset) : key;
  }
  auto object = Eval(*subscript.object);
  if (!object)
    return object;
  auto key = Operand(*subscript.key);
  if (!key)
    return key;
  if (IsUnknown(*object) || IsUnknown(*key))
    return Unknown{};
  if (const auto* secret = std::get_if<Secret>(&*object))
    return MemberOf(*secret, subscript, *key, offset);
  if (const auto* map = std::get_if<LookedMap>(&*object))
    return MemberOf(*map, subscript, *key, offset);
  return Member(subscript, *object, *key, offset);
}

Evaluated<Value> Evaluator::Member(const Subscript& subscript,
                                   const Value& object,
                                   const Value& key,
                                   size_t offset) const {
  const std::string spelled = SpellPath(*subscript.object);
  const auto* plain = std::get_if<json::value>(&object);
  const json::string* name = TextOf(key);
  const auto index = WholeNumber(key);
  if (plain != nullptr && plain->is_object() && name != nullptr) {
    if (const json::value* value = plain->get_object().if_contains(View(*name)))
      return Known(*value);
    return Fail(offset,
                Kind::kUndefined,
                Cat("'",
                    spelled,
                    "' has no member '",
                    View(*name),
                    "'",
                    Help(View(*name), Keys(plain->get_object()))));
  }
  if (plain != nullptr && index && (plain->is_array() || plain->is_string())) {
    if (auto item = ItemOf(*plain, *index))
      return Known(*item);
    return Fail(offset,
                Kind::kUndefined,
                Cat("'",
                    spelled,
                    "' has ",
                    LengthOf(*plain),
                    plain->is_array() ? " items" : " characters",
                    ", so no [",
                    *index,
                    "]"));
  }
  if (auto part = name == nullptr ? std::nullopt : PartOf(object, View(*name)))
    return std::move(*part);
  return Fail(
      offset,
      Kind::kUndefined,
      Cat("'",
          spelled,
          "' is ",
          Describe(object),
          " and has no member for ",
          KeyText(key),
          name == nullptr || PartNames(object).empty() ? ""
                                                       : Help(View(*name), PartNames(object))));
}

Evaluated<Value> Evaluator::Bound(const ExprPtr& expr) const {
  if (expr == nullptr)
    return json::value();
  auto value = Operand(*expr);
  const auto* plain = value ? std::get_if<json::value>(&*value) : nullptr;
  if (!value || IsUnknown(*value) || WholeNumber(*value) || (plain != nullptr && plain->is_null()))
    return value;
  return Fail(expr->offset,
              Kind::kWrong,
              Cat("a part [a:b] needs whole numbers, found ", Describe(*value)));
}

Evaluated<Value> Evaluator::Of(const Slice& slice, size_t offset) const {
  auto object = Operand(*slice.object);
  if (!object)
    return object;
  auto begin = Bound(slice.begin);
  if (!begin)
    return begin;
  auto end = Bound(slice.end);
  if (!end)
    return end;
  if (IsUnknown(*object) || IsUnknown(*begin) || IsUnknown(*end))
    return Unknown{};
  const auto* plain = std::get_if<json::value>(&*object);
  if (plain == nullptr || (!plain->is_array() && !plain->is_string()))
    return Fail(offset,
                Kind::kUndefined,
                Cat("'",
                    SpellPath(*slice.object),
                    "' is ",
                    Describe(*object),
                    "; only a text or a list has a part [a:b]"));
  return StretchOf(*plain, WholeNumber(*begin), WholeNumber(*end));
}

Evaluated<Value> Evaluator::Default(const Call& call) const {
  auto input = Eval(*call.input);
  if (!input && input.error().kind != Kind::kUndefined)
    return input;
  // While checking, a mistake in the default counts even where it is not needed.
  Value otherwise = json::string();
  bool also_empty = false;
  if (!input || mode_ == Mode::kCheck || call.arguments[1] != nullptr) {
    std::vector<Value> values = {json::string(), false};
    for (size_t i = 0; i < call.arguments.size(); ++i) {
      if (call.arguments[i] == nullptr)
        continue;
      auto value = Eval(*call.arguments[i]);
      if (!value)
        return value;
      values[i] = std::move(*value);
    }
    otherwise = values[0];
    also_empty = Truth(values[1]);
  }
  if (input && also_empty && IsHidden(*input))
    return Operand(*call.input);
  if (!input || (also_empty && !Truth(*input)))
    return otherwise;
  return input;
}

Evaluated<Value> Evaluator::Of(const Call& call, size_t offset) const {
  if (call.spec->function == Function::kDefault)
    return Default(call);
  if (call.spec->function == Function::kGet && call.input != nullptr) {
    if (const Lookup* lookup = LookupOf(*call.input))
      return GetLooked(call, *lookup, offset);
  }
  Evaluated<Value> input = json::value();
  if (call.input != nullptr)
    input = Operand(*call.input);
  if (!input)
    return input;
  Arguments arguments;
  bool known = !IsUnknown(*input);
  for (const ExprPtr& argument : call.arguments) {
    arguments.emplace_back();
    if (argument == nullptr)
      continue;
    auto value = Operand(*argument);
    if (!value)
      return value;
    known = known && !IsUnknown(*value);
    arguments.back() = std::move(*value);
  }
  if (!known)
    return Unknown{};
  return Placed(Apply(*call.spec, *input, arguments, context_), offset);
}

Evaluated<Value> Evaluator::Of(const Test& test, size_t /*offset*/) const {
  const bool of_undefined = test.kind != Test::Kind::kNone;
  auto value = of_undefined ? Eval(*test.input) : Operand(*test.input);
  if (!value && value.error().kind != Kind::kUndefined)
    return value;
  if (value && IsUnknown(*value))
    return Unknown{};
  if (of_undefined)
    return json::value(value.has_value() == (test.kind == Test::Kind::kDefined));
  const auto* plain = std::get_if<json::value>(&*value);
  return json::value(plain != nullptr && plain->is_null());
}

Evaluated<Value> Evaluator::Of(const Not& negation, size_t /*offset*/) const {
  auto value = Operand(*negation.operand);
  if (!value || IsUnknown(*value))
    return value;
  return json::value(!Truth(*value));
}

Evaluated<Value> Evaluator::Of(const Sign& sign, size_t offset) const {
  auto value = Operand(*sign.operand);
  if (!value || IsUnknown(*value))
    return value;
  return Placed(Negate(*value, sign.minus), offset);
}

Evaluated<Value> Evaluator::Of(const Binary& binary, size_t offset) const {
  auto left = Operand(*binary.left);
  if (!left)
    return left;
  auto right = Operand(*binary.right);
  if (!right)
    return right;
  if (IsUnknown(*left) || IsUnknown(*right))
    return Unknown{};
  return Placed(Calculate(binary.operation, *left, *right, context_), offset);
}

// As Python: the first that does not hold ends it. While checking, all are looked at.
Evaluated<Value> Evaluator::Of(const Comparison& comparison, size_t offset) const {
  auto left = Operand(*comparison.first);
  if (!left)
    return left;
  Value result = json::value(true);
  for (const auto& [relation, expr] : comparison.rest) {
    auto right = Operand(*expr);
    if (!right)
      return right;
    Value holds = Unknown{};
    if (!IsUnknown(*left) && !IsUnknown(*right)) {
      auto answer = Placed(Holds(relation, *left, *right), offset);
      if (!answer)
        return answer;
      holds = std::move(*answer);
    }
    if (!IsUnknown(result) && Truth(result))
      result = std::move(holds);
    if (mode_ == Mode::kRender && !Truth(result))
      return result;
    left = std::move(right);
  }
  return result;
}

std::optional<EvalError> Evaluator::ProblemOfDeadBranch(const Expr& condition,
                                                        const Expr& branch) const {
  if (mode_ == Mode::kRender || !Varies(condition, context_) || AsksWhatIsDefined(condition))
    return std::nullopt;
  auto value = Eval(branch);
  if (value || !IsFailedBranch(value.error()))
    return std::nullopt;
  return std::move(value.error());
}

Evaluated<Value> Evaluator::Of(const Logic& logic, size_t /*offset*/) const {
  auto left = Operand(*logic.left);
  if (!left)
    return left;
  if (!IsUnknown(*left) && Truth(*left) != (logic.kind == Logic::Kind::kAnd)) {
    if (auto problem = ProblemOfDeadBranch(*logic.left, *logic.right))
      return tl::unexpected(std::move(*problem));
    return left;
  }
  auto right = Eval(*logic.right);
  return right && IsUnknown(*left) ? left : right;
}

Evaluated<Value> Evaluator::Of(const Conditional& conditional, size_t offset) const {
  auto condition = Operand(*conditional.condition);
  if (!condition)
    return condition;
  const bool known = !IsUnknown(*condition);
  const Expr* taken = Truth(*condition) ? &*conditional.then : conditional.otherwise.get();
  const Expr* other = Truth(*condition) ? conditional.otherwise.get() : &*conditional.then;
  if (!known && other != nullptr)
    if (auto value = Eval(*other); !value)
      return value;
  if (known && other != nullptr)
    if (auto problem = ProblemOfDeadBranch(*conditional.condition, *other))
      return tl::unexpected(std::move(*problem));
  if (taken == nullptr)
    return Fail(offset, Kind::kUndefined, "the condition does not hold and there is no 'else'");
  auto value = Eval(*taken);
  return value && !known ? condition : value;
}

}  // namespace tmpl
