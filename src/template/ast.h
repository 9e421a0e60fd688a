#pragma once

// The parsed form of a template. Only for this folder.

#include <memory>
#include <string>
#include <tl/expected.hpp>
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

struct Expr {
  std::variant<Literal, Name, Subscript, FilterCall> node;
  size_t offset = 0;  // in the template's text
};

struct Piece {
  std::string text;
  ExprPtr expr;  // null: the text
};

tl::expected<std::vector<Piece>, Problem> ParsePieces(std::string_view text);

Place PlaceAt(std::string_view text, size_t offset);

}  // namespace tmpl
