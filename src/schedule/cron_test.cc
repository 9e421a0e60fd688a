#include "schedule/cron.h"

#include <bit>
#include <gtest/gtest.h>

#include "base/text.h"

namespace schedule {
namespace {

LocalTime Local(std::string_view text) {
  return LocalTime(base::ParseTime(text).value().time_since_epoch());
}

std::string Show(std::optional<LocalTime> time) {
  return time ? base::FormatRfc3339(base::Time(time->time_since_epoch())).substr(0, 16) : "none";
}

std::string ErrorOf(std::string_view text) {
  auto cron = ParseCron(text);
  return cron ? "no error" : cron.error().message;
}

const LocalTime kEnd = Local("9999-12-31");
const LocalTime kBegin = Local("0001-01-01");

// The times are croniter's, from 2026-01-05T02:00 on.
struct Vector {
  const char* cron;
  std::vector<std::string> next;
  std::vector<std::string> previous;
};
const Vector kVectors[] = {
    {"*/15 * * * *",
     {"2026-01-05T02:15", "2026-01-05T02:30", "2026-01-05T02:45", "2026-01-05T03:00"},
     {"2026-01-05T01:45", "2026-01-05T01:30"}},
    {"0 2 * * 1",
     {"2026-01-12T02:00", "2026-01-19T02:00", "2026-01-26T02:00", "2026-02-02T02:00"},
     {"2025-12-29T02:00", "2025-12-22T02:00"}},
    {"30 4 1,15 * 5",
     {"2026-01-09T04:30", "2026-01-15T04:30", "2026-01-16T04:30", "2026-01-23T04:30"},
     {"2026-01-02T04:30", "2026-01-01T04:30"}},
    {"0 0 29 2 *",
     {"2028-02-29T00:00", "2032-02-29T00:00", "2036-02-29T00:00", "2040-02-29T00:00"},
     {"2024-02-29T00:00", "2020-02-29T00:00"}},
    {"5-59/20 9-17 * * mon-fri",
     {"2026-01-05T09:05", "2026-01-05T09:25", "2026-01-05T09:45", "2026-01-05T10:05"},
     {"2026-01-02T17:45", "2026-01-02T17:25"}},
    {"@quarterly",
     {"2026-04-01T00:00", "2026-07-01T00:00", "2026-10-01T00:00", "2027-01-01T00:00"},
     {"2026-01-01T00:00", "2025-10-01T00:00"}},
    {"23 0-20/2 * * *",
     {"2026-01-05T02:23", "2026-01-05T04:23", "2026-01-05T06:23", "2026-01-05T08:23"},
     {"2026-01-05T00:23", "2026-01-04T20:23"}},
    {"0 22 * * 1-5",
     {"2026-01-05T22:00", "2026-01-06T22:00", "2026-01-07T22:00", "2026-01-08T22:00"},
     {"2026-01-02T22:00", "2026-01-01T22:00"}},
    {"15 14 1 * *",
     {"2026-02-01T14:15", "2026-03-01T14:15", "2026-04-01T14:15", "2026-05-01T14:15"},
     {"2026-01-01T14:15", "2025-12-01T14:15"}},
    {"0 0 31 * *",
     {"2026-01-31T00:00", "2026-03-31T00:00", "2026-05-31T00:00", "2026-07-31T00:00"},
     {"2025-12-31T00:00", "2025-10-31T00:00"}},
    {"0 12 13 * FRI",
     {"2026-01-09T12:00", "2026-01-13T12:00", "2026-01-16T12:00", "2026-01-23T12:00"},
     {"2026-01-02T12:00", "2025-12-26T12:00"}},
    {"0 0 * * 7",
     {"2026-01-11T00:00", "2026-01-18T00:00", "2026-01-25T00:00", "2026-02-01T00:00"},
     {"2026-01-04T00:00", "2025-12-28T00:00"}},
    {"45 23 28-31 dec Sun",
     {"2026-12-06T23:45", "2026-12-13T23:45", "2026-12-20T23:45", "2026-12-27T23:45"},
     {"2025-12-31T23:45", "2025-12-30T23:45"}},
};

TEST(Cron, FindsThePublishedTimesInBothDirections) {
  for (const Vector& vector : kVectors) {
    SCOPED_TRACE(vector.cron);
    Cron cron = ParseCron(vector.cron).value();
    LocalTime at = Local("2026-01-05T02:00");
    for (const std::string& expected : vector.next) {
      auto found = FirstMatch(cron, at + base::Duration(1), kEnd);
      ASSERT_EQ(Show(found), expected);
      at = *found;
    }
    at = Local("2026-01-05T02:00");
    for (const std::string& expected : vector.previous) {
      auto found = LastMatch(cron, kBegin, at);
      ASSERT_EQ(Show(found), expected);
      at = *found;
    }
  }
}

TEST(Cron, SearchesAHalfOpenRange) {
  Cron cron = ParseCron("0 2 * * *").value();
  LocalTime two = Local("2026-01-05T02:00");
  EXPECT_EQ(Show(FirstMatch(cron, two, kEnd)), "2026-01-05T02:00");
  EXPECT_EQ(Show(FirstMatch(cron, two, two)), "none");
  EXPECT_EQ(Show(FirstMatch(cron, two - base::hours(3), two)), "none");
  EXPECT_EQ(Show(FirstMatch(cron, two - base::hours(3), two + base::Duration(1))),
            "2026-01-05T02:00");
  EXPECT_EQ(Show(LastMatch(cron, two, two)), "none");
  EXPECT_EQ(Show(LastMatch(cron, two, two + base::Duration(1))), "2026-01-05T02:00");
  EXPECT_EQ(Show(LastMatch(cron, two + base::Duration(1), two + base::hours(3))), "none");
}

TEST(Cron, FindsTheRarestDate) {
  Cron cron = ParseCron("0 0 29 2 *").value();  // 2100 is no leap year
  EXPECT_EQ(Show(FirstMatch(cron, Local("2096-03-01"), kEnd)), "2104-02-29T00:00");
  EXPECT_EQ(Show(LastMatch(cron, kBegin, Local("2104-02-29"))), "2096-02-29T00:00");
}

TEST(Cron, TwoRestrictedDayFieldsAreAlternatives) {
  // croniter's answers after 2026-01-05T02:00.
  auto next = [](std::string_view text) {
    return Show(FirstMatch(ParseCron(text).value(), Local("2026-01-05T02:00"), kEnd)).substr(0, 10);
  };
  EXPECT_EQ(next("0 0 */2 * 1"), "2026-01-07");
  EXPECT_EQ(next("0 0 1-31 * 1"), "2026-01-06");
  EXPECT_EQ(next("0 0 2 * */2"), "2026-01-06");
  EXPECT_EQ(next("0 0 30 2 */2"), "2026-02-01");
  EXPECT_EQ(next("0 0 * * 1"), "2026-01-12");
  EXPECT_EQ(next("0 0 2 * *"), "2026-02-02");
}

TEST(Cron, EveryFirstDayIsNoRestriction) {
  auto cron = ParseCron("0 0 */14 * */1");
  ASSERT_TRUE(cron.has_value());
  EXPECT_TRUE(cron->day_of_week.is_star);
  EXPECT_FALSE(cron->day_of_month.is_star);
}

TEST(Cron, KnowsPresetsNamesAndSundayTwice) {
  auto same = [](std::string_view a, std::string_view b) {
    Cron x = ParseCron(a).value(), y = ParseCron(b).value();
    return x.minute == y.minute && x.hour == y.hour && x.day_of_month == y.day_of_month &&
           x.month == y.month && x.day_of_week == y.day_of_week;
  };
  EXPECT_TRUE(same("@hourly", "0 * * * *"));
  EXPECT_TRUE(same("@Daily", "0 0 * * *"));
  EXPECT_TRUE(same("@midnight", "@daily"));
  EXPECT_TRUE(same("@weekly", "0 0 * * 0"));
  EXPECT_TRUE(same("@monthly", "0 0 1 * *"));
  EXPECT_TRUE(same("@quarterly", "0 0 1 */3 *"));
  EXPECT_TRUE(same("@yearly", "0 0 1 1 *"));
  EXPECT_TRUE(same("@annually", " 0  0\t1 JAN * "));
  EXPECT_TRUE(same("0 0 * * 5-7", "0 0 * * FRI,sat,0"));
  EXPECT_TRUE(same("0 0 * * FRI-SUN", "0 0 * * 5-7"));
  EXPECT_TRUE(same("0,30 1-5,7 * feb-Apr *", "30,0 1,2,3,4,5,7 * 2,3,4 *"));
  EXPECT_EQ(ParseCron("@daily")->text, "@daily");
}

// Those that croniter has are compared with it in tests/python; the dates here are from a calendar.
TEST(Cron, KnowsDaysThatAreAnotherDateInEachMonth) {
  auto days = [](std::string_view text) {
    Cron cron = ParseCron(text).value();
    std::string found;
    LocalTime at = Local("2026-01-01");
    for (int i = 0; i < 5; ++i) {
      at = *FirstMatch(cron, at, kEnd) + base::Duration(1);
      found += Show(at).substr(5, 5) + " ";
    }
    return found;
  };
  EXPECT_EQ(days("0 0 L * *"), "01-31 02-28 03-31 04-30 05-31 ");
  EXPECT_EQ(days("0 0 l-2 * *"), "01-29 02-26 03-29 04-28 05-29 ");
  EXPECT_EQ(days("0 0 L-30 * *"), "01-01 03-01 05-01 07-01 08-01 ");
  EXPECT_EQ(days("0 0 LW * *"), "01-30 02-27 03-31 04-30 05-29 ");
  EXPECT_EQ(days("0 0 1W * *"), "01-01 02-02 03-02 04-01 05-01 ");
  EXPECT_EQ(days("0 0 1W 8 *"), "08-03 08-02 08-01 08-01 08-01 ");  // 2026: the 1st is a Saturday
  EXPECT_EQ(days("0 0 31W * *"), "01-30 02-27 03-31 04-30 05-29 ");
  EXPECT_EQ(days("0 0 10,15W,L * *"), "01-10 01-15 01-31 02-10 02-16 ");
  EXPECT_EQ(days("0 0 * * 5L"), "01-30 02-27 03-27 04-24 05-29 ");
  EXPECT_EQ(days("0 0 * * fril"), days("0 0 * * L5"));
  EXPECT_EQ(days("0 0 * * FRI#2"), "01-09 02-13 03-13 04-10 05-08 ");
  EXPECT_EQ(days("0 0 * * 7#5"), days("0 0 * * SUN#5"));
  EXPECT_EQ(days("0 0 * * 7#5"), "03-29 05-31 08-30 11-29 01-31 ");
  EXPECT_EQ(days("0 0 * * 3,5#2"), "01-07 01-09 01-14 01-21 01-28 ");
  // Either day field is enough.
  EXPECT_EQ(days("0 0 L * 5#2"), "01-09 01-31 02-13 02-28 03-13 ");
}

TEST(Cron, IsAWildcardWhereMinuteOrHourBeginsWithAStar) {
  EXPECT_TRUE(ParseCron("0 * * * *")->IsWildcard());
  EXPECT_TRUE(ParseCron("*/5 2 * * *")->IsWildcard());
  EXPECT_TRUE(ParseCron("@hourly")->IsWildcard());
  EXPECT_FALSE(ParseCron("0-59/5 0-23 * * *")->IsWildcard());
  EXPECT_FALSE(ParseCron("@daily")->IsWildcard());
}

TEST(Cron, SaysWhatIsWrongWhereAndWhatItExpected) {
  EXPECT_EQ(ErrorOf("61 0 * * *"), "minute: '61' is out of range 0-59 (column 1 of '61 0 * * *')");
  EXPECT_EQ(ErrorOf("0 0,24 * * *"),
            "hour: '24' is out of range 0-23 (column 5 of '0 0,24 * * *')");
  EXPECT_EQ(ErrorOf("0 0 0 * *"),
            "day of month: '0' is out of range 1-31 (column 5 of '0 0 0 * *')");
  EXPECT_EQ(ErrorOf("0 0 * JUX *"),
            "month: 'JUX' is not understood; expected 1-12 or JAN-DEC (column 7 of '0 0 * JUX *')");
  EXPECT_EQ(ErrorOf("0 0 * * 8"),
            "day of week: '8' is out of range 0-7 or SUN-SAT (column 9 of '0 0 * * 8')");
  EXPECT_EQ(ErrorOf("0 5-2 * * *"),
            "hour: the range '5-2' runs backwards (column 3 of '0 5-2 * * *')");
  EXPECT_EQ(ErrorOf("*/0 * * * *"),
            "minute: the step '0' is not a number from 1 to 60 (column 3 of '*/0 * * * *')");
  EXPECT_EQ(ErrorOf("*/90 * * * *"),
            "minute: the step '90' is not a number from 1 to 60 (column 3 of '*/90 * * * *')");
  EXPECT_EQ(
      ErrorOf("5/10 * * * *"),
      "minute: '5/10' steps from a single number; expected a range, e.g. 5-59/10 (column 1 of "
      "'5/10 * * * *')");
  EXPECT_EQ(ErrorOf("1,,2 * * * *"),
            "minute: an entry of the list is empty (column 3 of '1,,2 * * * *')");
  EXPECT_EQ(ErrorOf("0 0 * *"),
            "'0 0 * *' has 4 fields; expected 5: minute, hour, day of month, month, day of week");
  EXPECT_EQ(ErrorOf("0 0 30 2 *"),
            "day of month: '0 0 30 2 *' can never fire: no month '2' has a day '30' (column 5)");
  EXPECT_EQ(ErrorOf("0 0 1,40W * *"),
            "day of month: '40W': expected 1W to 31W, or LW (column 7 of '0 0 1,40W * *')");
  EXPECT_EQ(ErrorOf("0 0 * * FRI#6"),
            "day of week: 'FRI#6': expected #1 to #5 (column 9 of '0 0 * * FRI#6')");
  EXPECT_EQ(ErrorOf("0 0 * * FRU#2"),
            "day of week: 'FRU' is not understood; expected 0-7 or SUN-SAT (column 9 of '0 0 * * "
            "FRU#2')");
  EXPECT_EQ(ErrorOf("0 0 L-30 2 *"),
            "day of month: '0 0 L-30 2 *' can never fire: no month '2' has a day 'L-30' (column "
            "5)");
  EXPECT_NE(ErrorOf("@dayly").find("did you mean @daily?"), std::string::npos);
}

TEST(Cron, RefusesWhatIsNoCron) {
  for (const char* text : {"",
                           "   ",
                           "* * * * * *",
                           "a * * * *",
                           "-1 * * * *",
                           "1- * * * *",
                           "1-2-3 * * * *",
                           "*/ * * * *",
                           "*/2/3 * * * *",
                           "/5 * * * *",
                           "+5 * * * *",
                           "1.5 * * * *",
                           "** * * * *",
                           "*-5 * * * *",
                           "? * * * *",
                           "L 0 * * *",
                           "0 0 * L *",
                           "0 0 0W * *",
                           "0 0 32W * *",
                           "0 0 W * *",
                           "0 0 1-15W * *",
                           "0 0 L-0 * *",
                           "0 0 L-31 * *",
                           "0 0 L-30 2 *",
                           "0 0 L/2 * *",
                           "0 0 * * L",
                           "0 0 * * 8L",
                           "0 0 * * 5#0",
                           "0 0 * * 5#6",
                           "0 0 * * 1-5#2",
                           "0 0 * * 5#",
                           "0 0 * * #2",
                           "MON 0 * * *",
                           "99999999999999999999 * * * *",
                           "0 0 31 4,6,9,11 *",
                           "0 0 30,31 FEB *",
                           "@",
                           "@reboot"}) {
    EXPECT_FALSE(ParseCron(text)) << text;
  }
  EXPECT_TRUE(ParseCron("0 0 L-28 2 *"));
  // With a weekday as the alternative it does fire.
  EXPECT_TRUE(ParseCron("0 0 30 2 MON"));
}

}  // namespace
}  // namespace schedule
