#include "dagfile/params.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/json_schema.h"
#include "base/text.h"

namespace dagfile {

namespace {

using base::Cat;

constexpr std::string_view kDefault = "default";

// A map with one of these is a schema; any other is a value.
constexpr std::array kSigns{kDefault,
                            std::string_view("type"),
                            std::string_view("enum"),
                            std::string_view("const"),
                            std::string_view("anyOf"),
                            std::string_view("oneOf"),
                            std::string_view("allOf")};

bool IsSchema(const yaml::Node& node) {
  return node.is_map() && std::ranges::any_of(kSigns, [&](std::string_view sign) {
           return node.Find(sign) != nullptr;
         });
}

// Runs come about without anybody who could give it a value.
bool MakesRunsByItself(const model::Dag& dag) {
  return !dag.schedule.cron.empty() || dag.assets.has_value();
}

void ReadTyped(const yaml::Member& member, yaml::Diagnostics* errors, model::Dag* dag) {
  const std::string shown = Cat("'params.", member.key, "'");
  json::object schema = yaml::ToJson(member.value).as_object();
  const json::value* given = schema.if_contains(kDefault);
  if (const base::Status checked = base::CheckSchema(schema); !checked) {
    errors->Add(member.value.mark(),
                Cat(shown,
                    ": ",
                    checked.error().message,
                    "; if the map itself is the value, write it as `default: {...}`"));
    return;
  }
  if (given == nullptr && MakesRunsByItself(*dag)) {
    errors->Add(member.value.mark(),
                Cat(shown,
                    " has no default: nobody gives the runs of a schedule their params; add "
                    "`default`, or remove the schedule"));
    return;
  }
  if (given != nullptr) {
    if (const base::Status fits = base::CheckAgainst(schema, *given); !fits) {
      errors->Add(member.value.Find(kDefault)->mark(),
                  Cat(shown,
                      ": the default: ",
                      fits.error().message,
                      "; without a default each trigger has to give a value"));
      return;
    }
    dag->params[member.key] = *given;
    schema.erase(kDefault);
  }
  dag->param_schemas[member.key] = std::move(schema);
}

}  // namespace

void ReadParams(yaml::MapReader& reader, yaml::Diagnostics* errors, model::Dag* dag) {
  dag->params_open = reader.Optional<bool>("params_open").value_or(false);
  const auto params = reader.Optional<yaml::Node>("params");
  // A reader says so if it is no map.
  if (!params || !yaml::MapReader(*params, "'params'", errors).is_map())
    return;
  for (const yaml::Member& member : params->members()) {
    if (IsSchema(member.value))
      ReadTyped(member, errors, dag);
    else
      dag->params[member.key] = yaml::ToJson(member.value);
  }
}

json::object NullParams(const model::Dag& dag) {
  json::object names;
  for (const json::object* params : {&dag.params, &dag.param_schemas}) {
    for (const auto& param : *params)
      names[param.key()] = nullptr;
  }
  return names;
}

}  // namespace dagfile
