#include "schedule/filter.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "schedule/blackouts.h"
#include "schedule/timetable.h"
#include "schedule/zone_files.h"

namespace schedule {
namespace {

base::Time At(std::string_view text) {
  return base::ParseTime(text).value();
}

Timetable Make(std::string_view text,
               const std::string& zone = "UTC",
               model::Timetable kind = model::Timetable::kTrigger) {
  return Timetable(ParseRule(text).value(), LoadZone(zone), kind);
}

std::vector<std::string> Next(const Timetable& timetable, std::string_view after, int count) {
  std::vector<std::string> ticks;
  auto fire = timetable.Next(At(after));
  for (int i = 0; i < count && fire; ++i, fire = timetable.Next(fire->run_after))
    ticks.push_back(base::FormatRfc3339(fire->run_after).substr(0, 16));
  return ticks;
}

using Strings = std::vector<std::string>;

TEST(Filter, ACalendarLeavesOutDaysOfTheDagsZone) {
  // 01:30 in Istanbul is the evening before in UTC.
  const Timetable timetable =
      Make("30 1 * * * only mon,tue,wed,thu,fri -2026-01-01", "Europe/Istanbul");
  EXPECT_EQ(
      Next(timetable, "2025-12-30T12:00Z", 4),
      (Strings{"2025-12-30T22:30", "2026-01-01T22:30", "2026-01-04T22:30", "2026-01-05T22:30"}));
}

TEST(Filter, TheDataIntervalReachesBackOverWhatIsLeftOut) {
  const Timetable timetable = Make("0 2 * * * only mon,tue,wed,thu,fri");
  const auto monday = timetable.Next(At("2026-01-03T00:00Z"));
  ASSERT_TRUE(monday);
  EXPECT_EQ(monday->data_interval,
            (base::Interval{At("2026-01-02T02:00Z"), At("2026-01-05T02:00Z")}));
  EXPECT_EQ(timetable.Prev(monday->run_after)->run_after, At("2026-01-02T02:00Z"));
  const auto dated =
      Make("0 2 * * * only mon,tue,wed,thu,fri", "UTC", model::Timetable::kDataInterval)
          .Next(At("2026-01-03T00:00Z"));
  EXPECT_EQ(dated->logical_date, At("2026-01-02T02:00Z"));
}

// "from/to" of the blackout around `at`, or of the next one before `until`.
std::string Blackout(std::string_view filter,
                     std::string_view at,
                     std::string_view until,
                     const std::string& zone = "UTC") {
  const auto found = BlackoutFrom(ParseFilter(filter).value(), At(at), At(until), *LoadZone(zone));
  return found ? base::FormatRfc3339(found->start) + "/" + base::FormatRfc3339(found->end) : "";
}

TEST(Filter, TellsTheBlackoutOfNowOrTheNextOne) {
  constexpr char kHours[] = "not 2026-01-05T02:00:00Z/2026-01-05T05:00:00Z";
  constexpr char kThose[] = "2026-01-05T02:00:00Z/2026-01-05T05:00:00Z";
  EXPECT_EQ(Blackout(kHours, "2026-01-05T03:00Z", "2026-01-06T00:00Z"), kThose);
  EXPECT_EQ(Blackout(kHours, "2026-01-05T02:00Z", "2026-01-06T00:00Z"), kThose);
  EXPECT_EQ(Blackout(kHours, "2026-01-04T03:00Z", "2026-01-06T00:00Z"), kThose);
  EXPECT_EQ(Blackout(kHours, "2026-01-04T03:00Z", "2026-01-05T02:00Z"), "") << "later";
  EXPECT_EQ(Blackout(kHours, "2026-01-05T05:00Z", "2026-02-06T00:00Z"), "") << "over";
}

TEST(Filter, ABlackoutOfDaysIsOneStretchInTheDagsZone) {
  constexpr char kYearEnd[] = "not +2026-12-24..2026-12-26";
  constexpr char kThose[] = "2026-12-23T21:00:00Z/2026-12-26T21:00:00Z";
  EXPECT_EQ(Blackout(kYearEnd, "2026-12-25T12:00Z", "2026-12-26T00:00Z", "Europe/Istanbul"),
            kThose);
  EXPECT_EQ(Blackout(kYearEnd, "2026-12-20T12:00Z", "2026-12-27T00:00Z", "Europe/Istanbul"),
            kThose);
}

TEST(Filter, ADayThatACalendarHasNotIsNoBlackout) {
  EXPECT_EQ(Blackout("only mon", "2026-01-06T12:00Z", "2026-01-30T00:00Z"), "");
}

TEST(Filter, ABlackoutWithoutEndIsCut) {
  const std::string found =
      Blackout("not sun,mon,tue,wed,thu,fri,sat", "2026-01-06T12:00Z", "2026-01-07T00:00Z");
  EXPECT_EQ(found.substr(20, 5), "/2027") << found;
}

TEST(Filter, ABlackoutIsClosedFromItsFirstTimeOnAndOpenAgainAtItsSecond) {
  const Timetable timetable = Make("0 * * * * not 2026-01-05T02:00:00Z/2026-01-05T05:00:00Z");
  EXPECT_EQ(Next(timetable, "2026-01-05T00:30Z", 3),
            (Strings{"2026-01-05T01:00", "2026-01-05T05:00", "2026-01-05T06:00"}));
  EXPECT_EQ(timetable.Prev(At("2026-01-05T05:00Z"))->run_after, At("2026-01-05T01:00Z"));
}

TEST(Filter, ACalendarOfDatesBeginsAndEnds) {
  const Timetable timetable = Make("0 2 * * * only +2026-03-31 +2026-06-29..2026-06-30");
  EXPECT_EQ(Next(timetable, "2026-01-01", 9),
            (Strings{"2026-03-31T02:00", "2026-06-29T02:00", "2026-06-30T02:00"}));
  const auto first = timetable.Next(At("2026-01-01"));
  EXPECT_EQ(first->data_interval.start, first->run_after);
  EXPECT_FALSE(timetable.Prev(At("2026-03-31T02:00Z")));
}

TEST(Filter, IsGivenUpAfterTenYears) {
  EXPECT_TRUE(Next(Make("0 2 * * * only mon not mon"), "2026-01-01", 1).empty());
  EXPECT_TRUE(Next(Make("0 2 * * * not 2020-01-01T00:00:00Z/2040-01-01T00:00:00Z"), "2026-01-01", 1)
                  .empty());
  EXPECT_EQ(
      Next(Make("0 2 * * * not 2020-01-01T00:00:00Z/2030-01-01T00:00:00Z"), "2026-01-01", 1).size(),
      1U);
}

TEST(Filter, ADayThatIsMidnightLessIsLeftOutWhole) {
  // Clocks go forward at midnight: 2026-03-29 begins at 01:00 in Beirut.
  const Timetable timetable =
      Make("0 * * * * only mon,tue,wed,thu,fri,sat,sun -2026-03-29", "Asia/Beirut");
  EXPECT_EQ(Next(timetable, "2026-03-28T20:30Z", 2),
            (Strings{"2026-03-28T21:00", "2026-03-29T21:00"}));
}

TEST(Filter, TextsSayTheSameAgain) {
  for (const std::string text :
       {" only mon,wed,sun +2026-01-01..2026-01-03 -2026-01-02",
        " not +2026-12-24 not fri -2026-12-25 not 2026-01-05T02:00:00Z/2026-01-05T05:00:00Z",
        " only +2026-01-01 not sat,sun"}) {
    const auto filter = ParseFilter(text);
    ASSERT_TRUE(filter) << text;
    EXPECT_EQ(FilterText(*filter), text);
  }
  EXPECT_EQ(FilterText(Filter()), "");
}

TEST(Filter, RefusesWhatIsNone) {
  for (const char* text : {" only monday", " only +2026-13-01", " x", " not 2026-01-01/never"})
    EXPECT_FALSE(ParseFilter(text)) << text;
}

// Against a walk over every tick of the rule.
TEST(Filter, FindsWhatAWalkOverAllTicksFinds) {
  const Timetable all = Make("20 */3 * * *", "America/New_York");
  const Timetable some = Make(
      "20 */3 * * * only mon,tue,thu,sat -2026-03-07..2026-03-09 +2026-11-01 "
      "not tue -2026-03-10 not 2026-03-12T05:00:00Z/2026-03-14T08:20:00Z",
      "America/New_York");
  const auto filter = ParseRule(
                          "20 */3 * * * only mon,tue,thu,sat -2026-03-07..2026-03-09 +2026-11-01 "
                          "not tue -2026-03-10 not 2026-03-12T05:00:00Z/2026-03-14T08:20:00Z")
                          ->filter;
  std::optional<base::Time> before;
  for (auto tick = all.Next(At("2026-02-20")); tick->run_after < At("2026-04-01");
       tick = all.Next(tick->run_after)) {
    const base::Time at = tick->run_after;
    if (!filter.Allows(at, some.zone())) {
      EXPECT_NE(some.NextAtOrAfter(at)->run_after, at);
      continue;
    }
    const auto fire = some.NextAtOrAfter(at);
    ASSERT_EQ(fire->run_after, at);
    if (before) {
      EXPECT_EQ(fire->data_interval.start, *before);
      EXPECT_EQ(some.Next(*before)->run_after, at);
    }
    before = at;
  }
}

}  // namespace
}  // namespace schedule
