// Failure modes that need hours of many clusters, in virtual time. Truth is EMR's.

#include <gtest/gtest.h>
#include <optional>
#include <set>

#include "account.h"
#include "base/text.h"
#include "model/dag_json.h"
#include "store/memory_store.h"

namespace sim {
namespace {

constexpr int kLanes = 20;

std::shared_ptr<const model::Dag> Capped(std::optional<base::Duration> max_run_time) {
  auto dag = std::make_shared<model::Dag>(*LanesDag(kLanes, 1));
  for (model::Job& job : dag->jobs)
    std::get<model::EmrWork>(job.work).max_run_time = max_run_time;
  dag->version = model::ComputeVersion(*dag);
  return dag;
}

emulator::Fault Of(emulator::FaultKind kind) {
  emulator::Fault fault;
  fault.kind = kind;
  return fault;
}

class FailureModesTest : public testing::Test {
 protected:
  void Start(std::shared_ptr<const model::Dag> dag, std::vector<emulator::Fault> faults) {
    emulator::Options options;
    options.plan.faults = std::move(faults);
    account_.emplace(base::ParseTime("2026-01-05T01:55:00Z").value(), std::move(options));
    account_->Start(store_, {}, Lanes(std::move(dag)));
    account_->Trigger("many", "r");
  }
  std::string RunState() {
    auto runs = store_.reader().Runs({});
    return std::string(ToString(runs->rows.at(0).state));
  }

  store::MemoryStore store_{{"sim", "0123456789abcdef0123456789abcdef", 0}};
  std::optional<Account> account_;
};

TEST_F(FailureModesTest, L9_AFailedBootstrapIsLaunchedAgainUnderANewToken) {
  emulator::Fault fault = Of(emulator::FaultKind::kFailBootstrap);
  fault.name = "* try 1";
  Start(Capped(std::nullopt), {fault});
  account_->RunFor(base::hours(3));
  EXPECT_EQ(RunState(), "success");
  EXPECT_EQ(account_->TakeTally().made.at("RunJobFlow"), 2 * kLanes);
  std::set<std::string> names;
  for (const emulator::ClusterTruth& cluster : account_->emr().Clusters())
    names.insert(cluster.name);
  EXPECT_EQ(names.size(), 2u * kLanes);
}

TEST_F(FailureModesTest, T5_AHungStepIsEndedAtItsCap) {
  Start(Capped(base::hours(1)), {Of(emulator::FaultKind::kHangStep)});
  account_->RunFor(base::hours(5));
  EXPECT_EQ(account_->CountLive(), 0);
  EXPECT_EQ(RunState(), "failed");  // one retry, which hangs as well
}

// What is left to EMR alone: a cluster ends after its steps, and a step at its cap. Without
// max_run_time a hung step runs for ever, and nothing of EMR's ends it.
TEST_F(FailureModesTest, T6_I9_WithAllOfUsDeadForADayEveryCappedClusterEnds) {
  Start(Capped(base::hours(2)), {Of(emulator::FaultKind::kHangStep)});
  account_->RunFor(base::minutes(30));
  EXPECT_EQ(account_->CountLive(), kLanes);
  account_->Stop();
  account_->emr().AdvanceTo(account_->now() + base::hours(24));
  EXPECT_EQ(account_->CountLive(), 0);
}

TEST_F(FailureModesTest, T6_AHungStepWithoutACapIsNotEndedByEmr) {
  Start(Capped(std::nullopt), {Of(emulator::FaultKind::kHangStep)});
  account_->RunFor(base::minutes(30));
  account_->Stop();
  account_->emr().AdvanceTo(account_->now() + base::hours(24));
  EXPECT_EQ(account_->CountLive(), kLanes);
}

// For an hour and more every read fails. What cannot be seen is not presumed dead.
TEST_F(FailureModesTest, R6_NothingIsLaunchedAgainWhileEmrCannotBeRead) {
  std::vector<emulator::Fault> faults;
  for (const char* action :
       {"ListClusters", "DescribeCluster", "ListSteps", "ListInstanceFleets"}) {
    emulator::Fault fault = Of(emulator::FaultKind::kHttp500);
    fault.action = action;
    fault.nth = 3;
    fault.count = 150;
    faults.push_back(fault);
  }
  Start(Capped(std::nullopt), faults);
  account_->RunFor(base::hours(12));
  EXPECT_EQ(RunState(), "success");
  EXPECT_EQ(account_->TakeTally().made.at("RunJobFlow"), kLanes);
}

}  // namespace
}  // namespace sim
