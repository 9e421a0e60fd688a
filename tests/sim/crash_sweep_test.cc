// Our process is killed before and after every one of its effects, one at a time. Whatever the
// point, at rest no cluster is left, no attempt had two clusters that ran steps, and every run has
// ended well.

#include <gtest/gtest.h>

#include "scenarios.h"

namespace sim {
namespace {

TEST(CrashSweep, WithoutACrashTheScenarioSucceedsWithItsRetries) {
  Estate estate(Scenario());
  estate.Run();
  EXPECT_TRUE(estate.Breaches().empty()) << Join(estate.Breaches());
  EXPECT_TRUE(AllSucceeded(estate));
  // Five jobs, one application retry, one infrastructure retry; the dropped reply was adopted.
  EXPECT_EQ(estate.emr().Clusters().size(), 7u);
  EXPECT_GT(estate.effects(), 50);
}

TEST(CrashSweep, L1_L2_L3_L5_T4_EveryEffectBeforeAndAfter) {
  Sweep(Scenario());
}

EstateOptions ImpatientScenario() {
  EstateOptions options = StaleScenario();
  options.driver.engine.launch_settle = options.driver.engine.list_lag_max = base::Duration(0);
  return options;
}

// The sweep can fail: with no settle time a launch is given up while EMR may still accept it, and
// where clusters boot fast both work.
TEST(CrashSweep, ATooShortSettleTimeIsCaught) {
  EstateOptions options = ImpatientScenario();
  options.emr.plan.timing.provisioning = options.emr.plan.timing.bootstrap = base::seconds(10);
  Estate estate(std::move(options));
  estate.Run();
  ASSERT_FALSE(estate.Breaches().empty());
  EXPECT_NE(estate.Breaches()[0].find("(I2)"), std::string::npos) << Join(estate.Breaches());
}

// The same with clusters that boot slowly: the late one is found by its name and killed before it
// works.
TEST(CrashSweep, L11_TheLateClusterOfALaunchGivenUpIsKilled) {
  Estate estate(ImpatientScenario());
  estate.Run();
  EXPECT_TRUE(estate.Breaches().empty()) << Join(estate.Breaches());
  EXPECT_TRUE(AllSucceeded(estate));
  EXPECT_GT(estate.emr().Clusters().size(), 7u);
}

TEST(CrashSweep, L4_L6_T1_EveryEffectWithLateAcceptsListLagAndIgnoredTerminates) {
  Sweep(StaleScenario());
}

EstateOptions With(EstateOptions scenario, const ViewOptions& views) {
  scenario.views = views;
  return scenario;
}

TEST(CrashSweep, W2_W5_EveryEffectWhileEverySecondReadIsStale) {
  Sweep(With(Scenario(), {.stale_every = 2}));
}

TEST(CrashSweep, W2_W5_EveryEffectWhileEveryThirdReadIsStale) {
  Sweep(With(StaleScenario(), {.stale_every = 3}));
}

TEST(CrashSweep, W1_EveryEffectWhileEverySecondListHidesACluster) {
  Sweep(With(Scenario(), {.hide_every = 2}));
}

TEST(CrashSweep, W1_EveryEffectWhileEveryThirdListHidesACluster) {
  Sweep(With(StaleScenario(), {.hide_every = 3}));
}

}  // namespace
}  // namespace sim
