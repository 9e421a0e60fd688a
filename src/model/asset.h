#pragma once

// Assets: data that jobs make and that DAGs wait for, by name, as in Airflow. An event tells that
// one was made; a DAG with a condition on assets gets a run once the events that are queued for it
// fulfil it. Plain data; the texts are persisted.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "model/ids.h"

namespace model {

// What the project says of one.
struct Asset {
  std::string name;
  std::string uri;  // its name where none is given
  std::string group = "asset";
  friend bool operator==(const Asset&, const Asset&) = default;
};

// A job makes the asset: each of its successes is an event.
struct Outlet {
  std::string asset;
  json::object extra;  // stands in each event
  friend bool operator==(const Outlet&, const Outlet&) = default;
};

// "a and (b or c)".
struct AssetCondition {
  enum class Kind { kAsset, kAny, kAll };
  Kind kind = Kind::kAsset;
  std::string asset;               // of kAsset
  std::vector<AssetCondition> of;  // of the others; never empty
  friend bool operator==(const AssetCondition&, const AssetCondition&) = default;
};

bool Holds(const AssetCondition& condition,
           const std::function<bool(const std::string& asset)>& is_queued);
// Each once, in the order of the file.
std::vector<std::string> AssetsOf(const AssetCondition& condition);
// "a and (b or c)", for people.
std::string InWords(const AssetCondition& condition);
// "a", {"any": […]}, {"all": […]}.
json::value ToJson(const AssetCondition& condition);
// Throws std::runtime_error where the value is none of these.
AssetCondition AssetConditionFrom(const json::value& value);

struct AssetRow {
  int64_t id = 0;  // from 1
  Asset asset;
  bool is_active = true;  // a DAG of the project names it
  base::Time created_at, updated_at;
  friend bool operator==(const AssetRow&, const AssetRow&) = default;
};

// Append-only.
struct AssetEventRow {
  int64_t id = 0;  // from 1, over all assets
  int64_t asset = 0;
  base::Time at;
  std::string extra;  // JSON object
  // The attempt's job; empty where a person made the event.
  DagId dag;
  RunId run;
  JobId job;
  LaneId lane;
  std::string created_by;  // the person
  friend bool operator==(const AssetEventRow&, const AssetEventRow&) = default;
};

// What a DAG's next run will take of one asset: its events after `taken`.
struct QueuedAsset {
  int64_t asset = 0;
  int64_t taken = 0;  // events up to this id are taken by earlier runs, dropped, or before its time
  int64_t latest = 0;                    // the latest event; none where it is not after `taken`
  std::optional<base::Time> queued_at;   // of the first event that counts for the condition
  std::optional<base::Interval> covers;  // from the first to the last of the events' runs
  friend bool operator==(const QueuedAsset&, const QueuedAsset&) = default;
};

// Of one DAG that has a condition on assets.
struct AssetQueueRow {
  DagId dag;
  std::optional<base::Time> last_run;  // the time in its latest run's id: the next one's is later
  std::vector<QueuedAsset> assets;     // those of its condition, by id
  friend bool operator==(const AssetQueueRow&, const AssetQueueRow&) = default;
};

// Of one asset, so many events of a run, the newest, stand in its templates.
inline constexpr size_t kTriggeringEventsMax = 100;

// Of one asset, events that a run has taken: after < id <= until.
struct TakenEvents {
  int64_t asset = 0;
  int64_t after = 0, until = 0;
  friend bool operator==(const TakenEvents&, const TakenEvents&) = default;
};

}  // namespace model
