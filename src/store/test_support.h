#pragma once

// For the tests of this module: rows with every field filled, temporary directories, and the
// comparison of snapshots.

#include <filesystem>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>
#include <vector>

#include "base/text.h"
#include "model/rows.h"
#include "store/store.h"

namespace store::testing {

inline base::Time At(int64_t seconds) {
  return base::FromMicros(1'767'571'200'000'000 + seconds * 1'000'000 + 7);
}

inline model::RunKey RunKeyOf(const std::string& dag, const std::string& run) {
  return {model::DagId(dag), model::RunId(run)};
}

inline model::JobKey JobKeyOf(const model::RunKey& run,
                              const std::string& job,
                              const std::string& lane = "",
                              int index = -1) {
  return {run, model::JobId(job), model::LaneId(lane), index};
}

// In the samples every field differs from its default, and no two fields of a row are alike. `k`
// makes samples of one key different from each other.

inline model::DagRow SampleDag(const std::string& dag, int k = 0) {
  return {.dag = model::DagId(dag),
          .version = model::VersionId(base::Cat("v-", dag)),
          .fileloc = base::Cat("dags/", dag, k, ".yaml"),
          .is_paused = false,
          .is_active = false,
          .last_logical_date = At(k + 1),
          .first_seen = At(k + 2),
          .scheduled_until = At(k + 3),
          .schedules = {{{"0 1 * * *", model::Timetable::kDataInterval}, "UTC", At(k + 4)},
                        {{"", model::Timetable::kTrigger}, "Europe/Berlin", At(k + 5)}},
          .missing_since = At(k + 20)};
}

inline model::HoleRow SampleHole(const std::string& dag, int k = 0) {
  return {.dag = model::DagId(dag),
          .first = {At(-1), At(0)},
          .last = {At(k + 1), At(k + 2)},
          .ticks = k + 3,
          .reason = model::HoleReason::kNoRoom,
          .recorded_at = At(k + 4),
          .filled = {At(k + 5), At(k + 6)}};
}

inline model::DagVersionRow SampleVersion(const std::string& version, int k = 0) {
  return {.version = model::VersionId(version),
          .dag = model::DagId("d"),
          .resolved = base::Cat(R"({"dag_id":"d","k":)", k, "}"),
          .created_at = At(k + 3)};
}

inline model::RunRow SampleRun(const model::RunKey& key, int k = 0) {
  return {.key = key,
          .version = model::VersionId(base::Cat("v-", key.dag.str())),
          .type = model::RunType::kManual,
          .state = model::RunState::kRunning,
          .logical_date = At(k + 1),
          .data_interval = {At(k + 2), At(k + 3)},
          .run_after = At(k + 4),
          .queued_at = At(k + 5),
          .start_date = At(k + 6),
          .end_date = At(k + 7),
          .conf = base::Cat(R"({"k":)", k, "}"),
          .triggered_by = base::Cat("person", k),
          .backfill = k + 8,
          .deletions = k + 9};
}

inline model::BackfillRow SampleBackfill(int64_t id, int k = 0) {
  return {.id = id,
          .dag = model::DagId("d"),
          .from = At(k + 1),
          .to = At(k + 2),
          .is_reversed = true,
          .fills_holes = true,
          .reprocess = model::Reprocess::kFailed,
          .max_active_runs = k + 3,
          .conf = base::Cat(R"({"k":)", k, "}"),
          .is_paused = true,
          .is_cancelled = true,
          .created_at = At(k + 4),
          .updated_at = At(k + 5),
          .created_by = base::Cat("person", k)};
}

inline model::BackfillTickRow SampleTick(int64_t backfill, int number, int k = 0) {
  return {.backfill = backfill,
          .number = number,
          .logical_date = At(k + 1),
          .run_after = At(k + 2),
          .data_interval = {At(k + 3), At(k + 4)},
          .outcome = model::TickOutcome::kRerun,
          .run = model::RunId(base::Cat("r", k))};
}

inline model::HoldRow SampleHold(int64_t id, int k = 0) {
  return {.id = id,
          .scope = model::HoldScope::kTag,
          .target = base::Cat("tag", k),
          .reason = base::Cat("the quota ", k),
          .since = At(k + 1),
          .placed_by = base::Cat("person", k),
          .released_by = base::Cat("nobody", k)};
}

inline model::RecordRow SampleRecord(model::RecordKind kind, const std::string& name, int k = 0) {
  return {.id = {kind, name},
          .body = base::Cat("{\"k\":", k, "}"),
          .revision = k + 1,
          .changed_at = At(k + 2)};
}

inline model::DeadlineRow SampleDeadline(const model::JobKey& job,
                                         const std::string& name,
                                         int k = 0) {
  return {.key = {job, name},
          .due = At(k + 1),
          .status = model::DeadlineStatus::kLate,
          .since = At(k + 2),
          .expected = At(k + 3),
          .holds_up = base::Cat("job ", k)};
}

inline model::JobRow SampleJob(const model::JobKey& key, int k = 0) {
  return {.key = key,
          .try_number = k + 1,
          .application_failures = k + 2,
          .infrastructure_failures = k + 3,
          .next_try_at = At(k + 4),
          .waits_for = {{model::DagId("u"),
                         model::JobId("j"),
                         {model::LaneId(""), model::LaneId("1")},
                         base::Interval{At(k + 5), At(k + 6)},
                         model::WaitBasis::kNotBegun,
                         true},
                        {model::DagId("v"),
                         model::JobId("j"),
                         {model::LaneId("")},
                         {},
                         model::WaitBasis::kUnknownDag},
                        {key.run.dag,
                         key.job,
                         {model::LaneId("")},
                         base::Interval{At(k + 1), At(k + 2)},
                         model::WaitBasis::kPastRun,
                         false,
                         model::RunId("before")},
                        {.dag = model::DagId("w"),
                         .job = {},
                         .lanes = {model::LaneId("")},
                         .interval = base::Interval{At(k + 1), At(k + 2)},
                         .edge = 1,
                         .rule = model::TriggerRule::kNoneFailed,
                         .ends_job = true,
                         .verdict = model::WaitVerdict::kSkipped}},
          .end_note = model::EndNote::kOutletsDue,
          .slots_since = At(k + 7)};
}

inline model::MappingRow SampleMapping(const model::JobKey& key, int k = 0) {
  return {.key = key,
          .items = base::Cat("[", k, ", \"a\"]"),
          .names = base::Cat("[\"first ", k, "\", \"second\"]"),
          .instances = k + 2};
}

inline model::GroupTriesRow SampleGroupTries(const model::GroupKey& key, int k = 0) {
  return {.key = key, .failures = k + 1, .next_try_at = At(k + 9)};
}

inline model::TaskRow SampleTask(const model::JobKey& job, int task, int k = 0) {
  return {.job = job,
          .task = task,
          .state = model::TaskState::kUpForRetry,
          .try_number = k + 2,
          .queued_at = At(k + 3),
          .start_date = At(k + 4),
          .end_date = At(k + 5)};
}

inline model::AttemptRow SampleAttempt(const model::AttemptKey& key, int k = 0) {
  return {.key = key,
          .version = model::VersionId("v-d"),
          .started_at = At(k + 1),
          .ended_at = At(k + 2),
          .verdict = model::VerdictClass::kInfrastructure,
          .reason = base::Cat("the core fleet was lost ", k, " \u2014 \"spot\"")};
}

inline model::OutputsRow SampleOutputs(const model::AttemptKey& key, int k = 0) {
  return {.key = key, .outputs = base::Cat(R"({"rows":)", k, "}"), .read_at = At(k + 6)};
}

inline model::CauseRow SampleCause(const model::AttemptKey& key, int k = 0) {
  return {
      .key = key, .text = base::Cat("ValueError: \u201cno\u201d\nrows ", k), .found_at = At(k + 7)};
}

inline model::TriggerRow SampleTrigger(const model::AttemptKey& key, int k = 0) {
  return {.key = key,
          .run = {model::DagId("other"), model::RunId(base::Cat("wanted", k))},
          .logical_date = k % 2 == 0 ? std::optional(At(k + 5)) : std::nullopt,
          .finds_by_date = k % 2 == 0,
          .conf = base::Cat(R"({"rows":)", k, "}"),
          .state = k % 3 == 0 ? model::TriggerState::kAsked : model::TriggerState::kCleared,
          .ended = k % 3 == 1 ? std::optional(model::RunState::kFailed) : std::nullopt};
}

inline model::ProcessRow SampleProcess(const model::AttemptKey& key, int k = 0) {
  return {.key = key,
          .token = model::ProcessToken(base::Cat("process", k)),
          .request = base::Cat(R"({"argv":["echo","“)", k, "\"]}"),
          .state = k % 2 == 0 ? model::ProcessState::kRunning : model::ProcessState::kOver,
          .wanted_at = At(k + 1),
          .began_at = At(k + 2),
          .ended_at = k % 2 == 0 ? std::nullopt : std::optional(At(k + 3)),
          .end = k % 2 == 0 ? "" : "exit code 3",
          .stop_requested_at = k % 3 == 0 ? std::optional(At(k + 4)) : std::nullopt};
}

inline model::LaunchRow SampleLaunch(const std::string& token,
                                     const model::AttemptKey& attempt,
                                     int k = 0) {
  return {.token = model::LaunchToken(token),
          .attempt = attempt,
          .launch_no = k + 4,
          .epoch = k + 5,
          .state = model::LaunchState::kUnknown,
          .request = base::Cat(R"({"Name":"sbx)", k, "\"}"),
          .created_at = At(k + 1),
          .sent_by = At(k + 2),
          .cluster = model::ClusterId(base::Cat("j-", token)),
          .message = base::Cat("timed out ", k),
          .outputs = base::Cat("s3://bucket/", k, ".json")};
}

