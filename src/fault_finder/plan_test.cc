#include "fault_finder/plan.h"

#include <gtest/gtest.h>
#include <set>

#include "fault_finder/scenarios.h"
#include "fault_finder/shrink.h"
#include "fault_finder/trial.h"

namespace fault_finder {
namespace {

std::string Tape(const Plan& plan) {
  return json::serialize(ToJson(plan));
}

TEST(PlanTest, ATapeIsThePlan) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    for (Mode mode : {Mode::kRandom, Mode::kLiveness}) {
      const std::string tape = Tape(DrawPlan(seed, mode));
      const auto read = ParsePlan(tape);
      ASSERT_TRUE(read.has_value()) << tape << read.error().message;
      ASSERT_EQ(Tape(*read), tape);
    }
  }
}

TEST(PlanTest, ATapeIsPlayedLikeItsSeed) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    const Plan plan = DrawPlan(seed, Mode::kRandom);
    EXPECT_EQ(Play(*ParsePlan(Tape(plan))).trace, Play(plan).trace) << seed;
  }
}

TEST(PlanTest, ASeedsTraceIsItsOwn) {
  std::set<uint64_t> traces;
  for (uint64_t seed = 1; seed <= 20; ++seed)
    traces.insert(Play(DrawPlan(seed, Mode::kRandom)).trace);
  EXPECT_EQ(traces.size(), 20u);
}

TEST(PlanTest, EachSeedHasASubsetOfTheKindsAndTogetherTheyHaveAll) {
  constexpr size_t kKinds = std::variant_size_v<Disturbance>;
  std::set<std::string_view> all;
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    std::set<std::string_view> kinds;
    for (const Disturbance& disturbance : DrawPlan(seed, Mode::kRandom).disturbances) {
      kinds.insert(KindName(disturbance));
      EXPECT_FALSE(Describe(disturbance).empty());
    }
    EXPECT_LT(kinds.size(), kKinds);
    all.insert(kinds.begin(), kinds.end());
  }
  all.insert(FlakyCalls::kName);  // of liveness alone
  EXPECT_EQ(all.size(), kKinds);
}

TEST(PlanTest, WhatIsNoPlanIsRefusedInWords) {
  for (const char* text : {"",
                           "[]",
                           R"({"sed":1})",
                           R"({"mode":"slow"})",
                           R"({"timing":3})",
                           R"({"disturbances":[{"kind":"earthquake"}]})",
                           R"({"disturbances":[{"kind":"death","n":3}]})"}) {
    const auto plan = ParsePlan(text);
    ASSERT_FALSE(plan.has_value()) << text;
    EXPECT_NE(plan.error().message.find("plan"), std::string::npos) << plan.error().message;
  }
}

// A launch that is given up at once, though lists lag, runs twice; nothing else matters.
TEST(Shrink, WhatIsLeftIsWhatMatters) {
  Plan plan = StaleScenario();
  plan.settings.launch_settle = plan.settings.list_lag_max = base::Duration(0);
  plan.timing.provisioning = plan.timing.bootstrap = base::seconds(10);
  for (int i = 0; i < 8; ++i) {
    Add<DagEdit>(plan).at = base::minutes(i);
  }
  ASSERT_EQ(Play(plan).Rule(), "I2");
  int told = 0;
  const Shrunk shrunk = Shrink(plan, [&](const Shrunk&) { ++told; });
  EXPECT_EQ(shrunk.result.Rule(), "I2");
  EXPECT_LE(shrunk.plan.disturbances.size(), 3u);
  for (const Disturbance& disturbance : shrunk.plan.disturbances)
    EXPECT_EQ(KindName(disturbance), EmrFault::kName);
  EXPECT_LE(CountJobs(shrunk.plan), 2u);
  EXPECT_GT(told, 0);
  // What does not fail is left as it is.
  const Plan good = DrawPlan(1, Mode::kRandom);
  EXPECT_EQ(Tape(Shrink(good, [](const Shrunk&) {}).plan), Tape(good));
}

}  // namespace
}  // namespace fault_finder
