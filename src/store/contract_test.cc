// What every store must do: one suite, run over each implementation.

#include <gtest/gtest.h>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "model/limits.h"
#include "store/backing.h"
#include "store/test_support.h"

namespace store {
namespace {

using testing::At;
using testing::Backing;
using testing::ExpectSame;
using testing::JobKeyOf;
using testing::NewBacking;
using testing::RunKeyOf;
using testing::SampleAttempt;
using testing::SampleCluster;
using testing::SampleCommand;
using testing::SampleDag;
using testing::SampleHistory;
using testing::SampleJob;
using testing::SampleLaunch;
using testing::SamplePool;
using testing::SampleRun;
using testing::SampleTask;
using testing::SampleVersion;
using testing::Value;
using Outcome = CommitResult::Outcome;
using Batch = std::vector<model::Change>;

class StoreContract : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    backing_ = NewBacking(GetParam());
    epoch_ = Load().identity.epoch;
  }

  Store& store() { return backing_->store(); }
  Reader& reader() { return store().reader(); }

  model::Snapshot Load(base::Time completed_since = At(0)) {
    auto snapshot = store().Load(completed_since);
    if (!snapshot.has_value()) {
      ADD_FAILURE() << snapshot.error().message;
      return {};
    }
    epoch_ = snapshot->identity.epoch;
    return std::move(*snapshot);
  }
  model::Snapshot ReopenAndLoad(base::Time completed_since = At(0)) {
    backing_->Reopen();
    return Load(completed_since);
  }
  CommitResult Commit(const Batch& batch) { return store().Commit(batch, epoch_); }
  void Put(const Batch& batch) {
    const CommitResult result = Commit(batch);
    ASSERT_EQ(result.outcome, Outcome::kOk) << result.reason;
  }

  std::unique_ptr<Backing> backing_;
  int64_t epoch_ = 0;
  const model::RunKey run_ = RunKeyOf("d", "r");
  const model::JobKey job_ = JobKeyOf(run_, "labeling", "1");
};

INSTANTIATE_TEST_SUITE_P(,
                         StoreContract,
                         ::testing::Values("Memory", "Sqlite"),
                         [](const auto& tested) { return tested.param; });

// Every row type, once as put and once replaced by other values, read back by Load and by Reader.
TEST_P(StoreContract, EveryFieldOfEveryRowComesBack) {
  for (const int k : {0, 100}) {
    const model::DagRow dag = SampleDag("d", k);
    const model::RunRow run = SampleRun(run_, k);
    const model::JobRow job = SampleJob(job_, k);
    const model::TaskRow task = SampleTask(job_, 1, k);
    const model::AttemptRow attempt = SampleAttempt({job_, 3}, k);
    const model::LaunchRow launch = SampleLaunch("t1", {job_, 3}, k);
    const model::ClusterRow cluster = SampleCluster("j-1", model::AttemptKey{job_, 3}, k);
    const model::ClusterRow foreign = SampleCluster("j-2", std::nullopt, k + 1);
    const model::HoleRow hole = testing::SampleHole("d", k);
    const model::PoolRow pool = SamplePool("clusters", k);
    const model::DurationsRow durations = testing::SampleDurations("a", k);
    const model::CommandRow command = SampleCommand("t1", 7, k);
    const model::HistoryRow history = SampleHistory(k == 0 ? 1 : 2);
    Put({dag,
         SampleVersion("v-d"),
         run,
         job,
         task,
         attempt,
         launch,
         cluster,
         foreign,
         hole,
         pool,
         durations,
         command,
         history});
    const model::Snapshot snapshot = ReopenAndLoad();
    EXPECT_EQ(snapshot.dags, std::vector{dag});
    EXPECT_EQ(snapshot.versions, std::vector{SampleVersion("v-d")});
    EXPECT_EQ(snapshot.runs, std::vector{run});
    EXPECT_EQ(snapshot.jobs, std::vector{job});
    EXPECT_EQ(snapshot.tasks, std::vector{task});
    EXPECT_EQ(snapshot.attempts, std::vector{attempt});
    EXPECT_EQ(snapshot.launches, std::vector{launch});
    EXPECT_EQ(snapshot.clusters, (std::vector{cluster, foreign}));
    EXPECT_EQ(snapshot.holes, std::vector{hole});
    EXPECT_EQ(snapshot.pools, std::vector{pool});
    EXPECT_EQ(snapshot.durations, std::vector{durations});
    EXPECT_EQ(snapshot.commands, std::vector{command});
    EXPECT_EQ(snapshot.last_seq, history.seq);

    EXPECT_EQ(Value(reader().Dags()), std::vector{dag});
    EXPECT_EQ(Value(reader().Version(model::VersionId("v-d"))), SampleVersion("v-d"));
    EXPECT_EQ(Value(reader().Run(run_)), run);
    EXPECT_EQ(Value(reader().Jobs(run_)), std::vector{job});
    EXPECT_EQ(Value(reader().Tasks(run_)), std::vector{task});
    EXPECT_EQ(Value(reader().Attempts(run_)), std::vector{attempt});
    EXPECT_EQ(Value(reader().Launches(run_)), std::vector{launch});
    EXPECT_EQ(Value(reader().Cluster(cluster.id)), cluster);
    EXPECT_EQ(Value(reader().Cluster(foreign.id)), foreign);
    EXPECT_EQ(Value(reader().ClustersOf(run_)), std::vector{cluster});
    EXPECT_EQ(Value(reader().Holes(dag.dag)), std::vector{hole});
    EXPECT_TRUE(Value(reader().Holes(model::DagId("e"))).empty());
    EXPECT_EQ(Value(reader().Pools()), std::vector{pool});
    EXPECT_EQ(Value(reader().History({.after = history.seq - 1, .limit = 10})),
              std::vector{history});
  }
}

