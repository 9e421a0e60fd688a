// What every store must do with the instances of mapped jobs.

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "store/backing.h"
#include "store/test_support.h"

namespace store {
namespace {

using testing::At;
using testing::JobKeyOf;
using testing::RunKeyOf;
using testing::SampleAttempt;
using testing::SampleCluster;
using testing::SampleJob;
using testing::SampleLaunch;
using testing::SampleRun;
using testing::SampleTask;
using testing::Value;

class InstancesContract : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    backing_ = testing::NewBacking(GetParam());
    Load();
  }
  model::Snapshot Load(base::Time completed_since = At(0)) {
    model::Snapshot snapshot = Value(backing_->store().Load(completed_since));
    epoch_ = snapshot.identity.epoch;
    return snapshot;
  }
  model::Snapshot ReopenAndLoad(base::Time completed_since = At(0)) {
    backing_->Reopen();
    return Load(completed_since);
  }
  Reader& reader() { return backing_->store().reader(); }
  void Put(const std::vector<model::Change>& batch) {
    const CommitResult result = backing_->store().Commit(batch, epoch_);
    ASSERT_EQ(result.outcome, CommitResult::Outcome::kOk) << result.reason;
  }

  std::unique_ptr<testing::Backing> backing_;
  int64_t epoch_ = 0;
  const model::RunKey run_ = RunKeyOf("d", "r");
  const model::JobKey job_ = JobKeyOf(run_, "labeling", "1");
};

INSTANTIATE_TEST_SUITE_P(,
                         InstancesContract,
                         ::testing::Values("Memory", "Sqlite"),
                         [](const auto& tested) { return tested.param; });

// A job and three instances of it: their rows stand apart, and are asked for apart.
TEST_P(InstancesContract, InstancesOfAMappedJobHaveRowsOfTheirOwn) {
  const model::JobKey other = JobKeyOf(run_, "publish");
  std::vector<model::Change> batch{
      SampleRun(run_), SampleJob(job_), testing::SampleMapping(job_), SampleTask(other, 0)};
  for (int index = -1; index < 3; ++index) {
    const model::JobKey key = JobKeyOf(run_, "labeling", "1", index);
    for (int task : {0, 1}) {
      model::TaskRow row = SampleTask(key, task);
      row.state = index == 2 ? model::TaskState::kRemoved : model::TaskState::kQueued;
      batch.emplace_back(row);
    }
    batch.emplace_back(SampleAttempt({key, 1}, index));
    batch.emplace_back(SampleLaunch(base::Cat("t", index), {key, 1}));
    batch.emplace_back(SampleCluster(base::Cat("j-", index), model::AttemptKey{key, 1}));
  }
  Put(batch);
  const auto keys = [](const auto& rows, auto key_of) {
    std::vector<int> indices;
    for (const auto& row : rows)
      indices.push_back(key_of(row).index);
    return indices;
  };
  const auto of_task = [](const model::TaskRow& row) { return row.job; };
  const auto of_attempt = [](const model::AttemptRow& row) { return row.key.job; };
  const auto of_launch = [](const model::LaunchRow& row) { return row.attempt.job; };
  const model::Snapshot snapshot = ReopenAndLoad();
  EXPECT_EQ(keys(snapshot.attempts, of_attempt), (std::vector{-1, 0, 1, 2}));
  EXPECT_EQ(snapshot.tasks.size(), 9u);
  EXPECT_EQ(snapshot.clusters.at(1).attempt->job.index, 0);
  const Instances two{job_.job, job_.lane, 0, 1};
  EXPECT_EQ(keys(*reader().Tasks(run_, two), of_task), (std::vector{0, 0, 1, 1}));
  EXPECT_EQ(keys(*reader().Attempts(run_, two), of_attempt), (std::vector{0, 1}));
  EXPECT_EQ(keys(*reader().Launches(run_, two), of_launch), (std::vector{0, 1}));
  EXPECT_EQ(keys(*reader().Tasks(run_, {.last = -1}), of_task), (std::vector{-1, -1, -1}));
  EXPECT_EQ(reader().Jobs(run_, {.first = 0})->size(), 0u);
  EXPECT_EQ(*reader().Mappings(run_), std::vector{testing::SampleMapping(job_)});
  using model::TaskState;
  EXPECT_EQ(*reader().CountInstances(run_),
            (std::vector<InstanceCount>{{job_.job, job_.lane, 0, TaskState::kQueued, 2},
                                        {job_.job, job_.lane, 0, TaskState::kRemoved, 1},
                                        {job_.job, job_.lane, 1, TaskState::kQueued, 2},
                                        {job_.job, job_.lane, 1, TaskState::kRemoved, 1}}));

  // The job itself is not listed beside its instances, and pages go on from each row.
  std::vector<std::pair<int, int>> listed;
  TaskQuery query{.run = run_.run, .limit = 2};
  for (auto page = *reader().TasksOfRuns(query); !page.rows.empty();
       page = *reader().TasksOfRuns(query)) {
    EXPECT_EQ(page.total, 7);
    for (const model::TaskRow& row : page.rows)
      listed.emplace_back(row.job.index, row.task);
    query.from = {page.rows.back()};
  }
  EXPECT_EQ(
      listed,
      (std::vector<std::pair<int, int>>{{0, 0}, {0, 1}, {1, 0}, {1, 1}, {2, 0}, {2, 1}, {-1, 0}}));
  query = {
      .run = run_.run, .of = {job_.job, job_.lane, 0}, .task = 1, .states = {TaskState::kQueued}};
  EXPECT_EQ(reader().TasksOfRuns(query)->total, 2);

  model::MappingRow forgotten = testing::SampleMapping(job_);
  forgotten.items.clear();
  Put({forgotten});
  EXPECT_EQ(reader().TasksOfRuns({.run = run_.run})->total, 9);
}

