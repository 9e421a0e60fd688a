// Windows across DAGs that find nothing, in all or in some of the years ahead.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dagfile/test_support.h"
#include "schedule/zone_files.h"

namespace dagfile {
namespace {

using base::Cat;
using testing::HasSubstr;

std::string Schedule(const std::string& cron, const std::string& zone = "UTC") {
  return Cat("schedule: \"", cron, "\"\ntimezone: ", zone, "\n");
}

// The diagnostics of a DAG `down` whose job waits for `up/x`.
std::pair<std::string, std::string> Check(const std::string& up,
                                          const std::string& down,
                                          const std::string& edge) {
  const ZoneLookup zones = [](std::string_view name) {
    return schedule::LoadZone(std::string(name));
  };
  const Loaded loaded =
      LoadProject({{"signalbox.yaml", std::string(kGoodProject)},
                   {"dags/up.yaml", Cat("dag_id: up\n", up, "tasks: {x: {type: empty}}\n")},
                   {"dags/down.yaml",
                    Cat("dag_id: down\n",
                        down,
                        "tasks: {t: {type: empty, depends_on: [{job: up/x, ",
                        edge,
                        "}]}}\n")}},
                  zones);
  return {Text(loaded.errors), Text(loaded.warnings)};
}

TEST(Windows, SameIntervalThatPartsWithTheClocksIsAMistake) {
  const auto [errors, warnings] =
      Check(Schedule("0 0 * * *"), Schedule("0 2 * * *", "Europe/Berlin"), "window: same_interval");
  EXPECT_THAT(errors,
              HasSubstr("dags/down.yaml:4:45: 'window: same_interval' does not always find "
                        "a run of 'up': the run at 2026-01-01T01:00:00Z has the data "
                        "interval [2025-12-31T01:00:00Z, 2026-01-01T01:00:00Z), and the "
                        "latest of 'up' is [2025-12-31T00:00:00Z, 2026-01-01T00:00:00Z)"));
  // The other way round, and where winter is equal.
  EXPECT_NE(
      Check(Schedule("0 2 * * *", "Europe/Berlin"), Schedule("0 1 * * *"), "window: same_interval")
          .first,
      "");
  // The same clock on both sides.
  EXPECT_EQ(Check(Schedule("0 2 * * *", "Europe/Berlin"),
                  Schedule("0 2 * * *", "Europe/Paris"),
                  "window: same_interval")
                .first,
            "");
}

TEST(Windows, SameIntervalFindsAllOrIsAMistake) {
  struct Case {
    std::string up, down, error;
  };
  for (const Case& c : {Case{"0 2 * * *", "0 2 * * *", ""},
                        Case{"0 2 * * *", "0 2 */1 * *", ""},
                        Case{"0 1 * * *", "0 2 * * *", "never finds"},
                        Case{"0 2 * * *", "0 2 * * 1", "never finds"},
                        Case{"0 2 * * *", "0 2 * * 1-5", "does not always find"},
                        Case{"0 2 * 1-11 *", "0 2 * * *", "does not always find"},
                        Case{"*/10 0-12 * * *", "*/10 * * * *", "does not always find"},
                        Case{"0 0 1 * *", "0 0 1 1,2,3,4,5,6,7,8,9,10,11,12 *", ""}}) {
    const std::string errors =
        Check(Schedule(c.up), Schedule(c.down), "window: same_interval").first;
    if (c.error.empty())
      EXPECT_EQ(errors, "") << c.up << " and " << c.down;
    else
      EXPECT_THAT(errors, HasSubstr(c.error)) << c.up << " and " << c.down;
  }
}

TEST(Windows, CoversThatFindsNothingIsAMistake) {
  const std::string catches_up = "catchup: true\nstart_date: 2026-01-01\n";
  auto check = [&](const std::string& up, const std::string& down, const std::string& more = "") {
    return Check(up + catches_up, down, "window: covers" + more).first;
  };
  EXPECT_EQ(check(Schedule("0 0 * * *"), Schedule("0 3 * * 1")), "");
  EXPECT_THAT(check(Schedule("0 0 * * 1"), Schedule("0 3 * * *")), HasSubstr("never finds"));
  EXPECT_THAT(check(Schedule("0 0 * * 1"), Schedule("0 3 * * *"), ", missing: skip"),
              HasSubstr("never finds"));
  EXPECT_THAT(check(Schedule("0 0 * * *"), Schedule("0 2 * * *", "Europe/Berlin")),
              HasSubstr("does not always find"));
  EXPECT_THAT(check(Schedule("0 8-18 * * 1-5"), Schedule("0 0 * * *")),
              HasSubstr("add 'missing: skip'"));
  EXPECT_EQ(check(Schedule("0 8-18 * * 1-5"), Schedule("0 0 * * *"), ", missing: skip"), "");
  EXPECT_THAT(check(Schedule("* * * * *"), Schedule("0 0 1 * *")),
              HasSubstr("more than 10000 runs of 'up'"));
}

TEST(Windows, CoversWarnsWhereHolesMayBe) {
  const std::string daily = Schedule("0 0 * * *"), weekly = Schedule("0 3 * * 1");
  EXPECT_THAT(Check(daily, weekly, "window: covers").second,
              HasSubstr("dags/down.yaml:4:45: the DAG 'up' does not catch up"));
  EXPECT_EQ(Check(daily, weekly, "window: covers").first, "");
  EXPECT_EQ(Check(daily, weekly, "window: covers, missing: skip").second, "");
  EXPECT_EQ(
      Check(daily + "catchup: true\nstart_date: 2026-01-01\n", weekly, "window: covers").second,
      "");
  EXPECT_THAT(
      Check(daily + "catchup: latest\nstart_date: 2026-01-01\n", weekly, "window: covers").second,
      HasSubstr("the DAG 'up' catches up with its latest ticks only"));
}

TEST(Windows, KnowsEveryFormOfASchedule) {
  const std::string span = "schedule: {interval: 24h}\nstart_date: 2026-01-01\n";
  EXPECT_EQ(Check(span, Schedule("0 0 * * *"), "window: same_interval").first, "");
  EXPECT_THAT(Check(span, Schedule("0 1 * * *"), "window: same_interval").first,
              HasSubstr("never finds a run of 'up'"));
  const std::string both = "schedule: ['0 0 * * 1-3', '0 0 * * 0,4-6']\n";
  EXPECT_EQ(Check(both, Schedule("0 0 * * *"), "window: same_interval").first, "");
}

TEST(Windows, WithoutASchedule) {
  const std::string daily = Schedule("0 0 * * *");
  EXPECT_THAT(Check("", daily, "window: covers").first, HasSubstr("needs a schedule"));
  EXPECT_THAT(Check("", daily, "window: same_interval").second, HasSubstr("--data-interval"));
  EXPECT_THAT(Check(daily, "", "window: covers").second, HasSubstr("this DAG has no schedule"));
}

TEST(Windows, TheYearsAreThoseThatTheDagsHave) {
  // Before its beginning nothing is due: the first run of `down` is none that `up` lacks.
  EXPECT_EQ(Check(Schedule("0 0 * * *") + "start_date: 2026-03-02\n",
                  Schedule("0 0 */1 * *") + "start_date: 2026-01-01\n",
                  "window: same_interval")
                .first,
            "");
}

TEST(Windows, MissingIsWaitOrSkipAndForOtherDags) {
  EXPECT_THAT(Check(Schedule("0 0 * * *"), Schedule("0 3 * * 1"), "missing: never").first,
              HasSubstr("'missing': expected wait or skip, found 'never'"));
  EXPECT_EQ(Check(Schedule("0 0 * * *"), Schedule("0 3 * * 1"), "missing: wait").first, "");
}

TEST(Windows, WithinThatIsTooShortIsAMistake) {
  EXPECT_EQ(Check(Schedule("0 1 * * 1"), Schedule("0 3 * * *"), "within: 8d").first, "");
  EXPECT_THAT(Check(Schedule("0 1 * * 1"), Schedule("0 3 * * *"), "within: 2d").first,
              HasSubstr("'window: within' does not always find a run of 'up': the run at "
                        "2026-01-01T03:00:00Z has the data interval "));
  EXPECT_EQ(Check(Schedule("0 1 * * 1"), Schedule("0 3 * * *"), "within: 2d, missing: skip").first,
            "");
}

TEST(Windows, AnOffsetOfDaysKeepsTheLocalTime) {
  const std::string berlin = Schedule("0 4 * * *", "Europe/Berlin");
  EXPECT_EQ(Check(berlin, berlin, "window: same_interval, offset: 1d").first, "");
  // In March 02:00 fires at 03:00 once, and a day before that is no tick.
  const std::string in_the_gap = Schedule("0 2 * * *", "Europe/Berlin");
  EXPECT_THAT(Check(in_the_gap, in_the_gap, "window: same_interval, offset: 1d").first,
              HasSubstr("does not always find a run of 'up': the run at 2026-03-29T01:00:00Z"));
  EXPECT_THAT(Check(berlin, berlin, "window: same_interval, offset: 23h").first,
              HasSubstr("never finds a run of 'up'"));
}

TEST(Windows, WhatAnEdgeWantsHasItsErrors) {
  const std::string daily = Schedule("0 2 * * *");
  const auto error = [&](const std::string& edge) { return Check(daily, daily, edge).first; };
  EXPECT_THAT(error("rule: all_donne"),
              AllOf(HasSubstr("dags/down.yaml:4:57: 'rule': expected all_success, "),
                    HasSubstr("did you mean 'all_done'?")));
  EXPECT_THAT(error("rule: always"), HasSubstr("'rule: always' waits for nothing"));
  EXPECT_THAT(error("otherwise: stop"), HasSubstr("'otherwise': expected wait or end"));
  EXPECT_THAT(error("run_state: failed"), HasSubstr("'run_state' is for a whole run"));
  EXPECT_THAT(error("within: 0s"), HasSubstr("'within' must be more than 0s"));
  EXPECT_THAT(error("window: covers, within: 1d"), HasSubstr("'within' is a window of its own"));
  EXPECT_THAT(error("window: within"), HasSubstr("'window: within' needs the key 'within'"));
  EXPECT_THAT(error("offset: 0 intervals"), HasSubstr("expected 1 to 1000 intervals"));
  EXPECT_THAT(error("window: covers, offset: 1 interval"),
              HasSubstr("'offset' in intervals goes with 'window: latest_due' alone"));
  EXPECT_THAT(error("offset: 400d"), HasSubstr("at most 366d"));
}

}  // namespace
}  // namespace dagfile