inline model::ClusterRow SampleCluster(const std::string& id,
                                       const std::optional<model::AttemptKey>& attempt,
                                       int k = 0) {
  return {.id = model::ClusterId(id),
          .token = model::LaunchToken(base::Cat("token", k)),
          .attempt = attempt,
          .name = base::Cat("sbx-demo-", k),
          .region = "eu-central-1",
          .account = "123456789012",
          .phase = model::ClusterPhase::kRunning,
          .health = model::ClusterHealth::kZeroCore,
          .reason_code = "INSTANCE_FAILURE",
          .reason_message = base::Cat("spot ", k),
          .phase_seen_at = At(k + 1),
          .lost_since = At(k + 8),
          .created_at = At(k + 2),
          .ready_at = At(k + 3),
          .ended_at = At(k + 4),
          .in_service_since = At(k + 5),
          .judged = true,
          .terminate_requested_at = At(k + 6),
          .terminate_cause = base::Cat("ZERO_CORE ", k),
          .terminate_verdict = model::VerdictClass::kInfrastructure,
          .zero_seen_at = At(k + 7),
          .suspected = model::ClusterHealth::kZeroMaster,
          .steps = {{"s-1",
                     "label",
                     model::StepState::kFailed,
                     base::Cat("exit code ", k, " \xc3"),  // cut inside a character
                     At(k + 8),
                     At(k + 9)},
                    {.id = "s-2", .name = "train"}},
          .fleets = {{"if-1", model::FleetRole::kCore, "RESIZING", k + 10, k + 9}, {}},
          .micro_usd_per_hour = 1'920'000 + k};
}