// Absent is not zero, and "" is not absent.
TEST_P(StoreContract, RowsOfDefaultsComeBack) {
  const model::RunRow run{.key = run_};
  const model::JobRow job{.key = job_};
  const model::TaskRow task{.job = job_};
  const model::AttemptRow attempt{.key = {job_, 0}};
  const model::LaunchRow launch{.token = model::LaunchToken("t"), .attempt = {job_, 0}};
  const model::ClusterRow cluster{.id = model::ClusterId("j-0")};
  const model::DagRow dag{.dag = model::DagId("d")};
  Put({dag, run, job, task, attempt, launch, cluster, model::HistoryRow{.seq = 1}});
  const model::Snapshot snapshot = ReopenAndLoad();
  EXPECT_EQ(snapshot.dags, std::vector{dag});
  EXPECT_EQ(snapshot.runs, std::vector{run});
  EXPECT_EQ(snapshot.jobs, std::vector{job});
  EXPECT_EQ(snapshot.tasks, std::vector{task});
  EXPECT_EQ(snapshot.attempts, std::vector{attempt});
  EXPECT_EQ(snapshot.launches, std::vector{launch});
  EXPECT_EQ(snapshot.clusters, std::vector{cluster});
  EXPECT_EQ(Value(reader().History({.after = 0, .limit = 1})),
            std::vector{model::HistoryRow{.seq = 1}});
}

TEST_P(StoreContract, AVersionNeverChanges) {
  Put({SampleDag("d"), SampleVersion("v-d", 0)});
  Put({SampleVersion("v-d", 1)});
  EXPECT_EQ(Value(reader().Version(model::VersionId("v-d"))), SampleVersion("v-d", 0));
}

TEST_P(StoreContract, ABatchIsAppliedInItsOrder) {
  Put({SampleCommand("t", 1),
       model::CommandDone{"t", 1},
       SampleRun(run_, 0),
       SampleTask(job_, 0, 1),
       SampleTask(job_, 0, 2),
       model::CommandDone{"u", 1},
       SampleCommand("u", 1)});
  const model::Snapshot snapshot = ReopenAndLoad();
  EXPECT_EQ(snapshot.tasks, std::vector{SampleTask(job_, 0, 2)});
  EXPECT_EQ(snapshot.commands, std::vector{SampleCommand("u", 1)});
}

TEST_P(StoreContract, ACommandTakenOffTwiceIsGone) {
  Put({SampleCommand("t", 1), SampleCommand("t", 2)});
  Put({model::CommandDone{"t", 1}});
  Put({model::CommandDone{"t", 1}});
  EXPECT_EQ(ReopenAndLoad().commands, std::vector{SampleCommand("t", 2)});
}

TEST_P(StoreContract, ARefusedBatchLeavesNothing) {
  Put({SampleDag("d"),
       SampleVersion("v-d"),
       SampleRun(run_),
       SampleJob(job_),
       SampleTask(job_, 0),
       SampleCommand("t", 1),
       SampleHistory(1)});
  const model::Snapshot before = Load();
  const CommitResult refused = Commit({SampleDag("d", 5),
                                       SampleDag("e"),
                                       SampleRun(RunKeyOf("d", "r2"), 9),
                                       SampleRun(run_, 9),
                                       SampleTask(job_, 0, 9),
                                       SampleTask(JobKeyOf(RunKeyOf("d", "r2"), "a"), 0),
                                       SampleCluster("j-9", std::nullopt),
                                       SamplePool("p"),
                                       model::CommandDone{"t", 1},
                                       SampleCommand("t", 2),
                                       SampleHistory(2),
                                       SampleTask(JobKeyOf(RunKeyOf("d", "absent"), "a"), 0)});
  EXPECT_EQ(refused.outcome, Outcome::kRefused);
  EXPECT_EQ(refused.reason, "there is no run d/absent");
  ExpectSame(Load(), before);
  EXPECT_EQ(Value(reader().History({.after = 0, .limit = 10})).size(), 1u);
  // The run of the refused batch is not there either; the store goes on.
  EXPECT_EQ(Commit({SampleTask(JobKeyOf(RunKeyOf("d", "r2"), "a"), 0)}).outcome, Outcome::kRefused);
  Put({SampleRun(RunKeyOf("d", "r3")), SampleHistory(2)});
  EXPECT_EQ(ReopenAndLoad().runs.size(), 2u);
}

TEST_P(StoreContract, RowsOfARunNeedTheRun) {
  const model::AttemptKey attempt{job_, 1};
  for (const model::Change& change : Batch{SampleJob(job_),
                                           SampleTask(job_, 0),
                                           SampleAttempt(attempt),
                                           SampleLaunch("t", attempt),
                                           SampleCluster("j-1", attempt)}) {
    const CommitResult refused = Commit({change});
    EXPECT_EQ(refused.outcome, Outcome::kRefused);
    EXPECT_EQ(refused.reason, "there is no run d/r");
  }
}

