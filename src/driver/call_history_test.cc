#include "driver/call_history.h"

#include <gtest/gtest.h>

namespace driver {
namespace {

base::Time At(int seconds) {
  return base::ParseTime("2026-01-05T00:00:00Z").value() + base::seconds(seconds);
}

TEST(CallHistory, CountsByMinuteActionAndSource) {
  CallHistory history;
  history.OnSent("ListClusters", Priority::kPoll, At(0));
  history.OnSent("ListClusters", Priority::kPoll, At(59));
  history.OnSent("ListSteps", Priority::kInspect, At(59));
  history.OnSent("ListClusters", Priority::kPoll, At(60));
  history.OnThrottled("ListClusters", Priority::kPoll, At(61));
  ASSERT_EQ(history.minutes().size(), 2u);
  const CallHistory::Minute& first = history.minutes().front();
  EXPECT_EQ(first.start, At(0));
  EXPECT_EQ(first.calls.at({"ListClusters", CallSource::kSweep}).made, 2);
  EXPECT_EQ(first.calls.at({"ListSteps", CallSource::kLook}).made, 1);
  const CallHistory::Counts second =
      history.minutes().back().calls.at({"ListClusters", CallSource::kSweep});
  EXPECT_EQ(second.made, 1);
  EXPECT_EQ(second.throttled, 1);
}

TEST(CallHistory, KeepsADayAndNoMore) {
  CallHistory history;
  for (int minute = 0; minute <= 3 * 24 * 60; ++minute)
    history.OnSent("ListClusters", Priority::kPoll, At(minute * 60));
  EXPECT_EQ(history.minutes().size(), 24u * 60 + 1);
  EXPECT_EQ(history.minutes().front().start, At(2 * 24 * 60 * 60));
}

TEST(CallHistory, AClockThatIsSetBackLeavesItInOrder) {
  CallHistory history;
  history.OnSent("ListClusters", Priority::kPoll, At(600));
  history.OnSent("ListClusters", Priority::kPoll, At(0));
  ASSERT_EQ(history.minutes().size(), 1u);
  EXPECT_EQ(history.minutes().front().calls.begin()->second.made, 2);
}

TEST(CallHistory, ASourceIsToldByActionAndPriority) {
  EXPECT_EQ(SourceOf("RunJobFlow", Priority::kLaunch), CallSource::kLaunch);
  EXPECT_EQ(SourceOf("ListClusters", Priority::kLaunch), CallSource::kLaunch);
  EXPECT_EQ(SourceOf("TerminateJobFlows", Priority::kTerminate), CallSource::kTerminate);
  EXPECT_EQ(SourceOf("ListClusters", Priority::kPoll), CallSource::kSweep);
  EXPECT_EQ(SourceOf("ListInstanceFleets", Priority::kPoll), CallSource::kAudit);
  EXPECT_EQ(SourceOf("ListInstanceGroups", Priority::kPoll), CallSource::kAudit);
  EXPECT_EQ(SourceOf("ListInstanceFleets", Priority::kInspect), CallSource::kLook);
  EXPECT_EQ(SourceOf("ListSteps", Priority::kPoll), CallSource::kLook);
}

}  // namespace
}  // namespace driver
