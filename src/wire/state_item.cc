#include "wire/state_item.h"

#include <algorithm>
#include <span>

#include "base/check.h"
#include "base/text.h"

namespace wire {

namespace {

using Names = StateTableNames;

struct RankedState {
  std::string_view state;
  int rank;
};
constexpr RankedState kClusterRanks[] = {
    {"STARTING", 0},
    {"BOOTSTRAPPING", 1},
    {"RUNNING", 2},
    {"WAITING", 2},
    {"TERMINATING", 3},
    {"TERMINATED", 4},
    {"TERMINATED_WITH_ERRORS", 4},
};
// A step whose cancelling fails runs on.
constexpr RankedState kStepRanks[] = {
    {"PENDING", 0},
    {"RUNNING", 1},
    {"CANCEL_PENDING", 1},
    {"COMPLETED", 2},
    {"CANCELLED", 2},
    {"FAILED", 2},
    {"INTERRUPTED", 2},
};
// Fleets and groups. WAITING is in AWS's tables of events, not in its API.
constexpr RankedState kCapacityRanks[] = {
    {"PROVISIONING", 0},
    {"BOOTSTRAPPING", 1},
    {"RUNNING", 2},
    {"WAITING", 2},
    {"RESIZING", 2},
    {"RECONFIGURING", 2},
    {"SUSPENDED", 2},
    {"ARRESTED", 2},
    {"TERMINATING", 3},
    {"SHUTTING_DOWN", 3},
    {"TERMINATED", 4},
    {"ENDED", 4},
};

std::span<const RankedState> Ranks(ItemKind kind) {
  switch (kind) {
    case ItemKind::kCluster:
      return kClusterRanks;
    case ItemKind::kStep:
      return kStepRanks;
    case ItemKind::kFleet:
    case ItemKind::kGroup:
      return kCapacityRanks;
  }
  CHECK(false);
}

constexpr std::string_view kStateKey = "STATE";
constexpr std::string_view kStepPrefix = "STEP#";
constexpr std::string_view kFleetPrefix = "FLEET#";
constexpr std::string_view kGroupPrefix = "GROUP#";
constexpr std::string_view kTask = "TASK";

base::Status ReadSortKey(std::string_view key, StateItem& out) {
  if (key == kStateKey) {
    out.kind = ItemKind::kCluster;
  } else if (key.starts_with(kStepPrefix)) {
    out.kind = ItemKind::kStep;
    out.step_id = key.substr(kStepPrefix.size());
  } else if (key.starts_with(kFleetPrefix)) {
    out.kind = ItemKind::kFleet;
    out.role = key.substr(kFleetPrefix.size());
  } else if (key.starts_with(kGroupPrefix)) {
    out.kind = ItemKind::kGroup;
    std::string_view rest = key.substr(kGroupPrefix.size());
    out.role = rest.substr(0, rest.find('#'));
    if (out.role.size() < rest.size())
      out.capacity_id = rest.substr(out.role.size() + 1);
  } else {
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat("the item '", key, "' is none that Signalbox knows"));
  }
  return {};
}

std::optional<StateItem> Describe(const ClusterStateChange& change) {
  StateItem out{.kind = ItemKind::kCluster,
                .cluster_id = change.cluster_id,
                // Only in events: the API's word for it is STARTING.
                .state = change.state == "CREATING" ? "STARTING" : change.state,
                .reason_code = change.reason_code,
                .message = change.reason_message,
                .name = change.name};
  return out;
}

std::optional<StateItem> Describe(const StepStatusChange& change) {
  return StateItem{.kind = ItemKind::kStep,
                   .cluster_id = change.cluster_id,
                   .step_id = change.step_id,
                   .state = change.state,
                   .message = change.message,
                   .name = change.name};
}

std::optional<StateItem> Describe(const CapacityChange& change) {
  if (change.role.empty())
    return std::nullopt;
  return StateItem{
      .kind = change.kind == CapacityKind::kFleet ? ItemKind::kFleet : ItemKind::kGroup,
      .cluster_id = change.cluster_id,
      .role = change.role,
      .capacity_id = change.id,
      .state = change.state,
      .message = change.message,
      .target = change.target,
      .running = change.running};
}

std::optional<StateItem> Describe(const auto&) {
  return std::nullopt;
}

json::object Text(std::string_view text) {
  return {{"S", text}};
}

json::object Number(std::string text) {
  return {{"N", std::move(text)}};
}

// Epoch seconds, with six digits after the point where it is no whole second: exact.
std::string SecondsText(base::Time time) {
  constexpr int64_t kMicros = 1'000'000;
  int64_t micros = base::ToMicros(time);
  CHECK(micros >= 0);
  if (micros % kMicros == 0)
    return base::Cat(micros / kMicros);
  std::string fraction = base::Cat(kMicros + micros % kMicros).substr(1);
  return base::Cat(micros / kMicros, '.', fraction);
}

std::optional<base::Time> ParseSeconds(std::string_view text) {
  constexpr double kLast = 253'402'300'799;  // the year 9999's
  std::optional<double> seconds = base::ParseDouble(text);
  if (!seconds || !(*seconds >= 0 && *seconds <= kLast))
    return std::nullopt;
  return base::FromEpochSeconds(*seconds);
}

// An attribute's value of that type ("S", "N"); "" where there is none.
std::string GetAttribute(const json::object& item, std::string_view name, std::string_view type) {
  const auto found = item.find(name);
  return found != item.end() && found->value().is_object()
             ? base::GetString(found->value().get_object(), type)
             : "";
}

std::optional<int64_t> GetCount(const json::object& item, std::string_view name) {
  return base::ParseInt(GetAttribute(item, name, "N"));
}

base::Error Missing(std::string_view name, std::string_view of) {
  return {base::ErrorCode::kInvalidArgument,
          base::Cat("the item of ", of, " has no usable attribute '", name, "'")};
}

void PutText(json::object& out, const std::string& name, std::string_view text) {
  if (!text.empty())
    out[name] = Text(text);
}

json::object Attributes(const StateItem& item, int rank, const Names& names) {
  json::object out = ItemKey(item.cluster_id, SortKey(item), names);
  out[names[Names::kRank]] = Number(base::Cat(rank));
  out[names[Names::kEventTime]] = Number(SecondsText(item.event_time));
  out[names[Names::kState]] = Text(item.state);
  PutText(out, names[Names::kReasonCode], item.reason_code);
  PutText(out, names[Names::kMessage], item.message);
  PutText(out, names[Names::kName], item.name);
  if (item.target)
    out[names[Names::kTarget]] = Number(base::Cat(*item.target));
  if (item.running)
    out[names[Names::kRunning]] = Number(base::Cat(*item.running));
  PutText(out, names[Names::kRaw], item.raw);
  if (item.expires)
    out[names[Names::kTtl]] =
        Number(SecondsText(std::chrono::ceil<std::chrono::seconds>(*item.expires)));
  return out;
}

}  // namespace

