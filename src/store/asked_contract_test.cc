// What every store must do with backfills, holds, deadlines, versions and assets.

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "store/backing.h"
#include "store/test_support.h"

namespace store {
namespace {

using testing::RunKeyOf;
using testing::SampleBackfill;
using testing::SampleDag;
using testing::SampleDeadline;
using testing::SampleHold;
using testing::SampleRecord;
using testing::SampleRun;
using testing::SampleTick;
using testing::SampleVersion;
using testing::Value;

class AskedContract : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    backing_ = testing::NewBacking(GetParam());
    Load();
  }
  model::Snapshot Load() {
    model::Snapshot snapshot = Value(backing_->store().Load(testing::At(0)));
    epoch_ = snapshot.identity.epoch;
    return snapshot;
  }
  model::Snapshot ReopenAndLoad() {
    backing_->Reopen();
    return Load();
  }
  Reader& reader() { return backing_->store().reader(); }
  CommitResult Commit(const std::vector<model::Change>& batch) {
    return backing_->store().Commit(batch, epoch_);
  }
  void Put(const std::vector<model::Change>& batch) {
    const CommitResult result = Commit(batch);
    ASSERT_EQ(result.outcome, CommitResult::Outcome::kOk) << result.reason;
  }

  std::unique_ptr<testing::Backing> backing_;
  int64_t epoch_ = 0;
};

INSTANTIATE_TEST_SUITE_P(,
                         AskedContract,
                         ::testing::Values("Memory", "Sqlite"),
                         [](const auto& tested) { return tested.param; });

TEST_P(AskedContract, BackfillsAndHoldsComeBackUntilTheyAreOver) {
  const std::vector ticks{SampleTick(2, 0, 5), SampleTick(2, 1, 6)};
  Put({SampleBackfill(1),
       SampleTick(1, 0),
       SampleBackfill(2, 7),
       ticks[1],
       ticks[0],
       SampleHold(3),
       SampleHold(4, 9)});
  model::BackfillRow done = SampleBackfill(1);
  done.completed_at = testing::At(50);
  model::HoldRow released = SampleHold(3);
  released.released_at = testing::At(51);
  Put({done, released});
  const model::Snapshot snapshot = ReopenAndLoad();
  EXPECT_EQ(snapshot.backfills, std::vector{SampleBackfill(2, 7)});
  EXPECT_EQ(snapshot.backfill_ticks, ticks);
  EXPECT_EQ(snapshot.holds, std::vector{SampleHold(4, 9)});
  EXPECT_EQ(snapshot.last_backfill, 2);
  EXPECT_EQ(snapshot.last_hold, 4);
  EXPECT_EQ(Value(reader().Backfills(std::nullopt)), (std::vector{SampleBackfill(2, 7), done}));
  EXPECT_TRUE(Value(reader().Backfills(model::DagId("e"))).empty());
  EXPECT_EQ(Value(reader().Backfill(1)), done);
  EXPECT_EQ(reader().Backfill(9).error().code, base::ErrorCode::kNotFound);
  EXPECT_EQ(Value(reader().BackfillTicks(2)), ticks);
  EXPECT_EQ(Value(reader().Holds()), (std::vector{SampleHold(4, 9), released}));
}

TEST_P(AskedContract, RecordsComeBackUntilTheyAreDropped) {
  using enum model::RecordKind;
  const model::RecordRow ada = SampleRecord(kUser, "ada", 1), bob = SampleRecord(kUser, "bob", 2);
  const model::RecordRow variable = SampleRecord(kVariable, "ada", 3);
  Put({bob, variable, SampleRecord(kUser, "ada"), SampleRecord(kToken, "t")});
  Put({ada, model::RecordDropped{{kToken, "t"}}, model::RecordDropped{{kToken, "unknown"}}});
  const model::Snapshot snapshot = ReopenAndLoad();
  EXPECT_EQ(snapshot.records, (std::vector{ada, bob, variable}));
  EXPECT_EQ(Value(reader().Records(kUser)), (std::vector{ada, bob}));
  EXPECT_TRUE(Value(reader().Records(kToken)).empty());
}

TEST_P(AskedContract, DeadlinesComeBackUntilTheyAreFinalAndTheirRunsAreOver) {
  const model::RunRow live = SampleRun(RunKeyOf("d", "r"), 0);
  const model::DeadlineRow open = SampleDeadline({RunKeyOf("d", "gone"), {}, {}}, "", 3);
  model::DeadlineRow met = SampleDeadline({live.key, model::JobId("j"), model::LaneId("1")}, "", 5);
  met.status = model::DeadlineStatus::kMet;
  met.expected = std::nullopt;
  model::DeadlineRow missed = SampleDeadline({RunKeyOf("d", "gone"), {}, {}}, "week", 7);
  missed.status = model::DeadlineStatus::kMissed;
  Put({SampleDag("d"), SampleVersion("v-d"), live, open, met, missed});
  const model::Snapshot snapshot = ReopenAndLoad();
  EXPECT_EQ(snapshot.deadlines, (std::vector{open, met}));
  EXPECT_EQ(Value(reader().Deadlines(live.key)), std::vector{met});
  EXPECT_EQ(Value(reader().PastDeadlines(9)), (std::vector{missed, met}));
  EXPECT_EQ(Value(reader().PastDeadlines(1)), std::vector{missed});
}

