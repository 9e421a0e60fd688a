#include "store/sqlite_rows.h"

#include <boost/json/parse.hpp>

#include "base/json.h"

namespace store::internal {

namespace {

template <typename Enum>
bool Assign(std::optional<Enum> parsed, Enum& out) {
  if (!parsed.has_value())
    return false;
  out = *parsed;
  return true;
}

// Times in lists are microseconds, absent where there are none.
void PutTime(json::object& object, std::string_view name, const std::optional<base::Time>& time) {
  if (time.has_value())
    object[name] = base::ToMicros(*time);
}

std::optional<base::Time> TimeAt(const json::object& object, std::string_view name) {
  if (!object.contains(name))
    return std::nullopt;
  return base::FromMicros(base::GetInt(object, name));
}

// Calls `read(object)` for each element; false where the text is no list of objects.
template <typename Read>
bool ReadObjects(std::string_view text, Read read) {
  // What EMR said is kept byte by byte: a text that was cut inside a character must not make the
  // whole database unreadable.
  boost::json::parse_options options;
  options.allow_invalid_utf8 = true;
  boost::system::error_code error;
  const json::value value = boost::json::parse(text, error, {}, options);
  if (error || !value.is_array())
    return false;
  for (const json::value& element : value.get_array()) {
    if (!element.is_object() || !read(element.get_object()))
      return false;
  }
  return true;
}

}  // namespace

std::string_view EnumText(model::CommandKind kind) {
  switch (kind) {
    case model::CommandKind::kLaunch:
      return "launch";
    case model::CommandKind::kTerminate:
      return "terminate";
  }
  return "?";
}

bool ParseEnum(std::string_view text, model::RunState& out) {
  return Assign(model::ParseRunState(text), out);
}
bool ParseEnum(std::string_view text, model::RunType& out) {
  return Assign(model::ParseRunType(text), out);
}
bool ParseEnum(std::string_view text, model::TaskState& out) {
  return Assign(model::ParseTaskState(text), out);
}
bool ParseEnum(std::string_view text, model::ClusterPhase& out) {
  return Assign(model::ParseClusterPhase(text), out);
}
bool ParseEnum(std::string_view text, model::ClusterHealth& out) {
  return Assign(model::ParseClusterHealth(text), out);
}
bool ParseEnum(std::string_view text, model::LaunchState& out) {
  return Assign(model::ParseLaunchState(text), out);
}
bool ParseEnum(std::string_view text, model::VerdictClass& out) {
  return Assign(model::ParseVerdictClass(text), out);
}
bool ParseEnum(std::string_view text, model::CommandKind& out) {
  for (const auto kind : {model::CommandKind::kLaunch, model::CommandKind::kTerminate}) {
    if (EnumText(kind) == text) {
      out = kind;
      return true;
    }
  }
  return false;
}

std::string ListText(const std::vector<model::StepView>& steps) {
  json::array list;
  for (const model::StepView& step : steps) {
    json::object object{{"id", step.id},
                        {"name", step.name},
                        {"state", model::ToString(step.state)},
                        {"failure", step.failure}};
    PutTime(object, "start", step.start);
    PutTime(object, "end", step.end);
    if (step.overdue)
      object["overdue"] = true;
    list.push_back(std::move(object));
  }
  return json::serialize(list);
}

std::string ListText(const std::vector<model::FleetView>& fleets) {
  json::array list;
  for (const model::FleetView& fleet : fleets)
    list.push_back(json::object{{"id", fleet.id},
                                {"role", model::ToString(fleet.role)},
                                {"state", fleet.state},
                                {"target", fleet.target},
                                {"running", fleet.running}});
  return json::serialize(list);
}

bool ParseList(std::string_view text, std::vector<model::StepView>& out) {
  return ReadObjects(text, [&](const json::object& object) {
    model::StepView step{.id = base::GetString(object, "id"),
                         .name = base::GetString(object, "name"),
                         .failure = base::GetString(object, "failure"),
                         .start = TimeAt(object, "start"),
                         .end = TimeAt(object, "end"),
                         .overdue = base::GetBool(object, "overdue")};
    const bool known = Assign(model::ParseStepState(base::GetString(object, "state")), step.state);
    out.push_back(std::move(step));
    return known;
  });
}

bool ParseList(std::string_view text, std::vector<model::FleetView>& out) {
  return ReadObjects(text, [&](const json::object& object) {
    model::FleetView fleet{.id = base::GetString(object, "id"),
                           .state = base::GetString(object, "state"),
                           .target = static_cast<int>(base::GetInt(object, "target")),
                           .running = static_cast<int>(base::GetInt(object, "running"))};
    const bool known = Assign(model::ParseFleetRole(base::GetString(object, "role")), fleet.role);
    out.push_back(std::move(fleet));
    return known;
  });
}

}  // namespace store::internal