std::optional<int> StateRank(ItemKind kind, std::string_view state) {
  std::span<const RankedState> ranks = Ranks(kind);
  auto found = std::ranges::find(ranks, state, &RankedState::state);
  return found == ranks.end() ? std::nullopt : std::optional(found->rank);
}

std::optional<StateItem> ItemOfEvent(const EmrEvent& event) {
  std::optional<StateItem> out =
      std::visit([](const auto& detail) { return Describe(detail); }, event.detail);
  if (!out || !StateRank(out->kind, out->state) || base::ToMicros(event.time) < 0)
    return std::nullopt;
  out->event_time = event.time;
  return out;
}

StateTableNames::StateTableNames()
    : names_{"cluster_id",
             "item",
             "rank",
             "event_time",
             "state",
             "reason_code",
             "message",
             "name",
             "target",
             "running",
             "raw",
             "ttl"} {}

base::Status StateTableNames::Rename(std::string_view attribute, std::string_view name) {
  static const StateTableNames kUsual;
  auto usual = std::ranges::find(kUsual.names_, attribute);
  if (usual == kUsual.names_.end())
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat("'", attribute, "' is no attribute of the state table"));
  std::string& current = names_[static_cast<size_t>(usual - kUsual.names_.begin())];
  if (name.empty() || (current != name && std::ranges::count(names_, name) > 0))
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat("the state table's attribute '",
                                attribute,
                                "' cannot be called '",
                                name,
                                name.empty() ? "'" : "': another one is"));
  current = name;
  return {};
}

