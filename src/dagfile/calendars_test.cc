// Calendars and blackouts of a project.

#include "dagfile/calendars.h"

#include <gtest/gtest.h>

#include "dagfile/test_support.h"

namespace dagfile {
namespace {

using base::Cat;

SourceFile Dag(std::string_view keys) {
  return {"dags/a.yaml",
          Cat("dag_id: a\nschedule: '0 2 * * *'\n", keys, "\ntasks: {x: {type: empty}}\n")};
}

SourceFile CalendarFile(std::string_view text) {
  return {"calendars/work.yaml", std::string(text)};
}

std::string RuleOf(std::string_view calendar, std::string_view keys) {
  const Loaded loaded = Load({Dag(keys), CalendarFile(calendar)});
  EXPECT_EQ(Text(loaded.errors), "") << calendar;
  return loaded.dags.empty() ? "" : loaded.dags[0]->schedule.cron;
}

TEST(Calendars, ADagKeepsTheDaysAndNotTheName) {
  EXPECT_EQ(RuleOf("business_days: true\nexclude: [2026-04-23, {from: 2026-01-01, to: 2026-01-02}]",
                   "calendar: work"),
            "0 2 * * * only mon,tue,wed,thu,fri -2026-01-01..2026-01-02 -2026-04-23");
  EXPECT_EQ(RuleOf("dates: [2026-06-30, 2026-03-31, 2026-03-31]", "calendar: work"),
            "0 2 * * * only +2026-03-31 +2026-06-30");
  EXPECT_EQ(RuleOf("description: stock taking\nweekdays: [sun, sat]", "blackout: work"),
            "0 2 * * * not sat,sun");
  EXPECT_EQ(
      RuleOf("weekdays: [mon]", "blackout: [work, {from: 2026-11-27, to: '2026-11-30T12:00'}]"),
      "0 2 * * * not mon not 2026-11-27T00:00:00Z/2026-11-30T12:00:00Z");
}

TEST(Calendars, AnEditOfTheCalendarIsANewVersionAndItsOrderIsNone) {
  const auto version = [](std::string_view calendar) {
    return Load({Dag("calendar: work"), CalendarFile(calendar)}).dags.at(0)->version;
  };
  EXPECT_EQ(version("weekdays: [mon, tue]"), version("weekdays: [tue, mon]"));
  EXPECT_NE(version("weekdays: [mon, tue]"), version("weekdays: [mon, tue, wed]"));
}

TEST(Calendars, MistakesAreTold) {
  const struct {
    const char* calendar;
    const char* keys;
    const char* error;
  } table[] = {
      {"weekdays: [mon, tus]",
       "calendar: work",
       "calendars/work.yaml:1:17: 'weekdays': expected mon, tue, wed, thu, fri, sat or sun, found "
       "'tus'; did you mean 'tue'?"},
      {"description: none", "", "calendars/work.yaml:1:1: the calendar has no days"},
      {"dates: [2026-01-01]\nexclude: [2026-01-01]",
       "",
       "calendars/work.yaml:1:1: the calendar has no days"},
      {"business_days: true\nweekdays: [sat]",
       "",
       "2:11: 'weekdays' stands beside 'business_days': give one of them"},
      {"business_days: true\nholidays: [2026-01-01]",
       "",
       "2:1: unknown key 'holidays' in the calendar"},
      {"dates: ['2026-01-01T10:00']",
       "",
       "1:9: 'dates': expected a date such as 2026-01-01, found '2026-01-01T10:00'"},
      {"dates: [{from: 2026-01-03, to: 2026-01-01}]", "", "1:32: 'to' is before 'from'"},
      {"business_days: true",
       "calendar: worc",
       "dags/a.yaml:3:11: there is no calendar 'worc': expected calendars/worc.yaml; did you mean "
       "'work'?"},
      {"business_days: true",
       "blackout: [work, other]",
       "dags/a.yaml:3:18: there is no calendar 'other': expected calendars/other.yaml"},
      {"business_days: true",
       "blackout: {from: 2026-01-03, to: 2026-01-03}",
       "3:34: this blackout never begins: 'to' is not after 'from'"},
      {"business_days: true",
       "calendar: work\nblackout: work",
       "2:11: 'schedule' never fires: 'calendar' and 'blackout' leave no tick within ten years of "
       "2026-01-01T00:00:00Z"},
  };
  for (const auto& [calendar, keys, error] : table) {
    const Loaded loaded = Load({Dag(keys), CalendarFile(calendar)});
    const std::string errors = Text(loaded.errors);
    EXPECT_NE(errors.find(error), std::string::npos) << calendar << "\n" << keys << "\n" << errors;
  }
}

TEST(Calendars, ADagWithABrokenCalendarIsNotLoaded) {
  const Loaded loaded = Load({Dag("calendar: work"), CalendarFile("weekdays: [mo]")});
  EXPECT_TRUE(loaded.dags.empty());
  EXPECT_EQ(loaded.errors.size(), 1U);
}

TEST(Calendars, AreOfDagsWithASchedule) {
  const Loaded loaded =
      Load({{"dags/a.yaml", "dag_id: a\ncalendar: work\ntasks: {x: {type: empty}}\n"},
            CalendarFile("business_days: true")});
  EXPECT_NE(Text(loaded.errors).find("2:11: 'calendar' needs a 'schedule'"), std::string::npos)
      << Text(loaded.errors);
}

}  // namespace
}  // namespace dagfile
