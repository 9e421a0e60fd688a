#include "template/parse.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace tmpl {

using base::Cat;

namespace {

constexpr std::string_view kValue = "a name, a number or a text in quotes";

struct OperatorSign {
  size_t level;
  std::string_view sign;
  Operator operation;
};
constexpr size_t kLevels = 3;
constexpr std::array kOperators = {
    OperatorSign{0, "+", Operator::kAdd},
    OperatorSign{0, "-", Operator::kSubtract},
    OperatorSign{1, "~", Operator::kConcat},
    OperatorSign{2, "*", Operator::kMultiply},
    OperatorSign{2, "//", Operator::kFloorDivide},
    OperatorSign{2, "/", Operator::kDivide},
    OperatorSign{2, "%", Operator::kModulo},
};

struct RelationSign {
  std::string_view sign;
  Relation relation;
};
constexpr std::array kRelations = {
    RelationSign{"==", Relation::kEqual},
    RelationSign{"!=", Relation::kUnequal},
    RelationSign{"<=", Relation::kLessEqual},
    RelationSign{"<", Relation::kLess},
    RelationSign{">=", Relation::kGreaterEqual},
    RelationSign{">", Relation::kGreater},
};

}  // namespace

ExprPtr Parser::Nested(Rule rule) {
  if (depth_ == kMaxDepth)
    return scan_.Fail(scan_.pos(), "this expression is nested too deeply");
  ++depth_;
  ExprPtr expr = (this->*rule)();
  --depth_;
  return expr;
}

ExprPtr Parser::Parse() {
  return Nested(&Parser::Whole);
}

ExprPtr Parser::Whole() {
  ExprPtr expr = Or();
  while (expr != nullptr) {
    scan_.SkipSpace();
    const size_t at = scan_.pos();
    if (!scan_.TakeWord("if"))
      return expr;
    ExprPtr condition = Or();
    if (condition == nullptr)
      return nullptr;
    scan_.SkipSpace();
    ExprPtr otherwise;
    if (scan_.TakeWord("else")) {
      otherwise = Parse();
      if (otherwise == nullptr)
        return nullptr;
    }
    expr = Make(at, Conditional{std::move(expr), std::move(condition), std::move(otherwise)});
  }
  return nullptr;
}

ExprPtr Parser::Or() {
  ExprPtr left = And();
  while (left != nullptr) {
    scan_.SkipSpace();
    const size_t at = scan_.pos();
    if (!scan_.TakeWord("or"))
      return left;
    ExprPtr right = And();
    if (right == nullptr)
      return nullptr;
    left = Make(at, Logic{std::move(left), std::move(right), Logic::Kind::kOr});
  }
  return nullptr;
}

ExprPtr Parser::And() {
  ExprPtr left = Negation();
  while (left != nullptr) {
    scan_.SkipSpace();
    const size_t at = scan_.pos();
    if (!scan_.TakeWord("and"))
      return left;
    ExprPtr right = Negation();
    if (right == nullptr)
      return nullptr;
    left = Make(at, Logic{std::move(left), std::move(right), Logic::Kind::kAnd});
  }
  return nullptr;
}

ExprPtr Parser::Negation() {
  scan_.SkipSpace();
  const size_t at = scan_.pos();
  if (!scan_.TakeWord("not"))
    return Compared();
  ExprPtr operand = Nested(&Parser::Negation);
  return operand == nullptr ? nullptr : Make(at, Not{std::move(operand)});
}

ExprPtr Parser::Compared() {
  ExprPtr first = Calculated(0);
  if (first == nullptr)
    return nullptr;
  scan_.SkipSpace();
  const size_t at = scan_.pos();
  Comparison comparison;
  Relation relation{};
  while (TakeRelation(&relation)) {
    ExprPtr right = Calculated(0);
    if (right == nullptr)
      return nullptr;
    comparison.rest.emplace_back(relation, std::move(right));
    scan_.SkipSpace();
  }
  if (comparison.rest.empty())
    return first;
  comparison.first = std::move(first);
  return Make(at, std::move(comparison));
}