TEST_P(StoreContract, AFireHappensOnce) {
  model::RunRow first = SampleRun(RunKeyOf("d", "scheduled__a"));
  first.type = model::RunType::kScheduled;
  first.logical_date = base::FromMicros(1'767'571'200'000'000);
  model::RunRow second = first;
  second.key.run = model::RunId("scheduled__b");
  Put({first});
  const CommitResult refused = Commit({second});
  EXPECT_EQ(refused.outcome, Outcome::kRefused);
  EXPECT_EQ(refused.reason, "the DAG d has a run for 2026-01-05T00:00:00Z already: scheduled__a");
  Put({first});  // itself again is no second fire

  second.type = model::RunType::kManual;
  Put({second});  // a manual run may share the date
  model::RunRow other = first;
  other.key = RunKeyOf("e", "scheduled__a");
  Put({other});  // another DAG, too
  model::RunRow undated = first;
  undated.key.run = model::RunId("x");
  undated.logical_date.reset();
  Put({undated});
  undated.key.run = model::RunId("y");
  Put({undated});

  // A run that gives its date up frees it, within one batch as well.
  first.logical_date = At(500);
  second.type = model::RunType::kScheduled;
  Put({first, second});
}

TEST_P(StoreContract, HistoryHasNoGap) {
  Put({SampleHistory(1), SampleHistory(2)});
  for (const int64_t seq : {0, 2, 4}) {
    const CommitResult refused = Commit({SampleHistory(seq)});
    EXPECT_EQ(refused.outcome, Outcome::kRefused);
    EXPECT_EQ(refused.reason, base::Cat("history row ", seq, " does not follow row 2"));
  }
  EXPECT_EQ(Commit({SampleHistory(3), SampleHistory(5)}).outcome, Outcome::kRefused);
  Put({SampleHistory(3)});
  EXPECT_EQ(ReopenAndLoad().last_seq, 3);
  Put({SampleHistory(4)});
  EXPECT_EQ(Value(reader().History({.after = 1, .limit = 2})),
            (std::vector{SampleHistory(2), SampleHistory(3)}));
  EXPECT_EQ(Value(reader().History({.after = 3, .limit = 100})), std::vector{SampleHistory(4)});
  EXPECT_TRUE(Value(reader().History({.after = 4, .limit = 100})).empty());
  EXPECT_TRUE(Value(reader().History({.after = 0, .limit = 0})).empty());
}

TEST_P(StoreContract, HistoryIsFilteredByAnyOfItsColumns) {
  std::vector<model::HistoryRow> all;
  for (int64_t seq = 1; seq <= 12; ++seq) {
    all.push_back(SampleHistory(seq));
    Put({all.back()});
  }
  const std::vector<HistoryQuery> queries = {{.kind = model::EntityKind::kTask},
                                             {.kind = model::EntityKind::kRun},
                                             {.dag = model::DagId("d")},
                                             {.dag = model::DagId("other")},
                                             {.dag = model::DagId("d"), .run = model::RunId("r4")},
                                             {.job = model::JobId("j")},
                                             {.lane = model::LaneId("1")},
                                             {.index = 7},
                                             {.cluster = model::ClusterId("j-1")},
                                             {.actor = "ada"},
                                             {.after = 5, .limit = 2, .actor = "ada"}};
  for (HistoryQuery query : queries) {
    std::vector<model::HistoryRow> wanted;
    for (const model::HistoryRow& row : all) {
      const model::Subject& subject = row.subject;
      if (row.seq > query.after && std::ssize(wanted) < query.limit &&
          subject.kind == query.kind.value_or(subject.kind) &&
          subject.dag == query.dag.value_or(subject.dag) &&
          subject.run == query.run.value_or(subject.run) &&
          subject.job == query.job.value_or(subject.job) &&
          subject.lane == query.lane.value_or(subject.lane) &&
          subject.index == query.index.value_or(subject.index) &&
          subject.cluster == query.cluster.value_or(subject.cluster) &&
          row.by.name == query.actor.value_or(row.by.name))
        wanted.push_back(row);
    }
    EXPECT_EQ(Value(reader().History(query)), wanted);
  }
}

TEST_P(StoreContract, AReloadReadsAgainWithinTheEpoch) {
  ASSERT_EQ(Commit({SampleRun(run_, 9), SampleHistory(1)}).outcome, Outcome::kOk);
  const auto again = store().Reload(At(0));
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->identity.epoch, epoch_);
  EXPECT_EQ(again->runs.size(), 1u);
  EXPECT_EQ(again->last_seq, 1);
  EXPECT_EQ(Commit({SampleHistory(2)}).outcome, Outcome::kOk);
}

