#include "store/sqlite_rows.h"

#include <boost/json/parse.hpp>

#include "base/json.h"
#include "base/json_text.h"

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

bool IsText(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string();
}

bool IsNumber(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_int64();
}

std::optional<json::array> ParseArray(std::string_view text) {
  // What EMR said is kept byte by byte: a text that was cut inside a character must not make the
  // whole database unreadable.
  boost::json::parse_options options;
  options.allow_invalid_utf8 = true;
  boost::system::error_code error;
  json::value value = boost::json::parse(text, error, {}, options);
  if (error || !value.is_array())
    return std::nullopt;
  return std::move(value.get_array());
}

// Calls `read(object)` for each element; false where the text is no list of objects.
template <typename Read>
bool ReadObjects(std::string_view text, Read read) {
  const std::optional<json::array> array = ParseArray(text);
  if (!array)
    return false;
  for (const json::value& element : *array) {
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
    case model::CommandKind::kReadOutputs:
      return "read_outputs";
    case model::CommandKind::kTerminate:
      return "terminate";
  }
  return "?";
}

bool ParseEnum(std::string_view text, model::RunState& out) {
  return Assign(model::ParseRunState(text), out);
}
bool ParseEnum(std::string_view text, model::RecordKind& out) {
  return Assign(model::ParseRecordKind(text), out);
}
bool ParseEnum(std::string_view text, model::RunType& out) {
  return Assign(model::ParseRunType(text), out);
}
bool ParseEnum(std::string_view text, model::ProcessState& out) {
  return Assign(model::ParseProcessState(text), out);
}
bool ParseEnum(std::string_view text, model::TriggerState& out) {
  return Assign(model::ParseTriggerState(text), out);
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
  for (const auto kind : {model::CommandKind::kLaunch,
                          model::CommandKind::kTerminate,
                          model::CommandKind::kReadOutputs}) {
    if (EnumText(kind) == text) {
      out = kind;
      return true;
    }
  }
  return false;
}

bool ParseEnum(std::string_view text, model::EndNote& out) {
  return Assign(model::ParseEndNote(text), out);
}
bool ParseEnum(std::string_view text, model::HoleReason& out) {
  return Assign(model::ParseHoleReason(text), out);
}

bool ParseEnum(std::string_view text, model::EntityKind& out) {
  return Assign(model::ParseEntityKind(text), out);
}
bool ParseEnum(std::string_view text, model::DeadlineStatus& out) {
  return Assign(model::ParseDeadlineStatus(text), out);
}

bool ParseEnum(std::string_view text, model::Reprocess& out) {
  return Assign(model::ParseReprocess(text), out);
}

bool ParseEnum(std::string_view text, model::TickOutcome& out) {
  return Assign(model::ParseTickOutcome(text), out);
}

bool ParseEnum(std::string_view text, model::HoldScope& out) {
  return Assign(model::ParseHoldScope(text), out);
}

bool ParseEnum(std::string_view text, model::Market& out) {
  return Assign(model::ParseMarket(text), out);
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
  return base::Serialize(list);
}

