#pragma once

// An expression of the template language without braces, for keys that hold a condition:
//
//   params.full and lane.id != 'x'
//
// Values may be used from any thread.

#include "template/template.h"

namespace tmpl {

struct Expr;  // internal

class Expression {
 public:
  // The error names the place in `text` ("column 4: …").
  static base::Result<Expression> Parse(std::string_view text);

  // Times and spans are texts in the answer. Errors are those of Template::Render.
  base::Result<json::value> Evaluate(const Context& context) const;

 private:
  Expression(std::string_view text, std::shared_ptr<const Expr> expr);

  std::string text_;  // for the places in errors
  std::shared_ptr<const Expr> expr_;
};

// As Check, for an expression without braces.
std::vector<Problem> CheckExpression(std::string_view text, const Context& known);

// The value of an expression that uses no names: the same whenever it is evaluated. Nothing for
// another one, or one that has a mistake.
std::optional<json::value> ConstantOf(std::string_view text);

// A text that an expression compares with a member of the map `map`: states.a == 'success',
// states['a'] in ['success', 'failed'].
struct ComparedText {
  std::string text;
  Place place;
};
std::vector<ComparedText> TextsComparedWith(std::string_view text, std::string_view map);

// As Python and Jinja: not None, not False, not zero, not empty.
bool IsTrue(const json::value& value);

}  // namespace tmpl
