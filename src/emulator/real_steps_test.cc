// Steps whose work is done elsewhere: what the model orders, and what it makes of the outcome.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "emulator/test_support.h"

namespace emulator {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct RealWorld : World {
  explicit RealWorld(std::vector<Fault> faults = {})
      : World(Options{.plan = Plan(std::move(faults)), .run_steps = true}) {}

  // The orders since the last look: "start s-…", "stop s-…" with steps by their number from 1.
  std::vector<std::string> Orders() {
    std::vector<std::string> orders;
    for (const StepOrder& order : emulator.TakeStepOrders()) {
      last = order;
      orders.push_back(base::Cat(order.kind == StepOrder::Kind::kStart ? "start " : "stop ",
                                 Number(order.cluster_id, order.step_id)));
    }
    return orders;
  }
  std::string Id(std::string_view cluster, size_t step) {
    for (const ClusterTruth& truth : emulator.Clusters())
      if (truth.id == cluster)
        return truth.steps.at(step - 1).id;
    return "";
  }
  size_t Number(std::string_view cluster, std::string_view step) {
    size_t number = 1;
    while (Id(cluster, number) != step)
      ++number;
    return number;
  }
  void Finish(std::string_view cluster, size_t step, std::string failure = "") {
    emulator.FinishStep(cluster, Id(cluster, step), std::move(failure), now);
  }
  json::object Failure(std::string_view cluster, size_t step) {
    json::object reply =
        Ok("DescribeStep", {{"ClusterId", cluster}, {"StepId", Id(cluster, step)}});
    return base::GetObject(reply, "Step.Status.FailureDetails");
  }

  StepOrder last;
};

TEST(RealSteps, TakeAsLongAsTheirWork) {
  RealWorld world;
  std::string id = world.Launch("c", 2);
  world.Pass(minutes(5));
  EXPECT_THAT(world.Orders(), IsEmpty());
  world.Pass(minutes(2));
  EXPECT_THAT(world.Orders(), ElementsAre("start 1"));
  EXPECT_EQ(world.last.jar, "command-runner.jar");
  EXPECT_THAT(world.last.args, ElementsAre("spark-submit"));
  world.Pass(hours(5));
  EXPECT_EQ(world.Steps(id), "RUNNING PENDING");
  world.Finish(id, 1);
  EXPECT_EQ(world.Steps(id), "COMPLETED RUNNING");
  EXPECT_THAT(world.Orders(), ElementsAre("start 2"));
  world.Finish(id, 2);
  world.Rest();
  EXPECT_EQ(world.State(id), "TERMINATED/ALL_STEPS_COMPLETED");
  EXPECT_THAT(world.Orders(), IsEmpty());
}

TEST(RealSteps, FailWithTheMessageOfTheirWorkAndSayWhereTheLogIs) {
  RealWorld world;
  json::object request = ClusterRequest("c", 2);
  request["LogUri"] = "s3://example/logs";
  std::string id = world.Launch(request);
  world.Pass(minutes(7));
  EXPECT_THAT(world.Orders(), ElementsAre("start 1"));
  const std::string folder = base::Cat("s3://example/logs/", id, "/steps/", world.Id(id, 1), "/");
  EXPECT_EQ(world.last.log_folder, folder);
  world.Finish(id, 1, "ValueError: no rows");
  EXPECT_EQ(world.State(id), "TERMINATING/STEP_FAILURE");
  EXPECT_EQ(world.Steps(id), "FAILED CANCELLED");
  json::object failure = world.Failure(id, 1);
  EXPECT_EQ(base::GetString(failure, "Reason"), "Unknown Error.");
  EXPECT_EQ(base::GetString(failure, "Message"), "ValueError: no rows");
  EXPECT_EQ(base::GetString(failure, "LogFile"), folder + "stderr.gz");
}

TEST(RealSteps, AreStoppedWithTheirCluster) {
  RealWorld world;
  std::string id = world.Launch("c", 2);
  world.Pass(minutes(7));
  EXPECT_THAT(world.Orders(), ElementsAre("start 1"));
  world.Ok("TerminateJobFlows", {{"JobFlowIds", json::array{id}}});
  EXPECT_THAT(world.Orders(), ElementsAre("stop 1"));
  world.Finish(id, 1, "exit code 143");  // too late to be news
  world.Rest();
  EXPECT_EQ(world.State(id), "TERMINATED/USER_REQUEST");
  EXPECT_EQ(world.Steps(id), "CANCELLED CANCELLED");
  EXPECT_THAT(world.Orders(), IsEmpty());
}

TEST(RealSteps, AreStoppedWhenTheyAreCancelled) {
  RealWorld world;
  std::string id = world.Launch("c", 2);
  world.Pass(minutes(7));
  world.Orders();
  world.Ok("CancelSteps", {{"ClusterId", id}, {"StepIds", json::array{world.Id(id, 1)}}});
  EXPECT_THAT(world.Orders(), ElementsAre("stop 1"));
  world.Finish(id, 1);
  EXPECT_EQ(world.Steps(id), "CANCEL_PENDING PENDING");
  world.Pass(minutes(1));
  EXPECT_EQ(world.Steps(id), "CANCELLED RUNNING");
  EXPECT_THAT(world.Orders(), ElementsAre("start 2"));
}

TEST(RealSteps, ThatAreToFailAreStoppedAfterTheirTimeOrFailAtTheirEnd) {
  for (bool ends_early : {false, true}) {
    RealWorld world({{.kind = FaultKind::kFailStep, .name = "c", .step = 1}});
    std::string id = world.Launch("c", 1);
    world.Pass(minutes(15));
    EXPECT_EQ(world.Steps(id), "RUNNING");
    EXPECT_THAT(world.Orders(), ElementsAre("start 1"));
    if (ends_early)
      world.Finish(id, 1);
    world.Pass(minutes(2));
    EXPECT_EQ(world.Steps(id), "FAILED");
    if (ends_early)
      EXPECT_THAT(world.Orders(), IsEmpty());
    else
      EXPECT_THAT(world.Orders(), ElementsAre("stop 1"));
  }
}

TEST(RealSteps, AreStoppedWhenTheirInstancesAreLost) {
  for (Fault::Outcome outcome : {Fault::Outcome::kRunning, Fault::Outcome::kWaiting}) {
    RealWorld world({{.kind = FaultKind::kLoseFleet, .after = minutes(4), .outcome = outcome}});
    std::string id = world.Launch("c", 1);
    world.Pass(minutes(7));
    EXPECT_THAT(world.Orders(), ElementsAre("start 1"));
    world.Pass(minutes(5));
    EXPECT_THAT(world.Orders(), ElementsAre("stop 1"));
    world.Finish(id, 1);
    EXPECT_EQ(world.Steps(id), outcome == Fault::Outcome::kRunning ? "RUNNING" : "FAILED");
  }
}

TEST(RealSteps, AreNotEvenOrderedWhereTheyAreToHang) {
  RealWorld world({{.kind = FaultKind::kHangStep, .step = 1}});
  world.Launch("c", 1);
  world.Pass(hours(1));
  EXPECT_THAT(world.Orders(), IsEmpty());
}

}  // namespace
}  // namespace emulator
