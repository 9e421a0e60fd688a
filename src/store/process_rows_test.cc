// The rows of commands' processes, in each store: put, replaced, and read back by a new process.

#include <gtest/gtest.h>

#include "store/backing.h"
#include "store/test_support.h"

namespace store {
namespace {

class ProcessRows : public ::testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(,
                         ProcessRows,
                         ::testing::Values("Memory", "Sqlite"),
                         [](const auto& tested) { return tested.param; });

TEST_P(ProcessRows, ThoseOfEachAttemptComeBack) {
  const auto backing = testing::NewBacking(GetParam());
  const auto load = [&] { return backing->store().Load(testing::At(0)).value(); };
  const model::RunKey run{model::DagId("d"), model::RunId("r")};
  const model::JobKey job{run, model::JobId("j"), model::LaneId("1")};
  const int64_t epoch = load().identity.epoch;
  model::RunRow live = testing::SampleRun(run);
  live.state = model::RunState::kRunning;
  const model::ProcessRow first = testing::SampleProcess({job, 1});
  const model::ProcessRow second = testing::SampleProcess({job, 2}, 7);
  ASSERT_EQ(backing->store()
                .Commit({testing::SampleDag("d"),
                         testing::SampleVersion("v-d"),
                         live,
                         testing::SampleProcess({job, 1}, 9),
                         first,
                         second},
                        epoch)
                .outcome,
            CommitResult::Outcome::kOk);
  backing->Reopen();
  const model::Snapshot rows = load();
  EXPECT_EQ(rows.processes, (std::vector{first, second}));
  EXPECT_EQ(backing->store().reader().Processes(run).value(), (std::vector{first, second}));
}

TEST_P(ProcessRows, OneThatMayLiveBringsItsEndedRun) {
  const auto backing = testing::NewBacking(GetParam());
  const auto load = [&] { return backing->store().Load(testing::At(0)).value(); };
  const model::RunKey key{model::DagId("d"), model::RunId("r")};
  const model::JobKey job{key, model::JobId("j"), model::LaneId()};
  const int64_t epoch = load().identity.epoch;
  model::RunRow run = testing::SampleRun(key);
  run.state = model::RunState::kFailed;
  model::ProcessRow process = testing::SampleProcess({job, 1});
  process.state = model::ProcessState::kWanted;
  const std::vector<model::Change> rows{
      testing::SampleDag("d"), testing::SampleVersion("v-d"), run, process};
  ASSERT_EQ(backing->store().Commit(rows, epoch).outcome, CommitResult::Outcome::kOk);
  backing->Reopen();
  model::Snapshot loaded = load();
  EXPECT_EQ(loaded.runs.size(), 1U);
  EXPECT_EQ(loaded.processes, std::vector{process});

  process.state = model::ProcessState::kOver;
  ASSERT_EQ(backing->store().Commit({process}, loaded.identity.epoch).outcome,
            CommitResult::Outcome::kOk);
  backing->Reopen();
  loaded = load();
  EXPECT_TRUE(loaded.runs.empty());
  EXPECT_TRUE(loaded.processes.empty());
}

TEST_P(ProcessRows, OneOfNoRunIsRefused) {
  const auto backing = testing::NewBacking(GetParam());
  const int64_t epoch = backing->store().Load(testing::At(0)).value().identity.epoch;
  const model::JobKey job{
      {model::DagId("d"), model::RunId("none")}, model::JobId("j"), model::LaneId()};
  EXPECT_EQ(backing->store().Commit({testing::SampleProcess({job, 1})}, epoch).outcome,
            CommitResult::Outcome::kRefused);
}

}  // namespace
}  // namespace store