TEST_P(AskedContract, VersionsOfADagAreListedTheOldestFirst) {
  model::DagVersionRow first = SampleVersion("v-d"), second = SampleVersion("a-d");
  second.created_at = first.created_at + base::hours(1);
  model::DagVersionRow other = SampleVersion("o");
  other.dag = model::DagId("o");
  Put({SampleDag("d"), second, first, other});
  EXPECT_EQ(Value(reader().Versions(model::DagId("d"))), (std::vector{first, second}));
  EXPECT_TRUE(Value(reader().Versions(model::DagId("none"))).empty());
}

model::AssetEventRow EventOf(int64_t id, int64_t asset, int k) {
  return {.id = id,
          .asset = asset,
          .at = testing::At(k),
          .extra = R"({"k":1})",
          .dag = model::DagId("d"),
          .run = model::RunId("r"),
          .job = model::JobId("j"),
          .lane = model::LaneId("1"),
          .created_by = "ada"};
}

TEST_P(AskedContract, AssetsTheirEventsAndQueuesComeBack) {
  const model::AssetRow a{1, {"a", "s3://a", "g"}, true, testing::At(1), testing::At(2)};
  model::AssetRow b{2, {"b", "b", "asset"}, false, testing::At(3), testing::At(4)};
  const std::vector events{EventOf(1, 1, 5), EventOf(2, 2, 6), EventOf(3, 1, 7)};
  const model::AssetQueueRow queue{model::DagId("d"),
                                   testing::At(8),
                                   {{.asset = 1,
                                     .taken = 1,
                                     .latest = 3,
                                     .queued_at = testing::At(9),
                                     .covers = base::Interval{testing::At(1), testing::At(2)}},
                                    {.asset = 2, .taken = 2}}};
  model::RunRow run = SampleRun(RunKeyOf("d", "r"), 0);
  run.type = model::RunType::kAssetTriggered;
  run.logical_date = std::nullopt;
  run.asset_events = {{1, 0, 1}, {2, 1, 2}};
  Put({SampleDag("d"), SampleVersion("v-d"), run, a, b, events[0], events[1], queue});
  b.is_active = true;
  Put({b, events[2]});
  const model::Snapshot snapshot = ReopenAndLoad();
  EXPECT_EQ(snapshot.assets, (std::vector{a, b}));
  EXPECT_EQ(snapshot.asset_queues, std::vector{queue});
  EXPECT_EQ(snapshot.last_asset_event, 3);
  EXPECT_EQ(Value(reader().Assets()), (std::vector{a, b}));
  EXPECT_EQ(Value(reader().AssetQueues()), std::vector{queue});
  EXPECT_EQ(Value(reader().RunsOfAssets(5)), std::vector{run});
  EXPECT_TRUE(Value(reader().RunsOfAssets(0)).empty());
  EXPECT_EQ(Value(reader().AssetEvents({})).rows, events);
  const auto of_a = Value(reader().AssetEvents({.asset = 1, .is_newest_first = true, .limit = 1}));
  EXPECT_EQ(of_a.rows, std::vector{events[2]});
  EXPECT_EQ(of_a.total, 2);
  EXPECT_EQ(Value(reader().AssetEvents({.after = 1, .up_to = 2})).rows, std::vector{events[1]});
  EXPECT_EQ(Value(reader().AssetEvents({.from = testing::At(6), .until = testing::At(6)})).rows,
            std::vector{events[1]});
  EXPECT_TRUE(Value(reader().AssetEvents({.dag = model::DagId("e")})).rows.empty());
  // An event never changes.
  EXPECT_EQ(Commit({EventOf(3, 2, 9)}).outcome, CommitResult::Outcome::kRefused);
}

TEST_P(AskedContract, NoTwoRunsOfAScheduleOrABackfillHaveOneLogicalDate) {
  model::RunRow manual = SampleRun(RunKeyOf("d", "m"), 0);
  model::RunRow scheduled = SampleRun(RunKeyOf("d", "s"), 0);
  model::RunRow backfill = SampleRun(RunKeyOf("d", "b"), 0);
  scheduled.type = model::RunType::kScheduled;
  backfill.type = model::RunType::kBackfill;
  EXPECT_EQ(Value(reader().RunAt(model::DagId("d"), *manual.logical_date)), std::nullopt);
  Put({SampleDag("d"), SampleVersion("v-d"), manual});
  EXPECT_EQ(Value(reader().RunAt(model::DagId("d"), *manual.logical_date)), manual);
  Put({scheduled});
  EXPECT_EQ(Value(reader().RunAt(model::DagId("d"), *manual.logical_date)), scheduled);
  const CommitResult refused = Commit({backfill});
  EXPECT_EQ(refused.outcome, CommitResult::Outcome::kRefused);
  EXPECT_NE(refused.reason.find("already: s"), std::string::npos) << refused.reason;
}

}  // namespace
}  // namespace store
