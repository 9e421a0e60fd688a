#pragma once

// An item of the state table: what an event said of a cluster, one of its steps, fleets or groups,
// as a value and as DynamoDB's JSON. The forwarder writes items, the watcher reads them. Pure.
//
//   partition key  cluster_id   "j-…"
//   sort key       item         "STATE", "STEP#s-…", "FLEET#CORE", "GROUP#CORE", "GROUP#TASK#ig-…"
//
// (A cluster may have several task groups, and one group or fleet of everything else.)
//
// The phase rule stands in the condition of the write, so that it holds for any writer, in any
// order and any number of times: a higher rank wins, inside a rank the later time of the source.
// Two states of the same rank and second go by their names, so that every order ends in the same
// item.
//
// Facts: DynamoDB's API reference (attribute values, PutItem, BatchGetItem).

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "wire/emr_event.h"

namespace wire {

enum class ItemKind { kCluster, kStep, kFleet, kGroup };

struct StateItem {
  ItemKind kind = ItemKind::kCluster;
  std::string cluster_id;
  std::string step_id;                     // of a step
  std::string role;                        // of a fleet or group: "MASTER", "CORE", "TASK"
  std::string capacity_id;                 // its id; read from a table known for task groups alone
  base::Time event_time;                   // of the source
  std::string state;                       // EMR's word
  std::string reason_code;                 // of a cluster
  std::string message;                     // a cluster's reason, else the event's text
  std::string name;                        // of the cluster or the step
  std::optional<int64_t> target, running;  // of a fleet (units) or group (nodes)
  std::string raw;                         // the event as it came
  std::optional<base::Time> expires;       // deleted by DynamoDB some time after, shown till then
};

// Nothing where the event says nothing of a state, or a state whose place in the order is not
// known. `raw` and `expires` are the caller's.
std::optional<StateItem> ItemOfEvent(const EmrEvent& event);

// The place of a state in the order in which it can be reached; nothing for an unknown word.
std::optional<int> StateRank(ItemKind kind, std::string_view state);

// What the attributes are called in a table that exists already.
class StateTableNames {
 public:
  enum Attribute {
    kClusterId,
    kItem,
    kRank,
    kEventTime,
    kState,
    kReasonCode,
    kMessage,
    kName,
    kTarget,
    kRunning,
    kRaw,
    kTtl,
    kCount
  };

  StateTableNames();
  const std::string& operator[](Attribute attribute) const { return names_[attribute]; }
  // `attribute` is its usual name ("cluster_id"). An error for an unknown one and for a name that
  // is empty or taken.
  base::Status Rename(std::string_view attribute, std::string_view name);

 private:
  std::array<std::string, kCount> names_;
};

// The sort keys that are known beforehand.
std::string StateItemKey();                       // "STATE"
std::string FleetItemKey(std::string_view role);  // "FLEET#CORE"
std::string GroupItemKey(std::string_view role);  // "GROUP#CORE": of MASTER and CORE
std::string StepItemKey(std::string_view step_id);
std::string SortKey(const StateItem& item);
// {"cluster_id": {"S": "j-…"}, "item": {"S": "STATE"}}, for GetItem and BatchGetItem.
json::object ItemKey(std::string_view cluster_id,
                     std::string_view item_key,
                     const StateTableNames& names = {});

// The body of the conditional PutItem. It fails with ConditionalCheckFailedException where the
// table knows as much or more. REQUIRES: StateRank knows item.state.
json::object PutItemBody(std::string_view table,
                         const StateItem& item,
                         const StateTableNames& names = {});

// An item as GetItem and BatchGetItem return it. Keys, state and time must be there; the time may
// also be a text (RFC 3339). The rank is not read: it follows from the state.
base::Result<StateItem> ReadStateItem(const json::object& item, const StateTableNames& names = {});

}  // namespace wire