inline model::LimitRow SampleLimit(const std::string& by, int k = 0) {
  return {{.by = by,
           .tag = base::Cat("tag", k % 2),
           .max = k + 2,
           .max_vcpus = 64 * int64_t{k + 1},
           .market = k % 4 == 0 ? model::Market::kSpot : model::Market::kAny}};
}

inline model::SpendRulesRow SampleSpendRules(int k = 0) {
  return {.scope = "",
          .cap_per_day = k == 0 ? std::nullopt : std::optional<model::MicroUsd>(k * 1'000'000),
          .prices = {{"m5.xlarge", 192'000 + k, 70'000, 48'000}, {"r5.2xlarge", 504'000, 0, 1}}};
}

inline model::PoolTimeRow SamplePoolTime(const std::string& dag, int k = 0) {
  return {.dag = model::DagId(dag), .held = base::seconds(k + 1), .at = At(k)};
}

inline model::PoolRow SamplePool(const std::string& id, int k = 0) {
  return {.id = model::PoolId(id), .slots = k + 3, .description = base::Cat("clusters ", k)};
}

inline model::DurationsRow SampleDurations(const std::string& job, int k = 0) {
  return {.dag = model::DagId("d"),
          .job = model::JobId(job),
          .lane = model::LaneId("1"),
          .attempts = {{base::minutes(k + 1), model::VerdictClass::kInfrastructure},
                       {base::minutes(k + 2), model::VerdictClass::kSuccess}},
          .instances = k + 7};
}

