#pragma once

// What an expression may call: filters, methods and macros, and their parameters. Only for this
// folder.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tmpl {

enum class Function {
  kAdd,
  kDefault,
  kDs,
  kDsAdd,
  kDsFormat,
  kDsNodash,
  kEndOf,
  kGet,
  kInt,
  kIsoFormat,
  kIsoWeekday,
  kJoin,
  kLocal,
  kReplace,
  kStartOf,
  kStrftime,
  kSubtract,
  kTimedelta,
  kTimestamp,
  kToJson,
  kTotalSeconds,
  kTs,
  kTsNodash,
  kTsNodashWithTz,
  kWeekday,
};

// Some functions may be written in two forms: a | strftime('%Y'), a.strftime('%Y').
enum class Form { kFilter, kMethod, kMacro };

struct Parameter {
  std::string_view name;
  // What a constant must be, so that a mistake is found at load.
  enum class Kind { kAny, kFormat, kReadFormat, kUnit } kind = Kind::kAny;
};

struct FunctionSpec {
  std::string_view name;
  Function function;
  bool filter;
  bool method;
  bool macro;
  size_t required;  // of the parameters, from the first
  std::span<const Parameter> parameters;

  bool Has(Form form) const;
};

// Null where there is none.
const FunctionSpec* FindFunction(Form form, std::string_view name);

std::vector<std::string> FunctionNames(Form form);

// "the filter 'join'": for messages.
std::string Spell(Form form, std::string_view name);

// What is wrong with a constant argument; empty: nothing.
std::string ProblemOfConstant(Parameter::Kind kind, std::string_view text);

}  // namespace tmpl
