// What others in the account do, in plans that are made.

#include <algorithm>
#include <gtest/gtest.h>
#include <sstream>

#include "fault_finder/meddlers.h"
#include "fault_finder/scenarios.h"
#include "fault_finder/staging.h"
#include "fault_finder/trial.h"

namespace fault_finder {
namespace {

int Count(const std::string& story, std::string_view words) {
  int count = 0;
  for (size_t at = story.find(words); at != std::string::npos; at = story.find(words, at + 1))
    ++count;
  return count;
}

TEST(Neighbours, ACrowdFillsAPageAndGoesByItself) {
  Plan plan = Scenario();
  plan.disturbances = {CrowdOfClusters{base::minutes(3), base::minutes(6), 70}};
  emulator::Emulator emr(EmrOf(plan));
  Outsiders outsiders(emr, plan, "sim");
  base::Time last = plan.work.start;
  while (const auto due = outsiders.NextDue()) {
    EXPECT_GE(*due, plan.work.start + base::minutes(3));
    outsiders.OnTime(last = *due);
  }
  EXPECT_LT(last, plan.work.start + base::minutes(9));
  EXPECT_EQ(emr.clusters().size(), 70u);
  const emulator::Reply listed = emr.Handle("ListClusters", json::object(), last);
  EXPECT_TRUE(listed.body.as_object().contains("Marker"));
  emr.AdvanceTo(last + base::hours(1));
  EXPECT_TRUE(std::all_of(emr.clusters().begin(), emr.clusters().end(), [](const auto& cluster) {
    return cluster.Terminal();
  }));
}

// The first launch's reply is lost; when we are back, a page of clusters is younger than it.
TEST(Neighbours, I2_ALaunchBehindAPageOfOthersClustersIsFound) {
  Plan plan = Scenario();
  plan.disturbances = {RepliesLost{base::minutes(4), base::minutes(8)},
                       Outage{base::minutes(6), base::hours(4)},
                       CrowdOfClusters{base::minutes(7), base::minutes(10), 70}};
  plan.ending.is_good = true;
  plan.ending.attempts = 5;
  const Result result = Play(plan);
  EXPECT_TRUE(result.ok()) << result.breaches.front();
  EXPECT_EQ(result.launches, 5);
}

TEST(Neighbours, WhileOthersUseUpTheQuotasCallsAreThrottledAndAllEndsWell) {
  Plan plan = Scenario();
  QuotasUsedUp& busy = Add<QuotasUsedUp>(plan, {base::minutes(4), base::minutes(40), 90});
  std::ostringstream story;
  const Result all = Play(plan, &story);
  EXPECT_TRUE(all.ok()) << all.breaches.front();
  const int throttled = Count(story.str(), "never arrived");
  EXPECT_GT(throttled, 50);

  // The quota of one action alone.
  busy.action = "TerminateJobFlows";
  std::ostringstream other;
  const Result one = Play(plan, &other);
  EXPECT_TRUE(one.ok()) << one.breaches.front();
  EXPECT_LT(Count(other.str(), "never arrived"), throttled);
}

// The reply to the first launch is lost, and it is executed again five seconds later.
TEST(Neighbours, I2_OfALaunchThatIsExecutedTwiceOneClusterIsKilled) {
  Plan plan = Scenario();
  plan.disturbances = {LaunchTwice{1, base::seconds(5), true}};
  plan.ending.attempts = 0;
  plan.ending.is_good = false;
  const Result result = Play(plan);
  EXPECT_TRUE(result.ok()) << result.breaches.front();
  EXPECT_EQ(result.attempts, 5);
  EXPECT_EQ(result.launches, 6);
}

}  // namespace
}  // namespace fault_finder
