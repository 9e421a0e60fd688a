// The rows of runs that jobs want, in each store: put, replaced, and read back by a new process.

#include <gtest/gtest.h>

#include "store/backing.h"
#include "store/test_support.h"

namespace store {
namespace {

class TriggerRows : public ::testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(,
                         TriggerRows,
                         ::testing::Values("Memory", "Sqlite"),
                         [](const auto& tested) { return tested.param; });

TEST_P(TriggerRows, ThoseOfEachAttemptComeBack) {
  const auto backing = testing::NewBacking(GetParam());
  const auto load = [&] { return backing->store().Load(testing::At(0)).value(); };
  const model::RunKey run{model::DagId("d"), model::RunId("r")};
  const model::JobKey job{run, model::JobId("j"), model::LaneId("1")};
  const int64_t epoch = load().identity.epoch;
  model::RunRow live = testing::SampleRun(run);
  live.state = model::RunState::kRunning;
  const model::TriggerRow first = testing::SampleTrigger({job, 1});
  const model::TriggerRow second = testing::SampleTrigger({job, 2}, 7);
  ASSERT_EQ(backing->store()
                .Commit({testing::SampleDag("d"),
                         testing::SampleVersion("v-d"),
                         live,
                         testing::SampleTrigger({job, 1}, 9),
                         first,
                         second},
                        epoch)
                .outcome,
            CommitResult::Outcome::kOk);
  backing->Reopen();
  const model::Snapshot rows = load();
  EXPECT_EQ(rows.triggers, (std::vector{first, second}));
}

TEST_P(TriggerRows, OneOfNoRunIsRefused) {
  const auto backing = testing::NewBacking(GetParam());
  const int64_t epoch = backing->store().Load(testing::At(0)).value().identity.epoch;
  const model::JobKey job{
      {model::DagId("d"), model::RunId("none")}, model::JobId("j"), model::LaneId()};
  EXPECT_EQ(backing->store().Commit({testing::SampleTrigger({job, 1})}, epoch).outcome,
            CommitResult::Outcome::kRefused);
}

}  // namespace
}  // namespace store
