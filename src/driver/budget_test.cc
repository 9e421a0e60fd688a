#include "driver/budget.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <vector>

namespace driver {
namespace {

const base::Time kStart = base::ParseTime("2026-01-05").value();

int Available(Budget& budget, std::string_view action, base::Time now) {
  return budget.Available(action, now, Priority::kTerminate);
}

// Takes and ends `calls` calls at once.
void Spend(Budget& budget, std::string_view action, base::Time now, int calls) {
  for (int i = 0; i < calls; ++i) {
    ASSERT_GT(Available(budget, action, now), 0);
    budget.Take(action, now);
    budget.End(action, now);
  }
}

TEST(Budget, RefillsInWorldTimeUpToTheBurst) {
  Budget budget;
  EXPECT_EQ(Available(budget, "RunJobFlow", kStart), 10);
  Spend(budget, "RunJobFlow", kStart, 10);
  EXPECT_EQ(Available(budget, "RunJobFlow", kStart), 0);
  EXPECT_EQ(budget.ReadyAt("RunJobFlow", kStart, Priority::kLaunch), kStart + base::seconds(2));
  EXPECT_EQ(Available(budget, "RunJobFlow", kStart + base::seconds(4)), 2);
  EXPECT_EQ(Available(budget, "RunJobFlow", kStart + base::hours(1)), 10);
}

TEST(Budget, ATokenComesBackOnlyAfterTheReply) {
  Budget budget;
  for (int i = 0; i < 10; ++i)
    budget.Take("RunJobFlow", kStart);
  // EMR may count all ten only now.
  const base::Time later = kStart + base::minutes(1);
  EXPECT_EQ(Available(budget, "RunJobFlow", later), 0);
  EXPECT_EQ(budget.ReadyAt("RunJobFlow", later, Priority::kLaunch), std::nullopt);
  budget.End("RunJobFlow", later);
  EXPECT_EQ(Available(budget, "RunJobFlow", later), 0);
  EXPECT_EQ(Available(budget, "RunJobFlow", later + base::seconds(30)), 1);
}

TEST(Budget, WhatWasNotSentIsGivenBack) {
  Budget budget;
  Spend(budget, "RunJobFlow", kStart, 7);
  budget.Take("RunJobFlow", kStart);
  budget.Return("RunJobFlow");
  EXPECT_EQ(Available(budget, "RunJobFlow", kStart), 3);
}

TEST(Budget, Q2_EachPriorityLeavesTokensToThoseBeforeIt) {
  Budget budget;
  const std::array<std::string_view, 4> actions = {
      "DescribeCluster", "ListSteps", "ListInstanceGroups", "RunJobFlow"};
  auto drain = [&](Priority priority) {
    for (std::string_view action : actions)
      while (budget.Available(action, kStart, priority) > 0)
        budget.Take(action, kStart);
  };
  drain(Priority::kPoll);
  EXPECT_EQ(budget.Available("ModifyCluster", kStart, Priority::kTerminate), 5);
  drain(Priority::kInspect);
  EXPECT_EQ(budget.Available("ModifyCluster", kStart, Priority::kTerminate), 4);
  drain(Priority::kLaunch);
  EXPECT_EQ(budget.Available("TerminateJobFlows", kStart, Priority::kTerminate), 2);
}

TEST(Budget, Q2_SweepsLeaveTokensOfListClustersToLookUps) {
  Budget budget;
  while (budget.Available("ListClusters", kStart, Priority::kPoll) > 0)
    budget.Take("ListClusters", kStart);
  EXPECT_EQ(budget.Available("ListClusters", kStart, Priority::kLaunch), 4);
}

TEST(Budget, AnActionThatIsThrottledIsHalvedAndGrowsBack) {
  Budget budget;
  auto rate = [&](base::Time now) { return budget.BucketOf("ListSteps").RateAt(now); };
  EXPECT_DOUBLE_EQ(rate(kStart), 0.5);
  budget.OnThrottled("ListSteps", kStart, kStart);
  EXPECT_EQ(Available(budget, "ListSteps", kStart), 0);
  EXPECT_DOUBLE_EQ(rate(kStart), 0.25);
  // Others that had been sent before it tell the same news.
  budget.OnThrottled("ListSteps", kStart + base::seconds(1), kStart - base::seconds(1));
  EXPECT_GT(rate(kStart + base::seconds(1)), 0.25);
  for (int i = 2; i < 100; ++i)
    budget.OnThrottled("ListSteps", kStart + base::seconds(i), kStart + base::seconds(i));
  EXPECT_NEAR(rate(kStart + base::seconds(99)), 0.5 / 8, 1e-6);  // not below
  EXPECT_LT(rate(kStart + base::minutes(5)), 0.5);
  EXPECT_DOUBLE_EQ(rate(kStart + base::minutes(15)), 0.5);
  EXPECT_DOUBLE_EQ(budget.BucketOf("DescribeCluster").RateAt(kStart), 1);
  EXPECT_DOUBLE_EQ(budget.BucketOf(kAccountQuota).RateAt(kStart), 5);
}

TEST(Budget, TwoThrottledActionsCloseTogetherAreTheAccounts) {
  Budget budget;
  budget.OnThrottled("ListSteps", kStart, kStart);
  budget.OnThrottled("ListSteps", kStart + base::seconds(1), kStart + base::seconds(1));
  EXPECT_DOUBLE_EQ(budget.BucketOf(kAccountQuota).RateAt(kStart + base::seconds(1)), 5);
  const base::Time later = kStart + base::seconds(11);
  budget.OnThrottled("DescribeCluster", later, later);
  EXPECT_DOUBLE_EQ(budget.BucketOf(kAccountQuota).RateAt(later), 2.5);
  EXPECT_EQ(Available(budget, "RunJobFlow", later), 0);
}

TEST(Budget, QuotasAreSettingsAndAShareOfThemIsUsed) {
  Budget budget({.quotas = {{"account", {100, 20}}, {"RunJobFlow", {40, 4}}}, .share = 0.5});
  EXPECT_EQ(Available(budget, "RunJobFlow", kStart), 20);
  Spend(budget, "RunJobFlow", kStart, 20);
  EXPECT_EQ(budget.ReadyAt("RunJobFlow", kStart, Priority::kTerminate),
            kStart + base::milliseconds(500));
  EXPECT_DOUBLE_EQ(budget.BucketOf("DescribeCluster").quota().burst, 5);
  EXPECT_DOUBLE_EQ(budget.BucketOf(kAccountQuota).quota().per_second, 10);
}

TEST(Budget, AQuotaOfOneStillServesEveryPriority) {
  Budget budget({.quotas = {{"account", {1, 1}}, {"ListSteps", {1, 1}}}, .share = 0.1});
  EXPECT_EQ(budget.Available("ListSteps", kStart, Priority::kPoll), 1);
  Spend(budget, "ListSteps", kStart, 1);
  const auto ready = budget.ReadyAt("ListSteps", kStart, Priority::kPoll);
  ASSERT_TRUE(ready.has_value());
  EXPECT_EQ(budget.Available("ListSteps", *ready, Priority::kPoll), 1);
}

// What EMR would admit: it counts each call somewhere between its sending and its reply.
RC_GTEST_PROP(Budget, I11_NoWindowHoldsMoreCallsThanBurstAndRefill, ()) {
  const Quota quota{static_cast<double>(*rc::gen::inRange(1, 12)), *rc::gen::inRange(1, 40) / 10.0};
  Budget budget({.quotas = {{"A", quota}, {"account", {8, 3}}}, .share = 1});
  struct Open {
    base::Time ends;
    std::string action;
  };
  std::vector<Open> open;
  std::map<std::string, std::vector<base::Time>> counted;
  base::Time now = kStart;
  const auto moves = *rc::gen::container<std::vector<std::array<int, 4>>>(
      rc::gen::container<std::array<int, 4>>(rc::gen::inRange(0, 3000)));
  for (const auto& [pause, latency, counted_after, choice] : moves) {
    now += base::milliseconds(pause / 4);
    std::erase_if(open, [&](const Open& call) {
      if (call.ends > now)
        return false;
      budget.End(call.action, now);
      return true;
    });
    const std::string action = choice % 3 == 0 ? "B" : "A";
    const auto priority = static_cast<Priority>(choice % kPriorities);
    if (choice % 17 == 0)
      budget.OnThrottled(action, now, now);
    if (budget.Available(action, now, priority) == 0) {
      const auto ready = budget.ReadyAt(action, now, priority);
      if (!ready || *ready > now + base::seconds(20))
        continue;
      RC_ASSERT(*ready > now);
      if (std::any_of(open.begin(), open.end(), [&](const Open& o) { return o.ends <= *ready; }))
        continue;
      now = *ready;
      RC_ASSERT(budget.Available(action, now, priority) > 0);
    }
    budget.Take(action, now);
    const base::Time ends = now + base::milliseconds(latency);
    open.push_back({ends, action});
    const base::Time at = now + base::milliseconds(std::min(latency, counted_after));
    counted[action].push_back(at);
    counted["account"].push_back(at);
  }
  for (auto& [action, times] : counted) {
    std::sort(times.begin(), times.end());
    const Quota limit = action == "A" ? quota : action == "B" ? Quota{10, 0.5} : Quota{8, 3};
    for (size_t first = 0; first < times.size(); ++first) {
      for (size_t last = first; last < times.size(); ++last) {
        const double seconds = static_cast<double>((times[last] - times[first]).count()) / 1e6;
        RC_ASSERT(static_cast<double>(last - first + 1) <=
                  limit.burst + limit.per_second * seconds + 1e-6);
      }
    }
  }
}

}  // namespace
}  // namespace driver
