#pragma once

// The parsed form of a template. Only for this folder.

#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <variant>
#include <vector>

#include "base/json.h"
#include "template/template.h"

namespace tmpl {

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;

enum class Filter { kDefault, kDs, kDsNodash, kInt, kJoin, kLocal, kReplace, kToJson, kTs };

struct Literal {
  json::value value;
};
struct Name {
  std::string name;
};
struct Subscript {  // a['b'], a[0]; a.b is the same as a['b']
  ExprPtr object;
  ExprPtr key;
};
struct FilterCall {
  ExprPtr input;
  Filter filter;
  std::vector<ExprPtr> arguments;
};

struct List {  // [a, b]
  std::vector<ExprPtr> items;
};
struct Logic {  // a and b, a or b: one of the operands, as in Python
  bool is_and = false;
  ExprPtr left, right;
};
struct Not {
  ExprPtr operand;
};
struct Choice {  // then if condition else otherwise
  ExprPtr condition, then, otherwise;
};
enum class Comparison {
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kIn,
  kNotIn
};
struct Compare {  // a < b <= c: each neighbour with the next
  ExprPtr first;
  std::vector<std::pair<Comparison, ExprPtr>> rest;
};
enum class Test { kDefined, kNone };
struct TestCall {  // a is defined, a is not none
  ExprPtr input;
  Test test;
  bool is_negated = false;
};

struct Expr {
  std::variant<Literal, Name, Subscript, FilterCall, List, Logic, Not, Choice, Compare, TestCall>
      node;
  size_t offset = 0;  // in the template's text
};

struct Piece {
  std::string text;
  ExprPtr expr;  // null: the text
};

tl::expected<std::vector<Piece>, Problem> ParsePieces(std::string_view text);
// An expression without braces around it.
tl::expected<ExprPtr, Problem> ParseExpression(std::string_view text);

Place PlaceAt(std::string_view text, size_t offset);

}  // namespace tmpl
