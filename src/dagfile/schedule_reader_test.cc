#include <gtest/gtest.h>

#include "dagfile/load.h"
#include "dagfile/test_support.h"
#include "model/dag_json.h"

namespace dagfile {
namespace {

using base::Cat;

SourceFile File(std::string_view keys) {
  return {"dags/a.yaml", Cat("dag_id: a\n", keys, "\ntasks: {x: {type: empty}}\n")};
}

model::Dag LoadOne(std::string_view keys) {
  const Loaded loaded = Load({File(keys)});
  EXPECT_EQ(Text(loaded.errors), "") << keys;
  return loaded.dags.empty() ? model::Dag() : *loaded.dags[0];
}

std::string RuleOf(std::string_view keys) {
  return LoadOne(keys).schedule.cron;
}

TEST(ScheduleReader, ReadsEveryForm) {
  EXPECT_EQ(RuleOf("schedule: '0 2 * * FRIL'"), "0 2 * * FRIL");
  EXPECT_EQ(RuleOf("schedule: ['0 2 * * 1', '@daily']"), "0 2 * * 1 | @daily");
  EXPECT_EQ(RuleOf("schedule: {cron: ['0 2 * * 1', '30 14 L * *']}"), "0 2 * * 1 | 30 14 L * *");
  EXPECT_EQ(RuleOf("schedule: {interval: 6h}\nstart_date: 2026-01-05"),
            "every 6h from 2026-01-05T00:00:00Z");
  EXPECT_EQ(RuleOf("schedule: {dates: ['2026-12-31T10:00', 2026-12-24]}"),
            "on 2026-12-24T00:00:00Z, 2026-12-31T10:00:00Z");
  EXPECT_EQ(RuleOf("schedule: '@once'\nstart_date: 2026-01-05"), "@once 2026-01-05T00:00:00Z");
  EXPECT_EQ(LoadOne("schedule: {interval: 6h, timetable: data_interval}\nstart_date: 2026-01-05")
                .schedule.timetable,
            model::Timetable::kDataInterval);
}

TEST(ScheduleReader, OnceFiresThoughItsTimeHasPassed) {
  EXPECT_TRUE(LoadOne("schedule: '@once'\nstart_date: 2020-01-05").catchup);
}

TEST(ScheduleReader, CatchupHasABound) {
  const auto catchup = [](std::string_view value) {
    const model::Dag dag = LoadOne(Cat("start_date: 2026-01-05\ncatchup: ", value));
    return std::pair(dag.catchup, dag.catchup_max);
  };
  EXPECT_EQ(catchup("true"), std::pair(true, std::optional<int>()));
  EXPECT_EQ(catchup("all"), std::pair(true, std::optional<int>()));
  EXPECT_EQ(catchup("false"), std::pair(false, std::optional<int>()));
  EXPECT_EQ(catchup("latest"), std::pair(true, std::optional(1)));
  EXPECT_EQ(catchup("{max: 3}"), std::pair(true, std::optional(3)));
  const model::Dag dag = LoadOne("start_date: 2026-01-05\ncatchup: {max: 3}");
  EXPECT_EQ((*model::DagFromJson(model::DagToJson(dag)))->catchup_max, 3);
}

TEST(ScheduleReader, SaysWhatIsWrongAndWhere) {
  const struct {
    const char* keys;
    const char* error;
  } table[] = {
      {"schedule: ['@daily', 5]",
       "2:22: 'schedule': expected a cron expression such as \"0 2 * * 1\", a preset such as "
       "\"@daily\", or null, found a whole number"},
      {"schedule: []", "2:11: 'schedule' is an empty list; give at least one cron expression"},
      {"schedule: ['@daily', '0 25 * * *']",
       "2:22: 'schedule': hour: '25' is out of range 0-23 (column 3 of '0 25 * * *')"},
      {"schedule: {cron: '@daily', interval: 6h}\nstart_date: 2026-01-05",
       "2:38: 'interval' stands beside 'cron': give one of cron, interval and dates"},
      {"schedule: {timetable: trigger}",
       "2:11: 'schedule' needs one of the keys cron, interval, dates and assets"},
      {"schedule: {interval: 6h}", "2:22: 'interval' needs a 'start_date' to begin with"},
      {"schedule: {interval: 30s}\nstart_date: 2026-01-05", "2:22: 'interval' must be at least 1m"},
      {"schedule: {intervall: 6h}",
       "2:12: unknown key 'intervall' in 'schedule'; did you mean 'interval'?"},
      {"schedule: {dates: []}", "2:19: 'dates' is empty; give at least one date"},
      {"schedule: {dates: [2026-12-24, soon]}", "2:32: 'dates': "},
      {"schedule: {dates: [2026-12-24], timetable: data_interval}",
       "2:44: 'timetable: data_interval' is for 'cron' and 'interval', not for 'dates'"},
      {"schedule: {dates: [2026-12-24]}\nstart_date: 2026-12-25",
       "2:11: 'schedule' never fires: it has no tick from 'start_date' to 'end_date'"},
      {"schedule: '0 0 29 2 *'\nstart_date: 2025-01-01\nend_date: 2027-01-01",
       "2:11: 'schedule' never fires: it has no tick from 'start_date' to 'end_date'"},
      {"schedule: '@once'", "2:11: '@once' needs a 'start_date' to begin with"},
      {"schedule: '@once'\nstart_date: 2026-01-05\ncatchup: false",
       "4:10: 'catchup' says nothing about '@once': it always runs its one time"},
      {"schedule: '@continuous'", "2:11: '@continuous' needs a 'start_date' to begin with"},
      {"schedule: '@continuous'\nstart_date: 2026-01-05\nmax_active_runs: 2",
       "4:18: 'max_active_runs' of a DAG that is '@continuous' must be 1, found 2"},
      {"schedule: '@continuous'\nstart_date: 2026-01-05\ncatchup: true",
       "4:10: 'catchup' says nothing about '@continuous': there are no ticks"},
      {"schedule: '@continuous'\nstart_date: 2026-01-05\nstart_jitter: 5m",
       "4:15: 'start_jitter' is about ticks, and '@continuous' has none"},
      {"start_jitter: 5m", "2:15: 'start_jitter' needs a 'schedule'"},
      {"schedule: '@daily'\nstart_jitter: 25h",
       "3:15: 'start_jitter' must be more than 0s and at most 1d"},
      {"catchup: latst\nstart_date: 2026-01-05",
       "2:10: 'catchup': expected false, latest, all, true or {max: N}, found 'latst'; did you "
       "mean 'latest'?"},
      {"catchup: latest", "2:10: 'catchup: latest' needs a 'start_date' to begin with"},
      {"catchup: {max: 2}", "2:10: 'catchup' needs a 'start_date' to begin with"},
      {"catchup: {max: 0}\nstart_date: 2026-01-05", "2:16: 'max' must be from 1 to 1000, found 0"},
  };
  for (const auto& [keys, error] : table) {
    const std::string errors = Text(Load({File(keys)}).errors);
    EXPECT_NE(errors.find(error), std::string::npos) << keys << "\n" << errors;
  }
}

}  // namespace
}  // namespace dagfile
