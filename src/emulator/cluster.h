#pragma once

// What the model knows of a cluster: plain data, changed by lifecycle.cc and rendered by
// replies.cc.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "emulator/fault_plan.h"

namespace emulator {

enum class ClusterState {
  kStarting,
  kBootstrapping,
  kRunning,
  kWaiting,
  kTerminating,
  kTerminated,
  kTerminatedWithErrors,
};
enum class StepState { kPending, kCancelPending, kRunning, kCompleted, kCancelled, kFailed };
enum class FleetState {
  kProvisioning,
  kBootstrapping,
  kRunning,
  kResizing,
  kTerminating,
  kTerminated
};

// As EMR writes them: "STARTING", "PENDING", "MASTER".
std::string_view Text(ClusterState state);
std::string_view Text(StepState state);
std::string_view Text(FleetState state);
std::string_view Text(FleetType type);
// REQUIRES: "MASTER", "CORE" or "TASK".
FleetType ParseFleetType(std::string_view text);

// Of an AutoTerminationPolicy: an hour unless it says otherwise.
base::Duration IdleTimeout(const json::object& policy);

struct Reason {
  std::string code;  // "" where EMR gives none
  std::string message;
};

struct ErrorDetail {
  std::string code;
  std::string message;
  std::vector<std::pair<std::string, std::string>> data;
};

struct Step {
  std::string id;
  std::string name;
  std::string action_on_failure;
  json::object jar_step;       // HadoopJarStep as requested
  std::string execution_role;  // "" for none
  json::object s3_monitoring;  // S3MonitoringConfiguration as requested
  StepState state = StepState::kPending;
  base::Time created_at;
  std::optional<base::Time> started_at;
  std::optional<base::Time> ended_at;
  std::string failure_message;  // of a FAILED step
  bool hangs = false;           // its end never comes by itself
  bool at_work = false;         // was ordered (step_order.h) and not called back
  // "s3://bucket/logs/j-…/steps/s-…/": where its streams are kept; "" if there is no LogUri.
  std::string log_folder;

  bool Active() const { return state <= StepState::kRunning; }
};

// An instance fleet, or an instance group seen as one: faults and costs treat them alike.
struct Fleet {
  // The instances [first, last) went while others stayed: the last ones of those that were left,
  // because spot instances come last. Their successors have the same numbers.
  struct Loss {
    int64_t first;
    int64_t last;
    base::Time at;
    std::optional<base::Time> replaced_at;
  };

  std::string id;
  FleetType type = FleetType::kCore;
  json::object spec;  // as requested
  std::string instance_type;
  int64_t weight = 1;  // units of capacity of one instance
  int64_t target_on_demand = 0;
  int64_t target_spot = 0;
  int64_t provisioned_on_demand = 0;
  int64_t provisioned_spot = 0;
  FleetState state = FleetState::kProvisioning;
  Reason reason;
  base::Time created_at;
  std::optional<base::Time> launched_at;  // of its instances, which come all at once
  std::optional<base::Time> ready_at;
  std::vector<Loss> losses;
  std::optional<base::Time> replaced_at;  // when its instances will be whole again
  std::optional<base::Time> lost_at;      // all its instances, to a fault
  std::optional<base::Time> ended_at;
  // Instance seconds up to `counted_at`; the provisioned capacity has not changed since.
  double counted_seconds = 0;
  base::Time counted_at;

  int64_t Instances() const;
  // How many a whole fleet has, and how many of these are on demand.
  int64_t TargetInstances() const;
  int64_t TargetOnDemandInstances() const;
  double InstanceSeconds(base::Time now) const;
};

enum class InstanceState { kBootstrapping, kRunning, kTerminated };
std::string_view Text(InstanceState state);

inline constexpr int64_t kInstancesListedMax = 2000;

// An EC2 instance: nothing of it is kept, all follows from its fleet.
struct Instance {
  std::string id;  // EMR's: "ci-…"
  std::string ec2_id;
  std::string address;
  const Fleet* fleet;
  bool spot = false;
  InstanceState state = InstanceState::kRunning;
  Reason reason;
  std::optional<base::Time> created_at;
  std::optional<base::Time> ready_at;
  std::optional<base::Time> ended_at;
};

struct Cluster {
  struct ArmedFault {
    size_t index;  // into FaultPlan::faults
    bool armed = false;
  };

  size_t ordinal = 0;  // order of arrival, from 0
  std::string id;
  std::string name;
  json::object request;  // without the members that EMR does not know
  bool uses_fleets = false;
  bool keep_alive = false;
  bool termination_protected = false;
  std::optional<base::Duration> idle_timeout;
  size_t step_concurrency = 1;
  json::array tags;
  json::object managed_scaling;  // the policy; empty where there is none

  ClusterState state = ClusterState::kStarting;
  ClusterState final_state = ClusterState::kTerminated;  // of a TERMINATING cluster
  Reason reason;
  std::vector<ErrorDetail> errors;
  base::Time created_at;
  base::Time entered_at;  // the present state
  std::optional<base::Time> ready_at;
  std::optional<base::Time> ended_at;
  std::vector<Step> steps;
  std::vector<Fleet> fleets;

  std::vector<ArmedFault> faults;  // those of the plan that chose this cluster
  base::Duration list_lag{0};
  std::optional<base::Duration> purged_after;  // its end
  uint64_t epoch = 0;  // counts state changes: a phase timer of an older epoch is void

  // What its ids and spans are drawn for.
  std::string Entity() const;
  // Of its master, once it is provisioned.
  std::string MasterAddress() const;
  bool Terminal() const { return state >= ClusterState::kTerminated; }
  bool Ending() const { return state >= ClusterState::kTerminating; }
  bool Purged(base::Time now) const {
    return ended_at && purged_after && *ended_at + *purged_after <= now;
  }
};

}  // namespace emulator