// Each lane of a group has tries of its own; of an ended run they are read with it.
TEST_P(InstancesContract, TriesOfGroupsComeBackWithTheirRun) {
  const model::GroupKey first{run_, "load", model::LaneId("1")};
  const model::GroupKey second{run_, "load.inner", model::LaneId("")};
  Put({SampleRun(run_),
       testing::SampleGroupTries(second),
       testing::SampleGroupTries(first, 5),
       testing::SampleGroupTries(first, 7)});
  const std::vector wanted{testing::SampleGroupTries(first, 7), testing::SampleGroupTries(second)};
  EXPECT_EQ(ReopenAndLoad().groups, wanted);
  EXPECT_EQ(*reader().GroupTries(run_), wanted);
  model::GroupTriesRow settled{.key = first};
  model::RunRow run = SampleRun(run_);
  run.state = model::RunState::kFailed;
  Put({run, settled});
  EXPECT_THAT(ReopenAndLoad().groups, ::testing::IsEmpty());
  EXPECT_EQ(*reader().GroupTries(run_), (std::vector{settled, wanted[1]}));
}

// What edges from other DAGs look back at is the job, never one of its instances.
TEST_P(InstancesContract, ACompletedJobIsNotAnInstance) {
  model::RunRow run = SampleRun(run_);
  run.state = model::RunState::kSuccess;
  model::TaskRow whole = SampleTask(job_, 0), instance = SampleTask(job_, 0);
  whole.state = model::TaskState::kFailed;
  instance.job.index = 0;
  instance.state = model::TaskState::kSuccess;
  Put({run, whole, instance});
  const model::Snapshot snapshot = ReopenAndLoad(At(-1000));
  ASSERT_EQ(snapshot.completed.size(), 1u);
  EXPECT_EQ(snapshot.completed[0].job, job_);
  EXPECT_EQ(snapshot.completed[0].state, model::TaskState::kFailed);
}

}  // namespace
}  // namespace store
