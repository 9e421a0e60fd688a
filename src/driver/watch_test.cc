#include "driver/watch.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace driver {
namespace {

constexpr base::Time kStart = base::Time{} + base::hours(24);
constexpr base::Duration kLag = base::minutes(2);

model::ClusterSeen Seen(model::ClusterPhase phase, base::Time source_at) {
  model::ClusterSeen seen;
  seen.source_at = source_at;
  seen.status.emplace().phase = phase;
  return seen;
}

model::FleetView Fleet(model::FleetRole role, int target, int running) {
  model::FleetView fleet;
  fleet.role = role;
  fleet.target = target;
  fleet.running = running;
  return fleet;
}

const std::vector<model::FleetView> kNoCore{Fleet(model::FleetRole::kMaster, 1, 1),
                                            Fleet(model::FleetRole::kCore, 4, 0)};

TEST(Watch, KeepsTheMostUrgentPriority) {
  Watch watch(kStart);
  EXPECT_FALSE(watch.Requested(Watch::Look::kSteps));
  watch.Request(Watch::Look::kSteps, Priority::kInspect);
  watch.Request(Watch::Look::kSteps, Priority::kPoll);
  EXPECT_EQ(watch.Requested(Watch::Look::kSteps), Priority::kInspect);
  EXPECT_FALSE(watch.Requested(Watch::Look::kWhole));
}

TEST(Watch, ForgetsARequestWhenTheLookBegins) {
  Watch watch(kStart);
  watch.Request(Watch::Look::kWhole, Priority::kPoll);
  watch.Request(Watch::Look::kSteps, Priority::kPoll);
  watch.BeginWhole(Watch::AlsoSteps::kNo);
  EXPECT_EQ(watch.state(), Watch::State::kWhole);
  EXPECT_FALSE(watch.Requested(Watch::Look::kWhole));
  EXPECT_TRUE(watch.Requested(Watch::Look::kSteps));

  watch.Request(Watch::Look::kWhole, Priority::kPoll);  // meanwhile: it waits for the end
  watch.OnLook(Seen(model::ClusterPhase::kRunning, kStart), kStart);
  EXPECT_EQ(watch.state(), Watch::State::kResting);
  EXPECT_TRUE(watch.Requested(Watch::Look::kWhole));
  watch.BeginWhole(Watch::AlsoSteps::kYes);
  EXPECT_FALSE(watch.Requested(Watch::Look::kSteps));
}

TEST(Watch, AsksForAWholeLookAfterAFailure) {
  Watch watch(kStart);
  watch.BeginNodes();
  watch.OnLookFailed(Priority::kPoll, kStart + base::seconds(3));
  EXPECT_EQ(watch.state(), Watch::State::kPaused);
  EXPECT_EQ(watch.Requested(Watch::Look::kWhole), Priority::kPoll);
  EXPECT_EQ(watch.not_before(), kStart + base::seconds(3));
}

TEST(Watch, BeginsTheWholeLookFromAListedEndOnce) {
  Watch watch(kStart);
  model::ClusterStatus status;
  status.phase = model::ClusterPhase::kTerminated;
  watch.OnListedEnd(status, kStart);
  const auto ended = watch.BeginWhole(Watch::AlsoSteps::kYes);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->source_at, kStart);
  watch.OnLookFailed(Priority::kInspect, kStart);
  EXPECT_FALSE(watch.BeginWhole(Watch::AlsoSteps::kYes));
}

TEST(Watch, GoesFromItsNodesToAWholeLook) {
  Watch watch(kStart);
  watch.BeginNodes();
  watch.OnNodes(kNoCore, kStart);
  EXPECT_TRUE(watch.AreNodesMissing());
  watch.BeginWhole(Watch::AlsoSteps::kYes);
  EXPECT_EQ(watch.state(), Watch::State::kWhole);
}

TEST(Watch, SuspectsUntilItsNodesAreSeen) {
  Watch watch(kStart);
  model::ClusterRow row;
  EXPECT_FALSE(watch.IsSuspect(row));
  watch.OnHintOfLoss();
  EXPECT_TRUE(watch.IsSuspect(row));
  row.health = model::ClusterHealth::kZeroCore;
  EXPECT_FALSE(watch.IsSuspect(row)) << "what is confirmed is no longer suspected";
  row.health = model::ClusterHealth::kOk;
  watch.BeginNodes();
  watch.OnNodesUnknown(kStart);
  EXPECT_TRUE(watch.IsSuspect(row)) << "nobody has seen its nodes";
  watch.OnNodes({}, kStart);
  EXPECT_FALSE(watch.IsSuspect(row));
}

