#include "template/eval.h"

#include "base/json_text.h"
#include "base/text.h"

namespace tmpl {

using base::Cat;

namespace {

tl::unexpected<EvalError> Undefined(size_t offset, std::string message) {
  return tl::unexpected(EvalError{offset, true, std::move(message)});
}

// "params.days" for messages; "…" for a part that is no constant.
std::string Spell(const Expr& expr) {
  if (const auto* name = std::get_if<Name>(&expr.node))
    return name->name;
  if (const auto* literal = std::get_if<Literal>(&expr.node))
    return base::Serialize(literal->value);
  const auto* subscript = std::get_if<Subscript>(&expr.node);
  if (subscript == nullptr)
    return "(…)";
  std::string object = Spell(*subscript->object);
  const auto* key = std::get_if<Literal>(&subscript->key->node);
  if (key == nullptr)
    return Cat(object, "[…]");
  if (key->value.is_string())
    return Cat(object, ".", View(key->value.get_string()));
  return Cat(object, "[", base::Serialize(key->value), "]");
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

}  // namespace

Value Evaluator::Known(const json::value& value) const {
  if (mode_ == Mode::kCheck && value.is_null())
    return Unknown{};
  return value;
}

Evaluated<Value> Evaluator::Eval(const Expr& expr) const {
  if (const auto* literal = std::get_if<Literal>(&expr.node))
    return literal->value;
  if (const auto* name = std::get_if<Name>(&expr.node))
    return Lookup(*name, expr.offset);
  if (const auto* subscript = std::get_if<Subscript>(&expr.node))
    return Member(*subscript, expr.offset);
  if (const auto* list = std::get_if<List>(&expr.node))
    return Items(*list);
  if (const auto* logic = std::get_if<Logic>(&expr.node))
    return Both(*logic);
  if (const auto* choice = std::get_if<Choice>(&expr.node))
    return Choose(*choice);
  if (const auto* compare = std::get_if<Compare>(&expr.node))
    return Chain(*compare);
  if (const auto* test = std::get_if<TestCall>(&expr.node))
    return IsSo(*test);
  if (const auto* negation = std::get_if<Not>(&expr.node)) {
    auto value = Eval(*negation->operand);
    if (!value || IsUnknown(*value))
      return value;
    return json::value(!IsTrue(*value));
  }
  const auto& call = std::get<FilterCall>(expr.node);
  return call.filter == Filter::kDefault ? Default(call) : Call(call, expr.offset);
}

Evaluated<Value> Evaluator::Lookup(const Name& name, size_t offset) const {
  if (auto time = context_.times.find(name.name); time != context_.times.end())
    return DateTime{.utc = time->second};
  if (const json::value* value = context_.values.if_contains(name.name))
    return Known(*value);
  std::vector<std::string> names = Keys(context_.values);
  for (const auto& time : context_.times)
    names.push_back(time.first);
  return Undefined(offset, Cat("'", name.name, "' is not defined", Help(name.name, names)));
}

Evaluated<Value> Evaluator::Member(const Subscript& subscript, size_t offset) const {
  auto object = Eval(*subscript.object);
  if (!object)
    return object;
  auto key = Eval(*subscript.key);
  if (!key)
    return key;
  if (IsUnknown(*object) || IsUnknown(*key))
    return Unknown{};
  std::string spelled = Spell(*subscript.object);
  const auto* plain_key = std::get_if<json::value>(&*key);
  const auto* plain = std::get_if<json::value>(&*object);
  if (plain != nullptr && plain_key != nullptr) {
    if (plain->is_object() && plain_key->is_string()) {
      std::string_view name = View(plain_key->get_string());
      if (const json::value* value = plain->get_object().if_contains(name))
        return Known(*value);
      return Undefined(
          offset,
          Cat("'", spelled, "' has no member '", name, "'", Help(name, Keys(plain->get_object()))));
    }
    if (plain->is_array() && plain_key->is_int64()) {
      const json::array& array = plain->get_array();
      auto size = static_cast<int64_t>(array.size());
      int64_t index = plain_key->get_int64();
      if (index >= -size && index < size)
        return Known(array[static_cast<size_t>(index < 0 ? index + size : index)]);
      return Undefined(offset, Cat("'", spelled, "' has ", size, " items, so no [", index, "]"));
    }
  }
  return Undefined(offset,
                   Cat("'",
                       spelled,
                       "' is ",
                       Describe(*object),
                       " and has no member for ",
                       plain_key == nullptr ? "a time" : base::Serialize(*plain_key)));
}

Evaluated<Value> Evaluator::Default(const FilterCall& call) const {
  auto input = Eval(*call.input);
  if (!input && !input.error().undefined)
    return input;
  // While checking, a mistake in the default counts even where it is not needed.
  Value otherwise = json::string();
  bool also_empty = false;
  if (!input || mode_ == Mode::kCheck || call.arguments.size() > 1) {
    std::vector<Value> values;
    for (const ExprPtr& argument : call.arguments) {
      auto value = Eval(*argument);
      if (!value)
        return value;
      values.push_back(std::move(*value));
    }
    if (!values.empty())
      otherwise = values[0];
    also_empty = values.size() > 1 && IsTrue(values[1]);
  }
  if (!input || (also_empty && !IsTrue(*input)))
    return otherwise;
  return input;
}

Evaluated<Value> Evaluator::Call(const FilterCall& call, size_t offset) const {
  auto input = Eval(*call.input);
  if (!input)
    return tl::unexpected(EvalError{input.error().offset, false, input.error().message});
  std::vector<Value> arguments;
  bool known = !IsUnknown(*input);
  for (const ExprPtr& argument : call.arguments) {
    auto value = Eval(*argument);
    if (!value)
      return value;
    known = known && !IsUnknown(*value);
    arguments.push_back(std::move(*value));
  }
  if (!known)
    return Unknown{};
  auto output = ApplyFilter(call.filter, *input, arguments, context_);
  if (!output)
    return tl::unexpected(EvalError{offset, false, std::move(output.error().message)});
  return std::move(*output);
}

}  // namespace tmpl