bool Parser::TakeRelation(Relation* relation) {
  for (const RelationSign& candidate : kRelations)
    if (scan_.Take(candidate.sign)) {
      *relation = candidate.relation;
      return true;
    }
  const size_t begin = scan_.pos();
  const bool negated = scan_.TakeWord("not");
  scan_.SkipSpace();
  if (scan_.TakeWord("in")) {
    *relation = negated ? Relation::kNotIn : Relation::kIn;
    return true;
  }
  scan_.set_pos(begin);
  return false;
}

std::optional<Operator> Parser::TakeOperator(size_t level) {
  scan_.SkipSpace();
  if (scan_.At("-}}"))
    return std::nullopt;
  for (const OperatorSign& candidate : kOperators)
    if (candidate.level == level && !scan_.At("**") && scan_.Take(candidate.sign))
      return candidate.operation;
  return std::nullopt;
}

ExprPtr Parser::Calculated(size_t level) {
  if (level == kLevels)
    return Filtered();
  ExprPtr left = Calculated(level + 1);
  while (left != nullptr) {
    scan_.SkipSpace();
    const size_t at = scan_.pos();
    auto operation = TakeOperator(level);
    if (!operation)
      return left;
    ExprPtr right = Calculated(level + 1);
    if (right == nullptr)
      return nullptr;
    left = Make(at, Binary{std::move(left), std::move(right), *operation});
  }
  return nullptr;
}

// As in Jinja a filter takes the sign too: -5 | f is (-5) | f.
ExprPtr Parser::Filtered() {
  ExprPtr expr = Signed();
  return expr == nullptr ? nullptr : Filters(std::move(expr));
}

ExprPtr Parser::Signed() {
  scan_.SkipSpace();
  const size_t at = scan_.pos();
  ExprPtr expr;
  if (!scan_.AtNumber() && (scan_.At("-") || scan_.At("+"))) {
    const bool minus = scan_.Take("-") || !scan_.Take("+");
    ExprPtr operand = Nested(&Parser::Signed);
    expr = operand == nullptr ? nullptr : Make(at, Sign{std::move(operand), minus});
  } else {
    expr = Primary();
  }
  return expr == nullptr ? nullptr : Members(std::move(expr));
}

ExprPtr Parser::Primary() {
  const size_t at = scan_.pos();
  if (scan_.AtNumber()) {
    auto number = scan_.Number();
    return number ? Make(at, Literal{std::move(*number)}) : nullptr;
  }
  if (scan_.At("'") || scan_.At("\"")) {
    auto text = scan_.Text();
    return text ? Make(at, Literal{json::value(json::string(*text))}) : nullptr;
  }
  if (scan_.AtName())
    return Word();
  if (scan_.Take("("))
    return Parenthesis();
  if (scan_.Take("["))
    return ListItems();
  return scan_.Unexpected(kValue);
}

ExprPtr Parser::Parenthesis() {
  ExprPtr expr = Parse();
  if (expr == nullptr)
    return nullptr;
  scan_.SkipSpace();
  return scan_.Take(")") ? std::move(expr) : scan_.Unexpected("')'");
}

ExprPtr Parser::ListItems() {
  const size_t at = scan_.pos() - 1;
  List list;
  scan_.SkipSpace();
  while (!scan_.Take("]")) {
    ExprPtr item = Parse();
    if (item == nullptr)
      return nullptr;
    list.items.push_back(std::move(item));
    scan_.SkipSpace();
    if (!scan_.Take(",") && !scan_.At("]"))
      return scan_.Unexpected("',' or ']'");
    scan_.SkipSpace();
  }
  return Make(at, std::move(list));
}

ExprPtr Parser::Word() {
  const size_t at = scan_.pos();
  const std::string_view name = scan_.PeekName();
  if (IsKeyword(name))
    return scan_.Unexpected(kValue);
  scan_.TakeName();
  if (name == "true" || name == "True" || name == "false" || name == "False")
    return Make(at, Literal{json::value(name[0] == 't' || name[0] == 'T')});
  if (name == "none" || name == "None")
    return Make(at, Literal{json::value()});
  if (name == "macros")
    return Macro();
  scan_.SkipSpace();
  if (scan_.At("("))
    return scan_.Fail(at,
                      Cat("there is no function '",
                          name,
                          "'; ",
                          Nearest(Cat("macros.", name), FunctionNames(Form::kMacro))));
  return Make(at, Name{std::string(name)});
}

