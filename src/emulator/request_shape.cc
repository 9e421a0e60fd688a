#include "emulator/request_shape.h"

#include <map>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/text.h"

namespace emulator {

namespace {

// Name = Member[!]:type … ; `!` marks a required member; (n) is a greatest length.
constexpr std::string_view kShapes = R"(
RunJobFlow = Name!:string(256) LogUri:string(10280) LogEncryptionKmsKeyId:string(10280)
    AdditionalInfo:string(10280) AmiVersion:string(256) ReleaseLabel:string(256)
    Instances!:JobFlowInstancesConfig Steps:[StepConfig] StepExecutionRoleArn:string(2048)
    BootstrapActions:[BootstrapActionConfig] SupportedProducts:[string(256)]
    NewSupportedProducts:[SupportedProductConfig] Applications:[Application]
    Configurations:[Configuration] VisibleToAllUsers:boolean JobFlowRole:string(10280)
    ServiceRole:string(10280) Tags:[Tag] SecurityConfiguration:string(10280)
    AutoScalingRole:string(10280)
    ScaleDownBehavior:enum(TERMINATE_AT_INSTANCE_HOUR|TERMINATE_AT_TASK_COMPLETION)
    CustomAmiId:string(256) EbsRootVolumeSize:integer RepoUpgradeOnBoot:enum(SECURITY|NONE)
    KerberosAttributes:KerberosAttributes StepConcurrencyLevel:integer
    ManagedScalingPolicy:ManagedScalingPolicy PlacementGroupConfigs:[PlacementGroupConfig]
    AutoTerminationPolicy:AutoTerminationPolicy OSReleaseLabel:string(256)
    EbsRootVolumeIops:integer EbsRootVolumeThroughput:integer ExtendedSupport:boolean
    MonitoringConfiguration:MonitoringConfiguration SessionEnabled:boolean
JobFlowInstancesConfig = MasterInstanceType:string(256) SlaveInstanceType:string(256)
    InstanceCount:integer InstanceGroups:[InstanceGroupConfig]
    InstanceFleets:[InstanceFleetConfig] Ec2KeyName:string(256) Placement:PlacementType
    KeepJobFlowAliveWhenNoSteps:boolean TerminationProtected:boolean
    UnhealthyNodeReplacement:boolean HadoopVersion:string(256) Ec2SubnetId:string(256)
    Ec2SubnetIds:[string(256)] EmrManagedMasterSecurityGroup:string(256)
    EmrManagedSlaveSecurityGroup:string(256) ServiceAccessSecurityGroup:string(256)
    AdditionalMasterSecurityGroups:[string(256)] AdditionalSlaveSecurityGroups:[string(256)]
InstanceGroupConfig = Name:string(256) Market:enum(ON_DEMAND|SPOT)
    InstanceRole!:enum(MASTER|CORE|TASK) BidPrice:string(256) InstanceType!:string(256)
    InstanceCount!:integer Configurations:[Configuration] EbsConfiguration:EbsConfiguration
    AutoScalingPolicy:AutoScalingPolicy CustomAmiId:string(256)
Configuration = Classification:string Configurations:[Configuration] Properties:{string}
EbsConfiguration = EbsBlockDeviceConfigs:[EbsBlockDeviceConfig] EbsOptimized:boolean
EbsBlockDeviceConfig = VolumeSpecification!:VolumeSpecification VolumesPerInstance:integer
VolumeSpecification = VolumeType!:string Iops:integer SizeInGB!:integer Throughput:integer
AutoScalingPolicy = Constraints!:ScalingConstraints Rules!:[ScalingRule]
ScalingConstraints = MinCapacity!:integer MaxCapacity!:integer
ScalingRule = Name!:string Description:string Action!:ScalingAction Trigger!:ScalingTrigger
ScalingAction = Market:enum(ON_DEMAND|SPOT)
    SimpleScalingPolicyConfiguration!:SimpleScalingPolicyConfiguration
SimpleScalingPolicyConfiguration =
    AdjustmentType:enum(CHANGE_IN_CAPACITY|PERCENT_CHANGE_IN_CAPACITY|EXACT_CAPACITY)
    ScalingAdjustment!:integer CoolDown:integer
ScalingTrigger = CloudWatchAlarmDefinition!:CloudWatchAlarmDefinition
CloudWatchAlarmDefinition =
    ComparisonOperator!:enum(GREATER_THAN_OR_EQUAL|GREATER_THAN|LESS_THAN|LESS_THAN_OR_EQUAL)
    EvaluationPeriods:integer MetricName!:string Namespace:string Period!:integer
    Statistic:enum(SAMPLE_COUNT|AVERAGE|SUM|MINIMUM|MAXIMUM) Threshold!:double Unit:string
    Dimensions:[Dimension]
Dimension = Key:string Value:string
InstanceFleetConfig = Name:string(256) InstanceFleetType!:enum(MASTER|CORE|TASK)
    TargetOnDemandCapacity:integer TargetSpotCapacity:integer
    InstanceTypeConfigs:[InstanceTypeConfig]
    LaunchSpecifications:InstanceFleetProvisioningSpecifications
    ResizeSpecifications:InstanceFleetResizingSpecifications Context:string(256)
InstanceTypeConfig = InstanceType!:string(256) WeightedCapacity:integer BidPrice:string(256)
    BidPriceAsPercentageOfOnDemandPrice:double EbsConfiguration:EbsConfiguration
    Configurations:[Configuration] CustomAmiId:string(256) Priority:double
InstanceFleetProvisioningSpecifications = SpotSpecification:SpotProvisioningSpecification
    OnDemandSpecification:OnDemandProvisioningSpecification
SpotProvisioningSpecification = TimeoutDurationMinutes!:integer
    TimeoutAction!:enum(SWITCH_TO_ON_DEMAND|TERMINATE_CLUSTER) BlockDurationMinutes:integer
    AllocationStrategy:spot_strategy
OnDemandProvisioningSpecification = AllocationStrategy!:enum(lowest-price|prioritized)
    CapacityReservationOptions:OnDemandCapacityReservationOptions
OnDemandCapacityReservationOptions = UsageStrategy:enum(use-capacity-reservations-first)
    CapacityReservationPreference:enum(open|none) CapacityReservationResourceGroupArn:string(256)
InstanceFleetResizingSpecifications = SpotResizeSpecification:SpotResizingSpecification
    OnDemandResizeSpecification:OnDemandResizingSpecification
SpotResizingSpecification = TimeoutDurationMinutes:integer AllocationStrategy:spot_strategy
OnDemandResizingSpecification = TimeoutDurationMinutes:integer
    AllocationStrategy:enum(lowest-price|prioritized)
    CapacityReservationOptions:OnDemandCapacityReservationOptions
PlacementType = AvailabilityZone:string(10280) AvailabilityZones:[string(256)]
StepConfig = Name!:string(256)
    ActionOnFailure:enum(TERMINATE_JOB_FLOW|TERMINATE_CLUSTER|CANCEL_AND_WAIT|CONTINUE)
    HadoopJarStep!:HadoopJarStepConfig StepMonitoringConfiguration:StepMonitoringConfiguration
HadoopJarStepConfig = Properties:[KeyValue] Jar!:string(10280) MainClass:string(10280)
    Args:[string(10280)]
KeyValue = Key:string(10280) Value:string(10280)
StepMonitoringConfiguration = S3MonitoringConfiguration:S3MonitoringConfiguration
S3MonitoringConfiguration = LogUri:string(10280) EncryptionKeyArn:string(10280)
BootstrapActionConfig = Name!:string(256) ScriptBootstrapAction!:ScriptBootstrapActionConfig
ScriptBootstrapActionConfig = Path!:string(10280) Args:[string(10280)]
SupportedProductConfig = Name:string(256) Args:[string(10280)]
Application = Name:string Version:string Args:[string] AdditionalInfo:{string}
Tag = Key:string Value:string
KerberosAttributes = Realm!:string(256) KdcAdminPassword!:string(256)
    CrossRealmTrustPrincipalPassword:string(256) ADDomainJoinUser:string(256)
    ADDomainJoinPassword:string(256)
ManagedScalingPolicy = ComputeLimits:ComputeLimits UtilizationPerformanceIndex:integer
    ScalingStrategy:enum(DEFAULT|ADVANCED)
ComputeLimits = UnitType!:enum(InstanceFleetUnits|Instances|VCPU) MinimumCapacityUnits!:integer
    MaximumCapacityUnits!:integer MaximumOnDemandCapacityUnits:integer
    MaximumCoreCapacityUnits:integer
PlacementGroupConfig = InstanceRole!:enum(MASTER|CORE|TASK)
    PlacementStrategy:enum(SPREAD|PARTITION|CLUSTER|NONE)
AutoTerminationPolicy = IdleTimeout:long
MonitoringConfiguration = CloudWatchLogConfiguration:CloudWatchLogConfiguration
    S3LoggingConfiguration:S3LoggingConfiguration
CloudWatchLogConfiguration = Enabled!:boolean LogGroupName:string(10280)
    LogStreamNamePrefix:string(10280) EncryptionKeyArn:string(10280) LogTypes:{[string(10280)]}
S3LoggingConfiguration = LogTypeUploadPolicy:{enum(emr-managed|on-customer-s3only|disabled)}
DescribeCluster = ClusterId!:string
ListClusters = CreatedAfter:timestamp CreatedBefore:timestamp ClusterStates:[cluster_state]
    Marker:string
ListSteps = ClusterId!:string StepIds:[string(10280)] Marker:string
    StepStates:[enum(PENDING|CANCEL_PENDING|RUNNING|COMPLETED|CANCELLED|FAILED|INTERRUPTED)]
DescribeStep = ClusterId!:string StepId!:string
ListInstanceFleets = ClusterId!:string Marker:string
ListInstanceGroups = ClusterId!:string Marker:string
ListInstances = ClusterId!:string InstanceGroupId:string Marker:string
    InstanceGroupTypes:[enum(MASTER|CORE|TASK)] InstanceFleetId:string
    InstanceFleetType:enum(MASTER|CORE|TASK)
    InstanceStates:[enum(AWAITING_FULFILLMENT|PROVISIONING|BOOTSTRAPPING|RUNNING|TERMINATED)]
ListReleaseLabels = Filters:ReleaseLabelFilter NextToken:string MaxResults:integer
ReleaseLabelFilter = Prefix:string Application:string
AddJobFlowSteps = JobFlowId!:string(256) Steps!:[StepConfig] ExecutionRoleArn:string(2048)
CancelSteps = ClusterId!:string(256) StepIds!:[string(256)]
    StepCancellationOption:enum(SEND_INTERRUPT|TERMINATE_PROCESS)
AddTags = ResourceId!:string Tags!:[Tag]
RemoveTags = ResourceId!:string TagKeys!:[string]
ModifyCluster = ClusterId!:string StepConcurrencyLevel:integer ExtendedSupport:boolean
PutAutoTerminationPolicy = ClusterId!:string AutoTerminationPolicy:AutoTerminationPolicy
GetAutoTerminationPolicy = ClusterId!:string
RemoveAutoTerminationPolicy = ClusterId!:string
PutManagedScalingPolicy = ClusterId!:string ManagedScalingPolicy!:ManagedScalingPolicy
GetManagedScalingPolicy = ClusterId!:string
RemoveManagedScalingPolicy = ClusterId!:string
ListBootstrapActions = ClusterId!:string Marker:string
TerminateJobFlows = JobFlowIds!:[string(10280)]
SetTerminationProtection = JobFlowIds!:[string(10280)] TerminationProtected!:boolean
)";

// Enumerations too long for a line above.
const std::map<std::string, std::string, std::less<>> kAliases = {
    {"spot_strategy",
     "enum(capacity-optimized|price-capacity-optimized|lowest-price|diversified|"
     "capacity-optimized-prioritized)"},
    {"cluster_state",
     "enum(STARTING|BOOTSTRAPPING|RUNNING|WAITING|TERMINATING|TERMINATED|TERMINATED_WITH_ERRORS)"}};

constexpr std::string_view kOperations[] = {"RunJobFlow",
                                            "DescribeCluster",
                                            "ListClusters",
                                            "ListSteps",
                                            "DescribeStep",
                                            "ListInstanceFleets",
                                            "ListInstanceGroups",
                                            "ListInstances",
                                            "ListReleaseLabels",
                                            "AddJobFlowSteps",
                                            "CancelSteps",
                                            "AddTags",
                                            "RemoveTags",
                                            "ModifyCluster",
                                            "PutAutoTerminationPolicy",
                                            "GetAutoTerminationPolicy",
                                            "RemoveAutoTerminationPolicy",
                                            "PutManagedScalingPolicy",
                                            "GetManagedScalingPolicy",
                                            "RemoveManagedScalingPolicy",
                                            "ListBootstrapActions",
                                            "TerminateJobFlows",
                                            "SetTerminationProtection"};

enum class Kind {
  kString,
  kEnum,
  kInteger,
  kLong,
  kDouble,
  kBoolean,
  kTimestamp,
  kStructure,
  kList,
  kMap
};

struct Type {
  Kind kind = Kind::kString;
  size_t length_max = 0;            // strings; 0 = none
  std::vector<std::string> values;  // enums
  std::string structure;
  std::vector<Type> element;  // exactly one, for lists and maps
};

struct Member {
  Type type;
  bool required = false;
};

using Structure = std::map<std::string, Member, std::less<>>;
using Structures = std::map<std::string, Structure, std::less<>>;

Type ParseType(std::string_view text) {
  if (auto alias = kAliases.find(text); alias != kAliases.end())
    text = alias->second;
  Type type;
  auto inside = [&](size_t prefix) { return text.substr(prefix, text.size() - prefix - 1); };
  if (text.front() == '[' || text.front() == '{') {
    type.kind = text.front() == '[' ? Kind::kList : Kind::kMap;
    type.element.push_back(ParseType(inside(1)));
  } else if (text.starts_with("enum(")) {
    type.kind = Kind::kEnum;
    type.values = base::Split(inside(5), '|');
  } else if (text.starts_with("string(")) {
    type.length_max = static_cast<size_t>(*base::ParseInt(inside(7)));
  } else if (text == "integer") {
    type.kind = Kind::kInteger;
  } else if (text == "long") {
    type.kind = Kind::kLong;
  } else if (text == "double") {
    type.kind = Kind::kDouble;
  } else if (text == "boolean") {
    type.kind = Kind::kBoolean;
  } else if (text == "timestamp") {
    type.kind = Kind::kTimestamp;
  } else if (text != "string") {
    type.kind = Kind::kStructure;
    type.structure = text;
  }
  return type;
}

Structures ParseShapes() {
  Structures shapes;
  Structure* current = nullptr;
  for (const std::string& line : base::Split(kShapes, '\n')) {
    std::vector<std::string> words = base::Split(base::Trim(line), ' ');
    size_t first = 0;
    if (words.size() > 1 && words[1] == "=") {
      current = &shapes[words[0]];
      first = 2;
    }
    for (size_t i = first; i < words.size(); ++i) {
      size_t colon = words[i].find(':');
      if (colon == std::string::npos)
        continue;  // an empty line
      bool required = words[i][colon - 1] == '!';
      std::string name = words[i].substr(0, required ? colon - 1 : colon);
      (*current)[name] = {ParseType(std::string_view(words[i]).substr(colon + 1)), required};
    }
  }
  return shapes;
}

const Structures& Shapes() {
  static const Structures shapes = ParseShapes();
  return shapes;
}

std::string LowerFirst(std::string_view name) {
  return base::ToLower(name.substr(0, 1)) + std::string(name.substr(1));
}

ShapeError Serialization(std::string_view path, std::string_view expected) {
  return {"SerializationException",
          base::Cat("The member at '", path, "' must be ", expected, ".")};
}

ShapeError Constraint(std::string_view path, std::string_view value, std::string_view constraint) {
  return {"ValidationException",
          base::Cat("1 validation error detected: Value ",
                    value,
                    " at '",
                    path,
                    "' failed to satisfy constraint: ",
                    constraint)};
}

// Where a value stands in the request. Put into words only where something is wrong with it.
struct Spot {
  const Spot* above = nullptr;  // null: the request itself
  std::string_view name;        // of a structure's member or a map's entry
  size_t position = 0;          // in a list, from 1
  bool is_member = false;       // of a structure
};

std::string PathOf(const Spot& spot) {
  if (spot.above == nullptr)
    return "";
  std::string path = PathOf(*spot.above);
  if (spot.is_member)
    return base::Cat(path, path.empty() ? "" : ".", LowerFirst(spot.name));
  return base::Cat(
      path, ".", spot.position > 0 ? base::Cat(spot.position) : std::string(spot.name), ".member");
}

using Checked = std::optional<ShapeError>;

Checked CheckValue(const Type& type, json::value& value, const Spot& spot);

Checked CheckStructure(const Structure& shape, json::value& value, const Spot& spot) {
  if (!value.is_object())
    return Serialization(spot.above == nullptr ? "the request" : PathOf(spot), "a structure");
  json::object& object = value.get_object();
  json::object kept;
  kept.reserve(object.size());
  for (const auto& [name, member] : shape) {
    const Spot of_member{.above = &spot, .name = name, .is_member = true};
    json::value* found = object.if_contains(name);
    if (found == nullptr || found->is_null()) {
      if (member.required)
        return Constraint(PathOf(of_member), "null", "Member must not be null");
      continue;
    }
    if (Checked error = CheckValue(member.type, *found, of_member))
      return error;
    kept.emplace(name, std::move(*found));
  }
  object = std::move(kept);
  return std::nullopt;
}

Checked CheckText(const Type& type, const json::value& value, const Spot& spot) {
  if (!value.is_string())
    return Serialization(PathOf(spot), "a string");
  std::string_view text = value.get_string();
  if (type.kind == Kind::kEnum) {
    for (const std::string& known : type.values)
      if (known == text)
        return std::nullopt;
    return Constraint(
        PathOf(spot),
        base::Cat("'", text, "'"),
        base::Cat("Member must satisfy enum value set: [", base::Join(type.values, ", "), "]"));
  }
  if (type.length_max > 0 && text.size() > type.length_max)
    return Constraint(PathOf(spot),
                      base::Cat("'", text, "'"),
                      base::Cat("Member must have length less than or equal to ", type.length_max));
  return std::nullopt;
}

Checked CheckElements(const Type& type, json::value& value, const Spot& spot) {
  if (type.kind == Kind::kList) {
    if (!value.is_array())
      return Serialization(PathOf(spot), "a list");
    size_t position = 0;
    for (json::value& element : value.get_array()) {
      if (Checked error =
              CheckValue(type.element[0], element, {.above = &spot, .position = ++position}))
        return error;
    }
    return std::nullopt;
  }
  if (!value.is_object())
    return Serialization(PathOf(spot), "a map");
  for (auto& entry : value.get_object()) {
    if (Checked error =
            CheckValue(type.element[0], entry.value(), {.above = &spot, .name = entry.key()}))
      return error;
  }
  return std::nullopt;
}

Checked CheckValue(const Type& type, json::value& value, const Spot& spot) {
  switch (type.kind) {
    case Kind::kString:
    case Kind::kEnum:
      return CheckText(type, value, spot);
    case Kind::kInteger:
      if (!value.is_int64() || value.get_int64() != static_cast<int32_t>(value.get_int64()))
        return Serialization(PathOf(spot), "an integer of 32 bits");
      return std::nullopt;
    case Kind::kLong:
      if (!value.is_int64())
        return Serialization(PathOf(spot), "an integer");
      return std::nullopt;
    case Kind::kDouble:
    case Kind::kTimestamp:
      if (!value.is_number())
        return Serialization(PathOf(spot), "a number");
      return std::nullopt;
    case Kind::kBoolean:
      if (!value.is_bool())
        return Serialization(PathOf(spot), "a boolean");
      return std::nullopt;
    case Kind::kStructure: {
      auto shape = Shapes().find(type.structure);
      CHECK(shape != Shapes().end());
      return CheckStructure(shape->second, value, spot);
    }
    case Kind::kList:
    case Kind::kMap:
      return CheckElements(type, value, spot);
  }
  return std::nullopt;
}

}  // namespace

bool IsOperation(std::string_view action) {
  for (std::string_view operation : kOperations)
    if (operation == action)
      return true;
  return false;
}

std::optional<ShapeError> CheckShape(std::string_view action, json::value& request) {
  auto shape = Shapes().find(action);
  CHECK(shape != Shapes().end());
  return CheckStructure(shape->second, request, {});
}

}  // namespace emulator
