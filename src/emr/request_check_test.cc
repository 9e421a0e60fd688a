#include "emr/request_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"

namespace emr {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A request that EMR would take.
json::object GoodRequest() {
  return base::ParseJson(R"({
    "Name": "nightly", "ReleaseLabel": "emr-7.1.0", "JobFlowRole": "p", "ServiceRole": "s",
    "Instances": {
      "Ec2SubnetIds": ["subnet-1", "subnet-2"],
      "InstanceFleets": [
        {"InstanceFleetType": "MASTER", "TargetOnDemandCapacity": 1,
         "InstanceTypeConfigs": [{"InstanceType": "m5.xlarge"}]},
        {"InstanceFleetType": "CORE", "TargetSpotCapacity": 8,
         "InstanceTypeConfigs": [{"InstanceType": "r5.4xlarge", "BidPrice": "0.75"},
                                 {"InstanceType": "r5a.4xlarge"}],
         "LaunchSpecifications": {"SpotSpecification": {
            "TimeoutDurationMinutes": 20, "TimeoutAction": "SWITCH_TO_ON_DEMAND",
            "AllocationStrategy": "price-capacity-optimized"}}}]},
    "Steps": [{"Name": "label", "ActionOnFailure": "TERMINATE_CLUSTER",
               "HadoopJarStep": {"Jar": "command-runner.jar", "Args": ["spark-submit", "x.py"]}}]
  })")
      ->as_object();
}

// The good request with `change` (JSON) merged over it.
std::vector<std::string> FindingsAfter(std::string_view change,
                                       const RequestCheckOptions& options = {}) {
  json::object request = GoodRequest();
  base::DeepMerge(request, base::ParseJson(change, "the change")->as_object());
  std::vector<std::string> out;
  for (const Finding& each : CheckRunJobFlow(request, options))
    out.push_back(base::Cat(each.path, ": ", each.message));
  return out;
}

std::vector<std::string> FindingsOfFleets(std::string_view fleets) {
  return FindingsAfter(base::Cat(R"({"Instances": {"InstanceFleets": )", fleets, "}}"));
}

std::string TypeConfigs(int count) {
  std::vector<std::string> configs;
  for (int i = 0; i < count; ++i)
    configs.push_back(base::Cat(R"({"InstanceType": "t)", i, R"("})"));
  return base::Cat('[', base::Join(configs, ","), ']');
}

TEST(RequestCheck, AcceptsAGoodRequest) {
  EXPECT_THAT(FindingsAfter("{}"), IsEmpty());
}

TEST(RequestCheck, ReportsUnknownMembersUnlessToldNotTo) {
  constexpr std::string_view kChange = R"({"Instances": {"Ec2KeyNam": "k"}, "BrandNew": {}})";
  EXPECT_THAT(
      FindingsAfter(kChange),
      ElementsAre("Instances.Ec2KeyNam: is not a known member; did you mean \"Ec2KeyName\"?",
                  "BrandNew: is not a known member"));
  EXPECT_THAT(FindingsAfter(kChange, {.allow_unknown = true}), IsEmpty());
}

TEST(RequestCheck, WantsExactlyOneWayToSayWhatToStart) {
  constexpr char kOneWay[] =
      "Instances: say what to start in one way: InstanceFleets, or InstanceGroups, or "
      "MasterInstanceType, SlaveInstanceType and InstanceCount";
  EXPECT_THAT(FindingsAfter(R"({"Instances": {"InstanceGroups": [{"InstanceRole": "MASTER",
                "InstanceType": "m5.xlarge", "InstanceCount": 1}]}})"),
              ElementsAre(kOneWay));
  EXPECT_THAT(FindingsAfter(R"({"Instances": {"InstanceCount": 3}})"), ElementsAre(kOneWay));
  EXPECT_THAT(FindingsAfter(R"({"Instances": {"InstanceFleets": null, "Ec2SubnetIds": null}})"),
              ElementsAre(kOneWay));
}

