// What every store must do with notes, with jobs that a run has no more, and with the events of
// assets that a run may still ask for.

#include <gtest/gtest.h>

#include "store/backing.h"
#include "store/test_support.h"

namespace store {
namespace {

using testing::At;
using testing::JobKeyOf;
using testing::RunKeyOf;
using testing::SampleRun;
using testing::SampleTask;

class RerunsContract : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    backing_ = testing::NewBacking(GetParam());
    epoch_ = Load().identity.epoch;
  }
  model::Snapshot Load() { return backing_->store().Load(At(-1000)).value(); }
  void Put(const std::vector<model::Change>& batch) {
    const CommitResult result = backing_->store().Commit(batch, epoch_);
    ASSERT_EQ(result.outcome, CommitResult::Outcome::kOk) << result.reason;
  }
  Reader& reader() { return backing_->store().reader(); }

  std::unique_ptr<testing::Backing> backing_;
  int64_t epoch_ = 0;
  const model::RunKey run_ = RunKeyOf("d", "r");
  const model::JobKey job_ = JobKeyOf(run_, "publish");
};

INSTANTIATE_TEST_SUITE_P(,
                         RerunsContract,
                         ::testing::Values("Memory", "Sqlite"),
                         [](const auto& tested) { return tested.param; });

TEST_P(RerunsContract, NotesComeBackAndStandInLists) {
  model::RunRow run = SampleRun(run_);
  run.state = model::RunState::kRunning;
  run.note = "late — ask 'ada'";
  model::TaskRow task = SampleTask(job_, 0);
  task.note = "seen";
  Put({run, task});
  backing_->Reopen();
  const model::Snapshot rows = Load();
  epoch_ = rows.identity.epoch;
  EXPECT_EQ(rows.runs, std::vector{run});
  EXPECT_EQ(rows.tasks, std::vector{task});
  EXPECT_EQ(reader().Runs({})->rows.at(0).note, run.note);
  EXPECT_EQ(reader().TasksOfRuns({})->rows.at(0).note, "seen");
  run.note.clear();
  Put({run});
  EXPECT_EQ(reader().Run(run_)->note, "");
}

TEST_P(RerunsContract, AJobThatIsRemovedIsNoEndToLookBackAt) {
  model::RunRow run = SampleRun(run_);
  run.state = model::RunState::kSuccess;
  model::TaskRow gone = SampleTask(JobKeyOf(run_, "gone"), 0), kept = SampleTask(job_, 0);
  gone.state = model::TaskState::kRemoved;
  kept.state = model::TaskState::kSuccess;
  Put({run, gone, kept});
  const model::Snapshot rows = Load();
  ASSERT_EQ(rows.completed.size(), 1u);
  EXPECT_EQ(rows.completed[0].job, job_);
}

TEST_P(RerunsContract, EventsAreLoadedThatRunsOrQueuesMayAskFor) {
  std::vector<model::Change> batch{testing::SampleVersion("v-d")};
  for (int64_t id = 1; id <= 250; ++id)
    batch.emplace_back(
        model::AssetEventRow{.id = id, .asset = id % 2 + 1, .at = At(id), .extra = "{}"});
  model::RunRow run = SampleRun(run_);
  run.state = model::RunState::kRunning;
  run.type = model::RunType::kAssetTriggered;
  run.asset_events = {{.asset = 1, .after = 4, .until = 10}};
  batch.emplace_back(run);
  batch.emplace_back(model::AssetQueueRow{.dag = model::DagId("d"),
                                          .last_run = {},
                                          .assets = {{.asset = 1, .taken = 10, .latest = 12},
                                                     {.asset = 2, .taken = 0, .latest = 249}}});
  Put(batch);
  const auto ids = [](const model::Snapshot& rows, int64_t asset) {
    std::vector<int64_t> out;
    for (const model::AssetEventRow& event : rows.asset_events) {
      if (event.asset == asset)
        out.push_back(event.id);
    }
    return out;
  };
  const model::Snapshot rows = Load();
  EXPECT_EQ(ids(rows, 1), (std::vector<int64_t>{6, 8, 10, 12}));
  EXPECT_EQ(ids(rows, 2).size(), model::kTriggeringEventsMax);
  EXPECT_EQ(ids(rows, 2).back(), 249);
  EXPECT_EQ(ids(rows, 2).front(), 51);
  EXPECT_EQ(ids(ReadRun(reader(), run_).value(), 1), (std::vector<int64_t>{6, 8, 10}));
}

}  // namespace
}  // namespace store
