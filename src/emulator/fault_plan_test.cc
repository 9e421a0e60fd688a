#include "emulator/fault_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace emulator {
namespace {

using ::testing::HasSubstr;

FaultPlan Parsed(std::string_view text) {
  base::Result<FaultPlan> plan = ParseFaultPlan(text, "f.yaml");
  EXPECT_TRUE(plan.has_value()) << plan.error().message;
  return plan.value_or(FaultPlan{});
}

std::string ErrorOf(std::string_view text) {
  base::Result<FaultPlan> plan = ParseFaultPlan(text, "f.yaml");
  return plan.has_value() ? "" : plan.error().message;
}

TEST(FaultPlan, ReadsTheWholeFormat) {
  FaultPlan plan = Parsed(R"(
quotas: off
timing: {provisioning: 1m, bootstrap: 30s, step: 5m, shutdown: 10s, replacement: 7m, jitter: 0, steps: {'*training*': 20m}}
faults:
  - {name: '*training_2*try 1', on: WAITING, after: 30s, do: lose_fleet, fleet: MASTER, cluster: RUNNING}
  - {name: 'x', do: fail_step, step: 2}
  - {action: RunJobFlow, nth: 5, do: accept_late, for: 2s}
  - {action: RunJobFlow, do: http_500, executed: true, count: 3}
  - {do: list_lag, for: 150s}
  - {do: lose_fleet, instances: 2, replace: false}
  - {name: '*x', do: hang_provisioning, nth: 3}
  - {do: purge, for: 2h}
)");
  EXPECT_FALSE(plan.quotas);
  EXPECT_EQ(plan.timing.provisioning, base::minutes(1));
  EXPECT_EQ(plan.timing.replacement, base::minutes(7));
  EXPECT_EQ(plan.timing.jitter, 0);
  ASSERT_EQ(plan.timing.steps.size(), 1u);
  EXPECT_EQ(plan.timing.steps[0].second, base::minutes(20));
  ASSERT_EQ(plan.faults.size(), 8u);

  EXPECT_EQ(plan.faults[0].kind, FaultKind::kLoseFleet);
  EXPECT_EQ(plan.faults[0].name, "*training_2*try 1");
  EXPECT_EQ(plan.faults[0].on, Fault::Phase::kWaiting);
  EXPECT_EQ(plan.faults[0].after, base::seconds(30));
  EXPECT_EQ(plan.faults[0].fleet, FleetType::kMaster);
  EXPECT_EQ(plan.faults[0].outcome, Fault::Outcome::kRunning);
  EXPECT_TRUE(plan.faults[0].Hits(1) && plan.faults[0].Hits(9));

  EXPECT_EQ(plan.faults[1].step, 2);
  EXPECT_EQ(plan.faults[2].action, "RunJobFlow");
  EXPECT_EQ(plan.faults[2].span, base::seconds(2));
  EXPECT_FALSE(plan.faults[2].Hits(4));
  EXPECT_TRUE(plan.faults[2].Hits(5));
  EXPECT_FALSE(plan.faults[2].Hits(6));
  EXPECT_TRUE(plan.faults[3].executed);
  EXPECT_TRUE(plan.faults[3].Hits(3));
  EXPECT_FALSE(plan.faults[3].Hits(4));
  EXPECT_EQ(plan.faults[4].span, base::seconds(150));
  EXPECT_EQ(plan.faults[4].instances, 0);
  EXPECT_TRUE(plan.faults[4].replace);

  EXPECT_EQ(plan.faults[5].instances, 2);
  EXPECT_FALSE(plan.faults[5].replace);
  EXPECT_EQ(plan.faults[6].kind, FaultKind::kHangProvisioning);
  EXPECT_EQ(plan.faults[6].nth, 3);
  EXPECT_EQ(plan.faults[7].kind, FaultKind::kPurge);
  EXPECT_EQ(plan.faults[7].span, base::hours(2));
}

TEST(FaultPlan, ProvisioningFailsInTheWordsThatAreGiven) {
  FaultPlan plan = Parsed(
      "faults:\n  - {do: fail_provisioning, reason: VALIDATION_ERROR, message: EC2 QUOTA "
      "EXCEEDED}\n");
  EXPECT_EQ(plan.faults[0].code, "VALIDATION_ERROR");
  EXPECT_EQ(plan.faults[0].message, "EC2 QUOTA EXCEEDED");
}

TEST(FaultPlan, AnEmptyFileIsTheDefaultPlan) {
  FaultPlan plan = Parsed("");
  EXPECT_TRUE(plan.quotas);
  EXPECT_TRUE(plan.faults.empty());
  EXPECT_EQ(plan.timing.step, base::minutes(10));
}

TEST(FaultPlan, NamesThePlaceOfEveryMistake) {
  std::string error = ErrorOf(R"(faults:
  - {do: lose_flet}
  - {do: throttle}
  - {name: x, do: fail_step, nth: 0}
  - {name: x, do: fail_step, setp: 2}
  - {do: purge}
  - {do: lose_fleet, instances: 0}
timing: {provisioning: 4}
)");
  EXPECT_THAT(error,
              HasSubstr("f.yaml:2:10: unknown fault 'lose_flet'; did you mean 'lose_fleet'"));
  EXPECT_THAT(error, HasSubstr("f.yaml:3:"));
  EXPECT_THAT(error, HasSubstr("f.yaml:4:35: 'nth' is 0"));
  EXPECT_THAT(error, HasSubstr("f.yaml:5:30: unknown key 'setp'"));
  EXPECT_THAT(error, HasSubstr("f.yaml:6:"));  // without 'for'
  EXPECT_THAT(error, HasSubstr("f.yaml:7:33: 'instances' is 0"));
  EXPECT_THAT(error, HasSubstr("f.yaml:8:"));
}

TEST(FaultPlan, RefusesActionsThatTheEmulatorDoesNotAnswer) {
  EXPECT_THAT(ErrorOf("faults: [{action: RunJobFlows, do: throttle}]"),
              HasSubstr("f.yaml:1:19: 'RunJobFlows' is no operation"));
}

TEST(FaultPlan, RefusesTextThatIsNoYaml) {
  EXPECT_THAT(ErrorOf("faults: [{do: throttle"), HasSubstr("f.yaml:"));
}

}  // namespace
}  // namespace emulator
