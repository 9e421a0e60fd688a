#include "emr/request_check.h"

#include <algorithm>
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
    "Applications": [{"Name": "Spark"}],
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
    out.push_back(base::Cat(
        each.severity == Severity::kWarning ? "warning: " : "", each.path, ": ", each.message));
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
                  "TargetSpotCapacity = 1 (or 3 on-demand, for high availability), this one 2"));
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

  step.at("HadoopJarStep").as_object()["Args"] = json::array{
      "spark-submit", std::string(4'988, 'a'), std::string(5'222, 'b')};  // and the jar's 18
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

// The good request with instance groups, and a change merged over it.
std::vector<std::string> FindingsOfGroups(int masters, std::string_view change = "{}") {
  json::object whole = base::ParseJson(change)->as_object();
  json::object& instances = whole["Instances"].is_object() ? whole["Instances"].get_object()
                                                           : whole["Instances"].emplace_object();
  instances["InstanceFleets"] = nullptr;
  instances["Ec2SubnetIds"] = nullptr;
  if (!instances.contains("InstanceGroups"))
    instances["InstanceGroups"] =
        json::array{{{"InstanceRole", "MASTER"}, {"InstanceType", "t"}, {"InstanceCount", masters}},
                    {{"InstanceRole", "CORE"}, {"InstanceType", "t"}, {"InstanceCount", 2}}};
  return FindingsAfter(json::serialize(whole));
}

TEST(RequestCheck, KnowsWhichReleasesThereAre) {
  struct {
    const char* label;
    const char* finding;  // how it begins
  } rows[] = {
      {"emr-7.1.0", ""},
      {"emr-5.36.2", ""},
      {"emr-7.1", "ReleaseLabel: \"emr-7.1\" is no release label"},
      {"7.1.0", "ReleaseLabel: \"7.1.0\" is no release label"},
      {"emr-7.1.0 ", "ReleaseLabel: \"emr-7.1.0 \" is no release label"},
      {"emr-latest", "warning: ReleaseLabel: \"emr-latest\" is of a family"},
      {"emr-spark-8.0.0", "warning: ReleaseLabel: \"emr-spark-8.0.0\" is of a family"},
      {"emr-3.11.0", "ReleaseLabel: there is no release emr-3.11.0; the first"},
      {"emr-4.99.0", "ReleaseLabel: there is no release emr-4.99.0; the last"},
      {"emr-6.16.0", "ReleaseLabel: there is no release emr-6.16.0; the last of its series is "},
      {"emr-7.1.77", "ReleaseLabel: there is no release emr-7.1.77"},
      {"emr-7.13.0", "warning: ReleaseLabel: emr-7.13.0 is newer than emr-7.12"},
      {"emr-5.40.0", "warning: ReleaseLabel: emr-5.40.0 is newer than emr-5.36"},
      {"emr-9.0.0", "warning: ReleaseLabel: emr-9.0.0 is newer than the releases"},
  };
  for (const auto& row : rows) {
    std::vector<std::string> found =
        FindingsAfter(base::Cat(R"({"ReleaseLabel": ")", row.label, R"("})"));
    if (*row.finding == '\0') {
      EXPECT_THAT(found, IsEmpty()) << row.label;
      continue;
    }
    const bool told = std::ranges::any_of(
        found, [&](const std::string& each) { return each.starts_with(row.finding); });
    EXPECT_TRUE(told) << row.label << ": " << base::Join(found, "\n");
  }
}

