#include "emr/node_looks.h"

#include <gtest/gtest.h>

namespace emr {
namespace {

constexpr base::Duration kUnit = base::minutes(12);

base::Duration Interval(NodeRisk risk) {
  return NodeLookInterval(risk, kUnit);
}

TEST(NodeLooks, TheTableOfTheHeader) {
  EXPECT_EQ(Interval({.has_spot = false, .is_told = true}), 6 * kUnit);
  EXPECT_EQ(Interval({.has_spot = false, .is_told = true, .losses_of_late = true}), 6 * kUnit);
  EXPECT_EQ(Interval({.is_told = true}), 6 * kUnit);
  EXPECT_EQ(Interval({.is_told = true, .is_first = true}), 6 * kUnit);
  EXPECT_EQ(Interval({.is_told = true, .losses_of_late = true}), kUnit);
  EXPECT_EQ(Interval({.has_spot = false}), kUnit);
  EXPECT_EQ(Interval({.has_spot = false, .losses_of_late = true, .is_first = true}), kUnit);
  EXPECT_EQ(Interval({}), kUnit);
  EXPECT_EQ(Interval({.is_first = true}), base::Duration{0});
  EXPECT_EQ(Interval({.losses_of_late = true}), kUnit / 2);
  EXPECT_EQ(Interval({.losses_of_late = true, .is_first = true}), base::Duration{0});
}

// Without events no cluster waits longer than the setting says, and no sign of risk makes it wait
// longer.
TEST(NodeLooks, RiskNeverMakesThemRarer) {
  for (int bits = 0; bits < 16; ++bits) {
    NodeRisk risk{(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0};
    if (!risk.is_told)
      EXPECT_LE(Interval(risk), kUnit) << bits;
    for (bool NodeRisk::* sign :
         {&NodeRisk::has_spot, &NodeRisk::losses_of_late, &NodeRisk::is_first}) {
      NodeRisk riskier = risk;
      riskier.*sign = true;
      EXPECT_LE(Interval(riskier), Interval(risk)) << bits;
    }
  }
}

bool Asks(const char* text) {
  return AsksForSpot(base::ParseJson(text)->get_object());
}

TEST(NodeLooks, SpotIsWhatMasterOrCoreAskFor) {
  EXPECT_TRUE(Asks(R"({"Instances": {"InstanceFleets": [
      {"InstanceFleetType": "MASTER", "TargetOnDemandCapacity": 1},
      {"InstanceFleetType": "CORE", "TargetOnDemandCapacity": 2, "TargetSpotCapacity": 1}]}})"));
  EXPECT_FALSE(Asks(R"({"Instances": {"InstanceFleets": [
      {"InstanceFleetType": "CORE", "TargetOnDemandCapacity": 2, "TargetSpotCapacity": 0},
      {"InstanceFleetType": "TASK", "TargetSpotCapacity": 9}]}})"));
  EXPECT_TRUE(Asks(R"({"Instances": {"InstanceGroups": [
      {"InstanceRole": "CORE", "Market": "SPOT"}]}})"));
  EXPECT_TRUE(Asks(R"({"Instances": {"InstanceGroups": [
      {"InstanceRole": "MASTER", "BidPrice": "0.1"}]}})"));
  EXPECT_FALSE(Asks(R"({"Instances": {"InstanceGroups": [
      {"InstanceRole": "CORE", "Market": "ON_DEMAND"}, {"InstanceRole": "TASK", "Market": "SPOT"}]}})"));
  EXPECT_FALSE(Asks(R"({"Instances": {"InstanceCount": 3, "MasterInstanceType": "m5.xlarge"}})"));
  EXPECT_FALSE(Asks("{}"));
}

}  // namespace
}  // namespace emr
