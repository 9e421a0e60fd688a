#include "template/functions.h"

#include <array>

#include "base/text.h"
#include "template/calendar.h"
#include "template/formats.h"

namespace tmpl {

using base::Cat;

namespace {

using Kind = Parameter::Kind;

// The names are those of Jinja, Python and Airflow, because arguments may be given by name.
constexpr std::array kDefaultParameters = {Parameter{"default_value"}, Parameter{"boolean"}};
constexpr std::array kIntParameters = {Parameter{"default"}};
constexpr std::array kJoinParameters = {Parameter{"d"}};
constexpr std::array kReplaceParameters = {Parameter{"old"}, Parameter{"new"}};
constexpr std::array kGetParameters = {Parameter{"key"}, Parameter{"default"}};
constexpr std::array kStrftimeParameters = {Parameter{"format", Kind::kFormat}};
constexpr std::array kUnitParameters = {Parameter{"unit", Kind::kUnit}};
constexpr std::array kDsAddParameters = {Parameter{"ds"}, Parameter{"days"}};
constexpr std::array kDsFormatParameters = {Parameter{"ds"},
                                            Parameter{"input_format", Kind::kReadFormat},
                                            Parameter{"output_format", Kind::kFormat}};
constexpr std::array kShiftParameters = {Parameter{"years"},
                                         Parameter{"months"},
                                         Parameter{"weeks"},
                                         Parameter{"days"},
                                         Parameter{"hours"},
                                         Parameter{"minutes"},
                                         Parameter{"seconds"},
                                         Parameter{"microseconds"}};
constexpr std::array kTimedeltaParameters = {Parameter{"days"},
                                             Parameter{"seconds"},
                                             Parameter{"microseconds"},
                                             Parameter{"milliseconds"},
                                             Parameter{"minutes"},
                                             Parameter{"hours"},
                                             Parameter{"weeks"}};

using enum Function;

constexpr std::array kFunctions = {
    // name, function, as a filter, a method, a macro, required, parameters
    FunctionSpec{"add", kAdd, true, true, false, 0, kShiftParameters},
    FunctionSpec{"default", kDefault, true, false, false, 0, kDefaultParameters},
    FunctionSpec{"ds", kDs, true, false, false, 0, {}},
    FunctionSpec{"ds_add", kDsAdd, false, false, true, 2, kDsAddParameters},
    FunctionSpec{"ds_format", kDsFormat, false, false, true, 3, kDsFormatParameters},
    FunctionSpec{"ds_nodash", kDsNodash, true, false, false, 0, {}},
    FunctionSpec{"end_of", kEndOf, true, true, false, 1, kUnitParameters},
    FunctionSpec{"get", kGet, false, true, false, 1, kGetParameters},
    FunctionSpec{"int", kInt, true, false, false, 0, kIntParameters},
    FunctionSpec{"isoformat", kIsoFormat, false, true, false, 0, {}},
    FunctionSpec{"isoweekday", kIsoWeekday, false, true, false, 0, {}},
    FunctionSpec{"join", kJoin, true, false, false, 0, kJoinParameters},
    FunctionSpec{"local", kLocal, true, false, false, 0, {}},
    FunctionSpec{"replace", kReplace, true, false, false, 2, kReplaceParameters},
    FunctionSpec{"start_of", kStartOf, true, true, false, 1, kUnitParameters},
    FunctionSpec{"strftime", kStrftime, true, true, false, 1, kStrftimeParameters},
    FunctionSpec{"subtract", kSubtract, true, true, false, 0, kShiftParameters},
    FunctionSpec{"timedelta", kTimedelta, false, false, true, 0, kTimedeltaParameters},
    FunctionSpec{"timestamp", kTimestamp, false, true, false, 0, {}},
    FunctionSpec{"tojson", kToJson, true, false, false, 0, {}},
    FunctionSpec{"total_seconds", kTotalSeconds, false, true, false, 0, {}},
    FunctionSpec{"ts", kTs, true, false, false, 0, {}},
    FunctionSpec{"ts_nodash", kTsNodash, true, false, false, 0, {}},
    FunctionSpec{"ts_nodash_with_tz", kTsNodashWithTz, true, false, false, 0, {}},
    FunctionSpec{"weekday", kWeekday, false, true, false, 0, {}},
};

}  // namespace

bool FunctionSpec::Has(Form form) const {
  switch (form) {
    case Form::kFilter:
      return filter;
    case Form::kMethod:
      return method;
    case Form::kMacro:
      return macro;
  }
  return false;
}

const FunctionSpec* FindFunction(Form form, std::string_view name) {
  for (const FunctionSpec& spec : kFunctions)
    if (spec.name == name && spec.Has(form))
      return &spec;
  return nullptr;
}

std::vector<std::string> FunctionNames(Form form) {
  std::vector<std::string> names;
  for (const FunctionSpec& spec : kFunctions)
    if (spec.Has(form))
      names.push_back(Cat(form == Form::kMacro ? "macros." : "", spec.name));
  return names;
}

std::string Spell(Form form, std::string_view name) {
  switch (form) {
    case Form::kFilter:
      return Cat("the filter '", name, "'");
    case Form::kMethod:
      return Cat("the method '", name, "'");
    case Form::kMacro:
      return Cat("the function 'macros.", name, "'");
  }
  return "";
}

std::string ProblemOfConstant(Parameter::Kind kind, std::string_view text) {
  switch (kind) {
    case Kind::kAny:
      return "";
    case Kind::kFormat:
      return ProblemOfFormat(text);
    case Kind::kReadFormat:
      return ProblemOfReadFormat(text);
    case Kind::kUnit:
      return ProblemOfUnit(text);
  }
  return "";
}

}  // namespace tmpl