TEST(RequestCheck, StepsInParallelNeedTheirReleaseAndGoOn) {
  constexpr char kGoOn[] = R"([{"Name": "a", "ActionOnFailure": "CONTINUE", "HadoopJarStep":
      {"Jar": "command-runner.jar", "Args": ["spark-submit", "x.py"]}}])";
  EXPECT_THAT(FindingsAfter(base::Cat(R"({"StepConcurrencyLevel": 4, "Steps": )", kGoOn, "}")),
              IsEmpty());
  EXPECT_THAT(
      FindingsAfter(base::Cat(
          R"({"StepConcurrencyLevel": 4, "ReleaseLabel": "emr-5.20.0", "Steps": )", kGoOn, "}")),
      ElementsAre("StepConcurrencyLevel: needs emr-5.28.0 or later; this is emr-5.20.0"));
  EXPECT_THAT(FindingsAfter(R"({"StepConcurrencyLevel": 1, "ReleaseLabel": "emr-5.20.0"})"),
              IsEmpty());
  for (const char* action : {"TERMINATE_CLUSTER", "CANCEL_AND_WAIT"}) {
    std::vector<std::string> found =
        FindingsAfter(base::Cat(R"({"StepConcurrencyLevel": 4, "Steps": )",
                                base::ReplaceAll(kGoOn, "CONTINUE", action),
                                "}"));
    ASSERT_EQ(found.size(), 1u);
    EXPECT_TRUE(found[0].starts_with(base::Cat("Steps[0].ActionOnFailure: ", action))) << found[0];
    EXPECT_NE(found[0].find("StepConcurrencyLevel is 4"), std::string::npos);
  }
}

TEST(RequestCheck, I9_ThreeMastersDoNotEndByThemselves) {
  EXPECT_THAT(FindingsOfGroups(1), IsEmpty());
  std::vector<std::string> found = FindingsOfGroups(3);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(
      found[0].starts_with("warning: Instances.InstanceGroups[0]: three masters: EMR switches "
                           "termination protection on"));
  found = FindingsOfGroups(3, R"({"ReleaseLabel": "emr-5.22.0"})");
  EXPECT_THAT(
      found,
      Contains("Instances.InstanceGroups[0].InstanceCount: three masters need emr-5.23.0 or "
               "later; this is emr-5.22.0"));
  found = FindingsOfGroups(3, R"({"Instances": {"InstanceGroups": [
      {"InstanceRole": "MASTER", "InstanceType": "t", "InstanceCount": 3}]}})");
  EXPECT_THAT(found,
              Contains("Instances.InstanceGroups[0]: three masters need core nodes beside them"));
  found = FindingsAfter(R"({"ReleaseLabel": "emr-6.11.0", "Instances": {"InstanceFleets": [
      {"InstanceFleetType": "MASTER", "TargetOnDemandCapacity": 3},
      {"InstanceFleetType": "CORE", "TargetOnDemandCapacity": 2}]}})");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_TRUE(
      found[0].starts_with("Instances.InstanceFleets[0].TargetOnDemandCapacity: three "
                           "masters in a fleet need emr-6.12.0"));
}

