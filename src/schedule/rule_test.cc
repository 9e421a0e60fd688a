#include "schedule/rule.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "schedule/timetable.h"
#include "schedule/zone_files.h"

namespace schedule {
namespace {

base::Time At(std::string_view text) {
  return base::ParseTime(text).value();
}

Timetable Make(std::string_view text, const std::string& zone = "UTC") {
  return {ParseRule(text).value(), LoadZone(zone), model::Timetable::kTrigger};
}

std::string Next(const Timetable& timetable, std::string_view after, int count) {
  std::string found;
  base::Time time = At(after);
  for (int i = 0; i < count; ++i) {
    const auto fire = timetable.Next(time);
    if (!fire)
      return found + "end";
    time = fire->run_after;
    found += base::FormatRfc3339(time).substr(5, 11) + " ";
  }
  return found;
}

TEST(Rule, SeveralCronsFireOnceForEachInstant) {
  const Timetable timetable = Make("0 2 * * MON | 0 2,14 * * 1,5");
  EXPECT_EQ(Next(timetable, "2026-01-04", 4), "01-05T02:00 01-05T14:00 01-09T02:00 01-09T14:00 ");
  const auto fire = timetable.PrevAtOrBefore(At("2026-01-09T13:00"));
  EXPECT_EQ(fire->run_after, At("2026-01-09T02:00"));
  EXPECT_EQ(fire->data_interval.start, At("2026-01-05T14:00"));
}

TEST(Rule, EachOfSeveralCronsFollowsItsOwnRuleAtAChangeOfClocks) {
  // 02:30 does not exist on 2026-03-29: the fixed time fires at the change, the wildcard does not.
  const Timetable timetable = Make("30 2 * * * | */30 1-2 * * *", "Europe/Berlin");
  EXPECT_EQ(Next(timetable, "2026-03-29T00:00Z", 3), "03-29T00:30 03-29T01:00 03-29T23:00 ");
}

TEST(Rule, ASpanIsInUtcWhateverTheClocksDo) {
  const Timetable timetable = Make("every 6h from 2026-03-28T01:00:00Z", "Europe/Berlin");
  EXPECT_EQ(Next(timetable, "2026-03-28T19:00Z", 3), "03-29T01:00 03-29T07:00 03-29T13:00 ");
  const auto fire = timetable.NextAtOrAfter(At("2026-03-28T01:00Z"));
  EXPECT_EQ(fire->run_after, At("2026-03-28T01:00Z"));
  EXPECT_EQ(fire->data_interval.start, At("2026-03-27T19:00Z"));
  EXPECT_EQ(timetable.PrevAtOrBefore(At("2026-03-28T01:00Z")), fire);
  EXPECT_EQ(timetable.Prev(At("2026-03-28T01:00Z"))->run_after, At("2026-03-27T19:00Z"));
}

TEST(Rule, DatesFireInTheirOrderAndEnd) {
  const Timetable timetable =
      Make(DatesText({At("2026-12-31T10:00Z"), At("2026-12-24"), At("2026-12-24")}));
  EXPECT_EQ(Next(timetable, "2026-01-01", 3), "12-24T00:00 12-31T10:00 end");
  const auto first = timetable.Next(At("2026-01-01"));
  EXPECT_EQ(first->data_interval.start, first->data_interval.end);
  EXPECT_EQ(timetable.Next(first->run_after)->data_interval.start, At("2026-12-24"));
  EXPECT_FALSE(timetable.Prev(At("2026-12-24")));
  EXPECT_EQ(timetable.PrevAtOrBefore(At("2027-12-24"))->run_after, At("2026-12-31T10:00Z"));
}

TEST(Rule, OnceIsOneDate) {
  EXPECT_EQ(Next(Make(OnceText(At("2026-12-24"))), "2026-01-01", 2), "12-24T00:00 end");
}

TEST(Rule, TextsSayTheSameAgain) {
  EXPECT_EQ(EveryText({base::minutes(90), At("2026-01-05")}),
            "every 1h30m from 2026-01-05T00:00:00Z");
  EXPECT_EQ(DatesText({At("2026-12-31T10:00Z"), At("2026-12-24")}),
            "on 2026-12-24T00:00:00Z, 2026-12-31T10:00:00Z");
  EXPECT_EQ(OnceText(At("2026-12-24")), "@once 2026-12-24T00:00:00Z");
  EXPECT_EQ(CronsText({"0 2 * * 1", "@daily"}), "0 2 * * 1 | @daily");
}

TEST(Rule, RefusesWhatIsNone) {
  for (const char* text : {"",
                           "0 2 * * 1 |",
                           "every 6h",
                           "every 30s from 2026-01-05T00:00:00Z",
                           "every x from 2026-01-05T00:00:00Z",
                           "every 6h from x",
                           "on ",
                           "on 2026-12-24T00:00:00Z, x",
                           "@once"})
    EXPECT_FALSE(ParseRule(text)) << text;
}

}  // namespace
}  // namespace schedule