inline model::CommandRow SampleCommand(const std::string& aggregate, int64_t sequence, int k = 0) {
  return {.aggregate = aggregate,
          .sequence = sequence,
          .kind = model::CommandKind::kTerminate,
          .created_at = At(k + 1)};
}

inline model::HistoryRow SampleHistory(int64_t seq) {
  return {.seq = seq,
          .at = At(seq),
          .subject = {.kind = seq % 2 == 0 ? model::EntityKind::kTask : model::EntityKind::kRun,
                      .text = base::Cat("run d/r", seq),
                      .dag = model::DagId("d"),
                      .run = model::RunId(base::Cat("r", seq)),
                      .job = model::JobId(seq % 2 == 0 ? "j" : ""),
                      .lane = model::LaneId(seq % 4 == 0 ? "1" : ""),
                      .index = seq % 4 == 0 ? 7 : -1,
                      .cluster = model::ClusterId(seq % 3 == 0 ? "j-1" : "")},
          .from = "queued",
          .to = "running",
          .cause = base::Cat("its turn ", seq),
          .by = seq % 5 == 0 ? model::Principal("ada", "api", "::1") : model::Principal()};
}

// Where files are in memory, if the system has such a place: for tests of many databases, whose
// fsyncs would otherwise wait for the disk.
inline std::string FastParent() {
  return ::access("/dev/shm", W_OK) == 0 ? "/dev/shm/" : ::testing::TempDir();
}

// A directory that goes away with the test.
class TempDir {
 public:
  explicit TempDir(const std::string& parent = ::testing::TempDir()) {
    std::string pattern = parent + "signalbox_store_XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string File(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// All but the epoch, which every Load raises.
inline void ExpectSame(const model::Snapshot& a, const model::Snapshot& b) {
  EXPECT_EQ(a.identity.deployment, b.identity.deployment);
  EXPECT_EQ(a.last_seq, b.last_seq);
  EXPECT_EQ(a.dags, b.dags);
  EXPECT_EQ(a.holes, b.holes);
  EXPECT_EQ(a.versions, b.versions);
  EXPECT_EQ(a.runs, b.runs);
  EXPECT_EQ(a.jobs, b.jobs);
  EXPECT_EQ(a.mappings, b.mappings);
  EXPECT_EQ(a.groups, b.groups);
  EXPECT_EQ(a.tasks, b.tasks);
  EXPECT_EQ(a.attempts, b.attempts);
  EXPECT_EQ(a.outputs, b.outputs);
  EXPECT_EQ(a.causes, b.causes);
  EXPECT_EQ(a.launches, b.launches);
  EXPECT_EQ(a.clusters, b.clusters);
  EXPECT_EQ(a.pools, b.pools);
  EXPECT_EQ(a.limits, b.limits);
  EXPECT_EQ(a.spend_rules, b.spend_rules);
  EXPECT_EQ(a.ended_clusters, b.ended_clusters);
  EXPECT_EQ(a.pool_times, b.pool_times);
  EXPECT_EQ(a.durations, b.durations);
  EXPECT_EQ(a.commands, b.commands);
  ASSERT_EQ(a.completed.size(), b.completed.size());
  for (size_t i = 0; i < a.completed.size(); ++i) {
    EXPECT_EQ(a.completed[i].job, b.completed[i].job);
    EXPECT_EQ(a.completed[i].type, b.completed[i].type);
    EXPECT_EQ(a.completed[i].logical_date, b.completed[i].logical_date);
    EXPECT_EQ(a.completed[i].data_interval, b.completed[i].data_interval);
    EXPECT_EQ(a.completed[i].state, b.completed[i].state);
  }
}

}  // namespace store::testing