TEST(RequestCheck, KeepsSubnetListsToFleets) {
  EXPECT_THAT(FindingsAfter(R"({"Instances": {"InstanceFleets": null, "InstanceGroups": [
                {"InstanceRole": "MASTER", "InstanceType": "m5.xlarge", "InstanceCount": 1}]}})"),
              ElementsAre("Instances.Ec2SubnetIds: is for InstanceFleets only"));
}

TEST(RequestCheck, WantsOneMasterAndNoSecondFleetOfARole) {
  EXPECT_THAT(FindingsOfFleets(R"([{"InstanceFleetType": "CORE"}, {"InstanceFleetType": "CORE"}])"),
              ElementsAre("Instances.InstanceFleets[1].InstanceFleetType: a second CORE; one is "
                          "allowed",
                          "Instances.InstanceFleets: has no MASTER"));
  EXPECT_THAT(FindingsOfFleets(R"([{"InstanceFleetType": "{{ params.role }}"}])"), IsEmpty());
}

TEST(RequestCheck, WantsOneMasterNode) {
  EXPECT_THAT(
      FindingsOfFleets(R"([{"InstanceFleetType": "MASTER", "TargetOnDemandCapacity": 1,
                                    "TargetSpotCapacity": 1}])"),
      ElementsAre("Instances.InstanceFleets[0]: a MASTER fleet has TargetOnDemandCapacity + "
                  "TargetSpotCapacity = 1, this one 2"));
  EXPECT_THAT(FindingsOfFleets(R"([{"InstanceFleetType": "MASTER",
                                    "TargetSpotCapacity": "{{ params.masters }}"}])"),
              IsEmpty());
  EXPECT_THAT(
      FindingsAfter(R"({"Instances": {"InstanceFleets": null, "Ec2SubnetIds": null,
                "InstanceGroups": [{"InstanceRole": "MASTER", "InstanceType": "m5.xlarge",
                                    "InstanceCount": 2, "BidPrice": "cheap"}]}})"),
      ElementsAre("Instances.InstanceGroups[0].InstanceCount: a MASTER group has 1 instance, "
                  "or 3 for high availability, not 2",
                  "Instances.InstanceGroups[0].BidPrice: \"cheap\" is not a price in USD"));
}

TEST(RequestCheck, LimitsInstanceTypesByStrategy) {
  auto fleets = [](int count, std::string_view launch) {
    return base::Cat(R"([{"InstanceFleetType": "MASTER", "TargetOnDemandCapacity": 1,)",
                     R"("InstanceTypeConfigs": )",
                     TypeConfigs(count),
                     launch,
                     "}]");
  };
  constexpr std::string_view kStrategy =
      R"(, "LaunchSpecifications": {"OnDemandSpecification": {"AllocationStrategy": "prioritized"}})";
  EXPECT_THAT(FindingsOfFleets(fleets(5, "")), IsEmpty());
  EXPECT_THAT(FindingsOfFleets(fleets(6, "")),
              ElementsAre("Instances.InstanceFleets[0].InstanceTypeConfigs: 6 instance types; at "
                          "most 5 are allowed without an AllocationStrategy"));
  EXPECT_THAT(FindingsOfFleets(fleets(30, kStrategy)), IsEmpty());
  EXPECT_EQ(FindingsOfFleets(fleets(31, kStrategy)).size(), 1U);
}

TEST(RequestCheck, RefusesAnInstanceTypeTwiceInOneFleet) {
  EXPECT_THAT(
      FindingsOfFleets(R"([{"InstanceFleetType": "MASTER", "TargetOnDemandCapacity": 1,
        "InstanceTypeConfigs": [{"InstanceType": "m5.xlarge"}, {"InstanceType": "m5.xlarge"},
                                {"InstanceType": "{{ a }}"}, {"InstanceType": "{{ a }}"}]}])"),
      ElementsAre(
          "Instances.InstanceFleets[0].InstanceTypeConfigs[1].InstanceType: m5.xlarge is in "
          "this fleet already"));
}

