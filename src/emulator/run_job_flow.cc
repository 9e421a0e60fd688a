#include "emulator/run_job_flow.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "base/text.h"

namespace emulator {

namespace {

using Refusal = std::optional<std::string>;

constexpr int64_t kInstancesPerGroupMax = 2000;
constexpr size_t kGroupsMax = 50;  // master, core and 48 task groups
constexpr size_t kStepCharactersMax = 10240;
constexpr size_t kTypesPerFleetMax = 5;
constexpr size_t kTypesPerFleetWithStrategyMax = 30;

bool Outside(const json::object& object, std::string_view path, int64_t low, int64_t high) {
  const json::value* value = base::Find(object, path);
  int64_t number = base::GetInt(object, path);
  return value != nullptr && (number < low || number > high);
}

// Of an instance type of a fleet, or of a group. "There is a limit of 25 volumes per instance"
// (Management Guide, "Instance storage").
Refusal CheckVolumes(const json::object& config) {
  constexpr int64_t kVolumesMax = 25;
  int64_t volumes = 0;
  for (const json::value& device :
       base::GetArray(base::GetObject(config, "EbsConfiguration"), "EbsBlockDeviceConfigs")) {
    const int64_t each = base::GetInt(device.get_object(), "VolumesPerInstance", 1);
    if (each < 1)
      return "VolumesPerInstance must be at least 1.";
    volumes += std::min(each, kVolumesMax + 1);
  }
  if (volumes > kVolumesMax)
    return base::Cat("An instance can have at most ", kVolumesMax, " EBS volumes.");
  return std::nullopt;
}

Refusal CheckTypes(const json::object& fleet, std::string_view type) {
  const json::array& configs = base::GetArray(fleet, "InstanceTypeConfigs");
  if (configs.empty())
    return base::Cat("The instance fleet ", type, " must have at least one instance type.");
  bool has_strategy =
      base::Find(fleet, "LaunchSpecifications.SpotSpecification.AllocationStrategy") != nullptr ||
      base::Find(fleet, "LaunchSpecifications.OnDemandSpecification.AllocationStrategy") != nullptr;
  size_t most = has_strategy ? kTypesPerFleetWithStrategyMax : kTypesPerFleetMax;
  if (configs.size() > most)
    return base::Cat("The instance fleet ", type, " can have at most ", most, " instance types.");
  std::set<std::string> seen;
  for (const json::value& config : configs) {
    std::string name = base::GetString(config.get_object(), "InstanceType");
    if (!seen.insert(name).second)
      return base::Cat(
          "The instance fleet ", type, " contains duplicate instance types [", name, "].");
    if (Refusal refusal = CheckVolumes(config.get_object()))
      return refusal;
  }
  return std::nullopt;
}

Refusal CheckFleet(const json::object& fleet) {
  std::string type = base::GetString(fleet, "InstanceFleetType");
  int64_t on_demand = base::GetInt(fleet, "TargetOnDemandCapacity");
  int64_t spot = base::GetInt(fleet, "TargetSpotCapacity");
  if (on_demand < 0 || spot < 0)
    return base::Cat(
        "The target capacities of the instance fleet ", type, " must not be negative.");
  if (type == "MASTER" && on_demand + spot != 1)
    return "The master instance fleet must have a target capacity of exactly 1.";
  if (type == "CORE" && on_demand + spot < 1)
    return "At least one of TargetOnDemandCapacity and TargetSpotCapacity of the core instance "
           "fleet must be greater than 0.";
  if (Outside(fleet, "LaunchSpecifications.SpotSpecification.TimeoutDurationMinutes", 5, 1440))
    return "The TimeoutDurationMinutes of a SpotSpecification must be between 5 and 1440.";
  return CheckTypes(fleet, type);
}

Refusal CheckFleets(const json::array& fleets) {
  std::set<std::string> types;
  for (const json::value& value : fleets) {
    if (Refusal refusal = CheckFleet(value.get_object()))
      return refusal;
    std::string type = base::GetString(value.get_object(), "InstanceFleetType");
    if (!types.insert(type).second)
      return base::Cat("There can be only one instance fleet of the type ", type, ".");
  }
  if (!types.contains("MASTER"))
    return "A master instance fleet is required.";
  return std::nullopt;
}

Refusal CheckGroups(const json::array& groups) {
  int masters = 0;
  int cores = 0;
  for (const json::value& value : groups) {
    std::string role = base::GetString(value.get_object(), "InstanceRole");
    int64_t count = base::GetInt(value.get_object(), "InstanceCount");
    if (Refusal refusal = CheckVolumes(value.get_object()))
      return refusal;
    masters += role == "MASTER";
    cores += role == "CORE";
    if (count > kInstancesPerGroupMax)
      return base::Cat("A group can have at most ", kInstancesPerGroupMax, " instances.");
    if (role == "MASTER" ? count != 1 && count != 3 : count < (role == "CORE" ? 1 : 0))
      return base::Cat("Invalid instance count ", count, " of the ", role, " instance group.");
  }
  if (masters != 1)
    return "Exactly one master instance group is required.";
  if (cores > 1)
    return "There can be only one core instance group.";
  if (groups.size() > kGroupsMax)
    return base::Cat("A cluster can have at most ", kGroupsMax, " instance groups.");
  return std::nullopt;
}

Refusal CheckInstances(const json::object& instances) {
  bool fleets = instances.contains("InstanceFleets");
  bool groups = instances.contains("InstanceGroups");
  bool plain = instances.contains("InstanceCount") || instances.contains("MasterInstanceType") ||
               instances.contains("SlaveInstanceType");
  if (fleets && (groups || plain))
    return "Instance fleets and instance groups are mutually exclusive.";
  if (groups && plain)
    return "Please configure instances using one and only one of the following: instance groups; "
           "or instance count, master and slave instance types.";
  if (!fleets && instances.contains("Ec2SubnetIds"))
    return "Ec2SubnetIds can be given only for clusters that use instance fleets.";
  if (instances.contains("Ec2SubnetId") && instances.contains("Ec2SubnetIds"))
    return "Only one of Ec2SubnetId and Ec2SubnetIds can be given.";
  if (fleets)
    return CheckFleets(base::GetArray(instances, "InstanceFleets"));
  if (groups)
    return CheckGroups(base::GetArray(instances, "InstanceGroups"));
  if (base::GetInt(instances, "InstanceCount") < 1)
    return "Must specify instance fleets, instance groups or an instance count of at least 1.";
  if (!instances.contains("MasterInstanceType"))
    return "MasterInstanceType is required with InstanceCount.";
  if (base::GetInt(instances, "InstanceCount") > 1 && !instances.contains("SlaveInstanceType"))
    return "SlaveInstanceType is required with an InstanceCount greater than 1.";
  return std::nullopt;
}

}  // namespace

std::optional<std::string> CheckStepConcurrency(const json::object& request) {
  if (Outside(request, "StepConcurrencyLevel", 1, 256))
    return "StepConcurrencyLevel must be between 1 and 256.";
  return std::nullopt;
}

std::optional<std::string> CheckAutoTermination(const json::object& policy) {
  if (Outside(policy, "IdleTimeout", 60, 604800))
    return "The IdleTimeout of an auto-termination policy must be between 60 and 604800 seconds.";
  return std::nullopt;
}

std::optional<std::string> CheckManagedScaling(const json::object& policy, bool uses_fleets) {
  if (Outside(policy, "UtilizationPerformanceIndex", 1, 100))
    return "UtilizationPerformanceIndex must be between 1 and 100.";
  if (!policy.contains("ComputeLimits"))
    return "A managed scaling policy must have ComputeLimits.";
  const json::object& limits = base::GetObject(policy, "ComputeLimits");
  if ((base::GetString(limits, "UnitType") == "InstanceFleetUnits") != uses_fleets)
    return "The UnitType of ComputeLimits must be InstanceFleetUnits for clusters that use "
           "instance "
           "fleets, and Instances or VCPU for clusters that use instance groups.";
  int64_t least = base::GetInt(limits, "MinimumCapacityUnits");
  int64_t most = base::GetInt(limits, "MaximumCapacityUnits");
  if (least < 1 || most < least)
    return "MinimumCapacityUnits must be at least 1 and at most MaximumCapacityUnits.";
  if (Outside(limits, "MaximumOnDemandCapacityUnits", 0, most) ||
      Outside(limits, "MaximumCoreCapacityUnits", 0, most))
    return "MaximumOnDemandCapacityUnits and MaximumCoreCapacityUnits must be at most "
           "MaximumCapacityUnits.";
  return std::nullopt;
}

std::optional<std::string> CheckSteps(const json::array& steps) {
  if (steps.size() > kActiveStepsMax)
    return std::string(kTooManySteps);
  for (const json::value& value : steps) {
    const json::object& jar_step = base::GetObject(value.get_object(), "HadoopJarStep");
    size_t characters =
        base::GetString(jar_step, "Jar").size() + base::GetString(jar_step, "MainClass").size();
    for (const json::value& arg : base::GetArray(jar_step, "Args"))
      characters += arg.get_string().size();
    for (const json::value& entry : base::GetArray(jar_step, "Properties"))
      characters += base::GetString(entry.get_object(), "Key").size() +
                    base::GetString(entry.get_object(), "Value").size();
    if (characters > kStepCharactersMax)
      return base::Cat(
          "The strings of a HadoopJarStep must not exceed ", kStepCharactersMax, " characters.");
  }
  return std::nullopt;
}

std::optional<std::string> CheckRunJobFlow(const json::object& request) {
  if (base::GetString(request, "Name").empty())
    return "The name of a cluster must not be empty.";
  if (Refusal refusal = CheckInstances(base::GetObject(request, "Instances")))
    return refusal;
  if (Refusal refusal = CheckStepConcurrency(request))
    return refusal;
  if (Refusal refusal = CheckAutoTermination(base::GetObject(request, "AutoTerminationPolicy")))
    return refusal;
  bool uses_fleets = base::Find(request, "Instances.InstanceFleets") != nullptr;
  if (const json::value* policy = request.if_contains("ManagedScalingPolicy"))
    if (Refusal refusal = CheckManagedScaling(policy->get_object(), uses_fleets))
      return refusal;
  return CheckSteps(base::GetArray(request, "Steps"));
}

}  // namespace emulator
