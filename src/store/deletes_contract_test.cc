// A deleted run and a deleted DAG in each store: nothing of them is left but what was done at EMR
// and the history, and everything else is as it was.

#include <gtest/gtest.h>

#include "store/backing.h"
#include "store/test_support.h"

namespace store {
namespace {

using testing::At;

const model::DagId kDag("gone");
const model::RunKey kRun = testing::RunKeyOf("gone", "r");
const model::JobKey kJob = testing::JobKeyOf(kRun, "j", "1");

// Of one ended run, with the token "t" and the cluster "j-1" followed by `suffix`.
std::vector<model::Change> RowsOf(const model::RunKey& key, const std::string& suffix) {
  const model::JobKey job = testing::JobKeyOf(key, "j", "1");
  model::RunRow run = testing::SampleRun(key);
  run.state = model::RunState::kFailed;
  run.backfill = 0;
  model::LaunchRow launch = testing::SampleLaunch("t" + suffix, {job, 1});
  launch.state = model::LaunchState::kAccepted;
  model::ClusterRow cluster = testing::SampleCluster("j-1" + suffix, model::AttemptKey{job, 1});
  cluster.phase = model::ClusterPhase::kTerminated;
  return {run,
          testing::SampleJob(job),
          testing::SampleMapping(job),
          testing::SampleTask(job, 0),
          testing::SampleAttempt({job, 1}),
          testing::SampleOutputs({job, 1}),
          testing::SampleCause({job, 1}),
          testing::SampleTrigger({job, 1}),
          testing::SampleProcess({job, 1}, 1),
          model::GroupTriesRow{.key = {key, "g", model::LaneId("1")}, .failures = 1},
          launch,
          cluster,
          testing::SampleDeadline(job, "weekly")};
}

// All that concerns the DAG beside its runs.
std::vector<model::Change> RowsOfDag() {
  model::DagVersionRow version = testing::SampleVersion("v-gone");
  version.dag = kDag;
  model::BackfillRow backfill = testing::SampleBackfill(1);
  backfill.dag = kDag;
  model::DurationsRow durations = testing::SampleDurations("j");
  durations.dag = kDag;
  return {testing::SampleDag("gone"),
          version,
          testing::SampleHole("gone"),
          testing::SamplePoolTime("gone"),
          durations,
          backfill,
          testing::SampleTick(1, 0),
          model::AssetQueueRow{.dag = kDag, .last_run = At(1), .assets = {}}};
}

class DeletesContract : public ::testing::TestWithParam<std::string> {
 protected:
  std::unique_ptr<testing::Backing> backing_ = testing::NewBacking(GetParam());
  model::Snapshot Load() { return backing_->store().Load(At(-1'000'000)).value(); }
  CommitResult::Outcome Commit(const std::vector<model::Change>& rows) {
    return backing_->store().Commit(rows, Load().identity.epoch).outcome;
  }
  void Put(const std::vector<model::Change>& rows) {
    ASSERT_EQ(Commit(rows), CommitResult::Outcome::kOk);
  }
  Reader& reader() { return backing_->store().reader(); }
};

INSTANTIATE_TEST_SUITE_P(,
                         DeletesContract,
                         ::testing::Values("Memory", "Sqlite"),
                         [](const auto& tested) { return tested.param; });

TEST_P(DeletesContract, NothingOfARunIsLeftButWhatWasDoneAtEmr) {
  Put(RowsOf(kRun, ""));
  Put({model::Deleted{7, kDag, kRun.run}});
  backing_->Reopen();
  EXPECT_EQ(reader().Run(kRun).error().code, base::ErrorCode::kNotFound);
  EXPECT_TRUE(reader().Deadlines(kRun)->empty());
  EXPECT_TRUE(reader().PastDeadlines(10)->empty());
  EXPECT_EQ(reader().TasksOfRuns({})->total, 0);
  const model::RunId named("r (deleted 7)");
  EXPECT_EQ(reader().Launch(model::LaunchToken("t"))->attempt.job.run.run, named);
  const model::ClusterRow cluster = reader().Cluster(model::ClusterId("j-1")).value();
  EXPECT_EQ(cluster.attempt->job, testing::JobKeyOf({kDag, named}, "j", "1"));
  EXPECT_EQ(reader().Clusters({.dag = kDag})->rows.size(), 1U);
  EXPECT_EQ(reader().ClustersWithin({At(-1'000'000), At(1'000'000)})->size(), 1U);
  EXPECT_TRUE(reader().FirstLaunchAt()->has_value());
  const model::Snapshot rows = Load();
  EXPECT_EQ(rows.last_deletion, 7);
  EXPECT_TRUE(rows.completed.empty());
  EXPECT_TRUE(rows.deadlines.empty());
  EXPECT_EQ(rows.ended_clusters.size(), 1U) << "today's money was spent";
}

TEST_P(DeletesContract, ALaterRunWithTheIdHasNothingOfIt) {
  Put(RowsOf(kRun, ""));
  Put({model::Deleted{1, kDag, kRun.run}});
  Put(RowsOf(kRun, "-again"));
  backing_->Reopen();
  EXPECT_EQ(reader().ClustersOf(kRun)->size(), 1U);
  ASSERT_EQ(reader().Launches(kRun)->size(), 1U);
  EXPECT_EQ(reader().Launches(kRun)->front().token.str(), "t-again");
  Put({model::Deleted{2, kDag, kRun.run}});
  EXPECT_EQ(reader().Cluster(model::ClusterId("j-1"))->attempt->job.run.run.str(), "r (deleted 1)");
  EXPECT_EQ(reader().Cluster(model::ClusterId("j-1-again"))->attempt->job.run.run.str(),
            "r (deleted 2)");
}

TEST_P(DeletesContract, OtherRunsAreAsTheyWere) {
  Put(RowsOf(testing::RunKeyOf("gone", "a"), "-a"));
  Put(RowsOf(testing::RunKeyOf("gone", "z"), "-z"));
  Put(RowsOf(testing::RunKeyOf("other", "r"), "-o"));
  const model::Snapshot before = Load();
  Put(RowsOf(kRun, ""));
  Put({model::Deleted{1, kDag, kRun.run}});
  model::Snapshot after = Load();
  std::erase_if(after.ended_clusters,
                [](const model::ClusterRow& row) { return row.id.str() == "j-1"; });
  testing::ExpectSame(after, before);
  EXPECT_EQ(after.deadlines, before.deadlines);
  EXPECT_EQ(after.ended_clusters, before.ended_clusters);
  for (const char* run : {"a", "z"}) {
    const auto rows = ReadRun(reader(), testing::RunKeyOf("gone", run));
    ASSERT_FALSE(rows.has_value()) << "it has no version";
    EXPECT_EQ(reader().Tasks(testing::RunKeyOf("gone", run))->size(), 1U);
    EXPECT_EQ(reader().ClustersOf(testing::RunKeyOf("gone", run))->size(), 1U);
  }
}

TEST_P(DeletesContract, TheFireOfADeletedRunMayHaveAnother) {
  model::RunRow fired = testing::SampleRun(kRun);
  fired.type = model::RunType::kScheduled;
  model::RunRow again = fired;
  again.key.run = model::RunId("other");
  Put({fired});
  EXPECT_EQ(Commit({again}), CommitResult::Outcome::kRefused);
  Put({model::Deleted{1, kDag, kRun.run}, again});
}

TEST_P(DeletesContract, ADagGoesWithItsRunsAndMayComeBack) {
  Put(RowsOf(testing::RunKeyOf("other", "r"), "-o"));
  const model::Snapshot before = Load();
  Put(RowsOfDag());
  Put(RowsOf(kRun, ""));
  Put(RowsOf(testing::RunKeyOf("gone", "z"), "-z"));
  model::HistoryRow history = testing::SampleHistory(1);
  history.subject.dag = kDag;
  Put({history});
  model::DagRow anew = testing::SampleDag("gone", 5);
  Put({model::Deleted{1, kDag, {}}, anew});
  backing_->Reopen();
  model::Snapshot after = Load();
  ASSERT_EQ(after.dags.size(), 1U);
  EXPECT_EQ(after.dags.front(), anew);
  EXPECT_TRUE(reader().Versions(kDag)->empty());
  EXPECT_TRUE(reader().Backfills(kDag)->empty());
  EXPECT_TRUE(reader().BackfillTicks(1)->empty());
  EXPECT_TRUE(reader().Holes(kDag)->empty());
  EXPECT_EQ(reader().Runs({.dag = kDag})->total, 0);
  EXPECT_EQ(reader().History({.dag = kDag})->size(), 1U) << "it stays, as it was said";
  EXPECT_EQ(reader().Clusters({.dag = kDag})->rows.size(), 2U);
  EXPECT_TRUE(after.durations.empty());
  EXPECT_TRUE(after.pool_times.empty());
  EXPECT_TRUE(after.asset_queues.empty());
  EXPECT_EQ(after.completed.size(), before.completed.size());
}

TEST_P(DeletesContract, TheIdOfADeletedBackfillIsNotGivenAgain) {
  Put(RowsOfDag());
  model::BackfillRow newest = testing::SampleBackfill(5);
  newest.dag = kDag;
  Put({newest});
  Put({model::Deleted{1, kDag, {}}});
  backing_->Reopen();
  EXPECT_EQ(Load().last_backfill, 5);
  Put(RowsOfDag());
  Put({model::Deleted{2, kDag, {}}});
  backing_->Reopen();
  EXPECT_EQ(Load().last_backfill, 5) << "an older one says nothing";
}

TEST_P(DeletesContract, ARefusedBatchDeletesNothing) {
  Put(RowsOfDag());
  Put(RowsOf(kRun, ""));
  const model::Snapshot before = Load();
  const model::RunKey none = testing::RunKeyOf("gone", "none");
  for (const model::RunId& run : {kRun.run, model::RunId()})
    EXPECT_EQ(Commit({model::Deleted{1, kDag, run},
                      testing::SampleTask(testing::JobKeyOf(none, "j"), 0)}),
              CommitResult::Outcome::kRefused);
  testing::ExpectSame(Load(), before);
  EXPECT_EQ(Load().deadlines, before.deadlines);
  EXPECT_EQ(reader().ClustersOf(kRun)->size(), 1U);
  EXPECT_EQ(reader().BackfillTicks(1)->size(), 1U);
  EXPECT_EQ(Load().last_deletion, 0);
  EXPECT_EQ(Load().last_backfill, 1);
  model::RunRow same_fire = testing::SampleRun(testing::RunKeyOf("gone", "other"));
  Put({testing::SampleTask(kJob, 1)});
}

}  // namespace
}  // namespace store
