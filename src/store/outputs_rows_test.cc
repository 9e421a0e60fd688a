// The rows of outputs, and the launches that name where they lie, in each store: put, replaced, and
// read back by a new process.

#include <gtest/gtest.h>

#include "store/backing.h"
#include "store/test_support.h"

namespace store {
namespace {

class OutputsRows : public ::testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(,
                         OutputsRows,
                         ::testing::Values("Memory", "Sqlite"),
                         [](const auto& tested) { return tested.param; });

TEST_P(OutputsRows, ThoseOfEachAttemptComeBack) {
  const auto backing = testing::NewBacking(GetParam());
  const auto load = [&] { return backing->store().Load(testing::At(0)).value(); };
  const model::RunKey run{model::DagId("d"), model::RunId("r")};
  const model::JobKey job{run, model::JobId("j"), model::LaneId("1")};
  const int64_t epoch = load().identity.epoch;
  model::RunRow live = testing::SampleRun(run);
  live.state = model::RunState::kRunning;
  const model::OutputsRow first = testing::SampleOutputs({job, 1});
  const model::OutputsRow second = testing::SampleOutputs({job, 2}, 7);
  const model::LaunchRow launch = testing::SampleLaunch("t", {job, 2}, 3);
  ASSERT_EQ(backing->store()
                .Commit({testing::SampleDag("d"),
                         testing::SampleVersion("v-d"),
                         live,
                         testing::SampleOutputs({job, 1}, 9),
                         first,
                         second,
                         launch},
                        epoch)
                .outcome,
            CommitResult::Outcome::kOk);
  backing->Reopen();
  const model::Snapshot rows = load();
  EXPECT_EQ(rows.outputs, (std::vector{first, second}));
  EXPECT_EQ(rows.launches, std::vector{launch});
  EXPECT_EQ(backing->store().reader().Outputs(run).value(), (std::vector{first, second}));
  EXPECT_EQ(ReadRun(backing->store().reader(), run)->outputs, (std::vector{first, second}));
  const model::RunKey none{model::DagId("d"), model::RunId("none")};
  EXPECT_EQ(backing->store().reader().Outputs(none).error().code, base::ErrorCode::kNotFound);
}

TEST_P(OutputsRows, CausesComeBackAndNeedTheirRun) {
  const auto backing = testing::NewBacking(GetParam());
  const model::RunKey run{model::DagId("d"), model::RunId("r")};
  const model::JobKey job{run, model::JobId("j"), model::LaneId("1"), 3};
  const int64_t epoch = backing->store().Load(testing::At(0)).value().identity.epoch;
  EXPECT_EQ(backing->store().Commit({testing::SampleCause({job, 1})}, epoch).outcome,
            CommitResult::Outcome::kRefused);
  model::RunRow live = testing::SampleRun(run);
  live.state = model::RunState::kRunning;
  const std::vector causes{testing::SampleCause({job, 1}), testing::SampleCause({job, 2}, 7)};
  ASSERT_EQ(
      backing->store()
          .Commit(
              {testing::SampleDag("d"), testing::SampleVersion("v-d"), live, causes[1], causes[0]},
              epoch)
          .outcome,
      CommitResult::Outcome::kOk);
  backing->Reopen();
  EXPECT_EQ(backing->store().Load(testing::At(0)).value().causes, causes);
  EXPECT_EQ(backing->store().reader().Causes(run).value(), causes);
  EXPECT_EQ(ReadRun(backing->store().reader(), run)->causes, causes);
}

TEST_P(OutputsRows, OutputsOfNoRunAreRefused) {
  const auto backing = testing::NewBacking(GetParam());
  const int64_t epoch = backing->store().Load(testing::At(0)).value().identity.epoch;
  const model::JobKey job{
      {model::DagId("d"), model::RunId("none")}, model::JobId("j"), model::LaneId()};
  EXPECT_EQ(backing->store().Commit({testing::SampleOutputs({job, 1})}, epoch).outcome,
            CommitResult::Outcome::kRefused);
}

}  // namespace
}  // namespace store
