#include "engine/order.h"

#include <gtest/gtest.h>

namespace engine {
namespace {

using base::hours;
using base::minutes;

const model::JobKey kA{{model::DagId("a"), model::RunId("r")}, model::JobId("j"), {}};
const model::JobKey kB{{model::DagId("b"), model::RunId("r")}, model::JobId("j"), {}};

TEST(Order, WaitingRaisesAWeightInStepsToTheStrongest) {
  EXPECT_EQ(RaisedWeight(1, 100, minutes(29)), 1);
  EXPECT_EQ(RaisedWeight(1, 100, minutes(30)), 13);
  EXPECT_EQ(RaisedWeight(1, 100, hours(2)), 50);
  EXPECT_EQ(RaisedWeight(1, 100, hours(4)), 100);
  EXPECT_EQ(RaisedWeight(1, 100, hours(400)), 100);
  EXPECT_EQ(RaisedWeight(100, 100, hours(3)), 100);
  EXPECT_EQ(RaisedWeight(-80, 0, hours(1)), -60);
  EXPECT_EQ(RaisedWeight(5, 9, -hours(1)), 5) << "a clock that was set back";
}

TEST(Order, PoolTimeHalvesEachDay) {
  EXPECT_EQ(Decayed(hours(8), hours(0)), hours(8));
  EXPECT_EQ(Decayed(hours(8), hours(24)), hours(4));
  EXPECT_EQ(Decayed(hours(8), hours(72)), hours(1));
  EXPECT_EQ(Decayed(hours(8), -hours(1)), hours(8));
  EXPECT_EQ(Decayed(hours(8), hours(24 * 365)), Duration(0));
}

// Each line decides only if all lines before it are equal.
TEST(Order, EachLineOfTheLawDecidesAfterTheOnesBefore) {
  const Urgency plain{.weight = 1, .since = Time(hours(10)), .key = &kB};
  auto with = [&](auto change) {
    Urgency urgency = plain;
    urgency.key = &kA;
    change(urgency);
    return urgency;
  };
  const Urgency overdue = with([](Urgency& u) { u.is_overdue = true; });
  const Urgency heavy = with([](Urgency& u) { u.weight = 2; });
  const Urgency backfill = with([](Urgency& u) { u.is_backfill = true; });
  const Urgency used = with([](Urgency& u) { u.dag_use = hours(1); });
  const Urgency longer = with([](Urgency& u) { u.way = hours(3); });
  const Urgency later = with([](Urgency& u) { u.since = Time(hours(11)); });
  const Urgency behind = with([](Urgency& u) { u.place = 1; });
  EXPECT_TRUE(ComesBefore(overdue, heavy));
  EXPECT_TRUE(ComesBefore(heavy, plain));
  EXPECT_TRUE(ComesBefore(plain, backfill));
  EXPECT_TRUE(ComesBefore(used, backfill));
  EXPECT_TRUE(ComesBefore(plain, used));
  EXPECT_TRUE(ComesBefore(longer, plain));
  EXPECT_TRUE(ComesBefore(used, backfill));
  EXPECT_TRUE(ComesBefore(plain, later));
  EXPECT_TRUE(ComesBefore(plain, behind));
  EXPECT_TRUE(ComesBefore(with([](Urgency&) {}), plain)) << "the key is the last";
  EXPECT_FALSE(ComesBefore(plain, plain));
}

TEST(Order, OfTwoThatAreOverdueTheLongestWaitIsFirstWhateverItsWeight) {
  const Urgency light{
      .is_overdue = true, .weight = 1, .is_backfill = true, .since = Time(hours(1)), .key = &kA};
  const Urgency heavy{.is_overdue = true, .weight = 9, .since = Time(hours(2)), .key = &kB};
  EXPECT_TRUE(ComesBefore(light, heavy));
  EXPECT_FALSE(ComesBefore(heavy, light));
}

}  // namespace
}  // namespace engine