TEST(RequestCheck, KnowsDocumentedRanges) {
  EXPECT_THAT(FindingsAfter(R"({"StepConcurrencyLevel": 0,
                                "AutoTerminationPolicy": {"IdleTimeout": 59}})"),
              ElementsAre("StepConcurrencyLevel: 0 is not between 1 and 256",
                          "AutoTerminationPolicy.IdleTimeout: 59 is not between 60 and 604800"));
  EXPECT_THAT(FindingsAfter(R"({"AutoTerminationPolicy": {"IdleTimeout": 604800}})"), IsEmpty());
  EXPECT_THAT(FindingsOfFleets(R"([{"InstanceFleetType": "MASTER", "TargetSpotCapacity": 1,
        "LaunchSpecifications": {"SpotSpecification": {"TimeoutDurationMinutes": 1441,
                                                       "TimeoutAction": "TERMINATE_CLUSTER"}}}])"),
              ElementsAre("Instances.InstanceFleets[0].LaunchSpecifications.SpotSpecification."
                          "TimeoutDurationMinutes: 1441 is not between 5 and 1440"));
}

TEST(RequestCheck, KnowsWhatAReleaseIsTooOldFor) {
  EXPECT_THAT(
      FindingsAfter(R"({"ReleaseLabel": "emr-5.0.3"})"),
      Contains("Instances.InstanceFleets: needs emr-4.8.0 or later, but not emr-5.0.x; this "
               "is emr-5.0.3"));
  EXPECT_THAT(FindingsAfter(R"({"ReleaseLabel": "emr-6.0.1",
                                "AutoTerminationPolicy": {"IdleTimeout": 60}})"),
              ElementsAre("AutoTerminationPolicy: needs emr-5.30.0 or emr-6.1.0 or later; this is "
                          "emr-6.0.1"));
  EXPECT_THAT(FindingsAfter(R"({"ReleaseLabel": "emr-5.36.0", "EbsRootVolumeIops": 3000,
                                "AutoTerminationPolicy": {"IdleTimeout": 60}})"),
              ElementsAre("EbsRootVolumeIops: needs emr-6.15.0 or later; this is emr-5.36.0"));
  EXPECT_THAT(
      FindingsAfter(R"({"ReleaseLabel": "{{ params.release }}", "EbsRootVolumeIops": 3000})"),
      IsEmpty());
}

TEST(RequestCheck, LimitsSteps) {
  json::object request = GoodRequest();
  json::value step = request.at("Steps").at(0);
  request["Steps"] = json::array(257, step);
  std::vector<Finding> findings = CheckRunJobFlow(request);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].message, "257 steps; at most 256 are allowed");

  step.at("HadoopJarStep").as_object()["Args"] =
      json::array{std::string(5'000, 'a'), std::string(5'222, 'b')};  // and the jar's 18
  request["Steps"] = json::array{step};
  EXPECT_THAT(CheckRunJobFlow(request), IsEmpty());
  step.at("HadoopJarStep").at("Args").as_array().push_back("c");
  request["Steps"] = json::array{step};
  findings = CheckRunJobFlow(request);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].path, "Steps[0].HadoopJarStep");
  EXPECT_EQ(findings[0].message,
            "its strings have 10241 characters together; at most 10240 are allowed");
}

TEST(RequestCheck, OrdersScalingLimits) {
  EXPECT_THAT(FindingsAfter(R"({"ManagedScalingPolicy": {"ComputeLimits": {"UnitType": "VCPU",
                "MinimumCapacityUnits": 9, "MaximumCapacityUnits": 8}}})"),
              ElementsAre("ManagedScalingPolicy.ComputeLimits: MinimumCapacityUnits 9 is more than "
                          "the maximum 8"));
}

}  // namespace
}  // namespace emr
