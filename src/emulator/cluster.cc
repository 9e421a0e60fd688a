#include "emulator/cluster.h"

#include "base/text.h"

namespace emulator {

std::string_view Text(ClusterState state) {
  switch (state) {
    case ClusterState::kStarting:
      return "STARTING";
    case ClusterState::kBootstrapping:
      return "BOOTSTRAPPING";
    case ClusterState::kRunning:
      return "RUNNING";
    case ClusterState::kWaiting:
      return "WAITING";
    case ClusterState::kTerminating:
      return "TERMINATING";
    case ClusterState::kTerminated:
      return "TERMINATED";
    case ClusterState::kTerminatedWithErrors:
      return "TERMINATED_WITH_ERRORS";
  }
  return "";
}

std::string_view Text(StepState state) {
  switch (state) {
    case StepState::kPending:
      return "PENDING";
    case StepState::kCancelPending:
      return "CANCEL_PENDING";
    case StepState::kRunning:
      return "RUNNING";
    case StepState::kCompleted:
      return "COMPLETED";
    case StepState::kCancelled:
      return "CANCELLED";
    case StepState::kFailed:
      return "FAILED";
  }
  return "";
}

std::string_view Text(FleetState state) {
  switch (state) {
    case FleetState::kProvisioning:
      return "PROVISIONING";
    case FleetState::kBootstrapping:
      return "BOOTSTRAPPING";
    case FleetState::kRunning:
      return "RUNNING";
    case FleetState::kResizing:
      return "RESIZING";
    case FleetState::kTerminating:
      return "TERMINATING";
    case FleetState::kTerminated:
      return "TERMINATED";
  }
  return "";
}

std::string_view Text(FleetType type) {
  switch (type) {
    case FleetType::kMaster:
      return "MASTER";
    case FleetType::kCore:
      return "CORE";
    case FleetType::kTask:
      return "TASK";
  }
  return "";
}

std::string_view Text(InstanceState state) {
  switch (state) {
    case InstanceState::kBootstrapping:
      return "BOOTSTRAPPING";
    case InstanceState::kRunning:
      return "RUNNING";
    case InstanceState::kTerminated:
      return "TERMINATED";
  }
  return "";
}

FleetType ParseFleetType(std::string_view text) {
  if (text == "MASTER")
    return FleetType::kMaster;
  return text == "CORE" ? FleetType::kCore : FleetType::kTask;
}

base::Duration IdleTimeout(const json::object& policy) {
  return base::seconds(base::GetInt(policy, "IdleTimeout", 3600));
}

int64_t Fleet::Instances() const {
  return (provisioned_on_demand + provisioned_spot + weight - 1) / weight;
}

int64_t Fleet::TargetInstances() const {
  return (target_on_demand + target_spot + weight - 1) / weight;
}

int64_t Fleet::TargetOnDemandInstances() const {
  return (target_on_demand + weight - 1) / weight;
}

double Fleet::InstanceSeconds(base::Time now) const {
  double since = static_cast<double>((now - counted_at).count()) / 1e6;
  return counted_seconds + static_cast<double>(Instances()) * since;
}

std::string Cluster::Entity() const {
  return base::Cat("cluster ", ordinal);
}

std::string Cluster::MasterAddress() const {
  return base::Cat("10.0.", ordinal / 250 % 250, ".", ordinal % 250 + 4);
}

}  // namespace emulator
