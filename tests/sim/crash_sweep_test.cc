// Our process is killed before and after every one of its effects, one at a time, in a short
// scenario that has a failing step, a lost core fleet, a throttled and a dropped RunJobFlow.
// Whatever the point, at rest no cluster is left, no attempt had two clusters that ran steps, and
// every run has ended well.

#include <gtest/gtest.h>

#include "model/dag_json.h"
#include "virtual_estate.h"

namespace sim {
namespace {

std::shared_ptr<const model::Dag> SmallDag() {
  auto dag = std::make_shared<model::Dag>();
  dag->id = model::DagId("small");
  dag->schedule.cron = "0 2 * * 1";
  dag->is_paused_upon_creation = false;
  auto job = [](std::string id, std::string lane, std::vector<int> upstream) {
    model::Job out;
    out.id = model::JobId(std::move(id));
    out.lane = model::LaneId(std::move(lane));
    out.type = model::JobType::kEmrJob;
    out.upstream = std::move(upstream);
    out.retries = out.infra_retries = 2;
    out.retry_delay = out.infra_retry_delay = base::minutes(10);
    out.request = base::ParseJson(R"({
      "ReleaseLabel": "emr-7.8.0", "ServiceRole": "r", "JobFlowRole": "p",
      "Instances": {"InstanceFleets": [
        {"InstanceFleetType": "MASTER", "TargetOnDemandCapacity": 1,
         "InstanceTypeConfigs": [{"InstanceType": "m5.xlarge"}]},
        {"InstanceFleetType": "CORE", "TargetSpotCapacity": 4,
         "InstanceTypeConfigs": [{"InstanceType": "m5.xlarge"}]}]},
      "Steps": [{"Name": "work", "ActionOnFailure": "TERMINATE_CLUSTER",
        "HadoopJarStep": {"Jar": "command-runner.jar", "Args": ["spark-submit", "{{ ds }}"]}}]})")
                      ->as_object();
    return out;
  };
  dag->jobs = {job("a", "1", {}),
               job("a", "2", {}),
               job("b", "1", {0}),
               job("b", "2", {1}),
               job("c", "", {2, 3})};
  dag->version = model::ComputeVersion(*dag);
  return dag;
}

EstateOptions Scenario() {
  EstateOptions options;
  options.start = base::ParseTime("2026-01-05T01:55:00Z").value();
  options.dags = {SmallDag()};
  options.emr.journal = false;
  emulator::Fault step;
  step.kind = emulator::FaultKind::kFailStep;
  step.name = "* a_2 try 1";
  emulator::Fault fleet;
  fleet.kind = emulator::FaultKind::kLoseFleet;
  fleet.name = "* b_1 try 1";
  fleet.after = base::minutes(3);
  fleet.outcome = emulator::Fault::Outcome::kWaiting;
  emulator::Fault throttle;
  throttle.kind = emulator::FaultKind::kThrottle;
  throttle.action = "RunJobFlow";
  throttle.nth = 2;
  emulator::Fault drop = throttle;
  drop.kind = emulator::FaultKind::kDropReply;
  drop.nth = 4;
  options.emr.plan.faults = {step, fleet, throttle, drop};
  return options;
}

std::string Join(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines)
    out += line + "\n";
  return out;
}

bool AllSucceeded(Estate& estate) {
  // Named: a range-for does not keep the page alive that `rows` is a part of.
  auto runs = estate.store().reader().Runs({});
  for (const model::RunRow& run : runs->rows) {
    if (run.state != model::RunState::kSuccess)
      return false;
  }
  return true;
}

TEST(CrashSweep, WithoutACrashTheScenarioSucceedsWithItsRetries) {
  Estate estate(Scenario());
  estate.Run();
  EXPECT_TRUE(estate.Breaches().empty()) << Join(estate.Breaches());
  EXPECT_TRUE(AllSucceeded(estate));
  // Five jobs, one application retry, one infrastructure retry; the dropped reply was adopted.
  EXPECT_EQ(estate.emr().Clusters().size(), 7u);
  EXPECT_GT(estate.effects(), 50);
}

// EMR at its worst: RunJobFlow answers late or not at all and takes effect minutes later, young
// clusters are invisible to ListClusters, terminates are ignored.
EstateOptions StaleScenario() {
  EstateOptions options = Scenario();
  auto fault = [&](emulator::FaultKind kind, std::string action, int64_t nth, base::Duration span) {
    emulator::Fault out;
    out.kind = kind;
    out.action = std::move(action);
    out.nth = nth;
    out.span = span;
    options.emr.plan.faults.push_back(out);
  };
  fault(emulator::FaultKind::kListLag, "", 0, base::seconds(150));
  fault(emulator::FaultKind::kAcceptLate, "RunJobFlow", 1, base::minutes(4));
  fault(emulator::FaultKind::kDelayReply, "RunJobFlow", 3, base::minutes(1));
  fault(emulator::FaultKind::kHttp500, "RunJobFlow", 5, base::Duration(0));
  options.emr.plan.faults.back().executed = true;
  fault(emulator::FaultKind::kIgnore, "TerminateJobFlows", 1, base::Duration(0));
  return options;
}

void Sweep(EstateOptions (*scenario)()) {
  Estate whole(scenario());
  whole.Run();
  ASSERT_TRUE(whole.Breaches().empty()) << Join(whole.Breaches());
  const int effects = whole.effects();
  int runs = 0;
  for (int effect = 1; effect <= effects; ++effect) {
    for (When when : {When::kBefore, When::kAfter}) {
      Estate estate(scenario());
      estate.Run({effect, when});
      ++runs;
      ASSERT_TRUE(estate.Breaches().empty())
          << "crash " << (when == When::kBefore ? "before" : "after") << " effect " << effect
          << " of " << effects << ":\n"
          << Join(estate.Breaches());
      ASSERT_TRUE(AllSucceeded(estate)) << effect;
    }
  }
  std::cout << runs << " crash points, each started again\n";
}

TEST(CrashSweep, L1_L2_L3_L5_T4_EveryEffectBeforeAndAfter) {
  Sweep(Scenario);
}

EstateOptions ImpatientScenario() {
  EstateOptions options = StaleScenario();
  options.driver.engine.launch_settle = options.driver.engine.list_lag_max = base::Duration(0);
  return options;
}

// The sweep can fail: with no settle time a launch is given up while EMR may still accept it, and
// where clusters boot fast both work.
TEST(CrashSweep, ATooShortSettleTimeIsCaught) {
  EstateOptions options = ImpatientScenario();
  options.emr.plan.timing.provisioning = options.emr.plan.timing.bootstrap = base::seconds(10);
  Estate estate(std::move(options));
  estate.Run();
  ASSERT_FALSE(estate.Breaches().empty());
  EXPECT_NE(estate.Breaches()[0].find("(I2)"), std::string::npos) << Join(estate.Breaches());
}

// The same with clusters that boot slowly: the late one is found by its name and killed before it
// works.
TEST(CrashSweep, L11_TheLateClusterOfALaunchGivenUpIsKilled) {
  Estate estate(ImpatientScenario());
  estate.Run();
  EXPECT_TRUE(estate.Breaches().empty()) << Join(estate.Breaches());
  EXPECT_TRUE(AllSucceeded(estate));
  EXPECT_GT(estate.emr().Clusters().size(), 7u);
}

TEST(CrashSweep, L4_L6_T1_EveryEffectWithLateAcceptsListLagAndIgnoredTerminates) {
  Sweep(StaleScenario);
}

}  // namespace
}  // namespace sim