TEST_P(StoreContract, ANewEpochFencesTheOldOne) {
  const int64_t old_epoch = epoch_;
  Put({SampleRun(run_)});
  const model::Snapshot loaded = Load();
  EXPECT_EQ(loaded.identity.epoch, old_epoch + 1);
  const CommitResult fenced = store().Commit({SampleRun(run_, 9), SampleHistory(1)}, old_epoch);
  EXPECT_EQ(fenced.outcome, Outcome::kFenced);
  EXPECT_EQ(fenced.reason,
            base::Cat("epoch ", old_epoch, " is over: epoch ", old_epoch + 1, " has begun"));
  EXPECT_EQ(Value(reader().Run(run_)), SampleRun(run_));
  Put({SampleRun(run_, 1)});
  const model::Snapshot again = ReopenAndLoad();
  EXPECT_EQ(again.identity.epoch, old_epoch + 2);
  EXPECT_EQ(again.identity.incarnation, loaded.identity.incarnation);
  EXPECT_EQ(again.identity.incarnation.size(), 32u);
  EXPECT_EQ(again.identity.deployment, "demo");
}

TEST_P(StoreContract, AnEmptyBatchIsDoneAndFencedLikeAnyOther) {
  EXPECT_EQ(Commit({}).outcome, Outcome::kOk);
  EXPECT_EQ(store().Commit({}, epoch_ - 1).outcome, Outcome::kFenced);
}

// Load: what is live, and what belongs to it.
TEST_P(StoreContract, LoadLeavesOutWhatIsOver) {
  const model::RunKey ended = RunKeyOf("d", "ended");
  model::RunRow ended_run = SampleRun(ended);
  ended_run.state = model::RunState::kSuccess;
  ended_run.version = model::VersionId("v-old");
  model::RunRow queued_run = SampleRun(RunKeyOf("e", "q"));
  queued_run.state = model::RunState::kQueued;
  queued_run.version = model::VersionId("v-pinned");
  const model::AttemptKey live_attempt{job_, 1};
  const model::AttemptKey ended_attempt{JobKeyOf(ended, "labeling"), 1};
  // It has ended, and something of it is still out there.
  const model::RunKey lingering = RunKeyOf("d", "lingering");
  model::RunRow lingering_run = SampleRun(lingering, 7);
  lingering_run.state = model::RunState::kFailed;
  const model::AttemptKey lingering_attempt{JobKeyOf(lingering, "labeling"), 1};

  const auto launch =
      [](const std::string& token, const model::AttemptKey& attempt, model::LaunchState state) {
        model::LaunchRow row = SampleLaunch(token, attempt);
        row.state = state;
        return row;
      };
  const auto cluster = [](const std::string& id,
                          std::optional<model::AttemptKey> attempt,
                          model::ClusterPhase phase) {
    model::ClusterRow row = SampleCluster(id, attempt);
    row.phase = phase;
    return row;
  };
  using L = model::LaunchState;
  using P = model::ClusterPhase;
  Put({SampleVersion("v-d"),
       SampleVersion("v-old"),
       SampleVersion("v-pinned"),
       SampleVersion("v-unused"),
       SampleDag("d"),
       ended_run,
       lingering_run,
       queued_run,
       SampleRun(run_),
       SampleJob(job_),
       SampleJob(ended_attempt.job),
       SampleTask(job_, 0),
       SampleTask(ended_attempt.job, 0),
       SampleTask(lingering_attempt.job, 0),
       SampleAttempt(live_attempt),
       SampleAttempt(ended_attempt)});
  Put({launch("a", live_attempt, L::kAccepted),
       launch("b", live_attempt, L::kIntent),
       launch("c", ended_attempt, L::kAccepted),
       launch("d", lingering_attempt, L::kUnknown),
       launch("e", lingering_attempt, L::kIntent),
       launch("g", lingering_attempt, L::kAccepted),
       launch("f", ended_attempt, L::kNotFound)});
  Put({cluster("j-1", live_attempt, P::kTerminated),
       cluster("j-2", live_attempt, P::kWaiting),
       cluster("j-3", ended_attempt, P::kTerminated),
       cluster("j-4", lingering_attempt, P::kTerminating),
       cluster("j-5", std::nullopt, P::kRunning),
       cluster("j-6", std::nullopt, P::kLost),
       cluster("j-7", ended_attempt, P::kTerminatedWithErrors)});

  const model::Snapshot got = ReopenAndLoad();
  std::set<model::RunKey> runs;
  for (const model::RunRow& row : got.runs)
    runs.insert(row.key);
  EXPECT_EQ(runs, (std::set{run_, lingering, queued_run.key}));
  EXPECT_EQ(got.versions, (std::vector{SampleVersion("v-d"), SampleVersion("v-pinned")}));
  EXPECT_EQ(got.jobs, std::vector{SampleJob(job_)});
  EXPECT_EQ(got.tasks.size(), 2u);
  EXPECT_EQ(got.attempts, std::vector{SampleAttempt(live_attempt)});
  std::vector<std::string> tokens;
  for (const auto& row : got.launches)
    tokens.push_back(row.token.str());
  EXPECT_EQ(tokens, (std::vector<std::string>{"a", "b", "d", "e", "g"}));
  std::vector<std::string> ids;
  for (const auto& row : got.clusters)
    ids.push_back(row.id.str());
  EXPECT_EQ(ids, (std::vector<std::string>{"j-1", "j-2", "j-4", "j-5"}));

  // A run that goes on again (a clear) is live with all that belongs to it.
  ended_run.state = model::RunState::kRunning;
  Put({ended_run});
  const model::Snapshot after = ReopenAndLoad();
  EXPECT_EQ(after.runs.size(), 4u);
  EXPECT_EQ(after.launches.size(), 7u);
  EXPECT_EQ(after.clusters.size(), 6u);
}

