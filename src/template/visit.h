#pragma once

// Questions about an expression as it is written. Only for this folder.

#include "template/ast.h"

namespace tmpl {

// Whether it uses a name whose value in the context is a sample.
bool Varies(const Expr& expr, const Context& context);

// Whether it has `is defined` or `is undefined`: then what is undefined elsewhere is meant to be.
bool AsksWhatIsDefined(const Expr& expr);

}  // namespace tmpl
