#include "wire/emr_shapes.h"

#include "wire/emr_shapes_internal.h"

namespace wire {
namespace {

using internal::kAnyText;
using internal::kBoolean;
using internal::kInteger;
using internal::kNonNegativeDouble;
using internal::kRequired;
using internal::kWholeNumber;
using internal::ListOf;
using internal::MapOf;
using internal::OneOf;
using internal::Struct;
using internal::Text;

constexpr Shape kText256 = Text(0, 256);
constexpr Shape kText10280 = Text(0, 10280);
constexpr Shape kInstanceTypeText = Text(1, 256);
constexpr Shape kArn = Text(20, 2048);
constexpr Shape kAnyTexts = ListOf(kAnyText);
constexpr Shape kText256s = ListOf(kText256);
constexpr Shape kText10280s = ListOf(kText10280);
constexpr Shape kTextMap = MapOf(kAnyText, kAnyText);

constexpr std::string_view kRoleValues[] = {"MASTER", "CORE", "TASK"};
constexpr Shape kRole = OneOf(kRoleValues);

// Configurations nest.
extern const Shape kConfigurations;
constexpr Member kConfigurationMembers[] = {
    {"Classification", &kAnyText},
    {"Configurations", &kConfigurations},
    {"Properties", &kTextMap},
};
constexpr Shape kConfiguration = Struct(kConfigurationMembers);
constinit const Shape kConfigurations = ListOf(kConfiguration);

// Disks.
constexpr Member kVolumeSpecificationMembers[] = {
    {"VolumeType", &kAnyText, kRequired},
    {"Iops", &kInteger},
    {"SizeInGB", &kInteger, kRequired},
    {"Throughput", &kWholeNumber},
};
constexpr Shape kVolumeSpecification = Struct(kVolumeSpecificationMembers);
constexpr Member kEbsBlockDeviceMembers[] = {
    {"VolumeSpecification", &kVolumeSpecification, kRequired},
    {"VolumesPerInstance", &kInteger},
};
constexpr Shape kEbsBlockDevice = Struct(kEbsBlockDeviceMembers);
constexpr Shape kEbsBlockDevices = ListOf(kEbsBlockDevice);
constexpr Member kEbsConfigurationMembers[] = {
    {"EbsBlockDeviceConfigs", &kEbsBlockDevices},
    {"EbsOptimized", &kBoolean},
};
constexpr Shape kEbsConfiguration = Struct(kEbsConfigurationMembers);

// Instance groups.
constexpr Member kInstanceGroupMembers[] = {
    {"Name", &kText256},
    {"Market", &internal::kMarket},
    {"InstanceRole", &kRole, kRequired},
    {"BidPrice", &kText256},
    {"InstanceType", &kInstanceTypeText, kRequired},
    {"InstanceCount", &kInteger, kRequired},
    {"Configurations", &kConfigurations},
    {"EbsConfiguration", &kEbsConfiguration},
    {"AutoScalingPolicy", &internal::kAutoScalingPolicy},
    {"CustomAmiId", &kText256},
};
constexpr Shape kInstanceGroup = Struct(kInstanceGroupMembers);
constexpr Shape kInstanceGroups = ListOf(kInstanceGroup);

// Instance fleets.
constexpr Member kInstanceTypeConfigMembers[] = {
    {"InstanceType", &kInstanceTypeText, kRequired},
    {"WeightedCapacity", &kWholeNumber},
    {"BidPrice", &kText256},
    {"BidPriceAsPercentageOfOnDemandPrice", &kNonNegativeDouble},
    {"EbsConfiguration", &kEbsConfiguration},
    {"Configurations", &kConfigurations},
    {"CustomAmiId", &kText256},
    {"Priority", &kNonNegativeDouble},
};
constexpr Shape kInstanceTypeConfig = Struct(kInstanceTypeConfigMembers);
constexpr Shape kInstanceTypeConfigs = ListOf(kInstanceTypeConfig);

constexpr std::string_view kSpotStrategies[] = {"capacity-optimized",
                                                "price-capacity-optimized",
                                                "lowest-price",
                                                "diversified",
                                                "capacity-optimized-prioritized"};
constexpr Shape kSpotStrategy = OneOf(kSpotStrategies);
constexpr std::string_view kOnDemandStrategies[] = {"lowest-price", "prioritized"};
constexpr Shape kOnDemandStrategy = OneOf(kOnDemandStrategies);
constexpr std::string_view kUsageStrategies[] = {"use-capacity-reservations-first"};
constexpr Shape kUsageStrategy = OneOf(kUsageStrategies);
constexpr std::string_view kReservationPreferences[] = {"open", "none"};
constexpr Shape kReservationPreference = OneOf(kReservationPreferences);
constexpr Member kCapacityReservationMembers[] = {
    {"UsageStrategy", &kUsageStrategy},
    {"CapacityReservationPreference", &kReservationPreference},
    {"CapacityReservationResourceGroupArn", &kText256},
};
constexpr Shape kCapacityReservation = Struct(kCapacityReservationMembers);

constexpr std::string_view kTimeoutActions[] = {"SWITCH_TO_ON_DEMAND", "TERMINATE_CLUSTER"};
constexpr Shape kTimeoutAction = OneOf(kTimeoutActions);
constexpr Member kSpotProvisioningMembers[] = {
    {"TimeoutDurationMinutes", &kWholeNumber, kRequired},
    {"TimeoutAction", &kTimeoutAction, kRequired},
    {"BlockDurationMinutes", &kWholeNumber},
    {"AllocationStrategy", &kSpotStrategy},
};
constexpr Shape kSpotProvisioning = Struct(kSpotProvisioningMembers);
constexpr Member kOnDemandProvisioningMembers[] = {
    {"AllocationStrategy", &kOnDemandStrategy, kRequired},
    {"CapacityReservationOptions", &kCapacityReservation},
};
constexpr Shape kOnDemandProvisioning = Struct(kOnDemandProvisioningMembers);
constexpr Member kLaunchSpecificationMembers[] = {
    {"SpotSpecification", &kSpotProvisioning},
    {"OnDemandSpecification", &kOnDemandProvisioning},
};
constexpr Shape kLaunchSpecifications = Struct(kLaunchSpecificationMembers);

constexpr Member kSpotResizingMembers[] = {
    {"TimeoutDurationMinutes", &kWholeNumber},
    {"AllocationStrategy", &kSpotStrategy},
};
constexpr Shape kSpotResizing = Struct(kSpotResizingMembers);
constexpr Member kOnDemandResizingMembers[] = {
    {"TimeoutDurationMinutes", &kWholeNumber},
    {"AllocationStrategy", &kOnDemandStrategy},
    {"CapacityReservationOptions", &kCapacityReservation},
};
constexpr Shape kOnDemandResizing = Struct(kOnDemandResizingMembers);
constexpr Member kResizeSpecificationMembers[] = {
    {"SpotResizeSpecification", &kSpotResizing},
    {"OnDemandResizeSpecification", &kOnDemandResizing},
};
constexpr Shape kResizeSpecifications = Struct(kResizeSpecificationMembers);

constexpr Member kInstanceFleetMembers[] = {
    {"Name", &kText256},
    {"InstanceFleetType", &kRole, kRequired},
    {"TargetOnDemandCapacity", &kWholeNumber},
    {"TargetSpotCapacity", &kWholeNumber},
    {"InstanceTypeConfigs", &kInstanceTypeConfigs},
    {"LaunchSpecifications", &kLaunchSpecifications},
    {"ResizeSpecifications", &kResizeSpecifications},
    {"Context", &kText256},
};
constexpr Shape kInstanceFleet = Struct(kInstanceFleetMembers);
constexpr Shape kInstanceFleets = ListOf(kInstanceFleet);

// Instances.
constexpr Member kPlacementMembers[] = {
    {"AvailabilityZone", &kText10280},
    {"AvailabilityZones", &kText256s},
};
constexpr Shape kPlacement = Struct(kPlacementMembers);
constexpr Member kInstancesMembers[] = {
    {"MasterInstanceType", &kInstanceTypeText},
    {"SlaveInstanceType", &kInstanceTypeText},
    {"InstanceCount", &kInteger},
    {"InstanceGroups", &kInstanceGroups},
    {"InstanceFleets", &kInstanceFleets},
    {"Ec2KeyName", &kText256},
    {"Placement", &kPlacement},
    {"KeepJobFlowAliveWhenNoSteps", &kBoolean},
    {"TerminationProtected", &kBoolean},
    {"UnhealthyNodeReplacement", &kBoolean},
    {"HadoopVersion", &kText256},
    {"Ec2SubnetId", &kText256},
    {"Ec2SubnetIds", &kText256s},
    {"EmrManagedMasterSecurityGroup", &kText256},
    {"EmrManagedSlaveSecurityGroup", &kText256},
    {"ServiceAccessSecurityGroup", &kText256},
    {"AdditionalMasterSecurityGroups", &kText256s},
    {"AdditionalSlaveSecurityGroups", &kText256s},
};
constexpr Shape kInstances = Struct(kInstancesMembers);

// Steps. Properties are a list on input (and a map in replies).
constexpr Member kKeyValueMembers[] = {{"Key", &kText10280}, {"Value", &kText10280}};
constexpr Shape kKeyValue = Struct(kKeyValueMembers);
constexpr Shape kKeyValues = ListOf(kKeyValue);
constexpr Member kHadoopJarStepMembers[] = {
    {"Properties", &kKeyValues},
    {"Jar", &kText10280, kRequired},
    {"MainClass", &kText10280},
    {"Args", &kText10280s},
};
constexpr Shape kHadoopJarStep = Struct(kHadoopJarStepMembers);
constexpr Member kS3MonitoringMembers[] = {
    {"LogUri", &kText10280},
    {"EncryptionKeyArn", &kText10280},
};
constexpr Shape kS3Monitoring = Struct(kS3MonitoringMembers);
constexpr Member kStepMonitoringMembers[] = {{"S3MonitoringConfiguration", &kS3Monitoring}};
constexpr Shape kStepMonitoring = Struct(kStepMonitoringMembers);
constexpr std::string_view kActionsOnFailure[] = {
    "TERMINATE_JOB_FLOW",  // the old name of TERMINATE_CLUSTER
    "TERMINATE_CLUSTER",
    "CANCEL_AND_WAIT",
    "CONTINUE"};
constexpr Shape kActionOnFailure = OneOf(kActionsOnFailure);
constexpr Member kStepMembers[] = {
    {"Name", &kText256, kRequired},
    {"ActionOnFailure", &kActionOnFailure},
    {"HadoopJarStep", &kHadoopJarStep, kRequired},
    {"StepMonitoringConfiguration", &kStepMonitoring},
};
constexpr Shape kStep = Struct(kStepMembers);
constexpr Shape kSteps = ListOf(kStep);

// Software.
constexpr Member kScriptMembers[] = {{"Path", &kText10280, kRequired}, {"Args", &kText10280s}};
constexpr Shape kScript = Struct(kScriptMembers);
constexpr Member kBootstrapActionMembers[] = {
    {"Name", &kText256, kRequired},
    {"ScriptBootstrapAction", &kScript, kRequired},
};
constexpr Shape kBootstrapAction = Struct(kBootstrapActionMembers);
constexpr Shape kBootstrapActions = ListOf(kBootstrapAction);
constexpr Member kSupportedProductMembers[] = {{"Name", &kText256}, {"Args", &kText10280s}};
constexpr Shape kSupportedProduct = Struct(kSupportedProductMembers);
constexpr Shape kNewSupportedProducts = ListOf(kSupportedProduct);
constexpr Member kApplicationMembers[] = {
    {"Name", &kAnyText},
    {"Version", &kAnyText},
    {"Args", &kAnyTexts},
    {"AdditionalInfo", &kTextMap},
};
constexpr Shape kApplication = Struct(kApplicationMembers);
constexpr Shape kApplications = ListOf(kApplication);

// The rest of the cluster.
constexpr Member kTagMembers[] = {{"Key", &kAnyText}, {"Value", &kAnyText}};
constexpr Shape kTag = Struct(kTagMembers);
constexpr Shape kTags = ListOf(kTag);
constexpr std::string_view kScaleDownValues[] = {"TERMINATE_AT_INSTANCE_HOUR",
                                                 "TERMINATE_AT_TASK_COMPLETION"};
constexpr Shape kScaleDownBehavior = OneOf(kScaleDownValues);
constexpr std::string_view kRepoUpgradeValues[] = {"SECURITY", "NONE"};
constexpr Shape kRepoUpgrade = OneOf(kRepoUpgradeValues);
constexpr Member kKerberosMembers[] = {
    {"Realm", &kText256, kRequired},
    {"KdcAdminPassword", &kText256, kRequired},
    {"CrossRealmTrustPrincipalPassword", &kText256},
    {"ADDomainJoinUser", &kText256},
    {"ADDomainJoinPassword", &kText256},
};
constexpr Shape kKerberos = Struct(kKerberosMembers);
constexpr std::string_view kPlacementStrategies[] = {"SPREAD", "PARTITION", "CLUSTER", "NONE"};
constexpr Shape kPlacementStrategy = OneOf(kPlacementStrategies);
constexpr Member kPlacementGroupMembers[] = {
    {"InstanceRole", &kRole, kRequired},
    {"PlacementStrategy", &kPlacementStrategy},
};
constexpr Shape kPlacementGroup = Struct(kPlacementGroupMembers);
constexpr Shape kPlacementGroups = ListOf(kPlacementGroup);
constexpr Shape kIdleTimeout = {.kind = ShapeKind::kLong};
constexpr Member kAutoTerminationMembers[] = {{"IdleTimeout", &kIdleTimeout}};
constexpr Shape kAutoTermination = Struct(kAutoTerminationMembers);

constexpr Shape kLogTypes = MapOf(kText10280, kText10280s);
constexpr Member kCloudWatchLogMembers[] = {
    {"Enabled", &kBoolean, kRequired},
    {"LogGroupName", &kText10280},
    {"LogStreamNamePrefix", &kText10280},
    {"EncryptionKeyArn", &kText10280},
    {"LogTypes", &kLogTypes},
};
constexpr Shape kCloudWatchLog = Struct(kCloudWatchLogMembers);
constexpr std::string_view kLogTypeValues[] = {
    "system-logs", "application-logs", "persistent-ui-logs"};
constexpr Shape kLogType = OneOf(kLogTypeValues);
constexpr std::string_view kUploadPolicies[] = {"emr-managed", "on-customer-s3only", "disabled"};
constexpr Shape kUploadPolicy = OneOf(kUploadPolicies);
constexpr Shape kLogTypeUploadPolicy = MapOf(kLogType, kUploadPolicy);
constexpr Member kS3LoggingMembers[] = {{"LogTypeUploadPolicy", &kLogTypeUploadPolicy}};
constexpr Shape kS3Logging = Struct(kS3LoggingMembers);
constexpr Member kMonitoringMembers[] = {
    {"CloudWatchLogConfiguration", &kCloudWatchLog},
    {"S3LoggingConfiguration", &kS3Logging},
};
constexpr Shape kMonitoring = Struct(kMonitoringMembers);

constexpr Member kRunJobFlowMembers[] = {
    {"Name", &kText256, kRequired},
    {"LogUri", &kText10280},
    {"LogEncryptionKmsKeyId", &kText10280},
    {"AdditionalInfo", &kText10280},
    {"AmiVersion", &kText256},
    {"ReleaseLabel", &kText256},
    {"Instances", &kInstances, kRequired},
    {"Steps", &kSteps},
    {"StepExecutionRoleArn", &kArn},
    {"BootstrapActions", &kBootstrapActions},
    {"SupportedProducts", &kText256s},
    {"NewSupportedProducts", &kNewSupportedProducts},
    {"Applications", &kApplications},
    {"Configurations", &kConfigurations},
    {"VisibleToAllUsers", &kBoolean},
    {"JobFlowRole", &kText10280},
    {"ServiceRole", &kText10280},
    {"Tags", &kTags},
    {"SecurityConfiguration", &kText10280},
    {"AutoScalingRole", &kText10280},
    {"ScaleDownBehavior", &kScaleDownBehavior},
    {"CustomAmiId", &kText256},
    {"EbsRootVolumeSize", &kInteger},
    {"RepoUpgradeOnBoot", &kRepoUpgrade},
    {"KerberosAttributes", &kKerberos},
    {"StepConcurrencyLevel", &kInteger},
    {"ManagedScalingPolicy", &internal::kManagedScalingPolicy},
    {"PlacementGroupConfigs", &kPlacementGroups},
    {"AutoTerminationPolicy", &kAutoTermination},
    {"OSReleaseLabel", &kText256},
    {"EbsRootVolumeIops", &kInteger},
    {"EbsRootVolumeThroughput", &kInteger},
    {"ExtendedSupport", &kBoolean},
    {"MonitoringConfiguration", &kMonitoring},
    {"SessionEnabled", &kBoolean},
};

}  // namespace

constinit const Shape kRunJobFlowInput = Struct(kRunJobFlowMembers);

}  // namespace wire
