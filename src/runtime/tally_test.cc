#include "runtime/tally.h"

#include <gtest/gtest.h>

namespace runtime {
namespace {

using model::RunState;
using model::TaskState;

const model::DagId kDag("d");
const model::RunKey kRun{kDag, model::RunId("r")};

base::Time At(int64_t second) {
  return base::FromMicros(second * 1'000'000);
}

model::RunRow RunIn(RunState state) {
  model::RunRow run;
  run.key = kRun;
  run.state = state;
  run.run_after = At(100);
  run.queued_at = At(102);
  if (state != RunState::kQueued)
    run.start_date = At(110);
  if (IsTerminal(state))
    run.end_date = At(1010);
  return run;
}

model::HistoryRow Creation() {
  return {.seq = 1, .subject = model::SubjectOf(kRun), .from = "", .to = "queued"};
}

model::TaskRow TaskIn(TaskState state) {
  return {.job = {kRun, model::JobId("j"), model::LaneId()},
          .state = state,
          .queued_at = At(200),
          .start_date = At(230),
          .end_date = At(530)};
}

// A row and the history of its move.
std::vector<model::Change> Moved(const model::RunRow& run) {
  return {run,
          model::HistoryRow{.subject = model::SubjectOf(run.key),
                            .from = "before",
                            .to = std::string(ToString(run.state))}};
}
std::vector<model::Change> Moved(const model::TaskRow& task) {
  return {task,
          model::HistoryRow{.subject = model::SubjectOf(task.job, "j"),
                            .from = "before",
                            .to = std::string(ToString(task.state))}};
}

int64_t Observations(const base::Histogram& histogram) {
  int64_t all = 0;
  for (int64_t count : histogram.counts())
    all += count;
  return all;
}

TEST(Tally, CountsWhatAnEndedClusterCostOnceAlsoIfItComesBack) {
  Tally tally({});
  model::ClusterRow cluster;
  cluster.id = model::ClusterId("j-1");
  cluster.attempt = model::AttemptKey{{kRun, model::JobId("j"), model::LaneId()}, 1};
  cluster.micro_usd_per_hour = 3'600'000;
  cluster.created_at = At(0);
  tally.Add({cluster});
  EXPECT_EQ(tally.Of(kDag).spent, 0) << "it lives";
  cluster.phase = model::ClusterPhase::kLost;
  cluster.phase_seen_at = At(100);
  tally.Add({cluster});
  tally.Add({cluster});
  EXPECT_EQ(tally.Of(kDag).spent, 100'000);
  cluster.phase = model::ClusterPhase::kRunning;
  tally.Add({cluster});
  cluster.phase = model::ClusterPhase::kTerminated;
  cluster.phase_seen_at = At(310);
  cluster.ended_at = At(300);
  tally.Add({cluster});
  EXPECT_EQ(tally.Of(kDag).spent, 300'000);
}

TEST(Tally, CountsAnEndOnceHoweverManyRowsLedToIt) {
  Tally tally({});
  tally.Add({Creation(), RunIn(RunState::kQueued)});
  tally.Add(Moved(RunIn(RunState::kRunning)));
  tally.Add(Moved(TaskIn(TaskState::kRunning)));
  tally.Add(Moved(TaskIn(TaskState::kUpForRetry)));
  tally.Add(Moved(TaskIn(TaskState::kSuccess)));
  tally.Add(Moved(RunIn(RunState::kSuccess)));
  // Somebody writes a note on both.
  tally.Add({TaskIn(TaskState::kSuccess), RunIn(RunState::kSuccess)});
  const Tally::OfDag& dag = tally.Of(kDag);
  EXPECT_EQ(dag.runs, (std::array<int64_t, 2>{1, 0}));
  EXPECT_EQ(dag.tasks, (std::array<int64_t, 5>{1, 0, 1, 0, 0}));
  EXPECT_EQ(dag.run_seconds.sum(), 900);
  EXPECT_EQ(Observations(dag.task_seconds), 1) << "a try that is repeated is not an end";
  EXPECT_EQ(dag.task_seconds.sum(), 300);
  EXPECT_EQ(dag.last_success, At(1010));
}

TEST(Tally, LagsCountFromTheTickAndFromTheQueue) {
  Tally tally({});
  tally.Add({Creation(), RunIn(RunState::kQueued)});
  tally.Add({RunIn(RunState::kQueued)});  // cleared: it was created before
  tally.Add(Moved(TaskIn(TaskState::kRunning)));
  EXPECT_EQ(Observations(tally.run_lag()), 1);
  EXPECT_EQ(tally.run_lag().sum(), 2);
  EXPECT_EQ(tally.launch_lag().sum(), 30);
  model::RunRow manual = RunIn(RunState::kQueued);
  manual.type = model::RunType::kManual;
  tally.Add({Creation(), manual});
  EXPECT_EQ(Observations(tally.run_lag()), 1) << "nobody waited for a tick";
}

TEST(Tally, TheLastSuccessOutlivesTheProcess) {
  Tally tally({{kDag, At(5000)}});
  EXPECT_EQ(tally.Of(kDag).last_success, At(5000));
  tally.Add(Moved(RunIn(RunState::kSuccess)));
  EXPECT_EQ(tally.Of(kDag).last_success, At(5000)) << "an older one changes nothing";
  EXPECT_EQ(tally.Of(model::DagId("other")).last_success, std::nullopt);
}

TEST(Tally, CountsWhatBecameOfDeadlines) {
  using enum model::DeadlineStatus;
  Tally tally({});
  for (const model::DeadlineStatus status : {kOnTrack, kAtRisk, kMissed, kMet, kMet, kWithdrawn})
    tally.Add({model::DeadlineRow{.key = {{kRun, {}, {}}, ""}, .status = status}});
  EXPECT_EQ(tally.Of(kDag).deadlines, (std::array<int64_t, 2>{2, 1}));
}

TEST(Tally, ARenamedDagKeepsItsCounts) {
  Tally tally({{kDag, At(5000)}});
  tally.Add(Moved(RunIn(RunState::kSuccess)));
  tally.Add({model::DagRenamed{kDag, model::DagId("other")}});
  EXPECT_EQ(tally.Of(kDag).last_success, std::nullopt);
  EXPECT_EQ(tally.Of(model::DagId("other")).last_success, At(5000));
  EXPECT_EQ(tally.Of(model::DagId("other")).runs[0], 1);
}

}  // namespace
}  // namespace runtime