std::string StateItemKey() {
  return std::string(kStateKey);
}

std::string FleetItemKey(std::string_view role) {
  return base::Cat(kFleetPrefix, role);
}

std::string GroupItemKey(std::string_view role) {
  return base::Cat(kGroupPrefix, role);
}

std::string StepItemKey(std::string_view step_id) {
  return base::Cat(kStepPrefix, step_id);
}

std::string SortKey(const StateItem& item) {
  switch (item.kind) {
    case ItemKind::kCluster:
      return StateItemKey();
    case ItemKind::kStep:
      return StepItemKey(item.step_id);
    case ItemKind::kFleet:
      return FleetItemKey(item.role);
    case ItemKind::kGroup:
      return item.role == kTask ? base::Cat(kGroupPrefix, kTask, '#', item.capacity_id)
                                : GroupItemKey(item.role);
  }
  CHECK(false);
}

json::object ItemKey(std::string_view cluster_id, std::string_view item_key, const Names& names) {
  json::object out;
  out[names[Names::kClusterId]] = Text(cluster_id);
  out[names[Names::kItem]] = Text(item_key);
  return out;
}

json::object PutItemBody(std::string_view table, const StateItem& item, const Names& names) {
  std::optional<int> rank = StateRank(item.kind, item.state);
  CHECK(rank.has_value());
  json::object attributes = Attributes(item, *rank, names);
  json::object values{{":rank", attributes[names[Names::kRank]]},
                      {":time", attributes[names[Names::kEventTime]]},
                      {":state", attributes[names[Names::kState]]}};
  return {{"TableName", table},
          {"Item", std::move(attributes)},
          {"ConditionExpression",
           "attribute_not_exists(#rank) OR #rank < :rank OR (#rank = :rank AND (#time < :time "
           "OR (#time = :time AND #state < :state)))"},
          {"ExpressionAttributeNames",
           {{"#rank", names[Names::kRank]},
            {"#time", names[Names::kEventTime]},
            {"#state", names[Names::kState]}}},
          {"ExpressionAttributeValues", std::move(values)}};
}

base::Result<StateItem> ReadStateItem(const json::object& item, const Names& names) {
  StateItem out;
  out.cluster_id = GetAttribute(item, names[Names::kClusterId], "S");
  if (out.cluster_id.empty())
    return base::Fail(Missing(names[Names::kClusterId], "the state table"));
  RETURN_IF_ERROR(ReadSortKey(GetAttribute(item, names[Names::kItem], "S"), out));
  out.state = GetAttribute(item, names[Names::kState], "S");
  if (out.state.empty())
    return base::Fail(Missing(names[Names::kState], out.cluster_id));
  const std::string& time = names[Names::kEventTime];
  std::optional<base::Time> at = ParseSeconds(GetAttribute(item, time, "N"));
  if (base::Result<base::Time> text = base::ParseTime(GetAttribute(item, time, "S")); !at && text)
    at = *text;
  if (!at)
    return base::Fail(Missing(time, out.cluster_id));
  out.event_time = *at;
  out.reason_code = GetAttribute(item, names[Names::kReasonCode], "S");
  out.message = GetAttribute(item, names[Names::kMessage], "S");
  out.name = GetAttribute(item, names[Names::kName], "S");
  out.target = GetCount(item, names[Names::kTarget]);
  out.running = GetCount(item, names[Names::kRunning]);
  out.raw = GetAttribute(item, names[Names::kRaw], "S");
  out.expires = ParseSeconds(GetAttribute(item, names[Names::kTtl], "N"));
  return out;
}

}  // namespace wire
