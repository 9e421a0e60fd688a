// A renamed DAG in each store: every row that names it does so by its new id, and no other changes.

#include <gtest/gtest.h>

#include "store/backing.h"
#include "store/test_support.h"

namespace store {
namespace {

using testing::At;

// All that concerns one DAG, and a job of another DAG that waits for it.
std::vector<model::Change> RowsOf(const std::string& dag) {
  const model::RunKey run = testing::RunKeyOf(dag, "r");
  const model::JobKey job = testing::JobKeyOf(run, "j", "1");
  const model::DagId id(dag);
  model::DagVersionRow version = testing::SampleVersion("v");
  version.dag = id;
  model::DagRow row = testing::SampleDag(dag);
  row.version = version.version;
  model::RunRow live = testing::SampleRun(run);
  live.version = version.version;
  model::BackfillRow backfill = testing::SampleBackfill(1);
  backfill.dag = id;
  model::DurationsRow durations = testing::SampleDurations("j");
  durations.dag = id;
  model::HoldRow of_dag = testing::SampleHold(1), of_job = testing::SampleHold(2);
  of_dag.scope = model::HoldScope::kDag;
  of_dag.target = dag;
  of_job.scope = model::HoldScope::kJob;
  of_job.target = dag + "/j";
  model::HistoryRow history = testing::SampleHistory(1);
  history.subject.dag = id;
  model::TriggerRow trigger = testing::SampleTrigger({job, 1});
  trigger.run.dag = id;
  const model::RunKey other = testing::RunKeyOf("other", "r");
  model::JobRow waits = testing::SampleJob(testing::JobKeyOf(other, "k"));
  waits.waits_for[0].dag = id;
  return {testing::SampleDag("other"),
          testing::SampleRun(other),
          waits,
          row,
          version,
          testing::SampleHole(dag),
          live,
          testing::SampleJob(job),
          testing::SampleMapping(job),
          testing::SampleTask(job, 0),
          testing::SampleAttempt({job, 1}),
          testing::SampleOutputs({job, 1}),
          testing::SampleCause({job, 1}),
          trigger,
          model::GroupTriesRow{.key = {run, "g", model::LaneId("1")}, .failures = 1},
          testing::SampleLaunch("t", {job, 1}),
          testing::SampleCluster("j-1", model::AttemptKey{job, 1}),
          testing::SamplePoolTime(dag),
          durations,
          backfill,
          of_dag,
          of_job,
          testing::SampleDeadline(job, "weekly"),
          model::RecordRow{{model::RecordKind::kFavourite, "ada/" + dag}, "{}", 1, At(1)},
          // Of a user, and of no DAG, that are called so.
          model::RecordRow{{model::RecordKind::kFavourite, "before/x"}, "{}", 1, At(1)},
          model::RecordRow{{model::RecordKind::kVariable, "a/before"}, "1", 1, At(1)},
          model::AssetQueueRow{.dag = id, .last_run = At(1), .assets = {}},
          history};
}

class RenamesContract : public ::testing::TestWithParam<std::string> {
 protected:
  std::unique_ptr<testing::Backing> backing_ = testing::NewBacking(GetParam());
  model::Snapshot Load() { return backing_->store().Load(At(0)).value(); }
  CommitResult Commit(const std::vector<model::Change>& rows) {
    return backing_->store().Commit(rows, Load().identity.epoch);
  }
};

INSTANTIATE_TEST_SUITE_P(,
                         RenamesContract,
                         ::testing::Values("Memory", "Sqlite"),
                         [](const auto& tested) { return tested.param; });

TEST_P(RenamesContract, AllRowsAreAsIfTheDagHadAlwaysBeenCalledSo) {
  ASSERT_EQ(Commit(RowsOf("before")).outcome, CommitResult::Outcome::kOk);
  ASSERT_EQ(Commit({model::DagRenamed{model::DagId("before"), model::DagId("now")}}).outcome,
            CommitResult::Outcome::kOk);
  backing_->Reopen();
  const model::Snapshot renamed = Load();

  const auto backing = testing::NewBacking(GetParam());
  const int64_t epoch = backing->store().Load(At(0)).value().identity.epoch;
  std::vector<model::Change> wanted = RowsOf("now");
  for (model::Change& row : wanted) {
    if (auto* dag = std::get_if<model::DagRow>(&row); dag != nullptr && dag->dag.str() == "now")
      dag->fileloc = testing::SampleDag("before").fileloc;
  }
  ASSERT_EQ(backing->store().Commit(wanted, epoch).outcome, CommitResult::Outcome::kOk);
  const model::Snapshot always = backing->store().Load(At(0)).value();

  testing::ExpectSame(renamed, always);
  EXPECT_EQ(renamed.triggers, always.triggers);
  EXPECT_EQ(renamed.groups, always.groups);
  EXPECT_EQ(renamed.backfills, always.backfills);
  EXPECT_EQ(renamed.holds, always.holds);
  EXPECT_EQ(renamed.deadlines, always.deadlines);
  EXPECT_EQ(renamed.asset_queues, always.asset_queues);
  EXPECT_EQ(renamed.records, always.records);
  Reader& reader = backing_->store().reader();
  EXPECT_EQ(reader.History({.dag = model::DagId("now")})->size(), 1u);
  EXPECT_EQ(reader.History({.dag = model::DagId("before")})->size(), 0u);
  EXPECT_EQ(reader.Versions(model::DagId("now"))->size(), 1u);
  EXPECT_EQ(reader.Clusters({.dag = model::DagId("now")})->rows.size(), 1u);
}

TEST_P(RenamesContract, ARefusedBatchRenamesNothing) {
  ASSERT_EQ(Commit(RowsOf("before")).outcome, CommitResult::Outcome::kOk);
  const model::Snapshot before = Load();
  const model::JobKey none = testing::JobKeyOf(testing::RunKeyOf("now", "none"), "j");
  EXPECT_EQ(Commit({model::DagRenamed{model::DagId("before"), model::DagId("now")},
                    testing::SampleTask(none, 0)})
                .outcome,
            CommitResult::Outcome::kRefused);
  testing::ExpectSame(Load(), before);
  EXPECT_EQ(backing_->store().reader().History({.dag = model::DagId("before")})->size(), 1u);
}

}  // namespace
}  // namespace store
