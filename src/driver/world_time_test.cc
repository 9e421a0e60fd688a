#include "driver/world_time.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace driver {
namespace {

using base::Duration;
using base::hours;
using base::minutes;
using base::seconds;

const base::Time kStart = base::ParseTime("2026-01-05T00:00:00Z").value();

// A machine whose wall clock can be set.
class WorldTimeTest : public ::testing::Test {
 protected:
  base::Time Now() { return time_.At({kStart + passed_ + set_by_, passed_}); }
  base::Time Pass(Duration span) {
    passed_ += span;
    return Now();
  }

  Duration passed_{0};
  Duration set_by_{0};
  WorldTime time_;
};

TEST_F(WorldTimeTest, IsTheWallClockWhileNobodySetsIt) {
  EXPECT_EQ(Now(), kStart);
  EXPECT_EQ(Pass(hours(1)), kStart + hours(1));
  EXPECT_EQ(time_.Ahead(), Duration(0));
  EXPECT_FALSE(time_.set_back());
}

TEST_F(WorldTimeTest, GoesOnAtNineTenthsWhileTheWallClockIsBehind) {
  Now();
  set_by_ = -hours(2);
  EXPECT_EQ(Pass(minutes(10)), kStart + minutes(9));
  ASSERT_TRUE(time_.set_back());
  EXPECT_EQ(time_.set_back()->since, kStart + minutes(9));
  EXPECT_EQ(time_.Ahead(), hours(2) - minutes(1));
  // However often it is asked.
  for (int i = 0; i < 1000000; ++i)
    Pass(Duration(3));
  EXPECT_EQ(Now(), kStart + minutes(9) + Duration(2700000));
}

TEST_F(WorldTimeTest, TheWallClockCatchesUp) {
  Now();
  set_by_ = -hours(1);
  EXPECT_EQ(Pass(hours(10)), kStart + hours(9));
  EXPECT_FALSE(time_.set_back());
  EXPECT_EQ(Pass(hours(1)), kStart + hours(10));
}

TEST_F(WorldTimeTest, AStepForwardIsFollowedAndKnown) {
  Now();
  Pass(minutes(1));
  set_by_ = hours(2);
  EXPECT_EQ(Pass(minutes(1)), kStart + minutes(2) + hours(2));
  EXPECT_EQ(time_.Skipped(minutes(18)), hours(2));
  EXPECT_EQ(Pass(minutes(19)), kStart + minutes(21) + hours(2));
  EXPECT_EQ(time_.Skipped(minutes(18)), Duration(0));
}

TEST_F(WorldTimeTest, AClockThatIsSetBackAndThenRightSkipsWhatItHeldBackAlone) {
  Now();
  set_by_ = -hours(2);
  EXPECT_EQ(Pass(hours(1)), kStart + minutes(54));
  set_by_ = Duration(0);
  EXPECT_EQ(Now(), kStart + hours(1));
  EXPECT_FALSE(time_.set_back());
  EXPECT_EQ(time_.Skipped(hours(1)), minutes(6));
}

TEST_F(WorldTimeTest, StartsNoEarlierThanWhatIsStored) {
  Now();
  time_.StartNoEarlierThan(kStart + hours(2));
  EXPECT_EQ(Now(), kStart + hours(2));
  ASSERT_TRUE(time_.set_back());
  EXPECT_EQ(Pass(minutes(10)), kStart + hours(2) + minutes(9));
}

TEST_F(WorldTimeTest, AStoredTimeIsKnownBeforeTheFirstReading) {
  time_.StartNoEarlierThan(kStart + hours(2));
  EXPECT_EQ(Now(), kStart + hours(2));
  EXPECT_TRUE(time_.set_back());
}

RC_GTEST_PROP(WorldTimeProperty, GoesOnWhateverIsDoneToTheWallClock, ()) {
  WorldTime time;
  Duration passed{0};
  Duration set_by{0};
  base::Time latest = time.At({kStart, passed});
  const auto moves = *rc::gen::container<std::vector<std::pair<int, int>>>(
      rc::gen::pair(rc::gen::inRange(0, 100000), rc::gen::inRange(-7200, 7200)));
  for (const auto& [went_by, set] : moves) {
    const base::Time due = latest + base::milliseconds(went_by);
    const Duration wait = time.Until(due);
    passed += base::milliseconds(went_by);
    if (set % 3 == 0)
      set_by += seconds(set);
    const base::Time now = time.At({kStart + passed + set_by, passed});
    const Duration gained = now - latest;
    RC_ASSERT(gained >= base::milliseconds(went_by) * 9 / 10 - Duration(1));
    RC_ASSERT(now >= kStart + passed + set_by);
    RC_ASSERT(gained <= base::milliseconds(went_by) || now == kStart + passed + set_by);
    // What it says of a wait holds where nobody set the clock.
    if (set % 3 != 0 && wait <= base::milliseconds(went_by))
      RC_ASSERT(now >= due);
    latest = now;
  }
}

}  // namespace
}  // namespace driver
