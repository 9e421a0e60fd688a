// That the scenarios are what they say, and that a sweep can fail. The sweeps themselves are
// `signalbox-sim --sweep` (ctest: sim_sweep).

#include "fault_finder/sweep.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <sstream>

#include "fault_finder/scenarios.h"

namespace fault_finder {
namespace {

std::string First(const Result& result) {
  return result.ok() ? "" : result.breaches.front();
}

TEST(CrashSweep, WithoutACrashTheScenarioSucceedsWithItsRetries) {
  const Result result = Play(Scenario());
  EXPECT_EQ(First(result), "");
  // Five jobs, one application retry, one infrastructure retry; the dropped reply was adopted.
  EXPECT_EQ(result.launches, 7);
  EXPECT_GT(result.effects, 50);
}

TEST(CrashSweep, WithoutACrashTheShortScenarioLooksUpTerminatesAndRetries) {
  std::ostringstream story;
  const Result result = Play(ShortScenario(1), &story);
  EXPECT_EQ(First(result), "");
  EXPECT_EQ(result.launches, 2);
  EXPECT_NE(story.str().find("a try 1 => 200  (late or lost)"), std::string::npos);
  EXPECT_NE(story.str().find(" TERMINATED USER_REQUEST  sbx-"), std::string::npos);
  EXPECT_NE(story.str().find(" TERMINATED ALL_STEPS_COMPLETED  sbx-"), std::string::npos);
}

// With no settle time a launch is given up while EMR may still accept it, and where clusters boot
// fast both work.
Plan ImpatientScenario() {
  Plan plan = StaleScenario();
  plan.settings.launch_settle = plan.settings.list_lag_max = base::Duration(0);
  plan.timing.provisioning = plan.timing.bootstrap = base::seconds(10);
  return plan;
}

// EMR accepts the first launch later than we wait for it.
Plan LateScenario() {
  Plan plan = Scenario();
  emulator::Fault& late = Add<EmrFault>(plan).fault;
  late.kind = emulator::FaultKind::kAcceptLate;
  late.action = "RunJobFlow";
  late.nth = 1;
  late.span = base::minutes(24);
  plan.ending = {};
  return plan;
}

TEST(CrashSweep, ATooShortSettleTimeIsCaught) {
  const Result result = Play(ImpatientScenario());
  EXPECT_EQ(result.Rule(), "I2") << First(result);
}

// It is found by its name and killed before it works.
TEST(CrashSweep, L11_TheLateClusterOfALaunchGivenUpIsKilled) {
  const Result result = Play(LateScenario());
  EXPECT_EQ(First(result), "");
  EXPECT_EQ(result.launches, 8);
  EXPECT_EQ(result.attempts, 7);
}

TEST(CrashSweep, AnEndThatIsNotAsKnownIsCaught) {
  Plan plan = LateScenario();
  plan.ending.is_good = true;
  EXPECT_EQ(Play(*ParsePlan(json::serialize(ToJson(plan)))).Rule(), "I2");
  plan.ending = {.attempts = 6};
  EXPECT_EQ(Play(plan).Rule(), "I4");
}

TEST(CrashSweep, AFailureIsAPlanThatFailsAlike) {
  const SweepSum sum = Sweep({"impatient", {ShortScenario(1), ImpatientScenario()}}, 2);
  ASSERT_TRUE(sum.failure);
  // Also when it comes from a tape.
  const auto tape = ParsePlan(json::serialize(ToJson(sum.failure->plan)));
  ASSERT_TRUE(tape) << tape.error().message;
  EXPECT_EQ(First(Play(*tape)), sum.failure->breach);
  EXPECT_LE(sum.lives, 2);
}

TEST(CrashSweep, EachPointIsBeforeAndAfterAnEffect) {
  const SweepSum sum = Sweep({"short", {ShortScenario(1)}, 1}, 2);
  EXPECT_FALSE(sum.failure) << sum.failure->breach;
  EXPECT_EQ(sum.lives, 1 + 2 * Play(ShortScenario(1)).effects);
}

TEST(CrashSweep, R1_R4_T7_PeopleAtEveryMomentAreGrantedEachAct) {
  const std::vector<Series> all = AllSeries();
  const auto people = std::find_if(all.begin(), all.end(), [](const Series& series) {
    return series.name.starts_with("R1_R4_T7 ");
  });
  ASSERT_NE(people, all.end());
  const SweepSum sum = Sweep(*people, 2);
  for (simulation::Act act : simulation::kActs)
    EXPECT_GT(sum.granted.at(act), 20) << ToString(act);
}

}  // namespace
}  // namespace fault_finder
