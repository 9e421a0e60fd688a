#include "dagfile/triggers.h"

#include <gtest/gtest.h>

#include "dagfile/test_support.h"

namespace dagfile {
namespace {

using base::Cat;

constexpr std::string_view kTarget =
    "dag_id: monthly\nparams: {month: 1}\ntasks: {x: {type: empty}}\n";

// A DAG with a job that triggers `monthly`, with these keys.
std::string Dag(std::string_view keys, std::string_view id = "a") {
  return Cat("dag_id: ", id, "\ntasks:\n  go: {type: trigger_dag_run, ", keys, "}\n");
}

Loaded LoadBoth(std::string_view keys) {
  return Load({{"dags/a.yaml", Dag(keys)}, {"dags/b.yaml", std::string(kTarget)}});
}
std::string Errors(std::string_view keys) {
  return Text(LoadBoth(keys).errors);
}
std::string Warnings(std::string_view keys) {
  return Text(LoadBoth(keys).warnings);
}

model::TriggerWork Work(std::string_view keys) {
  const Loaded loaded = LoadBoth(keys);
  EXPECT_EQ(Text(loaded.errors), "") << keys;
  return loaded.dags.empty() ? model::TriggerWork() : *model::TriggerOf(loaded.dags[0]->jobs[0]);
}

TEST(Triggers, HaveAirflowsKeysAndDefaults) {
  const model::TriggerWork bare = Work("trigger_dag_id: monthly");
  EXPECT_EQ(bare.dag, "monthly");
  EXPECT_FALSE(bare.resets || bare.skips || bare.waits || bare.fails_if_paused);
  EXPECT_TRUE(bare.conf.empty() && bare.run_id.empty() && bare.logical_date.empty());
  EXPECT_EQ(bare.allowed, std::vector{model::RunState::kSuccess});
  EXPECT_EQ(bare.failed, std::vector{model::RunState::kFailed});
  EXPECT_EQ(bare,
            Work("trigger_dag_id: monthly, reset_dag_run: false, skip_when_already_exists: false, "
                 "wait_for_completion: false, fail_when_dag_is_paused: false"));
  const model::TriggerWork full = Work(
      "trigger_dag_id: monthly, trigger_run_id: 'r-{{ ds }}', logical_date: '{{ ts }}', conf: "
      "{month: '{{ logical_date.month }}'}, reset_dag_run: true, wait_for_completion: true, "
      "allowed_states: [failed, success], fail_when_dag_is_paused: true");
  EXPECT_EQ(full.run_id, "r-{{ ds }}");
  EXPECT_EQ(full.logical_date, "{{ ts }}");
  EXPECT_EQ(full.conf.at("month"), "{{ logical_date.month }}");
  EXPECT_TRUE(full.resets && full.waits && full.fails_if_paused);
  EXPECT_EQ(full.allowed, (std::vector{model::RunState::kFailed, model::RunState::kSuccess}));
  EXPECT_TRUE(full.failed.empty());  // what is allowed is no failure
}

TEST(Triggers, TellWhatDoesNotExist) {
  EXPECT_EQ(Errors("trigger_dag_id: montly"),
            "dags/a.yaml:3:47: there is no DAG 'montly' in this project; did you mean "
            "'monthly'?\n");
  EXPECT_EQ(Errors("trigger_dag_id: monthly, conf: {mont: 2}"),
            "dags/a.yaml:3:63: the DAG 'monthly' has no param 'mont'; did you mean 'month'?\n");
  EXPECT_EQ(Errors("trigger_dag_id: monthly, conf: {month: '{{ dss }}'}"),
            "dags/a.yaml:3:70: at column 4 of this text: 'dss' is not defined; did you mean "
            "'ds'?\n");
  EXPECT_EQ(Errors("conf: {month: 2}"),
            "dags/a.yaml:3:7: the job 'go' needs the key 'trigger_dag_id'\n");
  EXPECT_EQ(Errors("trigger_dag_id: '{{ params.x }}'"),
            "dags/a.yaml:3:47: at column 11 of this text: 'params' has no member 'x'\n");
}

TEST(Triggers, TellOfParamsThatTheirRunWouldLack) {
  const auto errors = [](std::string_view keys) {
    return Text(Load({{"dags/a.yaml", Dag(keys)},
                      {"dags/b.yaml",
                       "dag_id: monthly\nparams: {month: {type: integer}, n: 1}\n"
                       "tasks: {x: {type: empty}}\n"}})
                    .errors);
  };
  EXPECT_EQ(errors("trigger_dag_id: monthly"),
            "dags/a.yaml:3:47: the run of 'monthly' would be refused: its param 'month' has no "
            "default, and 'conf' does not give it\n");
  EXPECT_NE(errors("trigger_dag_id: monthly, conf: {n: 2}"), "");
  EXPECT_EQ(errors("trigger_dag_id: monthly, conf: {month: 2}"), "");
}

TEST(Triggers, ADagThatWasRenamedIsNamed) {
  EXPECT_EQ(
      Text(Load({{"dags/a.yaml", Dag("trigger_dag_id: old")},
                 {"dags/b.yaml", "dag_id: daily\nformerly: old\ntasks: {x: {type: empty}}\n"}})
               .errors),
      "dags/a.yaml:3:47: there is no DAG 'old' in this project; did you mean 'daily'?\n");
}

TEST(Triggers, TellWhatDoesNotFitTogether) {
  EXPECT_EQ(Errors("trigger_dag_id: monthly, allowed_states: [failed]"),
            "dags/a.yaml:3:72: 'allowed_states' is for a job that waits: 'wait_for_completion: "
            "true'\n");
  EXPECT_EQ(Errors("trigger_dag_id: monthly, wait_for_completion: true, allowed_states: [sucess]"),
            "dags/a.yaml:3:99: 'allowed_states': expected success or failed, found 'sucess'; did "
            "you mean 'success'?\n");
  EXPECT_EQ(Errors("trigger_dag_id: monthly, wait_for_completion: true, failed_states: [success]"),
            "dags/a.yaml:3:98: 'success' stands in 'allowed_states' and in 'failed_states'\n");
  EXPECT_EQ(Errors("trigger_dag_id: monthly, reset_dag_run: true, skip_when_already_exists: true"),
            "dags/a.yaml:3:103: give 'reset_dag_run' or 'skip_when_already_exists', not both\n");
  EXPECT_EQ(Errors("trigger_dag_id: monthly, logical_date: soon"),
            "dags/a.yaml:3:70: 'logical_date': 'soon' is no time\n");
  EXPECT_EQ(Errors("trigger_dag_id: monthly, outputs: s3://b/k"),
            "dags/a.yaml:3:65: 'outputs' is for jobs with a cluster or a command; this one has "
            "neither\n");
  EXPECT_EQ(Errors("trigger_dag_id: monthly, wait_for_completion: true, execution_timeout: 1h"),
            "dags/a.yaml:3:102: 'execution_timeout' is for jobs with a cluster or a command; this "
            "one has neither\n");
  EXPECT_EQ(Text(Load({{"dags/a.yaml",
                        "dag_id: a\ntasks: {x: {type: empty, trigger_dag_id: monthly}}\n"}})
                     .errors),
            "dags/a.yaml:2:42: 'trigger_dag_id' is for jobs of type trigger_dag_run\n");
}

TEST(Triggers, WarnOfARunThatExistsFromTheSecondTimeOn) {
  EXPECT_NE(Warnings("trigger_dag_id: monthly, trigger_run_id: one"), "");
  EXPECT_EQ(Warnings("trigger_dag_id: monthly, trigger_run_id: one, reset_dag_run: true"), "");
  EXPECT_EQ(Warnings("trigger_dag_id: monthly, trigger_run_id: 'of-{{ run_id }}'"), "");
}

TEST(Triggers, WarnOfDagsThatTriggerEachOther) {
  const auto warnings = [](std::string_view a, std::string_view b) {
    return Text(Load({{"dags/a.yaml", Dag(a)}, {"dags/b.yaml", Dag(b, "b")}}).warnings);
  };
  EXPECT_EQ(warnings("trigger_dag_id: b", "trigger_dag_id: a"),
            "dags/a.yaml:3:47: these DAGs trigger each other without end: a -> b -> a; a 'when' on "
            "one of the jobs can end it\n");
  EXPECT_EQ(warnings("trigger_dag_id: b", "trigger_dag_id: a, when: 'ds > \"2026-01-01\"'"), "");
  EXPECT_EQ(warnings("trigger_dag_id: a", "trigger_dag_id: a"),
            "dags/a.yaml:3:47: these DAGs trigger each other without end: a -> a; a 'when' on one "
            "of the jobs can end it\n");
}

TEST(Conditions, KnowJobsAndRunsOfOtherDags) {
  const auto errors = [](std::string_view edges,
                         std::string_view when,
                         std::string_view more = "") {
    return Text(Load({{"dags/a.yaml",
                       Cat("dag_id: a\nschedule: '@daily'\ntasks:\n  monthly: {type: empty}\n  x: "
                           "{type: empty, depends_on: [",
                           edges,
                           "], when: \"",
                           when,
                           "\"}\n",
                           more)},
                      {"dags/b.yaml", Cat("schedule: '@daily'\n", kTarget)}})
                    .errors);
  };
  EXPECT_EQ(errors("{job: monthly/x, rule: all_done}", "states['monthly/x'] == 'failed'"), "");
  EXPECT_EQ(errors("{dag: monthly, run_state: any}", "states['monthly'] == 'failed'"), "");
  EXPECT_NE(errors("{job: monthly/x, rule: all_done}", "states['monthly/y'] == 'failed'")
                .find("did you mean"),
            std::string::npos);
  EXPECT_NE(errors("monthly, {dag: monthly, run_state: any}", "states['monthly'] == 'failed'")
                .find("give the job another id"),
            std::string::npos);
}

}  // namespace
}  // namespace dagfile
