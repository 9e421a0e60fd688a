#include "emr/instances.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "emr/vcpus.h"

namespace emr {
namespace {

using base::Cat;
using ::testing::HasSubstr;

json::object Request(std::string_view instances, std::string_view more = "") {
  auto parsed = base::ParseJson(Cat("{\"Instances\":", instances, more, "}"));
  EXPECT_TRUE(parsed.has_value()) << parsed.error().message;
  return parsed ? parsed->get_object() : json::object();
}

std::string Fleet(std::string_view role, std::string_view targets, std::string_view types) {
  return Cat(
      "{\"InstanceFleetType\":\"", role, "\",", targets, ",\"InstanceTypeConfigs\":[", types, "]}");
}

std::string Type(std::string_view type, int weight) {
  return Cat("{\"InstanceType\":\"", type, "\",\"WeightedCapacity\":", weight, "}");
}

// "all/on demand/spot"
std::string Vcpus(const json::object& request) {
  const auto most = MostVcpus(request);
  return most ? Cat(most->all, "/", most->on_demand, "/", most->spot) : most.error().message;
}

TEST(VcpusOfType, FollowsTheSizeAndKnowsTheExceptions) {
  EXPECT_EQ(VcpusOfType("m5.xlarge"), 4);
  EXPECT_EQ(VcpusOfType("r6gd.12xlarge"), 48);
  EXPECT_EQ(VcpusOfType("m7i-flex.large"), 2);
  EXPECT_EQ(VcpusOfType("c7g.medium"), 1);
  EXPECT_EQ(VcpusOfType("t3.medium"), 2);
  EXPECT_EQ(VcpusOfType("c4.8xlarge"), 36);
  EXPECT_EQ(VcpusOfType("i3.metal"), 72);
  EXPECT_EQ(VcpusOfType("m7i.metal-24xl"), 96);
  for (const char* unknown : {"",
                              "m5",
                              "m5.",
                              "m5.xlarg",
                              "m5.0xlarge",
                              "m5.-1xlarge",
                              "M5.xlarge",
                              "zz9.metal",
                              "hpc6a.48xlarge",
                              "m5.99999xlarge",
                              ".xlarge"})
    EXPECT_EQ(VcpusOfType(unknown), std::nullopt) << unknown;
}

TEST(MostVcpus, CountsInstanceGroupsByTheirMarket) {
  EXPECT_EQ(Vcpus(Request(R"({"InstanceGroups":[
      {"InstanceRole":"MASTER","InstanceType":"m5.xlarge","InstanceCount":1},
      {"InstanceRole":"CORE","InstanceType":"r5.2xlarge","InstanceCount":3,"Market":"SPOT"},
      {"InstanceRole":"TASK","InstanceType":"r5.2xlarge","InstanceCount":2,"AutoScalingPolicy":
        {"Constraints":{"MinCapacity":1,"MaxCapacity":10}}}]})")),
            "108/84/24");
  EXPECT_EQ(Vcpus(Request(R"({"MasterInstanceType":"m5.xlarge","SlaveInstanceType":"m5.2xlarge",
      "InstanceCount":5})")),
            "36/36/0");
}

TEST(MostVcpus, FillsAFleetInTheDearestWay) {
  const std::string both = Cat(Type("m5.xlarge", 4), ",", Type("m5.4xlarge", 16));
  EXPECT_EQ(Vcpus(Request(Cat(
                "{\"InstanceFleets\":[", Fleet("CORE", "\"TargetSpotCapacity\":64", both), "]}"))),
            "76/0/76")
      << "15 small ones leave room for a large one";
  EXPECT_EQ(Vcpus(Request(Cat("{\"InstanceFleets\":[",
                              Fleet("CORE", "\"TargetSpotCapacity\":64", Type("m5.4xlarge", 16)),
                              "]}"))),
            "64/0/64");
  EXPECT_EQ(Vcpus(Request(Cat("{\"InstanceFleets\":[",
                              Fleet("CORE", "\"TargetSpotCapacity\":65", Type("m5.4xlarge", 16)),
                              "]}"))),
            "80/0/80")
      << "the last one goes beyond";
  const std::string unlike = Cat(Type("m5.xlarge", 1), ",", Type("r5.8xlarge", 2));
  EXPECT_EQ(Vcpus(Request(
                Cat("{\"InstanceFleets\":[",
                    Fleet("CORE", "\"TargetSpotCapacity\":3,\"TargetOnDemandCapacity\":1", unlike),
                    "]}"))),
            "96/32/64");
}

TEST(MostVcpus, ManyUnitsAreCountedAsIfInstancesCouldBeParted) {
  const auto most =
      MostVcpus(Request(Cat("{\"InstanceFleets\":[",
                            Fleet("CORE",
                                  "\"TargetSpotCapacity\":100000",
                                  Cat(Type("m5.xlarge", 3), ",", Type("m5.4xlarge", 16))),
                            "]}")));
  ASSERT_TRUE(most.has_value());
  EXPECT_GE(most->all, 133'332);
  EXPECT_LE(most->all, 133'332 + 20);
}

TEST(MostVcpus, SpotThatTurnsIntoOnDemandCountsForBoth) {
  EXPECT_EQ(Vcpus(Request(Cat("{\"InstanceFleets\":[",
                              Fleet("CORE",
                                    "\"TargetSpotCapacity\":2,\"LaunchSpecifications\":{"
                                    "\"SpotSpecification\":{\"TimeoutAction\":"
                                    "\"SWITCH_TO_ON_DEMAND\"}}",
                                    Type("m5.xlarge", 1)),
                              "]}"))),
            "8/8/8");
}

TEST(MostVcpus, ManagedScalingCountsAtItsLargest) {
  const std::string groups = R"({"InstanceGroups":[
      {"InstanceRole":"MASTER","InstanceType":"m5.xlarge","InstanceCount":1},
      {"InstanceRole":"CORE","InstanceType":"m5.2xlarge","InstanceCount":2}]})";
  const auto with = [&](std::string_view unit, int most) {
    return Vcpus(Request(groups,
                         Cat(",\"ManagedScalingPolicy\":{\"ComputeLimits\":{\"UnitType\":\"",
                             unit,
                             "\",\"MinimumCapacityUnits\":1,\"MaximumCapacityUnits\":",
                             most,
                             "}}")));
  };
  EXPECT_EQ(with("Instances", 10), "84/84/0");
  EXPECT_EQ(with("VCPU", 100), "108/108/0");
  EXPECT_EQ(with("Instances", 1), "20/20/0") << "it begins with two";
}

