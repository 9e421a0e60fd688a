#include <algorithm>

#include "base/text.h"
#include "template/parse.h"

namespace tmpl {

using base::Cat;

std::string Nearest(std::string_view name, const std::vector<std::string>& names) {
  auto near = base::DidYouMean(name, names);
  return near ? Cat("did you mean '", *near, "'?") : Cat("there are ", base::Join(names, ", "));
}

ExprPtr Parser::Macro() {
  scan_.SkipSpace();
  if (!scan_.Take("."))
    return scan_.Unexpected("'.' and the name of a function");
  scan_.SkipSpace();
  const size_t at = scan_.pos();
  const std::string_view name = scan_.TakeName();
  if (name.empty())
    return scan_.Unexpected("the name of a function");
  return CallOf(Form::kMacro, name, at, nullptr);
}

ExprPtr Parser::CallOf(Form form, std::string_view name, size_t at, ExprPtr input) {
  const FunctionSpec* spec = FindFunction(form, name);
  if (spec == nullptr)
    return scan_.Fail(at,
                      Cat("there is no ",
                          Spell(form, name).substr(std::string_view("the ").size()),
                          "; ",
                          Nearest(form == Form::kMacro ? Cat("macros.", name) : std::string(name),
                                  FunctionNames(form))));
  Call call{.spec = spec, .input = std::move(input), .arguments = {}};
  call.arguments.resize(spec->parameters.size());
  scan_.SkipSpace();
  const bool open = scan_.Take("(");
  if (!open && form != Form::kFilter)
    return scan_.Unexpected(Cat("'(' after ", Spell(form, name)));
  if ((open && !Arguments(form, &call)) || !CheckArguments(form, call, at) || !CheckConstants(call))
    return nullptr;
  return Make(at, std::move(call));
}

bool Parser::Arguments(Form form, Call* call) {
  bool named = false;
  scan_.SkipSpace();
  for (size_t position = 0; !scan_.Take(")"); ++position) {
    if (!Argument(form, position, &named, call))
      return false;
    scan_.SkipSpace();
    if (!scan_.Take(",") && !scan_.At(")")) {
      scan_.Unexpected("',' or ')'");
      return false;
    }
    scan_.SkipSpace();
  }
  return true;
}

// A value, or name=value.
bool Parser::Argument(Form form, size_t position, bool* named, Call* call) {
  const size_t at = scan_.pos();
  const FunctionSpec& spec = *call->spec;
  const std::string_view name = scan_.TakeName();
  scan_.SkipSpace();
  size_t slot = position;
  if (!name.empty() && scan_.At("=") && !scan_.At("==")) {
    scan_.Take("=");
    *named = true;
    const auto found = std::ranges::find(spec.parameters, name, &Parameter::name);
    slot = static_cast<size_t>(found - spec.parameters.begin());
    std::vector<std::string> names;
    for (const Parameter& parameter : spec.parameters)
      names.emplace_back(parameter.name);
    if (found == spec.parameters.end())
      return scan_.Refuse(at,
                          Cat(Spell(form, spec.name),
                              " has no argument '",
                              name,
                              "'",
                              names.empty() ? "" : Cat("; ", Nearest(name, names))));
    if (call->arguments[slot] != nullptr)
      return scan_.Refuse(at, Cat("'", name, "' is given twice"));
  } else if (*named) {
    return scan_.Refuse(at, "arguments without a name stand before those with one");
  } else {
    scan_.set_pos(at);
  }
  ExprPtr argument = Parse();
  if (argument == nullptr)
    return false;
  if (slot < call->arguments.size())
    call->arguments[slot] = std::move(argument);
  else  // too many, which CheckArguments says
    call->arguments.push_back(std::move(argument));
  return true;
}

bool Parser::CheckArguments(Form form, const Call& call, size_t at) {
  const FunctionSpec& spec = *call.spec;
  const size_t most = spec.parameters.size();
  const auto given = static_cast<size_t>(
      std::ranges::count_if(call.arguments, [](const ExprPtr& e) { return e != nullptr; }));
  bool good = call.arguments.size() <= most;
  for (size_t i = 0; i < spec.required && good; ++i)
    good = call.arguments[i] != nullptr;
  if (good)
    return true;
  std::string wanted = most == 0               ? "no arguments"
                       : spec.required == most ? Cat(most, most == 1 ? " argument" : " arguments")
                                               : Cat("at most ", most);
  if (spec.required > 0 && spec.required < most && given < spec.required)
    wanted = Cat("at least ", spec.required);
  scan_.Fail(at, Cat(Spell(form, spec.name), " takes ", wanted, ", found ", given));
  return false;
}

// A format or a unit that is written as a constant is judged at once.
bool Parser::CheckConstants(const Call& call) {
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    const ExprPtr& argument = call.arguments[i];
    const auto* literal = argument == nullptr ? nullptr : std::get_if<Literal>(&argument->node);
    const json::string* text = literal == nullptr ? nullptr : TextOf(literal->value);
    if (text == nullptr)
      continue;
    std::string problem = ProblemOfConstant(call.spec->parameters[i].kind, View(*text));
    if (!problem.empty())
      return scan_.Refuse(argument->offset, std::move(problem));
  }
  return true;
}

}  // namespace tmpl
