#pragma once

// Evaluates expressions, for rendering and for checking. Only for this folder.

#include <tl/expected.hpp>
#include <vector>

#include "template/ast.h"
#include "template/value.h"

namespace tmpl {

struct EvalError {
  size_t offset = 0;
  bool undefined = false;  // `default` replaces it
  std::string message;
};

template <typename T>
using Evaluated = tl::expected<T, EvalError>;

// kCheck: a null in the context is not known yet, and so is everything made of it.
enum class Mode { kRender, kCheck };

class Evaluator {
 public:
  Evaluator(const Context& context, Mode mode) : context_(context), mode_(mode) {}

  Evaluated<Value> Eval(const Expr& expr) const;

 private:
  Evaluated<Value> Lookup(const Name& name, size_t offset) const;
  Evaluated<Value> Member(const Subscript& subscript, size_t offset) const;
  Evaluated<Value> Items(const List& list) const;
  Evaluated<Value> Both(const Logic& logic) const;
  Evaluated<Value> Choose(const Choice& choice) const;
  Evaluated<Value> Chain(const Compare& compare) const;
  Evaluated<Value> IsSo(const TestCall& call) const;
  Evaluated<Value> Default(const FilterCall& call) const;
  Evaluated<Value> Call(const FilterCall& call, size_t offset) const;
  Value Known(const json::value& value) const;

  const Context& context_;
  Mode mode_;
};

// REQUIRES: everything but kDefault, with as many arguments as the parser lets through, none of
// them unknown.
base::Result<Value> ApplyFilter(Filter filter,
                                const Value& input,
                                const std::vector<Value>& arguments,
                                const Context& context);

// As Python: neither None, nor false, nor zero, nor empty. REQUIRES: it is known.
bool IsTrue(const Value& value);
bool IsUnknown(const Value& value);
// As Python's operators; an error where it has none for these types. REQUIRES: both are known.
base::Result<bool> Holds(Comparison comparison, const Value& left, const Value& right);

inline constexpr size_t kMaxText = 4 << 20;  // of one rendered text: stops `replace` bombs

}  // namespace tmpl
