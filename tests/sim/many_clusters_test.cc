// Hundreds of clusters at once, in virtual time, within EMR's default quotas as its own model
// counts them. No event reaches us: polling alone has to do.

#include <gtest/gtest.h>

#include "account.h"
#include "base/text.h"
#include "store/memory_store.h"

namespace sim {
namespace {

class ManyClustersTest : public testing::Test {
 protected:
  void Start(int lanes, emulator::FaultPlan plan) {
    account_.emplace(base::ParseTime("2026-01-05T01:55:00Z").value(),
                     emulator::Options{.plan = std::move(plan)});
    account_->Start(store_, {}, Lanes(LanesDag(lanes, 1)));
    account_->Trigger("many", "r");
  }
  static emulator::FaultPlan Plan(base::Duration step, double jitter) {
    emulator::FaultPlan plan;
    plan.timing.step = step;
    plan.timing.jitter = jitter;
    return plan;
  }
  bool RunSucceeded() {
    auto runs = store_.reader().Runs({});
    return runs->rows.size() == 1 && runs->rows[0].state == model::RunState::kSuccess;
  }
  const std::map<model::ClusterId, model::ClusterRow>& rows() {
    return account_->driver().emr().clusters;
  }

  store::MemoryStore store_{{"sim", "0123456789abcdef0123456789abcdef", 0}};
  std::optional<Account> account_;
};

TEST_F(ManyClustersTest, I11_Q1_Q3_FiveHundredClustersTakeNoThrottledCall) {
  Start(500, Plan(base::minutes(50), 0.1));
  account_->RunFor(base::minutes(40));
  EXPECT_EQ(account_->CountLive(), 500);
  const CallTally tally = account_->TakeTally();
  EXPECT_EQ(tally.throttled, 0);
  EXPECT_EQ(tally.made.at("RunJobFlow"), 500);  // all ready in the same moment
  EXPECT_GT(tally.made.at("ListInstanceFleets"), 100);
  // All of them end within a quarter of an hour.
  account_->RunFor(base::minutes(80));
  EXPECT_EQ(account_->CountLive(), 0);
  EXPECT_TRUE(RunSucceeded());
  EXPECT_EQ(account_->TakeTally().throttled, 0);
}

TEST_F(ManyClustersTest, TheAuditRotatesOverAllWithinHalfOfItsQuota) {
  Start(200, Plan(base::hours(10), 0));
  account_->RunFor(base::minutes(30));
  account_->TakeTally();
  account_->RunFor(base::hours(1));
  const CallTally tally = account_->TakeTally();
  EXPECT_LE(tally.made.at("ListInstanceFleets"), 3600 / 4 + 3);
  EXPECT_GE(tally.made.at("ListInstanceFleets"), 3600 / 4 - 30);
  // Nothing changes, so nothing is looked at closer.
  EXPECT_FALSE(tally.made.contains("DescribeCluster"));
  EXPECT_FALSE(tally.made.contains("ListSteps"));
  for (const auto& [id, row] : rows())
    EXPECT_FALSE(row.fleets.empty()) << id.str();
}

TEST_F(ManyClustersTest, W1_AllCoreNodesLostIsFoundWithoutAnyEvent) {
  emulator::FaultPlan plan = Plan(base::hours(3), 0);
  emulator::Fault fault;
  fault.kind = emulator::FaultKind::kLoseFleet;
  fault.name = "* job0_7 try 1";
  fault.after = base::minutes(20);
  fault.outcome = emulator::Fault::Outcome::kRunning;  // EMR never says a word of it
  plan.faults = {fault};
  Start(200, std::move(plan));
  account_->RunFor(base::minutes(50));
  // Lost by 00:30, audited within 13 minutes, confirmed by a second look that jumps the queue.
  const auto clusters = account_->emr().Clusters();
  EXPECT_EQ(std::count_if(clusters.begin(),
                          clusters.end(),
                          [](const auto& c) { return c.name.ends_with(" job0_7 try 2"); }),
            1);
  EXPECT_EQ(account_->CountLive(), 200);
  account_->RunFor(base::hours(5));
  EXPECT_TRUE(RunSucceeded());
  EXPECT_EQ(account_->TakeTally().throttled, 0);
}

TEST_F(ManyClustersTest, FiftyClustersThatEndAtOnceAreJudgedWithinTheQuotasTime) {
  Start(300, Plan(base::hours(3), 0));
  account_->RunFor(base::minutes(40));
  json::array ids;
  for (const auto& [id, row] : rows()) {
    if (ids.size() < 50)
      ids.emplace_back(id.str());
  }
  // Someone kills them all in AWS's console.
  for (int i = 0; i < 5; ++i) {
    json::array ten(ids.begin() + i * 10, ids.begin() + i * 10 + 10);
    ASSERT_EQ(account_->emr()
                  .Handle("TerminateJobFlows", json::object{{"JobFlowIds", ten}}, account_->now())
                  .http_status,
              200);
  }
  account_->TakeTally();
  // Two minutes to shut down, one for the sweep, and fifty ListSteps: ten at once, one in 2 s.
  account_->RunFor(base::minutes(2) + base::minutes(1) + base::seconds(80 + 20));
  int judged = 0;
  for (const json::value& id : ids)
    judged += rows().at(model::ClusterId(std::string(id.as_string()))).judged;
  EXPECT_EQ(judged, 50);
  EXPECT_EQ(account_->TakeTally().throttled, 0);
}

}  // namespace
}  // namespace sim
