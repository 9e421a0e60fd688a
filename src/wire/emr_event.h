#pragma once

// EventBridge's events about EMR clusters (and EC2's Spot warning) as plain data. Pure.
//
// The envelope is read strictly: who sent it, of which account and region, and when, decide whether
// an event may be believed. The detail is read tolerantly: counts come as texts in every sample
// that AWS shows, members come and go, and states are EMR's words as they stand. Events are hints:
// they may be lost, doubled and out of order, and there are none for BOOTSTRAPPING and TERMINATING.
//
// Facts: Amazon EventBridge's guide and the CloudWatch Events guide ("Amazon EMR events"), the
// event classes of AWS's CDK, EC2's guide ("Spot Instance interruption notices").

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "base/time.h"

namespace wire {

struct ClusterStateChange {
  std::string cluster_id;
  std::string name;  // the cluster's Name
  std::string state;
  std::string reason_code, reason_message;
};

// Says nothing of why a step failed.
struct StepStatusChange {
  std::string cluster_id, step_id, name, state;
};

// A fleet (counts are units) or an instance group (counts are nodes).
struct CapacityChange {
  std::string cluster_id;
  std::string id;    // of the fleet or group
  std::string role;  // "MASTER", "CORE", "TASK"
  std::string state;
  std::optional<int64_t> target, running;
};

// EC2 has no capacity for now; repeated while that lasts.
struct ProvisioningTrouble {
  std::string cluster_id, event_code, message;
};

struct ConfigurationError {
  std::string cluster_id;  // "" where the event does not say; its members are not published
  std::string message;
};

// Two minutes ahead of the end; names no cluster.
struct SpotInterruption {
  std::string instance_id;
  std::string action;  // "terminate", "stop", "hibernate"
};

// An event of another source or kind.
struct NotOurs {
  std::string why;
};

using EventDetail = std::variant<ClusterStateChange,
                                 StepStatusChange,
                                 CapacityChange,
                                 ProvisioningTrouble,
                                 ConfigurationError,
                                 SpotInterruption,
                                 NotOurs>;

struct EmrEvent {
  std::string id;  // the same for the same event delivered twice; "" where there is none
  std::string source, detail_type, account, region;
  base::Time time;  // whole seconds
  EventDetail detail;
};

// An error for what is no EventBridge event, and for one of ours that does not say what it is
// about.
base::Result<EmrEvent> ParseEmrEvent(std::string_view text);

}  // namespace wire