TEST(Watch, GivesUpAnEndThatEmrDoesNotConfirm) {
  Watch watch(kStart);
  EXPECT_TRUE(watch.OnHintOfEnd(kStart));
  EXPECT_FALSE(watch.OnHintOfEnd(kStart)) << "told twice";
  base::Time now = kStart;
  watch.BeginWhole(Watch::AlsoSteps::kYes);
  watch.OnLook(Seen(model::ClusterPhase::kRunning, kStart - base::seconds(1)), now);
  EXPECT_EQ(watch.state(), Watch::State::kResting) << "asked before the hint: again at once";
  for (int look = 1; look < 4; ++look) {
    watch.BeginWhole(Watch::AlsoSteps::kYes);
    watch.OnLook(Seen(model::ClusterPhase::kRunning, now), now);
    EXPECT_EQ(watch.state(), Watch::State::kPaused);
    EXPECT_EQ(watch.not_before(), now + base::seconds(5));
    now = watch.not_before();
  }
  watch.BeginWhole(Watch::AlsoSteps::kYes);
  watch.OnLook(Seen(model::ClusterPhase::kRunning, now), now);
  EXPECT_FALSE(watch.IsEndHinted());
  EXPECT_FALSE(watch.Requested(Watch::Look::kWhole));
}

TEST(Watch, CountsAnUnknownClusterAsLostAfterThreeLateAnswersInARow) {
  Watch watch(kStart);
  EXPECT_FALSE(watch.OnUnknownToEmr(kStart + kLag - base::seconds(1), kLag)) << "lists may lag";
  EXPECT_FALSE(watch.OnUnknownToEmr(kStart + kLag, kLag));
  EXPECT_FALSE(watch.OnUnknownToEmr(kStart + kLag, kLag));
  watch.OnListed();
  EXPECT_FALSE(watch.OnUnknownToEmr(kStart + kLag, kLag));
  EXPECT_FALSE(watch.OnUnknownToEmr(kStart + kLag, kLag));
  EXPECT_TRUE(watch.OnUnknownToEmr(kStart + kLag, kLag));
}

TEST(Watch, BelievesAShortListOfStepsOnceItCannotBeOld) {
  Watch watch(kStart, {.kind = Watch::Kind::kFleets, .steps_given = 2});
  model::StepView done;
  done.state = model::StepState::kCompleted;
  EXPECT_FALSE(watch.AreStepsOld({done, done}, kStart, kLag));
  EXPECT_TRUE(watch.AreStepsOld({done}, kStart, kLag));
  EXPECT_TRUE(watch.AreStepsOld({done}, kStart + kLag - base::seconds(1), kLag));
  EXPECT_FALSE(watch.AreStepsOld({done}, kStart + kLag, kLag));
}

TEST(Watch, ComputesWhenStepsAreDueOnceAfterEachLook) {
  Watch watch(kStart);
  int computed = 0;
  auto compute = [&]() -> std::optional<base::Time> {
    ++computed;
    return std::nullopt;
  };
  EXPECT_FALSE(watch.StepDue(compute));
  EXPECT_FALSE(watch.StepDue(compute));
  EXPECT_EQ(computed, 1);
  watch.BeginSteps();
  watch.OnLook({}, kStart);
  EXPECT_FALSE(watch.StepDue(compute));
  EXPECT_EQ(computed, 2);
}

// Whatever happens in whatever order.
RC_GTEST_PROP(Watch, NeverPausesWithoutAWholeLookToCome, ()) {
  Watch watch(kStart);
  base::Time now = kStart;
  for (const int event : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 8))) {
    now += base::seconds(1);
    if (event == 0)
      watch.OnHintOfEnd(now);
    else if (event == 1)
      watch.Request(Watch::Look::kSteps, Priority::kPoll);
    else if (event == 2 && !watch.IsLooking())
      watch.BeginWhole(Watch::AlsoSteps::kYes);
    else if (event == 3 && watch.state() == Watch::State::kResting)
      watch.BeginSteps();
    else if (event == 4 && watch.state() == Watch::State::kResting)
      watch.BeginNodes();
    else if (event == 5 && watch.IsLooking())
      watch.OnLook(Seen(model::ClusterPhase::kRunning, now), now);
    else if (event == 6 && watch.IsLooking())
      watch.OnLookFailed(Priority::kInspect, now + base::seconds(3));
    else if (event == 7)
      watch.OnListed();
    if (watch.state() == Watch::State::kPaused)
      RC_ASSERT(watch.Requested(Watch::Look::kWhole).has_value());
    // An end that was reported is on its way to be confirmed.
    if (watch.IsEndHinted() && !watch.IsLooking())
      RC_ASSERT(watch.Requested(Watch::Look::kWhole).has_value());
  }
}

}  // namespace
}  // namespace driver