TEST_P(StoreContract, LoadGivesRecentCompletionsAndTheLatestSuccess) {
  const auto put_run =
      [&](const std::string& run, int64_t interval_end, int64_t ended_at, model::TaskState last) {
        model::RunRow row = SampleRun(RunKeyOf("d", run));
        row.state = model::RunState::kFailed;
        row.data_interval = {At(interval_end - 10), At(interval_end)};
        row.end_date = At(ended_at);
        const model::JobKey build = JobKeyOf(row.key, "build");
        const model::JobKey after = JobKeyOf(row.key, "after");
        model::TaskRow start = SampleTask(build, 0);
        start.state = model::TaskState::kFailed;  // only the last task counts
        model::TaskRow wait = SampleTask(build, 1);
        wait.state = last;
        model::TaskRow skipped = SampleTask(after, 0);
        skipped.state = model::TaskState::kSkipped;
        Put({row, SampleJob(build), SampleJob(after), wait, start, skipped});
      };
  put_run("r1", 300, 1000, model::TaskState::kSuccess);  // the latest interval of the successes
  put_run("r2", 200, 1100, model::TaskState::kSuccess);
  put_run("r3", 400, 1200, model::TaskState::kFailed);
  put_run("r4", 500, 2000, model::TaskState::kFailed);  // ended within the look-back
  put_run("r5", 100, 2001, model::TaskState::kSuccess);
  Put({SampleRun(RunKeyOf("d", "live")), SampleTask(JobKeyOf(RunKeyOf("d", "live"), "build"), 0)});

  std::vector<std::string> got;
  const model::Snapshot snapshot = ReopenAndLoad(At(2000));
  for (const auto& done : snapshot.completed)
    got.push_back(
        base::Cat(done.job.run.run.str(), " ", done.job.job.str(), " ", ToString(done.state)));
  EXPECT_EQ(got,
            (std::vector<std::string>{"r5 after skipped",
                                      "r5 build success",
                                      "r4 after skipped",
                                      "r4 build failed",
                                      "r1 build success"}));
  const model::Snapshot::CompletedJob& last = snapshot.completed.back();
  EXPECT_EQ(last.type, model::RunType::kManual);
  EXPECT_EQ(last.logical_date, SampleRun(RunKeyOf("d", "r1")).logical_date);
  EXPECT_EQ(last.data_interval, (base::Interval{At(290), At(300)}));
}

TEST_P(StoreContract, ListsOfRunsLeaveOutWhatIsLarge) {
  const auto put = [&](const std::string& run, size_t size) {
    model::RunRow row = SampleRun(RunKeyOf("d", run));
    row.conf = base::Cat(R"({"k":")", std::string(size - 8, 'x'), "\"}");
    ASSERT_EQ(row.conf.size(), size);
    Put({row});
  };
  put("small", kListedConfMax);
  put("large", kListedConfMax + 1);
  put("allowed", model::kConfBytesMax);
  put("older", model::kConfBytesMax + 1);  // of before there was a bound
  put("huge", 3'000'000);
  const auto rows = Value(reader().Runs({})).rows;
  ASSERT_EQ(rows.size(), 5u);
  const auto shown = [](const model::RunRow& row) {
    return base::Cat(row.key.run.str(), " ", row.conf.size(), " ", row.triggered_by);
  };
  EXPECT_EQ(shown(rows[4]), base::Cat("small ", kListedConfMax, " person0"));
  EXPECT_EQ(shown(rows[3]), "large 0 person0");
  EXPECT_EQ(shown(rows[2]), "allowed 0 person0");
  EXPECT_EQ(shown(rows[1]), "older 0 ");
  EXPECT_EQ(shown(rows[0]), "huge 0 ");
  EXPECT_EQ(rows[0].end_date, SampleRun(RunKeyOf("d", "huge")).end_date);
  // One run is shown whole.
  const auto huge = Value(reader().Run(RunKeyOf("d", "huge")));
  EXPECT_EQ(huge.conf.size(), 3'000'000u);
  EXPECT_EQ(huge.triggered_by, "person0");
}

