#include "store/completed.h"

#include <gtest/gtest.h>

#include "store/test_support.h"

namespace store {
namespace {

using model::RunType;
using testing::At;
using testing::JobKeyOf;
using testing::RunKeyOf;
using testing::SampleRun;

model::RunRow Ended(const std::string& run, int64_t date, RunType type) {
  model::RunRow row = SampleRun(RunKeyOf("d", run));
  row.type = type;
  row.logical_date = At(date);
  row.end_date = At(10);
  return row;
}

// A job that waits for its past names the run.
std::vector<model::JobRow> Waiting(const std::string& for_run) {
  model::JobRow job{.key = JobKeyOf(RunKeyOf("d", "live"), "build")};
  model::UpstreamWait& wait = job.waits_for.emplace_back();
  wait.dag = model::DagId("d");
  wait.basis = model::WaitBasis::kPastRun;
  wait.run = model::RunId(for_run);
  return {job};
}

TEST(Completed, OldRunsAreTheLatestOfTheirDagAndThoseThatAJobWaitsFor) {
  CompletedJobs completed(At(2000), Waiting("awaited"));
  const auto add = [&](const model::RunRow& run) {
    for (const char* job : {"build", "after"})
      completed.Add(run, JobKeyOf(run.key, job), model::TaskState::kFailed);
  };
  add(Ended("by_hand", 400, RunType::kManual));
  add(Ended("latest", 300, RunType::kScheduled));
  add(Ended("older", 200, RunType::kScheduled));
  add(Ended("awaited", 100, RunType::kScheduled));
  std::vector<std::string> got;
  for (const auto& done : completed.Take()) {
    EXPECT_TRUE(done.is_of_whole_run);
    EXPECT_EQ(done.ended_at, At(10));
    got.push_back(base::Cat(done.job.run.run.str(), " ", done.job.job.str()));
  }
  EXPECT_EQ(got,
            (std::vector<std::string>{"awaited after",
                                      "awaited build",
                                      "by_hand after",
                                      "by_hand build",
                                      "latest after",
                                      "latest build"}));
}

TEST(Completed, ALatestSuccessAloneIsNotOfAWholeRun) {
  CompletedJobs completed(At(2000), {});
  const model::RunRow old = Ended("old", 100, RunType::kScheduled);
  completed.Add(old, JobKeyOf(old.key, "build"), model::TaskState::kSuccess);
  completed.Add(old, JobKeyOf(old.key, "after"), model::TaskState::kFailed);
  const model::RunRow latest = Ended("latest", 200, RunType::kScheduled);
  completed.Add(latest, JobKeyOf(latest.key, "build"), model::TaskState::kFailed);
  std::vector<std::string> got;
  for (const auto& done : completed.Take())
    got.push_back(
        base::Cat(done.job.run.run.str(), done.is_of_whole_run ? " whole" : " its success"));
  EXPECT_EQ(got, (std::vector<std::string>{"latest whole", "old its success"}));
}

}  // namespace
}  // namespace store
