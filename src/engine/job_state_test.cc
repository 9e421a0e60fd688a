#include "engine/job_state.h"

#include <gtest/gtest.h>

namespace engine {
namespace {

using model::TaskState;

std::vector<model::TaskRow> Rows(JobState state, size_t count, bool has_started) {
  std::vector<model::TaskRow> rows(count);
  for (size_t place = 0; place < count; ++place)
    rows[place].state = TaskOf(state, place, count, has_started);
  return rows;
}

TEST(JobStateTest, EachStateIsReadBackFromItsTasks) {
  for (int i = 0; i <= static_cast<int>(JobState::kRemoved); ++i) {
    for (size_t count : {1u, 2u, 3u}) {
      for (bool has_started : {false, true}) {
        const auto state = static_cast<JobState>(i);
        EXPECT_EQ(StateOf(Rows(state, count, has_started), state == JobState::kUpForRetry), state)
            << i << " of " << count;
      }
    }
  }
}

TEST(JobStateTest, AFailureStandsAtTheTaskThatFailed) {
  EXPECT_EQ(TaskOf(JobState::kFailed, 0, 2, false), TaskState::kFailed);
  EXPECT_EQ(TaskOf(JobState::kFailed, 1, 2, false), TaskState::kUpstreamFailed);
  EXPECT_EQ(TaskOf(JobState::kFailed, 0, 2, true), TaskState::kSuccess);
  EXPECT_EQ(TaskOf(JobState::kFailed, 1, 2, true), TaskState::kFailed);
  EXPECT_EQ(TaskOf(JobState::kFailed, 0, 1, false), TaskState::kFailed);
}

TEST(JobStateTest, AFailureThatItsGroupMayTryAgainIsNoFailureYet) {
  EXPECT_EQ(TaskOf(JobState::kUpForGroupRetry, 0, 2, true), TaskState::kSuccess);
  EXPECT_EQ(TaskOf(JobState::kUpForGroupRetry, 1, 2, true), TaskState::kUpForRetry);
  EXPECT_EQ(TaskOf(JobState::kUpForGroupRetry, 1, 2, false), TaskState::kUpForRetry);
}

TEST(JobStateTest, TasksThatContradictEachOtherSayNothing) {
  std::vector<model::TaskRow> rows(2);
  rows[0].state = TaskState::kQueued;
  rows[1].state = TaskState::kDeferred;
  EXPECT_EQ(StateOf(rows, false), std::nullopt);
}

TEST(JobStateTest, WhatHasEndedStaysSo) {
  for (JobState from : {JobState::kSuccess, JobState::kFailed, JobState::kUpstreamFailed}) {
    for (int i = 0; i <= static_cast<int>(JobState::kSkipped); ++i)
      EXPECT_FALSE(IsLegal(from, static_cast<JobState>(i)));
  }
}

}  // namespace
}  // namespace engine
