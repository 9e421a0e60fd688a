#include "template/visit.h"

#include <functional>

#include "base/overload.h"

namespace tmpl {

namespace {

using Visitor = std::function<bool(const Expr&)>;

// Whether `visitor` says yes to the expression or to a part of it.
bool Any(const Expr& expr, const Visitor& visitor);

bool AnyOf(const ExprPtr& expr, const Visitor& visitor) {
  return expr != nullptr && Any(*expr, visitor);
}

bool AnyOf(const std::vector<ExprPtr>& exprs, const Visitor& visitor) {
  for (const ExprPtr& expr : exprs)
    if (AnyOf(expr, visitor))
      return true;
  return false;
}

bool AnyOf(const Comparison& comparison, const Visitor& visitor) {
  for (const auto& [relation, expr] : comparison.rest)
    if (AnyOf(expr, visitor))
      return true;
  return AnyOf(comparison.first, visitor);
}

bool AnyPart(const Expr& expr, const Visitor& visitor) {
  auto any = [&](const auto&... parts) { return (AnyOf(parts, visitor) || ...); };
  return std::visit(
      base::Overload{
          [](const Literal&) { return false; },
          [](const Name&) { return false; },
          [&](const List& node) { return any(node.items); },
          [&](const Subscript& node) { return any(node.object, node.key); },
          [&](const Slice& node) { return any(node.object, node.begin, node.end); },
          [&](const Call& node) { return any(node.input, node.arguments); },
          [&](const Test& node) { return any(node.input); },
          [&](const Not& node) { return any(node.operand); },
          [&](const Sign& node) { return any(node.operand); },
          [&](const Binary& node) { return any(node.left, node.right); },
          [&](const Comparison& node) { return any(node); },
          [&](const Logic& node) { return any(node.left, node.right); },
          [&](const Conditional& node) { return any(node.then, node.condition, node.otherwise); },
      },
      expr.node);
}

bool Any(const Expr& expr, const Visitor& visitor) {
  return visitor(expr) || AnyPart(expr, visitor);
}

}  // namespace

// A name such as dag_run has times under its members.
bool Varies(const Expr& expr, const Context& context) {
  return Any(expr, [&](const Expr& part) {
    const auto* name = std::get_if<Name>(&part.node);
    if (name == nullptr)
      return false;
    if (context.samples.contains(name->name) || context.times.contains(name->name))
      return true;
    auto below = context.times.lower_bound(name->name + ".");
    return below != context.times.end() && below->first.starts_with(name->name + ".");
  });
}

bool HasNames(const Expr& expr) {
  return Any(expr, [](const Expr& part) { return std::holds_alternative<Name>(part.node); });
}

namespace {

bool IsMemberOf(const Expr& expr, std::string_view map) {
  const auto* subscript = std::get_if<Subscript>(&expr.node);
  const auto* object = subscript == nullptr ? nullptr : std::get_if<Name>(&subscript->object->node);
  return object != nullptr && object->name == map;
}

// It is one, or a list of some.
void AddTexts(const Expr& expr, std::vector<const Expr*>& texts) {
  if (const auto* literal = std::get_if<Literal>(&expr.node)) {
    const auto* plain = std::get_if<json::value>(&literal->value);
    if (plain != nullptr && plain->is_string())
      texts.push_back(&expr);
  } else if (const auto* list = std::get_if<List>(&expr.node)) {
    for (const ExprPtr& item : list->items)
      AddTexts(*item, texts);
  }
}

}  // namespace

std::vector<const Expr*> TextsBeside(const Expr& expr, std::string_view map) {
  std::vector<const Expr*> texts;
  Any(expr, [&](const Expr& part) {
    const auto* comparison = std::get_if<Comparison>(&part.node);
    const Expr* left = comparison == nullptr ? nullptr : comparison->first.get();
    for (size_t i = 0; left != nullptr && i < comparison->rest.size(); ++i) {
      const Expr* right = comparison->rest[i].second.get();
      if (IsMemberOf(*left, map))
        AddTexts(*right, texts);
      if (IsMemberOf(*right, map))
        AddTexts(*left, texts);
      left = right;
    }
    return false;
  });
  return texts;
}

bool AsksWhatIsDefined(const Expr& expr) {
  return Any(expr, [](const Expr& part) {
    const auto* test = std::get_if<Test>(&part.node);
    return test != nullptr && test->kind != Test::Kind::kNone;
  });
}

}  // namespace tmpl
