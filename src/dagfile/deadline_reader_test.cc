#include "dagfile/deadline_reader.h"

#include <gtest/gtest.h>

#include "dagfile/test_support.h"

namespace dagfile {
namespace {

TEST(ParseMoment, ReadsClocksWeekdaysAndCron) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"06:00", "0 6 * * *"},
      {"6:05", "5 6 * * *"},
      {"24:00", "0 0 * * *"},
      {"Sun 24:00", "0 0 * * 1"},
      {"saturday 24:00", "0 0 * * 0"},
      {"Monday 23:59", "59 23 * * 1"},
      {"30 4 * * MON-FRI", "30 4 * * MON-FRI"},
      {"@daily", "@daily"},
  };
  for (const auto& [text, cron] : cases) {
    const auto parsed = ParseMoment(text);
    ASSERT_TRUE(parsed) << text << ": " << parsed.error().message;
    EXPECT_EQ(*parsed, cron) << text;
  }
}

TEST(ParseMoment, RefusesOtherTexts) {
  for (const char* text :
       {"", "24:01", "6:5", "600", "Sun", "Sunny 06:00", "06:60", "06:0x", "1 2 3", "* * 40 * *"})
    EXPECT_FALSE(ParseMoment(text)) << text;
}

TEST(Deadline, OneThatIsEarlierThanTheEarliestEndIsAWarning) {
  const std::string job =
      base::Cat("{type: emr_job, cluster: spot, expected_duration: 40m, steps: ", kStep);
  const auto warnings = [&](std::string_view dag_key, std::string_view job_key) {
    return Text(Load({{"dags/a.yaml",
                       base::Cat("dag_id: a\n",
                                 dag_key,
                                 "\ntasks:\n  x: ",
                                 job,
                                 "}\n  y: ",
                                 job,
                                 ", depends_on: [x]}\n  z: ",
                                 job,
                                 ", depends_on: [x, y]",
                                 job_key,
                                 "}\n")}})
                    .warnings);
  };
  EXPECT_EQ(warnings("deadline: 2h", ""), "");
  EXPECT_EQ(warnings("deadline: 119m", ""),
            "dags/a.yaml:2:11: the deadline is 1h59m, and a run takes 2h at the least "
            "(expected_duration along the longest way)\n");
  EXPECT_NE(warnings("", ", deadline: 90m").find("the job with those before it takes 2h"),
            std::string::npos);
  EXPECT_EQ(warnings("", ", deadline: 41m, trigger_rule: one_success"), "");
  EXPECT_EQ(warnings("deadline: 81m", ", when: 'true'"), "") << "it may be skipped";
  EXPECT_NE(warnings("deadline: 79m", ", when: 'true'"), "") << "and those before it are not";
}

TEST(Deadline, OneByTheClockIsComparedWithTheScheduleToo) {
  const auto warnings = [](std::string_view keys) {
    return Text(Load({{"dags/a.yaml",
                       base::Cat("dag_id: a\ntimezone: Europe/Istanbul\n",
                                 keys,
                                 "\ntasks:\n  x: {type: emr_job, cluster: spot, "
                                 "expected_duration: 5h, steps: ",
                                 kStep,
                                 "}\n")}})
                    .warnings);
  };
  EXPECT_EQ(warnings("schedule: '0 2 * * 1'\ndeadline: {by: 'Mon 07:00'}"), "");
  EXPECT_EQ(warnings("schedule: '0 2 * * 1'\ndeadline: {by: 'Mon 06:30'}"),
            "dags/a.yaml:4:11: the deadline is at the most 4h30m after a run begins, and a run "
            "takes 5h at the least (expected_duration along the longest way)\n");
  EXPECT_EQ(warnings("schedule: '0 2,4 * * *'\ndeadline: {by: '07:30'}"), "")
      << "the runs at 02:00 can meet it";
  EXPECT_EQ(warnings("deadline: {by: '02:00'}"), "") << "nobody knows when its runs begin";
}

TEST(SharedDeadline, IsReadFromTheProject) {
  const Loaded loaded = Load({{"signalbox.yaml",
                               "deployment: demo\n"
                               "deadlines:\n"
                               "  weekly: {tags: [weekly], by: Sun 24:00, timezone: "
                               "Europe/Istanbul}\n"
                               "  scores: {dags: ['score_*'], by: '07:30'}\n"}});
  EXPECT_EQ(Text(loaded.errors), "");
  ASSERT_TRUE(loaded.project);
  const model::SharedDeadline weekly{"weekly", {"weekly"}, {}, "0 0 * * 1", "Europe/Istanbul"};
  const model::SharedDeadline scores{"scores", {}, {"score_*"}, "30 7 * * *", "UTC"};
  EXPECT_EQ(loaded.project->deadlines, (std::vector{weekly, scores}));
}

TEST(SharedDeadline, TellsItsMistakes) {
  const Loaded loaded = Load({{"signalbox.yaml",
                               "deployment: demo\n"
                               "deadlines:\n"
                               "  a: {by: '06:00'}\n"
                               "  b: {tag: [x], by: '06:00', dags: [y]}\n"
                               "  c: {dags: [y], by: '06:00', timezone: ../x}\n"}});
  EXPECT_EQ(Text(loaded.errors),
            "signalbox.yaml:3:6: the deadline 'a' names no DAGs: set 'tags' or 'dags'\n"
            "signalbox.yaml:4:7: unknown key 'tag' in the deadline 'b'; did you mean 'tags'?\n"
            "signalbox.yaml:5:41: '../x' is not an IANA time zone such as Europe/Istanbul\n");
}

TEST(SharedDeadline, AZoneThatTheSystemLacksIsAMistake) {
  const auto errors = [](std::string_view zone) {
    return Text(
        Load({{"signalbox.yaml",
               base::Cat("deployment: demo\ndeadlines:\n  w: {tags: [a], by: \"Sun 23:59\", "
                         "timezone: ",
                         zone,
                         "}\n")}})
            .errors);
  };
  EXPECT_EQ(errors("UTC"), "");
  EXPECT_NE(errors("Nowhere/Atall").find("the system has no time zone 'Nowhere/Atall'"),
            std::string::npos);
}

}  // namespace
}  // namespace dagfile