TEST(RequestCheck, SaysWhereEmrTakesWorkForIdleness) {
  auto step = [](std::string_view args, std::string_view more = "{") {
    return FindingsAfter(base::Cat(more,
                                   R"("Steps": [{"Name": "a", "HadoopJarStep":
        {"Jar": "command-runner.jar", "Args": [)",
                                   args,
                                   "]}}]}"));
  };
  EXPECT_THAT(step(R"("spark-submit", "x.py")"), IsEmpty());
  EXPECT_THAT(step(R"("timeout", "-k", "60", "7200", "spark-submit", "--master", "yarn", "x.py")"),
              IsEmpty());
  EXPECT_THAT(step(R"("hadoop", "jar", "x.jar")"), IsEmpty());
  for (const char* args :
       {R"("bash", "-c", "aws s3 sync s3://a s3://b")",
        R"("aws", "s3", "ls")",
        R"("timeout", "60", "python3", "x.py")",
        R"("hadoop", "fs", "-ls", "/")",
        R"("spark-submit", "--deploy-mode", "client", "--master", "local[*]", "x")",
        R"("spark-submit", "--conf", "spark.master=local", "x.py")"}) {
    std::vector<std::string> found = step(args);
    ASSERT_EQ(found.size(), 1u) << args;
    EXPECT_TRUE(found[0].starts_with("warning: Steps[0]: runs outside YARN")) << found[0];
    EXPECT_NE(found[0].find("AutoTerminationPolicy of 7 days"), std::string::npos);
  }
  EXPECT_THAT(step(R"("bash")", R"({"AutoTerminationPolicy": {"IdleTimeout": 604800}, )"),
              IsEmpty());
  EXPECT_EQ(step(R"("bash")", R"({"AutoTerminationPolicy": {"IdleTimeout": 600}, )").size(), 1u);
  EXPECT_THAT(step(R"("bash")", R"({"ReleaseLabel": "emr-5.29.0", )"), IsEmpty()) << "has none";
}

TEST(RequestCheck, KnowsWhatSingleMembersMayBe) {
  struct {
    const char* change;
    const char* finding;  // how it begins; "" for none
  } rows[] = {
      {R"({"EbsRootVolumeSize": 9})", "EbsRootVolumeSize: 9 GiB is too small; at least 15"},
      {R"({"EbsRootVolumeSize": 12})", "EbsRootVolumeSize: 12 GiB is too small; at least 15"},
      {R"({"EbsRootVolumeSize": 12, "ReleaseLabel": "emr-6.9.0"})", ""},
      {R"({"EbsRootVolumeSize": 9, "ReleaseLabel": "emr-6.9.0"})",
       "EbsRootVolumeSize: 9 GiB is too small; at least 10"},
      {R"({"EbsRootVolumeSize": 200})", "warning: EbsRootVolumeSize: 200 GiB is more"},
      {R"({"EbsRootVolumeIops": 9000})", "EbsRootVolumeIops: 9000 are more than 500"},
      {R"({"EbsRootVolumeThroughput": 1001, "EbsRootVolumeIops": 8000,
           "EbsRootVolumeSize": 50})",
       "EbsRootVolumeThroughput: 1001 is not between"},
      {R"({"EbsRootVolumeThroughput": 900})", "EbsRootVolumeThroughput: 900 MiB/s are more than"},
      {R"({"Tags": [{"Key": "aws:x", "Value": "y"}]})", "Tags[0].Key: \"aws:x\""},
      {R"({"Tags": [{"Key": "AWS:x", "Value": "y"}]})", "Tags[0].Key: \"AWS:x\""},
      {R"({"Tags": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]})",
       "Tags[1].Key: a second tag a"},
      {R"({"Tags": [{"Value": "1"}]})", "Tags[0]: a tag needs a Key"},
      {R"({"Tags": [{"Key": "{{ a }}", "Value": "1"}, {"Key": "{{ a }}", "Value": "2"}]})", ""},
      {R"({"Applications": [{"Name": "Spark"}, {"Name": "Sparkk"}]})",
       "Applications[1].Name: there is no application \"Sparkk\"; did you mean \"Spark\"?"},
      {R"({"Applications": [{"Name": "spark"}, {"Name": "HIVE"}]})", ""},
      {R"({"Applications": [{"Name": "Spark"}, {"Name": "Wunderwaffe"}]})",
       "warning: Applications[1].Name: the application \"Wunderwaffe\" is not known here"},
      {R"({"Applications": [{"Name": "Hive"}]})", "Steps[0]: runs spark-submit"},
      {R"({"Applications": [{"Name": "Hive"}], "CustomAmiId": "ami-0123abcd"})", ""},
      {R"({"Applications": null})", "warning: Applications: a step runs spark-submit"},
      {R"({"Applications": "{{ params.apps }}"})", ""},
      {R"({"ServiceRole": null})", "ServiceRole: EMR starts no cluster without it"},
      {R"({"JobFlowRole": null})", "JobFlowRole: EMR starts no cluster without it"},
      {R"({"JobFlowRole": "{{ params.role }}"})", ""},
      {R"({"LogUri": "None"})", "LogUri: is the text \"None\""},
      {R"({"Instances": {"Ec2KeyName": "null"}})", "Instances.Ec2KeyName: is the text \"null\""},
      {R"({"Steps": [{"Name": "a", "HadoopJarStep": {"Jar": "x.jar", "Args": ["None"]}}]})",
       "warning: Steps[0].HadoopJarStep.Args[0]: is the text \"None\""},
      {R"({"PlacementGroupConfigs": [{"InstanceRole": "MASTER", "PlacementStrategy": "NONE"}]})",
       ""},
      {R"({"CustomAmiId": "ami-0123456789abcdef0"})", ""},
      {R"({"CustomAmiId": "ami-0123"})", "CustomAmiId: \"ami-0123\" is no image id"},
      {R"({"CustomAmiId": "0123456789abcdef0"})", "CustomAmiId: \"0123456789abcdef0\" is no image"},
      {R"({"AmiVersion": "3.11.0"})", "AmiVersion: cannot stand beside a ReleaseLabel"},
      {R"({"AmiVersion": "7.1.0", "ReleaseLabel": null})", "AmiVersion: \"7.1.0\" is no version"},
      {R"({"AmiVersion": "3.11.0", "ReleaseLabel": null})", ""},
      {R"({"ReleaseLabel": null})", "ReleaseLabel: is required"},
      {R"({"ManagedScalingPolicy": {"ComputeLimits": {"UnitType": "Instances",
           "MinimumCapacityUnits": 1, "MaximumCapacityUnits": 2}}})",
       "ManagedScalingPolicy.ComputeLimits.UnitType: Instances is for instance groups"},
      {R"({"ManagedScalingPolicy": {"ComputeLimits": {"UnitType": "InstanceFleetUnits",
           "MinimumCapacityUnits": 1, "MaximumCapacityUnits": 2,
           "MaximumCoreCapacityUnits": 3}}})",
       "ManagedScalingPolicy.ComputeLimits.MaximumCoreCapacityUnits: 3 is not between"},
      {R"({"ReleaseLabel": "emr-6.0.0", "ManagedScalingPolicy": {"ComputeLimits": {
           "UnitType": "InstanceFleetUnits", "MinimumCapacityUnits": 1,
           "MaximumCapacityUnits": 2}}})",
       "ManagedScalingPolicy: needs emr-5.30.0 or emr-6.1.0"},
  };
  for (const auto& row : rows) {
    std::vector<std::string> found = FindingsAfter(row.change);
    if (*row.finding == '\0') {
      EXPECT_THAT(found, IsEmpty()) << row.change;
      continue;
    }
    ASSERT_EQ(found.size(), 1u) << row.change << "\n" << base::Join(found, "\n");
    EXPECT_TRUE(found[0].starts_with(row.finding)) << found[0];
  }
}