TEST(MostVcpus, SaysWhatItDoesNotKnow) {
  EXPECT_THAT(Vcpus(Request(R"({"MasterInstanceType":"m5.giant","InstanceCount":1})")),
              HasSubstr("the vCPUs of the instance type 'm5.giant' are not known"));
  for (const char* instances :
       {R"("{{ params.x }}")",
        R"({"InstanceGroups":"{{ params.x }}"})",
        R"({"InstanceGroups":["{{ params.x }}"]})",
        R"({"InstanceGroups":[{"InstanceType":"{{ params.x }}","InstanceCount":1}]})",
        R"({"InstanceGroups":[{"InstanceType":"m5.xlarge","InstanceCount":"{{ params.x }}"}]})",
        R"({"InstanceGroups":[{"InstanceType":"m5.xlarge","AutoScalingPolicy":"{{ params.x }}"}]})",
        R"({"InstanceGroups":[{"InstanceType":"m5.xlarge","AutoScalingPolicy":
           {"Constraints":"{{ params.x }}"}}]})",
        R"({"InstanceFleets":[{"TargetSpotCapacity":9,"InstanceTypeConfigs":"{{ params.x }}"}]})",
        R"({"InstanceGroups":[{"InstanceType":"m5.xlarge","InstanceCount":-1}]})"}) {
    const auto most = MostVcpus(Request(instances));
    ASSERT_FALSE(most.has_value()) << instances;
    EXPECT_EQ(most.error().code, base::ErrorCode::kInvalidArgument) << most.error().message;
  }
  EXPECT_EQ(Vcpus(Request(R"({"MasterInstanceType":"m5.xlarge","InstanceCount":1})",
                          R"(,"ManagedScalingPolicy":"{{ params.x }}")")),
            "ManagedScalingPolicy is no plain value, so it is not known before the launch");
  EXPECT_EQ(Vcpus(Request(R"({"InstanceCount":"{{ params.x }}"})")),
            "Instances.InstanceCount is no plain value, so it is not known before the launch");
  EXPECT_EQ(Vcpus(json::object()), "0/0/0");
}

