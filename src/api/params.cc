#include "api/params.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "base/safe_text.h"
#include "base/text.h"
#include "base/time.h"

namespace api {

namespace {

using Type = Param::Type;
using Times = Param::Times;

tl::unexpected<base::Error> Invalid(std::string message) {
  return base::Fail(base::ErrorCode::kInvalidArgument, std::move(message));
}

std::string Names(const ParamList& list) {
  if (list.empty())
    return "there are none here";
  std::vector<std::string> names;
  for (const Param& param : list)
    names.push_back(param.name);
  return base::Cat("known: ", base::Join(names, ", "));
}

// Each is a part of one statement of the database.
constexpr size_t kMostValues = 1000;
constexpr std::ptrdiff_t kMostAlternatives = 100;

base::Status CheckValue(const Param& param, const std::string& value) {
  const std::string lower = base::ToLower(value);
  switch (param.type) {
    case Type::kText:
      if (param.name.ends_with("_pattern") && std::ranges::count(value, '|') >= kMostAlternatives)
        return Invalid(
            base::Cat("'", param.name, "' has more than ", kMostAlternatives, " alternatives"));
      return {};
    case Type::kFlag:
      if (lower != "true" && lower != "false" && lower != "1" && lower != "0")
        return Invalid(base::Cat("'", param.name, "' must be true or false"));
      return {};
    case Type::kNumber: {
      const auto number = base::ParseInt(value);
      if (!number || *number < 0 || *number > int64_t{1} << 53)
        return Invalid(base::Cat("'", param.name, "' must be a whole number that is not negative"));
      return {};
    }
    case Type::kReal: {
      const auto number = base::ParseDouble(value);
      if (!number || !(*number >= 0) || *number > 1e9)
        return Invalid(base::Cat("'", param.name, "' must be a number from 0 to 1000000000"));
      return {};
    }
    case Type::kTime:
      if (const auto time = base::ParseTime(value); !time)
        return Invalid(base::Cat("'", param.name, "': ", time.error().message));
      return {};
  }
  return {};
}

ParamList Ranges(const std::vector<std::string>& names, Type type) {
  ParamList list;
  for (const std::string& name : names) {
    for (const std::string_view end : {"_gte", "_gt", "_lte", "_lt"})
      list.push_back({base::Cat(name, end), type});
  }
  return list;
}

ParamList Patterns(const std::vector<std::string>& names) {
  ParamList list;
  for (const std::string& name : names) {
    list.push_back({name + "_pattern"});
    list.push_back({name + "_prefix_pattern"});
  }
  return list;
}

const ParamList kByOffset{{"limit", Type::kNumber}, {"offset", Type::kNumber}};
const ParamList kOrder{{"order_by", Type::kText, Times::kMany}};
const ParamList kStates{{"state", Type::kText, Times::kMany}};
const ParamList kRunTimes =
    Ranges({"run_after", "logical_date", "start_date", "end_date"}, Type::kTime) +
    Ranges({"duration"}, Type::kReal);

}  // namespace

ParamList operator+(ParamList left, const ParamList& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

base::Status CheckQuery(const http::Target& target, const ParamList& known) {
  std::map<std::string_view, size_t> times;
  for (const auto& [name, value] : target.query) {
    const auto param = std::ranges::find(known, name, &Param::name);
    if (param == known.end())
      return Invalid(base::Cat(
          "the query parameter '", base::Excerpt(name), "' is not supported; ", Names(known)));
    const size_t count = ++times[param->name];
    // Which of two counts differs from server to server: both are refused.
    if (param->times == Times::kOnce && count > 1)
      return Invalid(base::Cat("'", name, "' is given more than once"));
    if (count > kMostValues)
      return Invalid(base::Cat("'", name, "' is given more than ", kMostValues, " times"));
    RETURN_IF_ERROR(CheckValue(*param, value));
  }
  return {};
}

const ParamList kMask{{"update_mask", Type::kText, Times::kMany}};
const ParamList kPaged = kByOffset + ParamList{{"cursor"}};

const ParamList kDagsToPatch = kPaged +
                               ParamList{{"tags", Type::kText, Times::kMany},
                                         {"tags_match_mode"},
                                         {"owners", Type::kText, Times::kMany},
                                         {"exclude_stale", Type::kFlag},
                                         {"paused", Type::kFlag}} +
                               Patterns({"dag_id"});
const ParamList kDags = kDagsToPatch + Patterns({"dag_display_name"}) +
                        ParamList{{"has_import_errors", Type::kFlag},
                                  {"has_asset_schedule", Type::kFlag},
                                  {"is_favorite", Type::kFlag},
                                  {"asset_dependency"},
                                  {"last_dag_run_state"}} +
                        kOrder;
const ParamList kRuns =
    kPaged + kStates + kOrder + kRunTimes +
    ParamList{{"run_type", Type::kText, Times::kMany}, {"dag_ids", Type::kText, Times::kMany}} +
    Patterns({"dag_id", "run_id", "triggering_user_name"});
const ParamList kMappedInstances = kPaged + kStates + kOrder + kRunTimes + ParamList{{"map_index"}};
const ParamList kTaskInstances = kMappedInstances +
                                 ParamList{{"expanded", Type::kFlag},
                                           {"task_id", Type::kText, Times::kMany},
                                           {"dag_ids", Type::kText, Times::kMany},
                                           {"dag_run_ids", Type::kText, Times::kMany}} +
                                 Patterns({"dag_id", "run_id"});
const ParamList kDagTags = kPaged + kOrder + Patterns({"tag_name"});
const ParamList kEventLogs = kByOffset + kOrder +
                             ParamList{{"dag_id"},
                                       {"task_id"},
                                       {"run_id"},
                                       {"map_index"},
                                       {"owner"},
                                       {"event"},
                                       {"excluded_events", Type::kText, Times::kMany},
                                       {"included_events", Type::kText, Times::kMany},
                                       {"before", Type::kTime},
                                       {"after", Type::kTime}};
const ParamList kJobs =
    kPaged + ParamList{{"is_alive", Type::kFlag}, {"job_state"}, {"job_type"}, {"hostname"}};
const ParamList kImportErrors = kPaged + kOrder + ParamList{{"filename"}} + Patterns({"filename"});
const ParamList kPools = kPaged + kOrder + Patterns({"pool_name"});
const ParamList kAssets = kPaged + ParamList{{"name_pattern"},
                                             {"uri_pattern"},
                                             {"dag_ids", Type::kText, Times::kMany},
                                             {"only_active", Type::kFlag},
                                             {"order_by"}};
const ParamList kAssetEvents =
    kByOffset +
    ParamList{
        {"order_by"}, {"asset_id"}, {"source_dag_id"}, {"source_run_id"}, {"source_task_id"}} +
    Ranges({"timestamp"}, Type::kTime);
const ParamList kBackfills = kPaged + kOrder + ParamList{{"dag_id"}, {"active", Type::kFlag}};
const ParamList kVersions = kPaged + kOrder + ParamList{{"version_number", Type::kNumber}};
const ParamList kWarnings = kPaged + kOrder + ParamList{{"dag_id"}, {"warning_type"}};
const ParamList kXcoms = kPaged + ParamList{{"xcom_key"}, {"map_index"}} + Patterns({"xcom_key"});
const ParamList kClusters = kPaged + kStates + ParamList{{"live", Type::kFlag}, {"dag_id"}};
const ParamList kHistoryFilters{{"kind"},
                                {"dag_id"},
                                {"dag_run_id"},
                                {"job_id"},
                                {"lane_id"},
                                {"map_index", Type::kNumber},
                                {"cluster_id"},
                                {"actor"}};
const ParamList kHistory =
    kOrder + ParamList{{"after", Type::kNumber}, {"limit", Type::kNumber}} + kHistoryFilters;
const ParamList kEvents = ParamList{{"last_event_id", Type::kNumber}} + kHistoryFilters;
const ParamList kHorizon = kPaged + ParamList{{"dag_id"}, {"horizon"}};
const ParamList kForecasts = kHorizon + ParamList{{"with_jobs", Type::kFlag}};
const ParamList kDeadlines = kHorizon + ParamList{{"status", Type::kText, Times::kMany}};
const ParamList kVariables = kPaged + kOrder + Patterns({"variable_key"});
const ParamList kConnections = kPaged + kOrder + Patterns({"connection_id"});

}  // namespace api