TEST_P(StoreContract, TasksOfAllRunsArePagedNewestRunFirst) {
  for (const auto& [dag, run] : {std::pair("a", "one"), {"b", "one"}, {"a", "two"}}) {
    const model::RunKey key = RunKeyOf(dag, run);
    Put({SampleRun(key)});
    for (const auto& [job, lane] : {std::pair("y", ""), {"x", "2"}, {"x", "1"}}) {
      const model::JobKey of{key, model::JobId(job), model::LaneId(lane)};
      model::TaskRow first = SampleTask(of, 0), second = SampleTask(of, 1);
      first.state = model::TaskState::kSuccess;
      Put({SampleJob(of), second, first});
    }
  }
  const auto names = [&](const TaskQuery& query, int64_t total) {
    auto page = Value(reader().TasksOfRuns(query));
    EXPECT_EQ(page.total, total);
    std::vector<std::string> out;
    for (const model::TaskRow& row : page.rows)
      out.push_back(base::Cat(ToString(row.job), ".", row.task));
    return base::Join(out, " ");
  };
  EXPECT_EQ(names({.limit = 7}, 18),
            "a/two/x_1.0 a/two/x_1.1 a/two/x_2.0 a/two/x_2.1 a/two/y.0 a/two/y.1 b/one/x_1.0");
  EXPECT_EQ(names({.limit = 2, .offset = 5}, 18), "a/two/y.1 b/one/x_1.0");
  EXPECT_EQ(names({.limit = 2, .offset = 18}, 18), "");
  EXPECT_EQ(names({.dag = model::DagId("a"), .limit = 1, .offset = 6}, 12), "a/one/x_1.0");
  EXPECT_EQ(names({.run = model::RunId("one"), .limit = 1}, 12), "b/one/x_1.0");
  EXPECT_EQ(names({.dag = model::DagId("b"), .run = model::RunId("one"), .limit = 1}, 6),
            "b/one/x_1.0");
  EXPECT_EQ(
      names({.states = {model::TaskState::kSuccess, model::TaskState::kSuccess}, .limit = 2}, 9),
      "a/two/x_1.0 a/two/x_2.0");
  EXPECT_EQ(names({.dag = model::DagId("c")}, 0), "");
}

TEST_P(StoreContract, RunsArePagedNewestFirst) {
  for (int i = 0; i < 7; ++i) {
    model::RunRow row = SampleRun(RunKeyOf(i % 2 == 0 ? "even" : "odd", base::Cat("r", 9 - i)));
    row.state = i < 4 ? model::RunState::kSuccess : model::RunState::kQueued;
    Put({row});
  }
  Put({SampleRun(RunKeyOf("even", "r9"), 5)});  // put again: as old as before, now running
  const auto names = [&](const RunQuery& query, int64_t total) {
    auto page = Value(reader().Runs(query));
    EXPECT_EQ(page.total, total);
    std::vector<std::string> out;
    for (const auto& row : page.rows)
      out.push_back(row.key.run.str());
    return base::Join(out, " ");
  };
  EXPECT_EQ(names({}, 7), "r3 r4 r5 r6 r7 r8 r9");
  EXPECT_EQ(names({.limit = 3}, 7), "r3 r4 r5");
  EXPECT_EQ(names({.limit = 3, .offset = 5}, 7), "r8 r9");
  EXPECT_EQ(names({.limit = 3, .offset = 50}, 7), "");
  EXPECT_EQ(names({.limit = 0}, 7), "");
  EXPECT_EQ(names({.dag = model::DagId("odd")}, 3), "r4 r6 r8");
  EXPECT_EQ(names({.dag = model::DagId("odd"), .limit = 1, .offset = 1}, 3), "r6");
  EXPECT_EQ(names({.states = {model::RunState::kQueued}}, 3), "r3 r4 r5");
  EXPECT_EQ(names({.dag = model::DagId("even"),
                   .states = {model::RunState::kRunning, model::RunState::kSuccess}},
                  2),
            "r7 r9");
  EXPECT_EQ(names({.dag = model::DagId("none")}, 0), "");
}

// Paged by their edges in every order, forward and back, runs are those of one long list.
TEST_P(StoreContract, RunsArePagedByEdgesInEveryOrder) {
  for (int i = 0; i < 11; ++i) {
    model::RunRow row = SampleRun(RunKeyOf(base::Cat("d", i % 2), base::Cat("r", i * 7 % 11)));
    row.state = i % 3 == 0 ? model::RunState::kFailed : model::RunState::kSuccess;
    row.start_date = i % 4 == 0 ? std::nullopt : std::optional(At(100 - i % 3));
    row.end_date = i % 5 == 0 ? std::nullopt : std::optional(At(i % 2));
    row.logical_date = i % 3 == 1 ? std::nullopt : std::optional(At(i));
    row.type = model::RunType::kManual;
    row.run_after = At(i % 4);
    Put({row});
  }
  using C = RunColumn;
  std::vector<std::vector<RunOrder>> orders{{}};
  for (const C first : {C::kId,
                        C::kDag,
                        C::kRun,
                        C::kState,
                        C::kLogicalDate,
                        C::kRunAfter,
                        C::kStartDate,
                        C::kEndDate}) {
    for (const bool down : {false, true}) {
      orders.push_back({{first, down}});
      orders.push_back({{C::kEndDate, !down}, {first, down}, {C::kEndDate, down}});
    }
  }
  for (const auto& order : orders) {
    const auto all = Value(reader().Runs({.order = order})).rows;
    ASSERT_EQ(all.size(), 11u);
    for (size_t edge = 0; edge < all.size(); ++edge) {
      const RunQuery after{
          .limit = 3, .order = order, .from = Edge<model::RunRow>{all[edge], false}};
      const auto begin = all.begin() + static_cast<std::ptrdiff_t>(edge);
      EXPECT_EQ(Value(reader().Runs(after)).rows,
                std::vector(begin + 1, begin + std::min<std::ptrdiff_t>(4, all.end() - begin)));
      const RunQuery before{
          .limit = 3, .order = order, .from = Edge<model::RunRow>{all[edge], true}};
      const auto page = Value(reader().Runs(before));
      EXPECT_EQ(page.rows,
                std::vector(begin - std::min<std::ptrdiff_t>(3, begin - all.begin()), begin));
      EXPECT_EQ(page.total, 11);
    }
  }
  const Edge<model::RunRow> nowhere{SampleRun(RunKeyOf("d", "none"))};
  const auto missing = reader().Runs({.from = nowhere});
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, base::ErrorCode::kNotFound);
}

