#include <gtest/gtest.h>

#include "model/dag_json.h"
#include "model/event.h"
#include "model/rows.h"

namespace model {
namespace {

Dag Sample() {
  Dag dag;
  dag.id = DagId("d");
  dag.schedule.cron = "0 2 * * 1";
  dag.timezone = "Europe/Istanbul";
  dag.start_date = base::FromMicros(1767571200000000);
  Job a;
  a.id = JobId("a");
  a.work = EmrWork{.request = json::object{{"Name", "x"}}};
  a.cross.push_back({DagId("s"), JobId("build"), LaneId("2"), Window::kCovers});
  Job b;
  b.id = JobId("b");
  b.lane = LaneId("1");
  b.upstream = {0};
  dag.jobs = {a, b};
  return dag;
}

TEST(DagJson, RoundTripsAndKeepsItsVersion) {
  Dag dag = Sample();
  auto back = DagFromJson(DagToJson(dag));
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(base::Canonical(DagToJson(**back)), base::Canonical(DagToJson(dag)));
  EXPECT_EQ((*back)->version, ComputeVersion(dag));
  dag.timezone = "UTC";
  EXPECT_NE((*back)->version, ComputeVersion(dag));
}

TEST(DagJson, KeepsWhenJobsBeginAndRefusesWordsThatItDoesNotKnow) {
  Dag dag = Sample();
  dag.doc_md = "# d";
  dag.groups = {{"g", "tip"},
                {"g.h", "", 3, base::minutes(7), true, base::hours(1)},
                {"g.i", "", 1, base::minutes(2)}};
  Job& job = dag.jobs[0];
  job.trigger_rule = TriggerRule::kNoneFailedMinOneSuccess;
  job.when = "params.full";
  job.role = Role::kTeardown;
  job.setups = {0};
  job.on_failure_fail_dagrun = true;
  job.group = "g.h";
  job.doc_md = "# j";
  job.execution_timeout = base::hours(5);
  auto back = DagFromJson(DagToJson(dag));
  ASSERT_TRUE(back.has_value()) << back.error().message;
  EXPECT_EQ((*back)->version, ComputeVersion(dag));
  EXPECT_EQ((*back)->groups, dag.groups);
  for (const char* key : {"trigger_rule", "role"}) {
    json::object damaged = DagToJson(dag);
    damaged["jobs"].as_array()[0].as_object()[key] = "quantum";
    back = DagFromJson(damaged);
    ASSERT_FALSE(back.has_value()) << key;
    EXPECT_EQ(back.error().code, base::ErrorCode::kCorrupt);
  }
}

TEST(DagJson, KeepsTheWholeRetryPolicyAndWritesNoDefaults) {
  Dag dag = Sample();
  const json::object written = DagToJson(dag);
  for (const char* key : {"retry_exponential_backoff",
                          "max_retry_delay_us",
                          "retry_on",
                          "on_retry",
                          "resume",
                          "launch_timeout_us",
                          "max_run_time_us",
                          "expected_durations_us"})
    EXPECT_FALSE(written.at("jobs").as_array()[0].as_object().contains(key)) << key;
  Job& job = dag.jobs[0];
  job.retry_exponential_backoff = true;
  job.max_retry_delay = base::hours(2);
  job.retry_on = {VerdictClass::kApplication};
  auto& work = std::get<EmrWork>(job.work);
  work.on_retry = {{3, json::object{{"EbsRootVolumeSize", 100}}}};
  work.resume = Resume::kFailedStep;
  work.launch_timeout = base::minutes(20);
  work.max_run_time = base::hours(3);
  work.expected_durations = {std::nullopt, base::minutes(40)};
  auto back = DagFromJson(DagToJson(dag));
  ASSERT_TRUE(back.has_value());
  const Job& read = (*back)->jobs[0];
  EXPECT_TRUE(read.retry_exponential_backoff);
  EXPECT_EQ(read.max_retry_delay, job.max_retry_delay);
  EXPECT_EQ(read.retry_on, job.retry_on);
  EXPECT_EQ(read.work, job.work);
}

TEST(DagJson, KeepsWhatAJobTriggers) {
  Dag dag;
  dag.id = DagId("a");
  dag.jobs.push_back({.id = JobId("plain"), .work = TriggerWork{.dag = "b"}});
  TriggerWork full{.dag = "{{ params.x }}", .run_id = "r", .logical_date = "{{ ds }}"};
  full.conf = {{"month", 2}};
  full.resets = full.skips = full.fails_if_paused = full.waits = true;
  full.allowed = {RunState::kFailed};
  full.failed = {};
  dag.jobs.push_back({.id = JobId("full"), .work = full});
  dag.version = ComputeVersion(dag);
  const auto back = DagFromJson(DagToJson(dag));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ((*back)->version, dag.version);
  EXPECT_EQ((*back)->jobs[0].work, dag.jobs[0].work);
  EXPECT_EQ((*back)->jobs[1].work, dag.jobs[1].work);
}

TEST(DagJson, AKindOfWorkThatNobodyKnowsIsCorrupt) {
  json::object stored = DagToJson(Sample());
  stored["jobs"].get_array()[1].get_object()["type"] = "quantum";
  auto back = DagFromJson(stored);
  ASSERT_FALSE(back.has_value());
  EXPECT_EQ(back.error().code, base::ErrorCode::kCorrupt);
  EXPECT_NE(back.error().message.find("'quantum' is no kind of work"), std::string::npos);
}

TEST(DagJson, ADanglingEdgeIsCorrupt) {
  Dag dag = Sample();
  dag.jobs[1].upstream = {7};
  auto back = DagFromJson(DagToJson(dag));
  ASSERT_FALSE(back.has_value());
  EXPECT_EQ(back.error().code, base::ErrorCode::kCorrupt);
}

TEST(States, EveryNameReadsBack) {
  for (int i = 0; i <= static_cast<int>(TaskState::kSkipped); ++i)
    EXPECT_EQ(ParseTaskState(ToString(static_cast<TaskState>(i))), static_cast<TaskState>(i));
  for (int i = 0; i <= static_cast<int>(ClusterPhase::kLost); ++i)
    EXPECT_EQ(ParseClusterPhase(ToString(static_cast<ClusterPhase>(i))),
              static_cast<ClusterPhase>(i));
  EXPECT_EQ(ParseTaskState("nonsense"), std::nullopt);
}

TEST(Dag, TasksAreNamedAsAirflowShowsThem) {
  Dag dag = Sample();
  EXPECT_EQ(TaskDisplayId(dag.jobs[0], 1), "a.wait_cluster_termination");
  EXPECT_EQ(TaskDisplayId(dag.jobs[1], 0), "b_1");
}

}  // namespace
}  // namespace model
