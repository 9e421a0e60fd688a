#include "emulator/lifecycle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "emulator/test_support.h"

namespace emulator {
namespace {

using ::testing::AllOf;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;

json::object WithStep(std::string_view action_on_failure, bool keep_alive = false) {
  json::object request = ClusterRequest("c", 0);
  request["Steps"] = json::array{StepRequest("a", action_on_failure), StepRequest("b")};
  request["Instances"].get_object()["KeepJobFlowAliveWhenNoSteps"] = keep_alive;
  return request;
}

const Fault kFailFirst = {.kind = FaultKind::kFailStep, .step = 1};

TEST(Lifecycle, RunsItsStepsInOrderAndEndsItself) {
  World world;
  std::string id = world.Launch("c", 2);
  EXPECT_EQ(world.State(id), "STARTING");
  EXPECT_EQ(world.FleetState(id, "CORE"), "PROVISIONING 0+0");
  world.Pass(minutes(4));
  EXPECT_EQ(world.State(id), "BOOTSTRAPPING");
  EXPECT_EQ(world.FleetState(id, "CORE"), "BOOTSTRAPPING 0+2");
  world.Pass(minutes(2));
  EXPECT_EQ(world.State(id), "RUNNING");
  EXPECT_EQ(world.Steps(id), "RUNNING PENDING");
  world.Pass(minutes(10));
  EXPECT_EQ(world.Steps(id), "COMPLETED RUNNING");
  EXPECT_EQ(world.FleetState(id, "MASTER"), "RUNNING 1+0");
  world.Pass(minutes(10));
  EXPECT_EQ(world.State(id), "TERMINATING/ALL_STEPS_COMPLETED");
  world.Pass(seconds(90));
  EXPECT_EQ(world.State(id), "TERMINATED/ALL_STEPS_COMPLETED");
  EXPECT_EQ(world.Message(id), "Steps completed");
  EXPECT_EQ(world.FleetState(id, "CORE"), "TERMINATED 0+0");
  EXPECT_FALSE(world.emulator.NextChange().has_value());
}

TEST(Lifecycle, TimelinesHoldWorldTimes) {
  World world;
  std::string id = world.Launch("c");
  world.Rest();
  json::object cluster = world.Describe(id);
  EXPECT_EQ(base::GetEpoch(cluster, "Status.Timeline.CreationDateTime"), kStart);
  EXPECT_EQ(base::GetEpoch(cluster, "Status.Timeline.ReadyDateTime"), kStart + minutes(6));
  EXPECT_EQ(base::GetEpoch(cluster, "Status.Timeline.EndDateTime"),
            kStart + minutes(16) + seconds(90));
}

TEST(Lifecycle, NextChangeNamesEveryInstantOfALife) {
  World world;
  world.Launch("c");
  std::vector<base::Duration> instants;
  while (auto next = world.emulator.NextChange()) {
    instants.push_back(*next - kStart);
    world.emulator.AdvanceTo(*next);
  }
  EXPECT_THAT(
      instants,
      ::testing::ElementsAre(minutes(4), minutes(6), minutes(16), minutes(17) + seconds(30)));
}

TEST(Lifecycle, AdvancingInOneJumpGivesTheSameJournalAsInSmallSteps) {
  World jump;
  World walk;
  for (World* world : {&jump, &walk}) {
    world->Launch("a", 3);
    world->Launch("b", 1);
  }
  jump.Pass(hours(3));
  for (int i = 0; i < 3 * 3600; i += 7)
    walk.Pass(seconds(7));
  EXPECT_EQ(jump.emulator.TakeJournal(), walk.emulator.TakeJournal());
}

TEST(Lifecycle, JitterStaysWithinItsBoundsAndFollowsTheSeed) {
  FaultPlan plan;
  plan.quotas = false;
  std::vector<base::Time> ends[2];
  for (auto& list : ends) {
    World world(plan, 7);
    for (int i = 0; i < 50; ++i)
      world.Launch("c");
    world.Rest();
    for (const ClusterTruth& cluster : world.emulator.Clusters())
      list.push_back(*cluster.ended_at);
  }
  EXPECT_EQ(ends[0], ends[1]);
  base::Duration mean = minutes(17) + seconds(30);
  for (base::Time end : ends[0])
    EXPECT_THAT(end - kStart, AllOf(Ge(mean * 8 / 10), Le(mean * 12 / 10)));
  EXPECT_NE(ends[0][0], ends[0][1]);
}

TEST(Lifecycle, StepTimesFollowGlobsOverStepAndClusterNames) {
  FaultPlan plan = World::Plan({});
  plan.timing.steps = {{"*training*", minutes(20)}, {"step 2", minutes(1)}};
  World world(plan);
  std::string other = world.Launch("label", 2);
  std::string training = world.Launch("my training", 1);
  world.Pass(minutes(6 + 10 + 1));
  EXPECT_EQ(world.Steps(other), "COMPLETED COMPLETED");
  world.Pass(minutes(8));
  EXPECT_EQ(world.Steps(training), "RUNNING");
  world.Pass(minutes(1));
  EXPECT_EQ(world.Steps(training), "COMPLETED");
}

TEST(Lifecycle, KeptAliveWaitsAfterItsSteps) {
  World world;
  json::object request = ClusterRequest("c", 1);
  request["Instances"].get_object()["KeepJobFlowAliveWhenNoSteps"] = true;
  std::string id = world.Launch(request);
  world.Rest();
  EXPECT_EQ(world.State(id), "WAITING");
  EXPECT_EQ(world.Message(id), "Cluster ready after last step completed.");
}

TEST(Lifecycle, WithoutStepsAClusterEndsOrWaits) {
  World world;
  json::object kept = ClusterRequest("kept", 0);
  kept["Instances"].get_object()["KeepJobFlowAliveWhenNoSteps"] = true;
  std::string waits = world.Launch(kept);
  std::string ends = world.Launch("ends", 0);
  world.Rest();
  EXPECT_EQ(world.State(waits), "WAITING");
  EXPECT_EQ(world.State(ends), "TERMINATED/ALL_STEPS_COMPLETED");
}

TEST(Lifecycle, AutoTerminationEndsAnIdleClusterUnlessItIsProtected) {
  World world;
  json::object request = ClusterRequest("c", 0);
  request["Instances"].get_object()["KeepJobFlowAliveWhenNoSteps"] = true;
  request["AutoTerminationPolicy"] = json::object{{"IdleTimeout", 600}};
  std::string idle = world.Launch(request);
  request["Instances"].get_object()["TerminationProtected"] = true;
  std::string kept = world.Launch(request);
  world.Pass(minutes(6 + 9));
  EXPECT_EQ(world.State(idle), "WAITING");
  world.Pass(minutes(1) + seconds(90));
  EXPECT_EQ(world.State(idle), "TERMINATED/ALL_STEPS_COMPLETED");
  EXPECT_EQ(world.State(kept), "WAITING");

  world.Ok("SetTerminationProtection",
           {{"JobFlowIds", json::array{kept}}, {"TerminationProtected", false}});
  world.Rest();
  EXPECT_EQ(world.State(kept), "TERMINATED/ALL_STEPS_COMPLETED");
}

TEST(Lifecycle, RunsAsManyStepsAtOnceAsTheConcurrencyLevelSays) {
  World world;
  json::object request = ClusterRequest("c", 3);
  request["StepConcurrencyLevel"] = 2;
  std::string id = world.Launch(request);
  world.Pass(minutes(6));
  EXPECT_EQ(world.Steps(id), "RUNNING RUNNING PENDING");
  world.Pass(minutes(10));
  EXPECT_EQ(world.Steps(id), "COMPLETED COMPLETED RUNNING");
}

TEST(StepFailure, TerminateClusterCancelsTheRest) {
  World world({kFailFirst});
  std::string id = world.Launch(WithStep("TERMINATE_CLUSTER"));
  world.Rest();
  EXPECT_EQ(world.State(id), "TERMINATED_WITH_ERRORS/STEP_FAILURE");
  EXPECT_EQ(world.Message(id), "Shut down as step failed");
  EXPECT_EQ(world.Steps(id), "FAILED CANCELLED");
}

TEST(StepFailure, ContinueRunsTheRestAndEndsInAGoodStateWithABadReason) {
  World world({kFailFirst});
  std::string id = world.Launch(WithStep("CONTINUE"));
  world.Rest();
  EXPECT_EQ(world.State(id), "TERMINATED/STEP_FAILURE");
  EXPECT_EQ(world.Message(id), "Steps completed with errors");
  EXPECT_EQ(world.Steps(id), "FAILED COMPLETED");
}

TEST(StepFailure, CancelAndWaitCancelsTheRestAndWaitsWhereKeptAlive) {
  World world({kFailFirst});
  std::string kept = world.Launch(WithStep("CANCEL_AND_WAIT", true));
  std::string transient = world.Launch(WithStep("CANCEL_AND_WAIT"));
  world.Rest();
  EXPECT_EQ(world.State(kept), "WAITING");
  EXPECT_EQ(world.Steps(kept), "FAILED CANCELLED");
  EXPECT_EQ(world.State(transient), "TERMINATED/STEP_FAILURE");
}

TEST(StepFailure, IsDetailedInTheStep) {
  World world({kFailFirst});
  std::string id = world.Launch(WithStep("CONTINUE"));
  world.Rest();
  json::object listed = world.Ok("ListSteps", {{"ClusterId", id}});
  const json::object& first = base::GetArray(listed, "Steps")[1].get_object();
  EXPECT_EQ(base::GetString(first, "Status.FailureDetails.Reason"), "Unknown Error.");
  EXPECT_THAT(base::GetString(first, "Status.FailureDetails.Message"), HasSubstr("failed"));
}

TEST(StepFailure, ProtectionOutranksTerminateCluster) {
  World world({kFailFirst});
  json::object request = WithStep("TERMINATE_CLUSTER", true);
  request["Instances"].get_object()["TerminationProtected"] = true;
  std::string id = world.Launch(request);
  world.Rest();
  EXPECT_EQ(world.State(id), "WAITING");
  EXPECT_EQ(world.Steps(id), "FAILED CANCELLED");
}

TEST(Terminate, EndsAClusterInEveryStateByUserRequest) {
  World world;
  for (base::Duration age : {minutes(0), minutes(5), minutes(8)}) {
    std::string id = world.Launch("c");
    world.Pass(age);
    world.Ok("TerminateJobFlows", {{"JobFlowIds", json::array{id}}});
    EXPECT_EQ(world.State(id), "TERMINATING/USER_REQUEST");
    EXPECT_EQ(world.Steps(id), "CANCELLED");
    world.Pass(seconds(90));
    EXPECT_EQ(world.State(id), "TERMINATED/USER_REQUEST");
    EXPECT_EQ(world.Message(id), "Terminated by user request");
  }
}

TEST(Terminate, OfAnEndedClusterIsAnOkayThatChangesNothing) {
  World world;
  std::string id = world.Launch("c");
  world.Rest();
  world.Ok("TerminateJobFlows", {{"JobFlowIds", json::array{id}}});
  EXPECT_EQ(world.State(id), "TERMINATED/ALL_STEPS_COMPLETED");
}

TEST(Terminate, IsRefusedForAProtectedClusterUntilProtectionIsLifted) {
  World world;
  json::object request = ClusterRequest("c");
  request["Instances"].get_object()["TerminationProtected"] = true;
  std::string id = world.Launch(request);
  std::string other = world.Launch("other");
  json::object both = {{"JobFlowIds", json::array{id, other}}};
  EXPECT_EQ(world.Refused("TerminateJobFlows", both), "ValidationException");
  EXPECT_EQ(world.State(id), "STARTING");
  EXPECT_EQ(world.State(other), "TERMINATING/USER_REQUEST");
  world.Ok("SetTerminationProtection",
           {{"JobFlowIds", json::array{id}}, {"TerminationProtected", false}});
  world.Ok("TerminateJobFlows", both);
  EXPECT_EQ(world.State(id), "TERMINATING/USER_REQUEST");
}

TEST(Truth, CountsInstanceSecondsAndTellsWhichClustersRanSteps) {
  World world;
  std::string ran = world.Launch("ran");
  std::string early = world.Launch("early");
  world.Ok("TerminateJobFlows", {{"JobFlowIds", json::array{early}}});
  world.Rest();
  std::vector<ClusterTruth> truth = world.emulator.Clusters();
  ASSERT_EQ(truth.size(), 2u);
  EXPECT_TRUE(truth[0].RanSteps());
  EXPECT_FALSE(truth[0].Live());
  EXPECT_DOUBLE_EQ(truth[0].instance_seconds, 3 * (2 * 60 + 10 * 60 + 90));
  EXPECT_FALSE(truth[1].RanSteps());
  EXPECT_EQ(truth[1].instance_seconds, 0);
}

}  // namespace
}  // namespace emulator