TEST_P(StoreContract, TasksAndClustersArePagedByTheirEdges) {
  for (const char* run : {"one", "two"}) {
    const model::RunKey key = RunKeyOf("a", run);
    Put({SampleRun(key)});
    for (const auto& [job, lane] : {std::pair("y", ""), {"x", "2"}, {"x", "1"}})
      Put({SampleTask({key, model::JobId(job), model::LaneId(lane)}, 0),
           SampleTask({key, model::JobId(job), model::LaneId(lane)}, 1),
           SampleCluster(base::Cat("j-", run, job, lane), std::nullopt)});
  }
  const auto check = [](const auto& all, const auto& page) {
    for (size_t edge = 0; edge < all.size(); ++edge) {
      const auto begin = all.begin() + static_cast<std::ptrdiff_t>(edge);
      EXPECT_EQ(page(all[edge], false),
                std::vector(begin + 1, begin + std::min<std::ptrdiff_t>(5, all.end() - begin)));
      EXPECT_EQ(page(all[edge], true),
                std::vector(begin - std::min<std::ptrdiff_t>(4, begin - all.begin()), begin));
    }
  };
  const auto tasks = Value(reader().TasksOfRuns({})).rows;
  ASSERT_EQ(tasks.size(), 12u);
  check(tasks, [&](const model::TaskRow& row, bool back) {
    return Value(reader().TasksOfRuns({.limit = 4, .from = Edge<model::TaskRow>{row, back}})).rows;
  });
  const auto clusters = Value(reader().Clusters({})).rows;
  ASSERT_EQ(clusters.size(), 6u);
  check(clusters, [&](const model::ClusterRow& row, bool back) {
    return Value(reader().Clusters({.limit = 4, .from = Edge<model::ClusterRow>{row, back}})).rows;
  });
}

TEST_P(StoreContract, ClustersArePagedNewestFirst) {
  using P = model::ClusterPhase;
  const std::vector<P> phases{P::kStarting,
                              P::kTerminated,
                              P::kWaiting,
                              P::kLost,
                              P::kTerminating,
                              P::kTerminatedWithErrors};
  for (size_t i = 0; i < phases.size(); ++i) {
    model::ClusterRow row = SampleCluster(base::Cat("j-", 9 - i), std::nullopt);
    row.phase = phases[i];
    Put({row});
  }
  const auto ids = [&](const ClusterQuery& query, int64_t total) {
    auto page = Value(reader().Clusters(query));
    EXPECT_EQ(page.total, total);
    std::vector<std::string> out;
    for (const auto& row : page.rows)
      out.push_back(row.id.str());
    return base::Join(out, " ");
  };
  EXPECT_EQ(ids({}, 6), "j-4 j-5 j-6 j-7 j-8 j-9");
  EXPECT_EQ(ids({.limit = 2, .offset = 1}, 6), "j-5 j-6");
  EXPECT_EQ(ids({.live_only = true}, 3), "j-5 j-7 j-9");
  EXPECT_EQ(ids({.live_only = true, .limit = 1, .offset = 2}, 3), "j-9");
}

TEST_P(StoreContract, ClustersAreFilteredByDagAndByStateAsItIsShown) {
  Put({SampleRun(run_), SampleRun(RunKeyOf("other", "r"))});
  const auto put = [&](const std::string& id,
                       const model::RunKey& run,
                       model::ClusterPhase phase,
                       model::ClusterHealth health) {
    model::ClusterRow row = SampleCluster(id, model::AttemptKey{JobKeyOf(run, "labeling", "1"), 1});
    row.phase = phase;
    row.health = health;
    Put({row});
  };
  using P = model::ClusterPhase;
  using H = model::ClusterHealth;
  put("j-well", run_, P::kRunning, H::kOk);
  put("j-zero", run_, P::kRunning, H::kZeroCore);
  put("j-was-zero", run_, P::kTerminated, H::kZeroCore);
  put("j-other", RunKeyOf("other", "r"), P::kRunning, H::kOk);
  const auto ids = [&](const ClusterQuery& query) {
    auto page = Value(reader().Clusters(query));
    EXPECT_EQ(page.total, static_cast<int64_t>(page.rows.size()));
    std::vector<std::string> out;
    for (const auto& row : page.rows)
      out.push_back(row.id.str());
    return base::Join(out, " ");
  };
  EXPECT_EQ(ids({.dag = model::DagId("other")}), "j-other");
  EXPECT_EQ(ids({.phases = {P::kRunning}}), "j-other j-well");
  EXPECT_EQ(ids({.healths = {H::kZeroCore}}), "j-zero");
  EXPECT_EQ(ids({.phases = {P::kTerminated}, .healths = {H::kZeroCore}}), "j-was-zero j-zero");
  EXPECT_EQ(ids({.live_only = true, .dag = run_.dag, .phases = {P::kRunning, P::kTerminated}}),
            "j-well");
}