TEST(MostVcpus, OfAScaledFleetEmrMayAddEitherMarket) {
  EXPECT_EQ(
      Vcpus(Request(Cat("{\"InstanceFleets\":[",
                        Fleet("CORE", "\"TargetOnDemandCapacity\":1", Type("m5.xlarge", 1)),
                        "]}"),
                    R"(,"ManagedScalingPolicy":{"ComputeLimits":{"UnitType":"InstanceFleetUnits",
                       "MinimumCapacityUnits":1,"MaximumCapacityUnits":100,
                       "MaximumOnDemandCapacityUnits":1}})")),
      "400/400/400");
}

TEST(MostVcpus, SpotMayBecomeOnDemandUnlessItIsKnownNotTo) {
  for (const auto& [specifications, vcpus] :
       {std::pair(R"("{{ params.x }}")", "4/4/4"),
        std::pair(R"({"SpotSpecification":"{{ params.x }}"})", "4/4/4"),
        std::pair(R"({"SpotSpecification":{"TimeoutAction":"{{ params.x }}"}})", "4/4/4"),
        std::pair(R"({"SpotSpecification":{"TimeoutAction":"TERMINATE_CLUSTER"}})", "4/0/4")})
    EXPECT_EQ(Vcpus(Request(Cat(
                  "{\"InstanceFleets\":[",
                  Fleet("CORE",
                        Cat("\"TargetSpotCapacity\":1,\"LaunchSpecifications\":", specifications),
                        Type("m5.xlarge", 1)),
                  "]}"))),
              vcpus)
        << specifications;
}

TEST(MostVcpus, ANumberThatEmrWouldNeverTakeOverflowsNothing) {
  const json::object huge = Request(
      R"({"InstanceGroups":[{"InstanceType":"m5.xlarge","InstanceCount":9223372036854775807}]})");
  EXPECT_EQ(Vcpus(huge), "Instances.InstanceGroups[0].InstanceCount is more than 1000000");
  const json::object large =
      Request(R"({"InstanceGroups":[{"InstanceType":"m5.xlarge","InstanceCount":1000000}]})");
  EXPECT_EQ(Vcpus(large), "4000000/4000000/0");
  const std::vector<model::Price> prices{{"m5.xlarge", 10'000'000'000, 0, 0}};
  EXPECT_EQ(MostPerHour(large, prices), 1'000'000'000'000);
}

TEST(MostVcpus, TakesTheLargestTry) {
  model::EmrWork work;
  work.request = Request(R"({"MasterInstanceType":"m5.xlarge","InstanceCount":1})");
  work.on_retry = {
      {2, base::ParseJson(R"({"Instances":{"MasterInstanceType":"m5.4xlarge"}})")->get_object()},
      {3, base::ParseJson(R"({"Instances":{"MasterInstanceType":"m5.2xlarge"}})")->get_object()}};
  EXPECT_EQ(MostVcpus(work)->all, 16);
}

TEST(MostPerHour, AddsEmrsPriceToThatOfTheMarket) {
  const std::vector<model::Price> prices{{"m5.2xlarge", 384'000, 150'000, 96'000},
                                         {"m5.xlarge", 192'000, 70'000, 48'000}};
  const auto cost = [&](std::string_view instances) {
    return MostPerHour(Request(instances), prices);
  };
  EXPECT_EQ(cost(R"({"InstanceGroups":[
      {"InstanceRole":"MASTER","InstanceType":"m5.xlarge","InstanceCount":1},
      {"InstanceRole":"CORE","InstanceType":"m5.2xlarge","InstanceCount":3,"Market":"SPOT"}]})"),
            240'000 + 3 * 246'000);
  EXPECT_EQ(cost(Cat("{\"InstanceFleets\":[",
                     Fleet("CORE",
                           "\"TargetSpotCapacity\":2",
                           Cat(Type("m5.xlarge", 1), ",", Type("m5.2xlarge", 1))),
                     "]}")),
            2 * 246'000);
  const auto unknown = cost(R"({"MasterInstanceType":"r5.xlarge","InstanceCount":1})");
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().message, "'prices' has no price of the instance type 'r5.xlarge'");
}

}  // namespace
}  // namespace emr
