#include "emulator/replies.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <optional>
#include <utility>

#include "base/text.h"
#include "emulator/names.h"
#include "emulator/step_order.h"

namespace emulator {

namespace {

void PutTime(json::object& object, std::string_view key, const std::optional<base::Time>& time) {
  if (time)
    object[key] = base::ToEpochSeconds(*time);
}

// EMR leaves out the code and the message that it does not have.
json::object ReasonObject(const Reason& reason) {
  json::object object;
  if (!reason.code.empty())
    object["Code"] = reason.code;
  if (!reason.message.empty())
    object["Message"] = reason.message;
  return object;
}

json::object ClusterStatus(const Cluster& cluster) {
  json::object timeline;
  PutTime(timeline, "CreationDateTime", cluster.created_at);
  PutTime(timeline, "ReadyDateTime", cluster.ready_at);
  PutTime(timeline, "EndDateTime", cluster.ended_at);
  json::object status = {{"State", Text(cluster.state)},
                         {"StateChangeReason", ReasonObject(cluster.reason)},
                         {"Timeline", std::move(timeline)}};
  if (cluster.errors.empty())
    return status;
  json::array details;
  for (const ErrorDetail& error : cluster.errors) {
    json::object data;
    for (const auto& [key, value] : error.data)
      data[key] = value;
    details.push_back(json::object{{"ErrorCode", error.code},
                                   {"ErrorData", json::array{std::move(data)}},
                                   {"ErrorMessage", error.message}});
  }
  status["ErrorDetails"] = std::move(details);
  return status;
}

int64_t NormalizedHours(const Cluster& cluster, base::Time now) {
  int64_t hours = 0;
  for (const Fleet& fleet : cluster.fleets)
    hours += static_cast<int64_t>(std::ceil(fleet.InstanceSeconds(now) / 3600)) *
             NormalizationFactor(fleet.instance_type);
  return hours;
}

// Copies the members that the request has, under the name that the reply gives them.
void CopyMembers(json::object& to,
                 const json::object& from,
                 std::initializer_list<std::pair<std::string_view, std::string_view>> names) {
  for (const auto& [source, target] : names)
    if (const json::value* value = from.if_contains(source))
      to[target] = *value;
}

json::object Ec2Attributes(const Cluster& cluster, const Place& place) {
  const json::object& instances = base::GetObject(cluster.request, "Instances");
  json::object attributes;
  CopyMembers(attributes,
              instances,
              {{"Ec2KeyName", "Ec2KeyName"},
               {"Ec2SubnetId", "Ec2SubnetId"},
               {"Ec2SubnetIds", "RequestedEc2SubnetIds"},
               {"EmrManagedMasterSecurityGroup", "EmrManagedMasterSecurityGroup"},
               {"EmrManagedSlaveSecurityGroup", "EmrManagedSlaveSecurityGroup"},
               {"ServiceAccessSecurityGroup", "ServiceAccessSecurityGroup"},
               {"AdditionalMasterSecurityGroups", "AdditionalMasterSecurityGroups"},
               {"AdditionalSlaveSecurityGroups", "AdditionalSlaveSecurityGroups"}});
  CopyMembers(attributes, cluster.request, {{"JobFlowRole", "IamInstanceProfile"}});
  const json::array& subnets = base::GetArray(instances, "Ec2SubnetIds");
  if (!attributes.contains("Ec2SubnetId") && !subnets.empty())
    attributes["Ec2SubnetId"] = subnets[0];
  const json::object& placement = base::GetObject(instances, "Placement");
  CopyMembers(attributes, placement, {{"AvailabilityZones", "RequestedEc2AvailabilityZones"}});
  attributes["Ec2AvailabilityZone"] =
      base::GetString(placement, "AvailabilityZone", place.region + "a");
  return attributes;
}

std::string PrivateDnsName(std::string address) {
  std::replace(address.begin(), address.end(), '.', '-');
  return base::Cat("ip-", address, ".ec2.internal");
}

json::array BlockDevices(const json::object& ebs) {
  json::array devices;
  char letter = 'b';
  for (const json::value& config : base::GetArray(ebs, "EbsBlockDeviceConfigs")) {
    int64_t volumes = base::GetInt(config.get_object(), "VolumesPerInstance", 1);
    for (int64_t i = 0; i < volumes; ++i, ++letter)
      devices.push_back(
          json::object{{"VolumeSpecification", config.get_object().at("VolumeSpecification")},
                       {"Device", base::Cat("/dev/sd", letter)}});
  }
  return devices;
}

json::array TypeSpecifications(const json::object& spec) {
  json::array specifications;
  for (const json::value& config : base::GetArray(spec, "InstanceTypeConfigs")) {
    json::object type = config.get_object();
    type.emplace("WeightedCapacity", 1);  // keeps one that is there
    if (const json::value* ebs = type.if_contains("EbsConfiguration")) {
      json::array devices = BlockDevices(ebs->get_object());
      bool optimized = base::GetBool(ebs->get_object(), "EbsOptimized");
      type.erase("EbsConfiguration");
      type["EbsBlockDevices"] = std::move(devices);
      type["EbsOptimized"] = optimized;
    }
    specifications.push_back(std::move(type));
  }
  return specifications;
}

json::object FleetStatus(const Fleet& fleet) {
  json::object timeline;
  PutTime(timeline, "CreationDateTime", fleet.created_at);
  PutTime(timeline, "ReadyDateTime", fleet.ready_at);
  PutTime(timeline, "EndDateTime", fleet.ended_at);
  return {{"State", Text(fleet.state)},
          {"StateChangeReason", ReasonObject(fleet.reason)},
          {"Timeline", std::move(timeline)}};
}

// EMR shows what was attached, with a state.
json::object AutoScalingDescription(const json::object& policy) {
  json::object description = policy;
  description["Status"] = json::object{{"State", "ATTACHED"}};
  return description;
}

}  // namespace

std::string ClusterArn(const Cluster& cluster, const Place& place) {
  return base::Cat(
      "arn:aws:elasticmapreduce:", place.region, ":", place.account, ":cluster/", cluster.id);
}

json::object ClusterSummary(const Cluster& cluster, const Place& place, base::Time now) {
  return {{"Id", cluster.id},
          {"Name", cluster.name},
          {"Status", ClusterStatus(cluster)},
          {"NormalizedInstanceHours", NormalizedHours(cluster, now)},
          {"ClusterArn", ClusterArn(cluster, place)}};
}

json::object ClusterDetail(const Cluster& cluster, const Place& place, base::Time now) {
  json::object detail = ClusterSummary(cluster, place, now);
  detail["Ec2InstanceAttributes"] = Ec2Attributes(cluster, place);
  detail["InstanceCollectionType"] = cluster.uses_fleets ? "INSTANCE_FLEET" : "INSTANCE_GROUP";
  detail["AutoTerminate"] = !cluster.keep_alive;
  detail["TerminationProtected"] = cluster.termination_protected;
  detail["VisibleToAllUsers"] = true;
  detail["Applications"] = json::array();
  detail["Tags"] = cluster.tags;
  detail["Configurations"] = json::array();
  detail["StepConcurrencyLevel"] = static_cast<int64_t>(cluster.step_concurrency);
  CopyMembers(detail,
              cluster.request,
              {{"LogUri", "LogUri"},
               {"LogEncryptionKmsKeyId", "LogEncryptionKmsKeyId"},
               {"AmiVersion", "RequestedAmiVersion"},
               {"AmiVersion", "RunningAmiVersion"},
               {"ReleaseLabel", "ReleaseLabel"},
               {"Applications", "Applications"},
               {"ServiceRole", "ServiceRole"},
               {"Configurations", "Configurations"},
               {"SecurityConfiguration", "SecurityConfiguration"},
               {"AutoScalingRole", "AutoScalingRole"},
               {"ScaleDownBehavior", "ScaleDownBehavior"},
               {"CustomAmiId", "CustomAmiId"},
               {"EbsRootVolumeSize", "EbsRootVolumeSize"},
               {"EbsRootVolumeIops", "EbsRootVolumeIops"},
               {"EbsRootVolumeThroughput", "EbsRootVolumeThroughput"},
               {"RepoUpgradeOnBoot", "RepoUpgradeOnBoot"},
               {"KerberosAttributes", "KerberosAttributes"},
               {"SessionEnabled", "SessionEnabled"},
               {"PlacementGroupConfigs", "PlacementGroups"},
               {"OSReleaseLabel", "OSReleaseLabel"},
               {"ExtendedSupport", "ExtendedSupport"},
               {"MonitoringConfiguration", "MonitoringConfiguration"}});
  CopyMembers(detail,
              base::GetObject(cluster.request, "Instances"),
              {{"UnhealthyNodeReplacement", "UnhealthyNodeReplacement"}});
  if (!cluster.fleets.empty() && cluster.state != ClusterState::kStarting)
    detail["MasterPublicDnsName"] = PrivateDnsName(cluster.MasterAddress());
  return detail;
}

json::array BootstrapActions(const Cluster& cluster) {
  json::array actions;
  for (const json::value& action : base::GetArray(cluster.request, "BootstrapActions")) {
    const json::object& script = base::GetObject(action.get_object(), "ScriptBootstrapAction");
    actions.push_back(json::object{{"Name", base::GetString(action.get_object(), "Name")},
                                   {"ScriptPath", base::GetString(script, "Path")},
                                   {"Args", base::GetArray(script, "Args")}});
  }
  return actions;
}

json::object StepSummary(const Step& step) {
  json::object timeline;
  PutTime(timeline, "CreationDateTime", step.created_at);
  PutTime(timeline, "StartDateTime", step.started_at);
  PutTime(timeline, "EndDateTime", step.ended_at);
  json::object status = {{"State", Text(step.state)},
                         {"StateChangeReason", json::object()},
                         {"Timeline", std::move(timeline)}};
  if (step.state == StepState::kFailed) {
    json::object details = {{"Reason", "Unknown Error."}, {"Message", step.failure_message}};
    if (!step.log_folder.empty())
      details["LogFile"] = step.log_folder + LogFileName("stderr");
    status["FailureDetails"] = std::move(details);
  }

  json::object properties;  // a list in the request, a map here
  for (const json::value& entry : base::GetArray(step.jar_step, "Properties"))
    properties[base::GetString(entry.get_object(), "Key")] =
        base::GetString(entry.get_object(), "Value");
  json::object config = {{"Properties", std::move(properties)}, {"Args", json::array()}};
  CopyMembers(
      config, step.jar_step, {{"Jar", "Jar"}, {"MainClass", "MainClass"}, {"Args", "Args"}});
  json::object summary = {{"Id", step.id},
                          {"Name", step.name},
                          {"Config", std::move(config)},
                          {"ActionOnFailure", step.action_on_failure},
                          {"Status", std::move(status)}};
  CopyMembers(summary,
              step.s3_monitoring,
              {{"LogUri", "LogUri"}, {"EncryptionKeyArn", "EncryptionKeyArn"}});
  return summary;
}

json::object StepDetail(const Step& step) {
  json::object detail = StepSummary(step);
  if (!step.execution_role.empty())
    detail["ExecutionRoleArn"] = step.execution_role;
  return detail;
}

json::object FleetDetail(const Fleet& fleet) {
  json::object detail = {{"Id", fleet.id},
                         {"Name", base::GetString(fleet.spec, "Name")},
                         {"Status", FleetStatus(fleet)},
                         {"InstanceFleetType", Text(fleet.type)},
                         {"TargetOnDemandCapacity", fleet.target_on_demand},
                         {"TargetSpotCapacity", fleet.target_spot},
                         {"ProvisionedOnDemandCapacity", fleet.provisioned_on_demand},
                         {"ProvisionedSpotCapacity", fleet.provisioned_spot},
                         {"InstanceTypeSpecifications", TypeSpecifications(fleet.spec)}};
  CopyMembers(detail,
              fleet.spec,
              {{"LaunchSpecifications", "LaunchSpecifications"},
               {"ResizeSpecifications", "ResizeSpecifications"},
               {"Context", "Context"}});
  return detail;
}

json::object GroupDetail(const Fleet& group) {
  // Instances run from the end of their bootstrap on.
  int64_t running = group.ready_at ? group.Instances() : 0;
  json::object detail = {{"Id", group.id},
                         {"Name", base::GetString(group.spec, "Name")},
                         {"Market", base::GetString(group.spec, "Market", "ON_DEMAND")},
                         {"InstanceGroupType", Text(group.type)},
                         {"InstanceType", group.instance_type},
                         {"RequestedInstanceCount", group.target_on_demand + group.target_spot},
                         {"RunningInstanceCount", running},
                         {"Status", FleetStatus(group)},
                         {"Configurations", json::array()},
                         {"EbsBlockDevices", json::array()},
                         {"ShrinkPolicy", json::object()}};
  CopyMembers(detail,
              group.spec,
              {{"BidPrice", "BidPrice"},
               {"Configurations", "Configurations"},
               {"CustomAmiId", "CustomAmiId"}});
  if (const json::value* ebs = group.spec.if_contains("EbsConfiguration")) {
    detail["EbsBlockDevices"] = BlockDevices(ebs->get_object());
    detail["EbsOptimized"] = base::GetBool(ebs->get_object(), "EbsOptimized");
  }
  if (const json::value* policy = group.spec.if_contains("AutoScalingPolicy"))
    detail["AutoScalingPolicy"] = AutoScalingDescription(policy->get_object());
  return detail;
}

json::object InstanceDetail(const Instance& instance, bool uses_fleets) {
  json::object timeline;
  PutTime(timeline, "CreationDateTime", instance.created_at);
  PutTime(timeline, "ReadyDateTime", instance.ready_at);
  PutTime(timeline, "EndDateTime", instance.ended_at);
  return {{"Id", instance.id},
          {"Ec2InstanceId", instance.ec2_id},
          {"PrivateDnsName", PrivateDnsName(instance.address)},
          {"PrivateIpAddress", instance.address},
          {"Status",
           json::object{{"State", Text(instance.state)},
                        {"StateChangeReason", ReasonObject(instance.reason)},
                        {"Timeline", std::move(timeline)}}},
          {uses_fleets ? "InstanceFleetId" : "InstanceGroupId", instance.fleet->id},
          {"Market", instance.spot ? "SPOT" : "ON_DEMAND"},
          {"InstanceType", instance.fleet->instance_type},
          {"EbsVolumes", json::array()}};
}

}  // namespace emulator