ExprPtr Parser::Members(ExprPtr object) {
  while (object != nullptr) {
    scan_.SkipSpace();
    if (scan_.Take("."))
      object = Member(std::move(object));
    else if (scan_.Take("["))
      object = InBrackets(std::move(object));
    else
      return object;
  }
  return nullptr;
}

ExprPtr Parser::Member(ExprPtr object) {
  scan_.SkipSpace();
  const size_t at = scan_.pos();
  const std::string_view name = scan_.TakeName();
  if (name.empty())
    return scan_.Unexpected("a name after '.' (other keys: name['the-key'])");
  scan_.SkipSpace();
  if (scan_.At("("))
    return CallOf(Form::kMethod, name, at, std::move(object));
  ExprPtr key = Make(at, Literal{json::value(json::string(name))});
  return key == nullptr ? nullptr : Make(at, Subscript{std::move(object), std::move(key)});
}

ExprPtr Parser::InBrackets(ExprPtr object) {
  const size_t at = scan_.pos() - 1;
  scan_.SkipSpace();
  if (scan_.Take(":"))
    return AfterColon(std::move(object), nullptr, at);
  ExprPtr key = Parse();
  if (key == nullptr)
    return nullptr;
  scan_.SkipSpace();
  if (scan_.Take(":"))
    return AfterColon(std::move(object), std::move(key), at);
  if (!scan_.Take("]"))
    return scan_.Unexpected("']'");
  return Make(at, Subscript{std::move(object), std::move(key)});
}

ExprPtr Parser::AfterColon(ExprPtr object, ExprPtr begin, size_t at) {
  scan_.SkipSpace();
  ExprPtr end;
  if (!scan_.At("]")) {
    end = Parse();
    if (end == nullptr)
      return nullptr;
    scan_.SkipSpace();
  }
  if (!scan_.Take("]"))
    return scan_.Unexpected("']'");
  return Make(at, Slice{std::move(object), std::move(begin), std::move(end)});
}

ExprPtr Parser::Filters(ExprPtr input) {
  while (input != nullptr) {
    scan_.SkipSpace();
    if (scan_.Take("|"))
      input = Filter(std::move(input));
    else if (scan_.TakeWord("is"))
      input = Tested(std::move(input));
    else
      return input;
  }
  return nullptr;
}

ExprPtr Parser::Filter(ExprPtr input) {
  scan_.SkipSpace();
  const size_t at = scan_.pos();
  const std::string_view name = scan_.TakeName();
  if (name.empty())
    return scan_.Unexpected("a filter's name after '|'");
  return CallOf(Form::kFilter, name, at, std::move(input));
}

ExprPtr Parser::Tested(ExprPtr input) {
  scan_.SkipSpace();
  const bool negated = scan_.TakeWord("not");
  scan_.SkipSpace();
  const size_t at = scan_.pos();
  const std::string_view name = scan_.TakeName();
  Test test{.input = std::move(input)};
  if (name == "undefined")
    test.kind = Test::Kind::kUndefined;
  else if (name == "none")
    test.kind = Test::Kind::kNone;
  else if (name != "defined")
    return scan_.Fail(
        at,
        Cat("there is no test '", name, "'; ", Nearest(name, {"defined", "none", "undefined"})));
  scan_.SkipSpace();
  // Jinja takes what follows for an argument of the test.
  const std::string_view next = scan_.PeekName();
  const bool goes_on = next == "and" || next == "or" || next == "else";
  if (scan_.AtDigit() || scan_.At("'") || scan_.At("\"") || scan_.At("(") || scan_.At("[") ||
      scan_.At("{") || (!next.empty() && !goes_on))
    return scan_.Fail(scan_.pos(), "put the test before this in parentheses: (a is defined)");
  ExprPtr expr = Make(at, std::move(test));
  return expr != nullptr && negated ? Make(at, Not{std::move(expr)}) : std::move(expr);
}

}  // namespace tmpl
