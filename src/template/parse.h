#pragma once

// The grammar of one expression, with Jinja's precedence: recursive descent. Only for this folder.
//
// A method that fails has set the scanner's problem and returns null.

#include <span>

#include "template/ast.h"
#include "template/scanner.h"

namespace tmpl {

class Parser {
 public:
  explicit Parser(Scanner& scan) : scan_(scan) {}

  // Up to the first sign that cannot go on with it.
  ExprPtr Parse();

 private:
  using Rule = ExprPtr (Parser::*)();

  ExprPtr Whole();
  ExprPtr Or();
  ExprPtr And();
  ExprPtr Negation();
  ExprPtr Compared();
  // a + b ~ c * d: three levels, each of which binds more tightly than the one before.
  ExprPtr Calculated(size_t level);
  std::optional<Operator> TakeOperator(size_t level);
  bool TakeRelation(Relation* relation);
  ExprPtr Filtered();
  ExprPtr Signed();
  ExprPtr Primary();
  ExprPtr Members(ExprPtr object);
  ExprPtr Member(ExprPtr object);
  ExprPtr InBrackets(ExprPtr object);
  ExprPtr AfterColon(ExprPtr object, ExprPtr begin, size_t at);
  ExprPtr Filters(ExprPtr input);
  ExprPtr Filter(ExprPtr input);
  ExprPtr Tested(ExprPtr input);
  ExprPtr Parenthesis();
  ExprPtr ListItems();
  ExprPtr Word();
  ExprPtr Macro();

  // What follows a function's name.
  ExprPtr CallOf(Form form, std::string_view name, size_t at, ExprPtr input);
  bool Arguments(Form form, Call* call);
  bool Argument(Form form, size_t position, bool* named, Call* call);
  bool CheckArguments(Form form, const Call& call, size_t at);
  bool CheckConstants(const Call& call);

  // One level deeper, which is bounded.
  ExprPtr Nested(Rule rule);
  template <typename Node>
  ExprPtr Make(size_t pos, Node node);

  // Of one expression: these bound every recursion.
  static constexpr int kMaxNodes = 256;
  static constexpr int kMaxDepth = 64;

  Scanner& scan_;
  int nodes_ = 0;
  int depth_ = 0;
};

template <typename Node>
ExprPtr Parser::Make(size_t pos, Node node) {
  if (++nodes_ > kMaxNodes)
    return scan_.Fail(pos, "this expression is too long");
  return std::make_unique<Expr>(Expr{std::move(node), pos});
}

// "did you mean 'x'?", or all names.
std::string Nearest(std::string_view name, const std::vector<std::string>& names);

}  // namespace tmpl
