// The rows of limits, of pool time and of money, in each store: put, replaced, and read back by a
// new process.

#include <gtest/gtest.h>

#include "store/backing.h"
#include "store/test_support.h"

namespace store {
namespace {

using testing::SampleLimit;
using testing::SamplePoolTime;
using testing::SampleSpendRules;

class CapacityRows : public ::testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(,
                         CapacityRows,
                         ::testing::Values("Memory", "Sqlite"),
                         [](const auto& tested) { return tested.param; });

TEST_P(CapacityRows, TheLatestOfEachKeyComesBack) {
  const auto backing = testing::NewBacking(GetParam());
  const auto load = [&] { return backing->store().Load(testing::At(0)).value(); };
  int64_t epoch = load().identity.epoch;
  for (const int k : {0, 100}) {  // the keys are the same
    const std::vector<model::Change> batch{
        SampleLimit("lane.id", k), SampleLimit("", k), SamplePoolTime("d", k), SampleSpendRules(k)};
    ASSERT_EQ(backing->store().Commit(batch, epoch).outcome, CommitResult::Outcome::kOk);
    backing->Reopen();
    const model::Snapshot rows = load();
    EXPECT_EQ(rows.limits, (std::vector{SampleLimit("", k), SampleLimit("lane.id", k)}));
    EXPECT_EQ(rows.pool_times, std::vector{SamplePoolTime("d", k)});
    EXPECT_EQ(rows.spend_rules, SampleSpendRules(k));
    epoch = rows.identity.epoch;
  }
}

// What today's money goes by: whatever became of the runs.
TEST_P(CapacityRows, ClustersThatEndedWithinADayOfTheLatestComeBack) {
  const auto backing = testing::NewBacking(GetParam());
  const int64_t epoch = backing->store().Load(testing::At(0)).value().identity.epoch;
  const model::RunKey run = testing::RunKeyOf("d", "r");
  model::RunRow ended = testing::SampleRun(run, 0);
  ended.state = model::RunState::kSuccess;
  const model::AttemptKey attempt{testing::JobKeyOf(run, "a", "1"), 1};
  const auto cluster = [&](const std::string& id, base::Duration created, base::Duration seen) {
    model::ClusterRow row = testing::SampleCluster(id, attempt);
    row.phase = model::ClusterPhase::kTerminated;
    row.lost_since = std::nullopt;
    row.created_at = testing::At(0) + created;
    row.phase_seen_at = testing::At(0) + seen;
    return row;
  };
  using base::hours;
  const model::ClusterRow old = cluster("j-1", hours(0), hours(5));
  const model::ClusterRow yesterdays = cluster("j-2", hours(20), hours(30));
  model::ClusterRow latest = cluster("j-3", hours(28), hours(53));
  latest.phase = model::ClusterPhase::kLost;
  model::ClusterRow live = cluster("j-4", hours(50), hours(51));
  live.phase = model::ClusterPhase::kRunning;
  model::ClusterRow strange = cluster("j-5", hours(50), hours(90));
  strange.attempt = std::nullopt;
  const std::vector<model::Change> batch{testing::SampleDag("d", 0),
                                         testing::SampleVersion("v-d"),
                                         ended,
                                         old,
                                         yesterdays,
                                         latest,
                                         live,
                                         strange};
  ASSERT_EQ(backing->store().Commit(batch, epoch).outcome, CommitResult::Outcome::kOk);
  backing->Reopen();
  const model::Snapshot snapshot = backing->store().Load(testing::At(0)).value();
  EXPECT_EQ(snapshot.ended_clusters, (std::vector{yesterdays, latest}));

  const auto within = [&](base::Duration from, base::Duration until) {
    const auto rows =
        backing->store().reader().ClustersWithin({testing::At(0) + from, testing::At(0) + until});
    std::vector<std::string> ids;
    for (const model::ClusterRow& row : rows.value())
      ids.push_back(row.id.str());
    return ids;
  };
  using Ids = std::vector<std::string>;
  EXPECT_EQ(within(hours(0), hours(20)), Ids{"j-1"});
  EXPECT_EQ(within(hours(24), hours(48)), (Ids{"j-2", "j-3"}));
  EXPECT_EQ(within(hours(48), hours(72)), (Ids{"j-3", "j-4"}));
  EXPECT_EQ(within(hours(96), hours(120)), Ids{"j-4"}) << "it may live yet";
}

}  // namespace
}  // namespace store
