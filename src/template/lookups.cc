// Members of maps that are looked up, and of what was found there.

#include <algorithm>

#include "base/text.h"
#include "template/eval.h"

namespace tmpl {

namespace {

using base::Cat;
using Kind = EvalError::Kind;

tl::unexpected<EvalError> Undefined(size_t offset, std::string message) {
  return tl::unexpected(EvalError{offset, Kind::kUndefined, std::move(message)});
}

// "var.value"; "" for what is neither a name nor a member of one.
std::string PathOf(const Expr& expr) {
  if (const auto* name = std::get_if<Name>(&expr.node))
    return name->name;
  const auto* subscript = std::get_if<Subscript>(&expr.node);
  const auto* name = subscript == nullptr ? nullptr : std::get_if<Name>(&subscript->object->node);
  const auto* key = name == nullptr ? nullptr : std::get_if<Literal>(&subscript->key->node);
  const json::string* member = key == nullptr ? nullptr : TextOf(key->value);
  return member == nullptr ? "" : Cat(name->name, ".", View(*member));
}

}  // namespace

const Lookup* Evaluator::LookupOf(const Expr& object) const {
  if (context_.lookups.empty())
    return nullptr;
  const auto found = context_.lookups.find(PathOf(object));
  return found == context_.lookups.end() ? nullptr : &found->second;
}

Value Evaluator::FromLooked(const Looked& looked) const {
  if (const auto* secret = std::get_if<Secret>(&looked))
    return *secret;
  if (const auto* map = std::get_if<LookedMap>(&looked))
    return *map;
  return Known(std::get<json::value>(looked));
}

Evaluated<Value> Evaluator::LookUp(const Lookup& lookup,
                                   const Expr& object,
                                   const Value& key,
                                   size_t offset) const {
  if (IsUnknown(key))
    return Unknown{};
  const json::string* name = TextOf(key);
  if (name == nullptr)
    return Undefined(offset, Cat("'", PathOf(object), "' has members with names alone"));
  auto looked = lookup(View(*name));
  if (looked)
    return FromLooked(*looked);
  const bool is_absent = looked.error().code == base::ErrorCode::kNotFound;
  return tl::unexpected(EvalError{
      offset, is_absent ? Kind::kUndefined : Kind::kWrong, std::move(looked.error().message)});
}

Evaluated<Value> Evaluator::MemberOf(const Secret& secret,
                                     const Subscript& subscript,
                                     const Value& key,
                                     size_t offset) const {
  const json::string* name = TextOf(key);
  if (!secret.has_members || name == nullptr)
    return Undefined(offset,
                     Cat("'", SpellPath(*subscript.object), "' is a secret and has no members"));
  Secret member = secret;
  member.path.emplace_back(View(*name));
  return member;
}

Evaluated<Value> Evaluator::MemberOf(const LookedMap& map,
                                     const Subscript& subscript,
                                     const Value& key,
                                     size_t offset) const {
  const json::string* name = TextOf(key);
  const auto found = name == nullptr ? map->end() : map->find(View(*name));
  if (found != map->end())
    return FromLooked(found->second);
  std::vector<std::string> names;
  for (const auto& member : *map)
    names.push_back(member.first);
  const auto near = name == nullptr ? std::nullopt : base::DidYouMean(View(*name), names);
  return Undefined(offset,
                   Cat("'",
                       SpellPath(*subscript.object),
                       "' has no member '",
                       name == nullptr ? "?" : View(*name),
                       near            ? Cat("'; did you mean '", *near, "'?")
                       : names.empty() ? "'"
                                       : Cat("'; there are ", base::Join(names, ", "))));
}

// As Python's dict.get, but that a missing member without a default is undefined.
Evaluated<Value> Evaluator::GetLooked(const Call& call, const Lookup& lookup, size_t offset) const {
  auto key = Operand(*call.arguments[0]);
  if (!key)
    return key;
  auto value = LookUp(lookup, *call.input, *key, offset);
  const bool is_absent = !value && value.error().kind == Kind::kUndefined;
  const bool has_default = call.arguments[1] != nullptr;
  if (!has_default || (!is_absent && mode_ == Mode::kRender))
    return value;
  auto otherwise = Eval(*call.arguments[1]);
  return is_absent || !otherwise ? otherwise : value;
}

}  // namespace tmpl