TEST_P(StoreContract, LatestRunsAndLastSuccessesAreThoseOfEachDag) {
  const auto put = [&](const char* dag, const char* run, model::RunState state, int end) {
    model::RunRow row = SampleRun(RunKeyOf(dag, run));
    row.state = state;
    row.end_date = At(end);
    Put({row});
  };
  put("a", "r1", model::RunState::kSuccess, 900);  // the later end, though the earlier run
  put("a", "r2", model::RunState::kSuccess, 800);
  put("a", "r3", model::RunState::kFailed, 950);
  put("b", "r1", model::RunState::kFailed, 100);
  EXPECT_EQ(Value(reader().LatestRun(model::DagId("a")))->key.run.str(), "r3");
  EXPECT_EQ(Value(reader().LatestRun(model::DagId("c"))), std::nullopt);
  EXPECT_EQ(Value(reader().LastSuccesses()),
            (std::map<model::DagId, base::Time>{{model::DagId("a"), At(900)}}));
}

TEST_P(StoreContract, JobsAndTasksComeByKey) {
  const model::JobKey a = JobKeyOf(run_, "a"), b = JobKeyOf(run_, "b"), c = JobKeyOf(run_, "c");
  Put({SampleRun(run_),
       SampleTask(c, 1),
       SampleTask(c, 0),
       SampleTask(b, 0),
       SampleTask(a, 0),
       SampleJob(c),
       SampleJob(b),
       SampleJob(a),
       SampleAttempt({a, 10}),
       SampleAttempt({a, 9}),
       SampleLaunch("x", {a, 9}, 2),
       SampleLaunch("y", {a, 9}, 1)});
  const std::vector jobs{SampleJob(a), SampleJob(b), SampleJob(c)};
  const std::vector tasks{SampleTask(a, 0), SampleTask(b, 0), SampleTask(c, 0), SampleTask(c, 1)};
  EXPECT_EQ(Value(reader().Jobs(run_)), jobs);
  EXPECT_EQ(Value(reader().Tasks(run_)), tasks);
  EXPECT_EQ(Value(reader().Attempts(run_)),
            (std::vector{SampleAttempt({a, 9}), SampleAttempt({a, 10})}));
  EXPECT_EQ(Value(reader().Launches(run_)),
            (std::vector{SampleLaunch("y", {a, 9}, 1), SampleLaunch("x", {a, 9}, 2)}));
  const model::Snapshot snapshot = Load();
  EXPECT_EQ(snapshot.jobs, jobs);
  EXPECT_EQ(snapshot.tasks, tasks);
}

TEST_P(StoreContract, I16_ALaunchIsFoundByItsTokenWhenItsRunHasEnded) {
  EXPECT_EQ(Value(reader().FirstLaunchAt()), std::nullopt);
  model::RunRow ended = SampleRun(run_);
  ended.state = model::RunState::kFailed;
  const model::LaunchRow first = SampleLaunch("y", {job_, 1});
  model::LaunchRow second = SampleLaunch("x", {job_, 2}, 1);
  second.created_at = first.created_at + base::hours(1);
  Put({ended, first, second});
  Put({first});  // put again: it is still the first
  EXPECT_EQ(Value(reader().Launch(second.token)), second);
  EXPECT_EQ(Value(reader().FirstLaunchAt()), first.created_at);
}

TEST_P(StoreContract, I5_ARunThatEndedIsReadWithEveryClusterOfItsLaunches) {
  model::RunRow ended = SampleRun(run_);
  ended.state = model::RunState::kFailed;
  model::LaunchRow launch = SampleLaunch("x", {job_, 1});
  launch.cluster = model::ClusterId("j-2");
  const model::ClusterRow wanted = SampleCluster("j-2", launch.attempt);
  const model::ClusterRow second = SampleCluster("j-1", launch.attempt);
  Put({SampleVersion(ended.version.str()), ended, launch, wanted, second});
  EXPECT_EQ(Value(ReadRun(reader(), run_)).clusters, (std::vector{wanted, second}));
}

TEST_P(StoreContract, WhatIsNotThereIsNotFound) {
  const auto code = [](const auto& result) {
    return result.has_value() ? base::ErrorCode::kInternal : result.error().code;
  };
  EXPECT_EQ(code(reader().Version(model::VersionId("v"))), base::ErrorCode::kNotFound);
  EXPECT_EQ(code(reader().Run(run_)), base::ErrorCode::kNotFound);
  EXPECT_EQ(code(reader().Jobs(run_)), base::ErrorCode::kNotFound);
  EXPECT_EQ(code(reader().Tasks(run_)), base::ErrorCode::kNotFound);
  EXPECT_EQ(code(reader().Attempts(run_)), base::ErrorCode::kNotFound);
  EXPECT_EQ(code(reader().Launches(run_)), base::ErrorCode::kNotFound);
  EXPECT_EQ(code(reader().ClustersOf(run_)), base::ErrorCode::kNotFound);
  EXPECT_EQ(code(reader().Cluster(model::ClusterId("j"))), base::ErrorCode::kNotFound);
  EXPECT_EQ(code(reader().Launch(model::LaunchToken("t"))), base::ErrorCode::kNotFound);
  Put({SampleRun(run_)});
  EXPECT_TRUE(Value(reader().Jobs(run_)).empty());
  EXPECT_TRUE(Value(reader().Launches(run_)).empty());
}

}  // namespace
}  // namespace store
