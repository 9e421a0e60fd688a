#pragma once

// The parsed form of a template. Only for this folder.

#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <variant>
#include <vector>

#include "base/json.h"
#include "template/functions.h"
#include "template/template.h"
#include "template/value.h"

namespace tmpl {

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;

struct Literal {
  Value value;
};
struct Name {
  std::string name;
};
struct List {
  std::vector<ExprPtr> items;
};
struct Subscript {  // a['b'], a[0]; a.b is the same as a['b']
  ExprPtr object;
  ExprPtr key;
};
struct Slice {  // a[begin:end]; null: from the first, to the last
  ExprPtr object;
  ExprPtr begin;
  ExprPtr end;
};
struct Call {  // a | filter(…), a.method(…), macros.function(…)
  const FunctionSpec* spec = nullptr;
  ExprPtr input;                   // null: of macros
  std::vector<ExprPtr> arguments;  // one for each parameter; null: not given
};
struct Test {  // a is defined
  ExprPtr input;
  enum class Kind { kDefined, kUndefined, kNone } kind = Kind::kDefined;
};

struct Not {
  ExprPtr operand;
};
struct Sign {  // -a, +a
  ExprPtr operand;
  bool minus = false;
};
struct Binary {
  ExprPtr left;
  ExprPtr right;
  Operator operation = Operator::kAdd;
};
struct Comparison {  // a < b <= c
  ExprPtr first;
  std::vector<std::pair<Relation, ExprPtr>> rest;
};
struct Logic {
  ExprPtr left;
  ExprPtr right;
  enum class Kind { kAnd, kOr } kind = Kind::kAnd;
};
struct Conditional {  // a if b else c
  ExprPtr then;
  ExprPtr condition;
  ExprPtr otherwise;  // null: undefined
};

struct Expr {
  std::variant<Literal,
               Name,
               List,
               Subscript,
               Slice,
               Call,
               Test,
               Not,
               Sign,
               Binary,
               Comparison,
               Logic,
               Conditional>
      node;
  size_t offset = 0;  // in the template's text
};

struct Piece {
  std::string text;
  ExprPtr expr;  // null: the text
};

tl::expected<std::vector<Piece>, Problem> ParsePieces(std::string_view text);

// The whole text is one expression, without braces.
tl::expected<ExprPtr, Problem> ParseBare(std::string_view text);

Place PlaceAt(std::string_view text, size_t offset);

}  // namespace tmpl
