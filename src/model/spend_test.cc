#include "model/spend.h"

#include <gtest/gtest.h>

#include "model/expense.h"

namespace model {
namespace {

base::Time At(std::string_view text) {
  return base::ParseTime(text).value();
}

ClusterRow Cluster() {
  ClusterRow cluster;
  cluster.id = ClusterId("j-1");
  cluster.attempt = AttemptKey{{{DagId("d"), RunId("r")}, JobId("a"), LaneId()}, 1};
  cluster.created_at = At("2026-01-05T23:30:00Z");
  cluster.micro_usd_per_hour = 7'200'000;
  return cluster;
}

TEST(Spend, AmountsAreShownInCents) {
  EXPECT_EQ(FormatUsd(0), "0.00");
  EXPECT_EQ(FormatUsd(4'999), "0.00");
  EXPECT_EQ(FormatUsd(5'000), "0.01");
  EXPECT_EQ(FormatUsd(51'200'000), "51.20");
  EXPECT_EQ(FormatUsd(1'999'995'000), "2000.00");
}

TEST(Spend, ADayIsADayOfUtc) {
  const base::Interval day = DayOf(At("2026-01-05T23:59:59.999999Z"));
  EXPECT_EQ(day.start, At("2026-01-05"));
  EXPECT_EQ(day.end, At("2026-01-06"));
  EXPECT_EQ(DayOf(day.end).start, day.end);
}

TEST(Spend, APriceIsFoundByItsType) {
  const std::vector<Price> prices{{"a.large", 1, 1, 0}, {"b.large", 2, 2, 0}};
  EXPECT_EQ(FindPrice(prices, "b.large"), &prices[1]);
  EXPECT_EQ(FindPrice(prices, "aa.large"), nullptr);
  EXPECT_EQ(FindPrice(prices, "c.large"), nullptr);
}

TEST(Expense, ALivingClusterCostsUntilNowAndEachDayItsPart) {
  const Expense expense = ExpenseOf(Cluster()).value();
  const base::Time now = At("2026-01-06T01:00:00Z");
  EXPECT_EQ(CostOf(expense, now), 10'800'000);
  EXPECT_EQ(CostWithin(expense, DayOf(*Cluster().created_at), now), 3'600'000);
  EXPECT_EQ(CostWithin(expense, DayOf(now), now), 7'200'000);
  EXPECT_EQ(CostWithin(expense, DayOf(At("2026-01-07")), now), 0);
}

TEST(Expense, AnEndedClusterCostsUntilEmrsEndIfThatIsPossible) {
  ClusterRow cluster = Cluster();
  cluster.phase = ClusterPhase::kTerminated;
  cluster.phase_seen_at = At("2026-01-06T00:32:00Z");
  cluster.ended_at = At("2026-01-06T00:30:00Z");
  EXPECT_EQ(ExpenseOf(cluster)->until, cluster.ended_at);
  for (const char* impossible : {"2026-01-05T20:00:00Z", "2026-01-06T09:00:00Z"}) {
    cluster.ended_at = At(impossible);
    EXPECT_EQ(ExpenseOf(cluster)->until, cluster.phase_seen_at) << "EMR's clock is another";
  }
  cluster.phase = ClusterPhase::kLost;
  cluster.ended_at = std::nullopt;
  EXPECT_EQ(ExpenseOf(cluster)->until, cluster.phase_seen_at);
}

TEST(Expense, WhatHasNoPriceOrIsOfNoAttemptIsNone) {
  ClusterRow cluster = Cluster();
  cluster.micro_usd_per_hour = std::nullopt;
  EXPECT_FALSE(ExpenseOf(cluster).has_value());
  cluster = Cluster();
  cluster.attempt = std::nullopt;
  EXPECT_FALSE(ExpenseOf(cluster).has_value());
  cluster = Cluster();
  cluster.created_at = std::nullopt;
  EXPECT_FALSE(ExpenseOf(cluster).has_value());
}

TEST(Expense, TheDearestClusterDoesNotOverflowInAYear) {
  ClusterRow cluster = Cluster();
  cluster.micro_usd_per_hour = 1'000'000'000'000;
  const base::Time later = *cluster.created_at + base::hours(24 * 365);
  EXPECT_EQ(CostOf(*ExpenseOf(cluster), later), 8'760'000'000'000'000);
}

}  // namespace
}  // namespace model
