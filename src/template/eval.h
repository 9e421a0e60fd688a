#pragma once

// Evaluates expressions, for rendering and for checking. Only for this folder.

#include <optional>
#include <tl/expected.hpp>
#include <vector>

#include "template/ast.h"
#include "template/value.h"

namespace tmpl {

struct EvalError {
  enum class Kind {
    kWrong,
    kUndefined,        // the whole value is undefined: `default` replaces it
    kUndefinedInside,  // something that the value needs is undefined
  };
  size_t offset = 0;
  Kind kind = Kind::kWrong;
  std::string message;
};

template <typename T>
using Evaluated = tl::expected<T, EvalError>;

// kCheck: a null in the context is not known yet, and so is everything made of it. A branch is
// looked at too if the value that leaves it out is not known or may be another one later.
enum class Mode { kRender, kCheck };

class Evaluator {
 public:
  Evaluator(const Context& context, Mode mode, Secrets secrets = Secrets::kRefused)
      : context_(context), mode_(mode), secrets_(secrets) {}

  Evaluated<Value> Eval(const Expr& expr) const;
  // What leaves the language: a secret only where secrets are taken.
  Evaluated<Value> EvalWhole(const Expr& expr) const;

 private:
  Evaluated<Value> Of(const Literal& literal, size_t offset) const;
  Evaluated<Value> Of(const Name& name, size_t offset) const;
  Evaluated<Value> Of(const List& list, size_t offset) const;
  Evaluated<Value> Of(const Subscript& subscript, size_t offset) const;
  Evaluated<Value> Of(const Slice& slice, size_t offset) const;
  Evaluated<Value> Of(const Call& call, size_t offset) const;
  Evaluated<Value> Of(const Test& test, size_t offset) const;
  Evaluated<Value> Of(const Not& negation, size_t offset) const;
  Evaluated<Value> Of(const Sign& sign, size_t offset) const;
  Evaluated<Value> Of(const Binary& binary, size_t offset) const;
  Evaluated<Value> Of(const Comparison& comparison, size_t offset) const;
  Evaluated<Value> Of(const Logic& logic, size_t offset) const;
  Evaluated<Value> Of(const Conditional& conditional, size_t offset) const;

  // The value, where an undefined one is an error of the whole, and so is a secret.
  Evaluated<Value> Operand(const Expr& expr) const;
  // Of a constant in a slice; nothing where none is given.
  Evaluated<Value> Bound(const ExprPtr& expr) const;
  Evaluated<Value> Default(const Call& call) const;
  Evaluated<Value> Member(const Subscript& subscript,
                          const Value& object,
                          const Value& key,
                          size_t offset) const;
  const base::Time* TimeOfPath(const Subscript& subscript) const;
  // Of a name, or of a member of a name; null where it is none.
  const Lookup* LookupOf(const Expr& object) const;
  Evaluated<Value> LookUp(const Lookup& lookup,
                          const Expr& object,
                          const Value& key,
                          size_t offset) const;
  Evaluated<Value> MemberOf(const Secret& secret,
                            const Subscript& subscript,
                            const Value& key,
                            size_t offset) const;
  Evaluated<Value> MemberOf(const LookedMap& map,
                            const Subscript& subscript,
                            const Value& key,
                            size_t offset) const;
  Value FromLooked(const Looked& looked) const;
  // var.value.get('x', 'default')
  Evaluated<Value> GetLooked(const Call& call, const Lookup& lookup, size_t offset) const;
  Value Known(const json::value& value) const;
  // What is undefined in a branch that the sample of a value leaves out.
  std::optional<EvalError> ProblemOfDeadBranch(const Expr& condition, const Expr& branch) const;

  const Context& context_;
  Mode mode_;
  Secrets secrets_;
};

// "params.days" for messages; "…" for a part that is no constant.
std::string SpellPath(const Expr& expr);

// One for each parameter; nothing where it is not given.
using Arguments = std::vector<std::optional<Value>>;

// REQUIRES: everything but kDefault; nothing is unknown.
base::Result<Value> Apply(const FunctionSpec& spec,
                          const Value& input,
                          const Arguments& arguments,
                          const Context& context);

// The member `year` of a time, `days` of a span; nothing for other values and names.
std::optional<Value> PartOf(const Value& value, std::string_view name);
std::vector<std::string> PartNames(const Value& value);

// A value of the list or the text, or a stretch of it.
std::optional<json::value> ItemOf(const json::value& sequence, int64_t index);
json::value StretchOf(const json::value& sequence,
                      std::optional<int64_t> begin,
                      std::optional<int64_t> end);

// Of a list its items, of a text its characters.
size_t LengthOf(const json::value& sequence);

}  // namespace tmpl
