#include "schedule/timetable.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "schedule/zone_files.h"

namespace schedule {
namespace {

base::Time At(std::string_view text) {
  return base::ParseTime(text).value();
}

Timetable Make(std::string_view cron,
               const std::string& zone = "UTC",
               model::Timetable kind = model::Timetable::kTrigger) {
  return Timetable(ParseCron(cron).value(), LoadZone(zone), kind);
}

std::string Minute(base::Time time) {
  return base::FormatRfc3339(time).substr(0, 16);
}
std::string RunAfter(const std::optional<Fire>& fire) {
  return fire ? Minute(fire->run_after) : "none";
}
std::string Logical(const std::optional<Fire>& fire) {
  return fire ? Minute(fire->logical_date) : "none";
}

// The ticks in [from, until).
std::vector<std::string> Ticks(const Timetable& timetable,
                               std::string_view from,
                               std::string_view until) {
  std::vector<std::string> ticks;
  for (auto fire = timetable.NextAtOrAfter(At(from)); fire && fire->run_after < At(until);
       fire = timetable.Next(fire->run_after))
    ticks.push_back(Minute(fire->run_after));
  return ticks;
}

using Strings = std::vector<std::string>;

TEST(Timetable, ATriggerIsDatedByItsTick) {
  Timetable weekly = Make("0 2 * * 1", "Europe/Istanbul");
  auto fire = weekly.Next(At("2026-01-05T00:00Z"));
  ASSERT_TRUE(fire);
  EXPECT_EQ(fire->run_after, At("2026-01-11T23:00Z"));
  EXPECT_EQ(fire->logical_date, fire->run_after);
  EXPECT_EQ(fire->data_interval,
            (base::Interval{At("2026-01-04T23:00Z"), At("2026-01-11T23:00Z")}));
}

TEST(Timetable, ADataIntervalIsDatedByItsStartAndFiresAtItsEnd) {
  Timetable daily = Make("@daily", "UTC", model::Timetable::kDataInterval);
  auto fire = daily.Next(At("2026-01-05T00:00Z"));
  ASSERT_TRUE(fire);
  EXPECT_EQ(fire->run_after, At("2026-01-06"));
  EXPECT_EQ(fire->logical_date, At("2026-01-05"));
  EXPECT_EQ(fire->data_interval, (base::Interval{At("2026-01-05"), At("2026-01-06")}));
  EXPECT_EQ(daily.NextLogicalAtOrAfter(At("2026-01-05")), fire);
  EXPECT_EQ(daily.PrevLogicalAtOrBefore(At("2026-01-05T13:00Z")), fire);
}

TEST(Timetable, StrictAndInclusiveBoundsDiffer) {
  Timetable daily = Make("@daily");
  base::Time midnight = At("2026-01-05");
  EXPECT_EQ(RunAfter(daily.Next(midnight)), "2026-01-06T00:00");
  EXPECT_EQ(RunAfter(daily.NextAtOrAfter(midnight)), "2026-01-05T00:00");
  EXPECT_EQ(RunAfter(daily.Prev(midnight)), "2026-01-04T00:00");
  EXPECT_EQ(RunAfter(daily.PrevAtOrBefore(midnight)), "2026-01-05T00:00");
  EXPECT_EQ(RunAfter(daily.NextAtOrAfter(midnight + base::Duration(1))), "2026-01-06T00:00");
  EXPECT_EQ(RunAfter(daily.PrevAtOrBefore(midnight - base::Duration(1))), "2026-01-04T00:00");
}

TEST(Timetable, FindsTheLatestIntervalThatHasEnded) {
  Timetable daily = Make("0 3 * * *");
  EXPECT_EQ(daily.PrevAtOrBefore(At("2026-01-05T02:59Z"))->data_interval.end,
            At("2026-01-04T03:00Z"));
  EXPECT_EQ(daily.PrevAtOrBefore(At("2026-01-05T03:00Z"))->data_interval.end,
            At("2026-01-05T03:00Z"));
}

TEST(Timetable, FixedTimesInTheSpringGapFireOnceAtItsEnd) {
  // New York, 2026-03-08: 02:00 EST became 03:00 EDT, which is 07:00Z.
  EXPECT_EQ(Ticks(Make("30 2 * * *", "America/New_York"), "2026-03-07", "2026-03-10"),
            (Strings{"2026-03-07T07:30", "2026-03-08T07:00", "2026-03-09T06:30"}));
  EXPECT_EQ(Ticks(Make("0,30 2 * * *", "America/New_York"), "2026-03-08", "2026-03-09T06:00Z"),
            (Strings{"2026-03-08T07:00"}));
  EXPECT_EQ(
      Ticks(Make("15 1-3 * * *", "America/New_York"), "2026-03-08T05:00Z", "2026-03-09T05:00Z"),
      (Strings{"2026-03-08T06:15", "2026-03-08T07:00", "2026-03-08T07:15"}));
  // What matches at the gap's end too is the same tick.
  EXPECT_EQ(
      Ticks(Make("0 2,3 * * *", "America/New_York"), "2026-03-08T05:00Z", "2026-03-09T05:00Z"),
      (Strings{"2026-03-08T07:00"}));
}

TEST(Timetable, FixedTimesInTheRepeatedHourFireOnce) {
  // New York, 2026-11-01: 02:00 EDT became 01:00 EST, which is 06:00Z.
  EXPECT_EQ(Ticks(Make("30 1 * * *", "America/New_York"), "2026-11-01", "2026-11-02T12:00Z"),
            (Strings{"2026-11-01T05:30", "2026-11-02T06:30"}));
  EXPECT_EQ(
      Ticks(Make("0 1,2 * * *", "America/New_York"), "2026-11-01T04:00Z", "2026-11-02T05:00Z"),
      (Strings{"2026-11-01T05:00", "2026-11-01T07:00"}));
}

TEST(Timetable, WildcardsFollowTheWallClock) {
  EXPECT_EQ(Ticks(Make("30 * * * *", "America/New_York"), "2026-03-08T06:00Z", "2026-03-08T08:00Z"),
            (Strings{"2026-03-08T06:30", "2026-03-08T07:30"}));
  EXPECT_EQ(
      Ticks(Make("*/30 2 * * *", "America/New_York"), "2026-03-08T05:00Z", "2026-03-09T05:00Z"),
      (Strings{}));
  EXPECT_EQ(
      Ticks(Make("*/30 1 * * *", "America/New_York"), "2026-11-01T04:00Z", "2026-11-02T05:00Z"),
      (Strings{"2026-11-01T05:00", "2026-11-01T05:30", "2026-11-01T06:00", "2026-11-01T06:30"}));
}

TEST(Timetable, HandlesAGapOfHalfAnHour) {
  // Lord Howe, 2026-10-04: 02:00 (+10:30) became 02:30 (+11), which is 15:30Z the day before.
  EXPECT_EQ(Ticks(Make("15 2 * * *", "Australia/Lord_Howe"), "2026-10-02T15:00Z", "2026-10-05"),
            (Strings{"2026-10-02T15:45", "2026-10-03T15:30", "2026-10-04T15:15"}));
}

TEST(Timetable, ADayThatAZoneLeftOutHasNoFires) {
  // Samoa went from 2011-12-29 to 2011-12-31: 24 hours are no daylight saving time.
  EXPECT_EQ(Ticks(Make("0 12 * * *", "Pacific/Apia"), "2011-12-29", "2012-01-01T12:00Z"),
            (Strings{"2011-12-29T22:00", "2011-12-30T22:00", "2011-12-31T22:00"}));
  EXPECT_EQ(Make("0 12 30 12 *", "Pacific/Apia").Next(At("2011-01-01"))->run_after,
            At("2012-12-29T22:00Z"));
}

TEST(Timetable, KnowsDaylightTimeAfter2037) {
  EXPECT_EQ(RunAfter(Make("0 12 4 7 *", "America/New_York").Next(At("2051-01-01"))),
            "2051-07-04T16:00");
}

TEST(Timetable, EndsWithTheYear9999) {
  Timetable yearly = Make("@yearly");
  EXPECT_EQ(RunAfter(yearly.Next(At("9998-06-01"))), "9999-01-01T00:00");
  EXPECT_FALSE(yearly.Next(base::Time::max()));
  EXPECT_FALSE(yearly.Prev(base::Time::min()));
  EXPECT_EQ(RunAfter(yearly.Prev(base::Time::max())), "9999-01-01T00:00");
  EXPECT_EQ(RunAfter(yearly.Next(base::Time::min())), "0001-01-01T00:00");
}

TEST(Window, ATickAtStartDateIsTheFirst) {
  const Window window{.start_date = At("2026-01-05")};
  EXPECT_EQ(Logical(Make("@daily").NextIn(window, At("2025-02-01"))), "2026-01-05T00:00");
  auto intervals = Make("@daily", "UTC", model::Timetable::kDataInterval);
  auto fire = intervals.NextIn(window, At("2025-02-01"));
  EXPECT_EQ(Logical(fire), "2026-01-05T00:00");
  EXPECT_EQ(RunAfter(fire), "2026-01-06T00:00");
  EXPECT_EQ(Logical(intervals.NextIn({.start_date = At("2026-01-05T10:00Z")}, At("2025-02-01"))),
            "2026-01-06T00:00");
  EXPECT_EQ(Logical(Make("@daily").LatestIn(window, At("2026-01-05"))), "2026-01-05T00:00");
  EXPECT_EQ(Logical(Make("@daily").LatestIn(window, At("2026-01-04T23:00Z"))), "none");
  EXPECT_EQ(Logical(intervals.LatestIn(window, At("2026-01-05T23:00Z"))), "none");
}

TEST(Window, TheNextIsLaterThanTheTickThatIsGiven) {
  const auto daily = Make("@daily");
  EXPECT_EQ(Logical(daily.NextIn({}, At("2026-02-01T10:00Z"))), "2026-02-02T00:00");
  EXPECT_EQ(Logical(daily.NextIn({}, At("2026-02-01"))), "2026-02-02T00:00");
  EXPECT_EQ(Logical(daily.LatestIn({}, At("2026-02-01T10:00Z"))), "2026-02-01T00:00");
  EXPECT_EQ(Logical(daily.LatestIn({}, At("2026-02-01"))), "2026-02-01T00:00");
}

TEST(Window, NothingIsDatedAfterEndDate) {
  const Window window{.start_date = At("2026-01-05"), .end_date = At("2026-01-12")};
  const auto daily = Make("@daily");
  EXPECT_EQ(Logical(daily.NextIn(window, At("2026-01-11"))), "2026-01-12T00:00");
  EXPECT_EQ(Logical(daily.NextIn(window, At("2026-01-12"))), "none");
  EXPECT_EQ(Logical(daily.LatestIn(window, At("2026-02-01"))), "2026-01-12T00:00");
  auto intervals = Make("@daily", "UTC", model::Timetable::kDataInterval);
  EXPECT_EQ(RunAfter(intervals.LatestIn(window, At("2026-02-01"))), "2026-01-13T00:00");
  EXPECT_EQ(RunAfter(intervals.NextIn(window, At("2026-01-12"))), "2026-01-13T00:00");
  EXPECT_EQ(RunAfter(intervals.NextIn(window, At("2026-01-13"))), "none");
}

}  // namespace
}  // namespace schedule
