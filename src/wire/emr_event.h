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

// Its message says that a step failed, never why.
struct StepStatusChange {
  std::string cluster_id, step_id, name, state, message;
};

enum class CapacityKind {
  kFleet,  // counts are units
  kGroup,  // counts are nodes
};

struct CapacityChange {
  CapacityKind kind = CapacityKind::kFleet;
  std::string cluster_id;
  std::string id;    // of the fleet or group
  std::string role;  // "MASTER", "CORE", "TASK"
  std::string state;
  std::optional<int64_t> target, running;
  std::string message;
};

// EC2 has no capacity for now; repeated while that lasts.
struct ProvisioningTrouble {
  std::string cluster_id;
  std::string role;  // of a group; "" for fleets, whose events do not say
  std::string event_code, message;
};

// What automatic scaling does with a group's policy: its state is the policy's, not the group's.
struct ScalingPolicyChange {
  std::string cluster_id;
  std::string resource_id;  // the group's
  std::string state, message;
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
                                 ScalingPolicyChange,
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

// Whose events are believed; "" takes any.
struct Addressee {
  std::string account, region;
  std::string deployment;  // by the cluster's Name, "sbx-<deployment>-…", where an event has one
};

// Why the event is another's; "" where it is ours as far as it tells.
std::string WhyForeign(const EmrEvent& event, const Addressee& addressee);

}  // namespace wire
