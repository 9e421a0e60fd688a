#include "wire/emr_shapes_internal.h"

namespace wire::internal {
namespace {

// AutoScalingPolicy: CloudWatch alarms that resize an instance group.

constexpr std::string_view kAdjustmentTypes[] = {
    "CHANGE_IN_CAPACITY", "PERCENT_CHANGE_IN_CAPACITY", "EXACT_CAPACITY"};
constexpr Shape kAdjustmentType = OneOf(kAdjustmentTypes);
constexpr Member kSimpleScalingMembers[] = {
    {"AdjustmentType", &kAdjustmentType},
    {"ScalingAdjustment", &kInteger, kRequired},
    {"CoolDown", &kInteger},
};
constexpr Shape kSimpleScaling = Struct(kSimpleScalingMembers);
constexpr Member kScalingActionMembers[] = {
    {"Market", &kMarket},
    {"SimpleScalingPolicyConfiguration", &kSimpleScaling, kRequired},
};
constexpr Shape kScalingAction = Struct(kScalingActionMembers);

constexpr std::string_view kComparisonOperators[] = {
    "GREATER_THAN_OR_EQUAL", "GREATER_THAN", "LESS_THAN", "LESS_THAN_OR_EQUAL"};
constexpr Shape kComparisonOperator = OneOf(kComparisonOperators);
constexpr std::string_view kStatistics[] = {"SAMPLE_COUNT", "AVERAGE", "SUM", "MINIMUM", "MAXIMUM"};
constexpr Shape kStatistic = OneOf(kStatistics);
constexpr std::string_view kUnits[] = {
    "NONE",
    "SECONDS",
    "MICRO_SECONDS",
    "MILLI_SECONDS",
    "BYTES",
    "KILO_BYTES",
    "MEGA_BYTES",
    "GIGA_BYTES",
    "TERA_BYTES",
    "BITS",
    "KILO_BITS",
    "MEGA_BITS",
    "GIGA_BITS",
    "TERA_BITS",
    "PERCENT",
    "COUNT",
    "BYTES_PER_SECOND",
    "KILO_BYTES_PER_SECOND",
    "MEGA_BYTES_PER_SECOND",
    "GIGA_BYTES_PER_SECOND",
    "TERA_BYTES_PER_SECOND",
    "BITS_PER_SECOND",
    "KILO_BITS_PER_SECOND",
    "MEGA_BITS_PER_SECOND",
    "GIGA_BITS_PER_SECOND",
    "TERA_BITS_PER_SECOND",
    "COUNT_PER_SECOND",
};
constexpr Shape kUnit = OneOf(kUnits);
constexpr Member kMetricDimensionMembers[] = {{"Key", &kAnyText}, {"Value", &kAnyText}};
constexpr Shape kMetricDimension = Struct(kMetricDimensionMembers);
constexpr Shape kMetricDimensions = ListOf(kMetricDimension);
constexpr Member kAlarmMembers[] = {
    {"ComparisonOperator", &kComparisonOperator, kRequired},
    {"EvaluationPeriods", &kInteger},
    {"MetricName", &kAnyText, kRequired},
    {"Namespace", &kAnyText},
    {"Period", &kInteger, kRequired},
    {"Statistic", &kStatistic},
    {"Threshold", &kNonNegativeDouble, kRequired},
    {"Unit", &kUnit},
    {"Dimensions", &kMetricDimensions},
};
constexpr Shape kAlarm = Struct(kAlarmMembers);
constexpr Member kScalingTriggerMembers[] = {{"CloudWatchAlarmDefinition", &kAlarm, kRequired}};
constexpr Shape kScalingTrigger = Struct(kScalingTriggerMembers);

constexpr Member kScalingRuleMembers[] = {
    {"Name", &kAnyText, kRequired},
    {"Description", &kAnyText},
    {"Action", &kScalingAction, kRequired},
    {"Trigger", &kScalingTrigger, kRequired},
};
constexpr Shape kScalingRule = Struct(kScalingRuleMembers);
constexpr Shape kScalingRules = ListOf(kScalingRule);
constexpr Member kScalingConstraintMembers[] = {
    {"MinCapacity", &kInteger, kRequired},
    {"MaxCapacity", &kInteger, kRequired},
};
constexpr Shape kScalingConstraints = Struct(kScalingConstraintMembers);
constexpr Member kAutoScalingPolicyMembers[] = {
    {"Constraints", &kScalingConstraints, kRequired},
    {"Rules", &kScalingRules, kRequired},
};

// ManagedScalingPolicy: EMR resizes the whole cluster between limits.

constexpr std::string_view kUnitTypes[] = {"InstanceFleetUnits", "Instances", "VCPU"};
constexpr Shape kUnitType = OneOf(kUnitTypes);
constexpr Member kComputeLimitsMembers[] = {
    {"UnitType", &kUnitType, kRequired},
    {"MinimumCapacityUnits", &kInteger, kRequired},
    {"MaximumCapacityUnits", &kInteger, kRequired},
    {"MaximumOnDemandCapacityUnits", &kInteger},
    {"MaximumCoreCapacityUnits", &kInteger},
};
constexpr Shape kComputeLimits = Struct(kComputeLimitsMembers);
constexpr Shape kUtilizationIndex = {.kind = ShapeKind::kInteger, .min = 1, .max = 100};
constexpr std::string_view kScalingStrategies[] = {"DEFAULT", "ADVANCED"};
constexpr Shape kScalingStrategy = OneOf(kScalingStrategies);
constexpr Member kManagedScalingPolicyMembers[] = {
    {"ComputeLimits", &kComputeLimits},
    {"UtilizationPerformanceIndex", &kUtilizationIndex},
    {"ScalingStrategy", &kScalingStrategy},
};

}  // namespace

constinit const Shape kAutoScalingPolicy = Struct(kAutoScalingPolicyMembers);
constinit const Shape kManagedScalingPolicy = Struct(kManagedScalingPolicyMembers);

}  // namespace wire::internal