TEST(RequestCheck, KnowsWhatGroupsMayHave) {
  EXPECT_THAT(FindingsOfGroups(1, R"({"ManagedScalingPolicy": {"ComputeLimits": {
                  "UnitType": "InstanceFleetUnits", "MinimumCapacityUnits": 1,
                  "MaximumCapacityUnits": 2}}})"),
              ElementsAre("ManagedScalingPolicy.ComputeLimits.UnitType: InstanceFleetUnits is for "
                          "instance fleets; groups have Instances or VCPU"));
  constexpr char kScaling[] = R"({"Instances": {"InstanceGroups": [
      {"InstanceRole": "MASTER", "InstanceType": "t", "InstanceCount": 1},
      {"InstanceRole": "CORE", "InstanceType": "t", "InstanceCount": 2, "AutoScalingPolicy": {
          "Constraints": {"MinCapacity": 1, "MaxCapacity": 2}, "Rules": []}}]}ROLE})";
  std::vector<std::string> found = FindingsOfGroups(1, base::ReplaceAll(kScaling, "ROLE", ""));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(found[0].starts_with(
      "Instances.InstanceGroups[1].AutoScalingPolicy: needs an AutoScalingRole"));
  EXPECT_THAT(
      FindingsOfGroups(1, base::ReplaceAll(kScaling, "ROLE", R"(, "AutoScalingRole": "r")")),
      IsEmpty());
}

TEST(RequestCheck, ReadsScalarsAsTextsOnceTemplatesAreRendered) {
  constexpr char kChange[] = R"({"Steps": [{"Name": "a", "HadoopJarStep": {"Jar": "x.jar",
      "Args": [5]}}], "EbsRootVolumeSize": "20"})";
  EXPECT_THAT(FindingsAfter(kChange, {.rendered = true}),
              ElementsAre("EbsRootVolumeSize: expected an integer, got the string \"20\""));
  EXPECT_EQ(FindingsAfter(kChange).size(), 2u);
}

TEST(RequestCheck, OrdersScalingLimits) {
  EXPECT_THAT(
      FindingsAfter(R"({"ManagedScalingPolicy": {"ComputeLimits": {"UnitType": "InstanceFleetUnits",
                "MinimumCapacityUnits": 9, "MaximumCapacityUnits": 8}}})"),
      ElementsAre("ManagedScalingPolicy.ComputeLimits: MinimumCapacityUnits 9 is more than "
                  "the maximum 8"));
}

}  // namespace
}  // namespace emr
