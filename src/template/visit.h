#pragma once

// Questions about an expression as it is written. Only for this folder.

#include "template/ast.h"

namespace tmpl {

// Whether it uses a name whose value in the context is a sample.
bool Varies(const Expr& expr, const Context& context);

// Whether it has `is defined` or `is undefined`: then what is undefined elsewhere is meant to be.
bool AsksWhatIsDefined(const Expr& expr);

bool HasNames(const Expr& expr);

// The texts that are compared with a member of the map of that name; they belong to the expression.
std::vector<const Expr*> TextsBeside(const Expr& expr, std::string_view map);

}  // namespace tmpl
