// The process dies twice: at every effect of its first life, and then at every effect of the life
// that followed, which is often still busy with what the first one left. The third goes on to rest.

#include <gtest/gtest.h>

#include "scenarios.h"

namespace sim {
namespace {

void SweepPairs(const EstateOptions& scenario) {
  Estate whole(scenario);
  whole.Run();
  ASSERT_EQ(Complaints(whole, 2), "");
  int pairs = 0;
  for (const CrashPoint& first : CrashPoints(whole.effects())) {
    Estate once(scenario);
    once.Run(first);
    for (const CrashPoint& second : CrashPoints(once.effects())) {
      Estate estate(scenario);
      estate.Run(first, second);
      ++pairs;
      ASSERT_EQ(Complaints(estate, 2), "") << first << ", then " << second;
    }
  }
  std::cout << pairs << " pairs of crash points (the first of " << whole.effects()
            << " effects), each started again twice\n";
}

TEST(CrashSweep, WithoutACrashTheShortScenarioLooksUpTerminatesAndRetries) {
  Estate estate(ShortScenario(1));
  estate.Run();
  EXPECT_TRUE(estate.Breaches().empty()) << Join(estate.Breaches());
  EXPECT_TRUE(AllSucceeded(estate));
  const std::vector<emulator::ClusterTruth> clusters = estate.emr().Clusters();
  ASSERT_EQ(clusters.size(), 2u);
  EXPECT_EQ(clusters[0].state, emulator::ClusterState::kTerminated);
  EXPECT_EQ(clusters[0].reason.code, "USER_REQUEST");
  EXPECT_EQ(clusters[1].reason.code, "ALL_STEPS_COMPLETED");
}

TEST(CrashSweep, L1_L2_L3_T1_T4_EveryEffectAndThenEveryEffectOfTheNextLife) {
  SweepPairs(ShortScenario(1));
}

TEST(CrashSweep, W1_W5_EveryEffectTwiceWhileReadsAreStaleAndListsLackClusters) {
  EstateOptions scenario = ShortScenario(1);
  scenario.views = {.stale_every = 2, .hide_every = 3};
  SweepPairs(scenario);
}

}  // namespace
}  // namespace sim
