#include "emulator/events.h"

#include "base/json_text.h"
#include "base/text.h"
#include "emulator/names.h"

namespace emulator {

namespace {

constexpr std::string_view kEmr = "aws.emr";
constexpr std::string_view kEc2 = "aws.ec2";

// Events have whole seconds.
std::string EventTime(base::Time now) {
  return base::FormatRfc3339(base::Time(std::chrono::floor<std::chrono::seconds>(now)));
}

std::string Count(int64_t count) {
  return std::to_string(count);
}

std::string_view SeverityOf(const Cluster& cluster) {
  if (cluster.state == ClusterState::kTerminatedWithErrors)
    return "CRITICAL";
  bool is_failure = cluster.state == ClusterState::kTerminated &&
                    cluster.reason.code != "ALL_STEPS_COMPLETED" &&
                    cluster.reason.code != "USER_REQUEST";
  return is_failure ? "ERROR" : "INFO";
}

}  // namespace

void Events::Add(std::string_view source,
                 std::string_view detail_type,
                 json::object detail,
                 base::Time now) {
  // Request ids are drawn alike: the seed keeps them apart.
  constexpr uint64_t kApart = 0x65766e74;
  events_.push_back({{"version", "0"},
                     {"id", DrawRequestId(seed_ ^ kApart, made_++)},
                     {"detail-type", detail_type},
                     {"source", source},
                     {"account", place_.account},
                     {"time", EventTime(now)},
                     {"region", place_.region},
                     {"resources", json::array()},
                     {"detail", std::move(detail)}});
}

void Events::OnCluster(const Cluster& cluster, base::Time now) {
  if (!on_ || cluster.state == ClusterState::kBootstrapping ||
      cluster.state == ClusterState::kTerminating)
    return;
  json::object reason = {{"code", cluster.reason.code}};
  if (!cluster.reason.code.empty() && !cluster.reason.message.empty())
    reason["message"] = cluster.reason.message;
  Add(kEmr,
      "EMR Cluster State Change",
      {{"severity", SeverityOf(cluster)},
       {"stateChangeReason", base::Serialize(reason)},
       {"name", cluster.name},
       {"clusterId", cluster.id},
       {"state", Text(cluster.state)},
       {"message",
        base::Cat("Amazon EMR cluster ",
                  cluster.id,
                  " (",
                  cluster.name,
                  ") is in the state ",
                  Text(cluster.state),
                  " at ",
                  EventTime(now),
                  ".")}},
      now);
}

void Events::OnStep(const Cluster& cluster, const Step& step, base::Time now) {
  if (!on_)
    return;
  Add(kEmr,
      "EMR Step Status Change",
      {{"severity", step.state == StepState::kFailed ? "ERROR" : "INFO"},
       {"actionOnFailure", step.action_on_failure},
       {"stepId", step.id},
       {"name", step.name},
       {"clusterId", cluster.id},
       {"state", Text(step.state)},
       {"message",
        base::Cat("Step ",
                  step.id,
                  " (",
                  step.name,
                  ") of Amazon EMR cluster ",
                  cluster.id,
                  " (",
                  cluster.name,
                  ") is in the state ",
                  Text(step.state),
                  " at ",
                  EventTime(now),
                  ".")}},
      now);
}

void Events::OnFleet(const Cluster& cluster, const Fleet& fleet, base::Time now) {
  if (!on_)
    return;
  const std::string message = base::Cat("The ",
                                        cluster.uses_fleets ? "instance fleet " : "instance group ",
                                        fleet.id,
                                        " of Amazon EMR cluster ",
                                        cluster.id,
                                        " (",
                                        cluster.name,
                                        ") is in the state ",
                                        Text(fleet.state),
                                        " at ",
                                        EventTime(now),
                                        ".");
  const std::string_view severity = fleet.reason.code.empty() ? "INFO" : "WARN";
  if (cluster.uses_fleets) {
    Add(kEmr,
        "EMR Instance Fleet State Change",
        {{"severity", severity},
         {"clusterId", cluster.id},
         {"instanceFleetId", fleet.id},
         {"instanceFleetType", Text(fleet.type)},
         {"state", Text(fleet.state)},
         {"targetOnDemandCapacity", Count(fleet.target_on_demand)},
         {"targetSpotCapacity", Count(fleet.target_spot)},
         {"provisionedOnDemandCapacity", Count(fleet.provisioned_on_demand)},
         {"provisionedSpotCapacity", Count(fleet.provisioned_spot)},
         {"message", message}},
        now);
    return;
  }
  Add(kEmr,
      "EMR Instance Group State Change",
      {{"severity", severity},
       {"clusterId", cluster.id},
       {"instanceGroupId", fleet.id},
       {"instanceGroupType", Text(fleet.type)},
       {"instanceType", fleet.instance_type},
       {"market", fleet.target_spot > 0 ? "SPOT" : "ON_DEMAND"},
       {"requestedInstanceCount", Count(fleet.TargetInstances())},
       {"runningInstanceCount", Count(fleet.Instances())},
       {"state", Text(fleet.state)},
       {"message", message}},
      now);
}

void Events::OnShortage(const Cluster& cluster, std::string message, base::Time now) {
  if (!on_)
    return;
  Add(kEmr,
      cluster.uses_fleets ? "EMR Instance Fleet Provisioning" : "EMR Instance Group Provisioning",
      {{"severity", "WARN"},
       {"clusterId", cluster.id},
       {"eventCode", "EC2 provisioning - Insufficient Instance Capacity"},
       {"message", std::move(message)}},
      now);
}

void Events::OnInterruption(const Instance& instance, base::Time now) {
  if (!on_)
    return;
  Add(kEc2,
      "EC2 Spot Instance Interruption Warning",
      {{"instance-id", instance.ec2_id}, {"instance-action", "terminate"}},
      now);
}

}  // namespace emulator