std::string ListText(const std::vector<model::FleetView>& fleets) {
  json::array list;
  for (const model::FleetView& fleet : fleets)
    list.push_back(json::object{{"id", fleet.id},
                                {"role", model::ToString(fleet.role)},
                                {"state", fleet.state},
                                {"target", fleet.target},
                                {"running", fleet.running}});
  return base::Serialize(list);
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

std::string ListText(const std::vector<model::SchedulePeriod>& periods) {
  json::array list;
  for (const model::SchedulePeriod& period : periods)
    list.push_back(
        json::object{{"cron", period.schedule.cron},
                     {"by_interval", period.schedule.timetable == model::Timetable::kDataInterval},
                     {"timezone", period.timezone},
                     {"since", base::ToMicros(period.since)}});
  return base::Serialize(list);
}

bool ParseList(std::string_view text, std::vector<model::SchedulePeriod>& out) {
  return ReadObjects(text, [&](const json::object& object) {
    out.push_back({{base::GetString(object, "cron"),
                    base::GetBool(object, "by_interval") ? model::Timetable::kDataInterval
                                                         : model::Timetable::kTrigger},
                   base::GetString(object, "timezone"),
                   base::FromMicros(base::GetInt(object, "since"))});
    return IsText(object, "cron") && IsText(object, "timezone") && IsNumber(object, "since");
  });
}

std::string ListText(const std::vector<model::UpstreamWait>& waits) {
  json::array list;
  for (const model::UpstreamWait& wait : waits) {
    json::array lanes;
    for (const model::LaneId& lane : wait.lanes)
      lanes.emplace_back(lane.str());
    json::object object{{"dag", wait.dag.str()},
                        {"job", wait.job.str()},
                        {"lanes", std::move(lanes)},
                        {"basis", model::ToString(wait.basis)}};
    if (wait.interval) {
      object["start"] = base::ToMicros(wait.interval->start);
      object["end"] = base::ToMicros(wait.interval->end);
    }
    if (wait.skips_holes)
      object["skips_holes"] = true;
    if (!wait.run.empty())
      object["run"] = wait.run.str();
    if (wait.edge >= 0) {
      object["edge"] = wait.edge;
      object["rule"] = model::ToString(wait.rule);
      object["verdict"] = model::ToString(wait.verdict);
      if (wait.ends_job)
        object["ends_job"] = true;
    }
    list.push_back(std::move(object));
  }
  return base::Serialize(list);
}

namespace {

// Before schema 3 a wait was for a logical date, or for any run where there was none.
bool ReadOldBasis(const json::object& object, model::UpstreamWait& wait) {
  wait.basis = model::WaitBasis::kUnscheduled;
  if (const auto date = TimeAt(object, "logical_date_us")) {
    wait.basis = model::WaitBasis::kLogicalDate;
    wait.interval = {*date, *date};
  }
  return IsNumber(object, "until_us");
}

// Of an edge that has a rule.
bool ReadRule(const json::object& object, model::UpstreamWait& wait) {
  if (!object.contains("edge"))
    return true;
  wait.edge = static_cast<int>(base::GetInt(object, "edge", -1));
  wait.ends_job = base::GetBool(object, "ends_job");
  return wait.edge >= 0 &&
         Assign(model::ParseTriggerRule(base::GetString(object, "rule")), wait.rule) &&
         Assign(model::ParseWaitVerdict(base::GetString(object, "verdict")), wait.verdict);
}

bool ReadBasis(const json::object& object, model::UpstreamWait& wait) {
  if (!object.contains("basis"))
    return ReadOldBasis(object, wait);
  if (IsNumber(object, "start") && IsNumber(object, "end"))
    wait.interval = {*TimeAt(object, "start"), *TimeAt(object, "end")};
  wait.skips_holes = base::GetBool(object, "skips_holes");
  wait.run = model::RunId(base::GetString(object, "run"));
  if (!Assign(model::ParseWaitBasis(base::GetString(object, "basis")), wait.basis))
    return false;
  const bool has_none =
      wait.basis == model::WaitBasis::kUnscheduled || wait.basis == model::WaitBasis::kUnknownDag;
  const bool names_run = wait.basis == model::WaitBasis::kPastRun;
  return wait.interval.has_value() != has_none && wait.run.empty() != names_run;
}

}  // namespace

bool ParseList(std::string_view text, std::vector<model::UpstreamWait>& out) {
  return ReadObjects(text, [&](const json::object& object) {
    model::UpstreamWait& wait = out.emplace_back();
    wait.dag = model::DagId(base::GetString(object, "dag"));
    wait.job = model::JobId(base::GetString(object, "job"));
    for (const json::value& lane : base::GetArray(object, "lanes")) {
      if (!lane.is_string())
        return false;
      wait.lanes.emplace_back(std::string(lane.get_string()));
    }
    return IsText(object, "dag") && IsText(object, "job") && !wait.lanes.empty() &&
           ReadBasis(object, wait) && ReadRule(object, wait);
  });
}

std::string ListText(const std::vector<model::TakenEvents>& taken) {
  json::array list;
  for (const model::TakenEvents& events : taken)
    list.push_back(
        json::object{{"asset", events.asset}, {"after", events.after}, {"until", events.until}});
  return base::Serialize(list);
}

bool ParseList(std::string_view text, std::vector<model::TakenEvents>& out) {
  return ReadObjects(text, [&](const json::object& object) {
    out.push_back({base::GetInt(object, "asset"),
                   base::GetInt(object, "after"),
                   base::GetInt(object, "until")});
    return IsNumber(object, "asset") && IsNumber(object, "after") && IsNumber(object, "until");
  });
}

std::string ListText(const std::vector<model::QueuedAsset>& assets) {
  json::array list;
  for (const model::QueuedAsset& asset : assets) {
    json::object object{{"asset", asset.asset}, {"taken", asset.taken}, {"latest", asset.latest}};
    PutTime(object, "queued_at", asset.queued_at);
    if (asset.covers) {
      object["start"] = base::ToMicros(asset.covers->start);
      object["end"] = base::ToMicros(asset.covers->end);
    }
    list.push_back(std::move(object));
  }
  return base::Serialize(list);
}

bool ParseList(std::string_view text, std::vector<model::QueuedAsset>& out) {
  return ReadObjects(text, [&](const json::object& object) {
    model::QueuedAsset& asset = out.emplace_back();
    asset = {.asset = base::GetInt(object, "asset"),
             .taken = base::GetInt(object, "taken"),
             .latest = base::GetInt(object, "latest"),
             .queued_at = TimeAt(object, "queued_at")};
    if (IsNumber(object, "start") && IsNumber(object, "end"))
      asset.covers = {*TimeAt(object, "start"), *TimeAt(object, "end")};
    return IsNumber(object, "asset") && IsNumber(object, "taken") && IsNumber(object, "latest");
  });
}

std::string ListText(const std::vector<base::Time>& times) {
  json::array list;
  for (const base::Time time : times)
    list.emplace_back(base::ToMicros(time));
  return base::Serialize(list);
}

bool ParseList(std::string_view text, std::vector<base::Time>& out) {
  const std::optional<json::array> array = ParseArray(text);
  if (!array)
    return false;
  for (const json::value& element : *array) {
    if (!element.is_int64())
      return false;
    out.push_back(base::FromMicros(element.get_int64()));
  }
  return true;
}

// [[microseconds, verdict], ...]
std::string ListText(const std::vector<model::PastAttempt>& attempts) {
  json::array list;
  for (const model::PastAttempt& attempt : attempts)
    list.push_back(json::array{attempt.took.count(), ToString(attempt.verdict)});
  return base::Serialize(list);
}

bool ParseList(std::string_view text, std::vector<model::PastAttempt>& out) {
  const std::optional<json::array> array = ParseArray(text);
  if (!array)
    return false;
  for (const json::value& element : *array) {
    const json::array* pair = element.if_array();
    if (pair == nullptr || pair->size() != 2 || !(*pair)[0].is_int64() || !(*pair)[1].is_string())
      return false;
    model::PastAttempt& attempt = out.emplace_back();
    attempt.took = base::Duration((*pair)[0].get_int64());
    if (!Assign(model::ParseVerdictClass(std::string_view((*pair)[1].get_string())),
                attempt.verdict))
      return false;
  }
  return true;
}

std::string ListText(const std::vector<model::Price>& prices) {
  json::array list;
  for (const model::Price& price : prices)
    list.push_back(json::object{{"type", price.type},
                                {"on_demand", price.on_demand},
                                {"spot", price.spot},
                                {"emr", price.emr}});
  return base::Serialize(list);
}

bool ParseList(std::string_view text, std::vector<model::Price>& out) {
  return ReadObjects(text, [&](const json::object& object) {
    out.push_back({.type = base::GetString(object, "type"),
                   .on_demand = base::GetInt(object, "on_demand"),
                   .spot = base::GetInt(object, "spot"),
                   .emr = base::GetInt(object, "emr")});
    return true;
  });
}

}  // namespace store::internal
