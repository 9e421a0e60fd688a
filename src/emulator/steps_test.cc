// AddJobFlowSteps and CancelSteps.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "emulator/test_support.h"

namespace emulator {
namespace {

using ::testing::HasSubstr;

json::object KeptAlive(int steps = 0) {
  json::object request = ClusterRequest("c", steps);
  request["Instances"].get_object()["KeepJobFlowAliveWhenNoSteps"] = true;
  return request;
}

json::object Added(std::string_view id,
                   size_t count = 1,
                   std::string_view action_on_failure = "CONTINUE") {
  json::array steps;
  for (size_t i = 0; i < count; ++i)
    steps.push_back(StepRequest("added", action_on_failure));
  return {{"JobFlowId", id}, {"Steps", std::move(steps)}};
}

std::string StepId(const World& world, size_t step) {
  return world.emulator.Clusters()[0].steps.at(step).id;
}

// The answer for each step: "SUBMITTED FAILED".
std::string Cancel(World& world, std::string_view id, const json::array& steps) {
  std::vector<std::string> answers;
  const json::object reply = world.Ok("CancelSteps", {{"ClusterId", id}, {"StepIds", steps}});
  for (const json::value& line : base::GetArray(reply, "CancelStepsInfoList"))
    answers.push_back(base::GetString(line.get_object(), "Status"));
  return base::Join(answers, " ");
}

TEST(AddJobFlowSteps, WakesAWaitingCluster) {
  World world;
  std::string id = world.Launch(KeptAlive());
  world.Pass(minutes(6));
  EXPECT_EQ(world.State(id), "WAITING");
  json::object reply = world.Ok("AddJobFlowSteps", Added(id, 2));
  ASSERT_EQ(base::GetArray(reply, "StepIds").size(), 2u);
  EXPECT_EQ(base::GetArray(reply, "StepIds")[1].get_string(), StepId(world, 1));
  EXPECT_EQ(world.State(id), "RUNNING");
  EXPECT_EQ(world.Steps(id), "RUNNING PENDING");
  world.Pass(minutes(20));
  EXPECT_EQ(world.State(id), "WAITING");
  EXPECT_EQ(world.Steps(id), "COMPLETED COMPLETED");
}

TEST(AddJobFlowSteps, QueuesBehindWhatIsThere) {
  World world;
  std::string id = world.Launch("c", 1);
  world.Ok("AddJobFlowSteps", Added(id));
  world.Pass(minutes(7));
  world.Ok("AddJobFlowSteps", Added(id));
  EXPECT_EQ(world.Steps(id), "RUNNING PENDING PENDING");
  world.Rest();
  EXPECT_EQ(world.State(id), "TERMINATED/ALL_STEPS_COMPLETED");
  EXPECT_EQ(world.Steps(id), "COMPLETED COMPLETED COMPLETED");
}

TEST(AddJobFlowSteps, EndsTheIdleTime) {
  World world;
  json::object request = KeptAlive();
  request["AutoTerminationPolicy"] = json::object{{"IdleTimeout", 600}};
  std::string id = world.Launch(request);
  world.Pass(minutes(15));
  world.Ok("AddJobFlowSteps", Added(id));
  world.Pass(minutes(19));  // 10 of work and 9 of rest
  EXPECT_EQ(world.State(id), "WAITING");
  world.Rest();
  EXPECT_EQ(world.State(id), "TERMINATED/ALL_STEPS_COMPLETED");
}

TEST(AddJobFlowSteps, IsRefusedOnceTheClusterEnds) {
  World world;
  std::string id = world.Launch(KeptAlive());
  world.Ok("TerminateJobFlows", {{"JobFlowIds", json::array{id}}});
  EXPECT_EQ(world.Refused("AddJobFlowSteps", Added(id)), "ValidationException");
  world.Rest();
  Reply reply = world.Call("AddJobFlowSteps", Added(id));
  EXPECT_EQ(reply.error_code, "ValidationException");
  EXPECT_THAT(base::GetString(reply.body.get_object(), "message"),
              HasSubstr("may not be modified"));
  EXPECT_EQ(world.Steps(id), "");
}

TEST(AddJobFlowSteps, HoldsAtMost256ActiveSteps) {
  World world;
  std::string id = world.Launch(KeptAlive(1));
  EXPECT_EQ(world.Refused("AddJobFlowSteps", Added(id, 256)), "ValidationException");
  world.Ok("AddJobFlowSteps", Added(id, 255));
  EXPECT_EQ(world.Refused("AddJobFlowSteps", Added(id)), "ValidationException");
  world.Pass(minutes(16));  // the first has completed
  world.Ok("AddJobFlowSteps", Added(id));
}

TEST(AddJobFlowSteps, TakesOnlyContinueWhereStepsRunSideBySide) {
  World world;
  json::object request = KeptAlive();
  request["StepConcurrencyLevel"] = 2;
  std::string id = world.Launch(request);
  world.Pass(minutes(6));
  for (const char* action : {"TERMINATE_CLUSTER", "TERMINATE_JOB_FLOW", "CANCEL_AND_WAIT"})
    EXPECT_EQ(world.Refused("AddJobFlowSteps", Added(id, 1, action)), "ValidationException");
  world.Ok("AddJobFlowSteps", Added(id, 3));
  EXPECT_EQ(world.Steps(id), "RUNNING RUNNING PENDING");
}

TEST(AddJobFlowSteps, RefusesUnknownClustersAndNoSteps) {
  World world;
  EXPECT_EQ(world.Refused("AddJobFlowSteps", Added("j-NONE")), "ValidationException");
  std::string id = world.Launch(KeptAlive());
  EXPECT_EQ(world.Refused("AddJobFlowSteps", Added(id, 0)), "ValidationException");
}

TEST(AddJobFlowSteps, FaultsFindItByTheNameOfItsCluster) {
  World world({{.kind = FaultKind::kThrottle, .name = "c*", .action = "AddJobFlowSteps"}});
  std::string id = world.Launch(KeptAlive());
  EXPECT_EQ(world.Refused("AddJobFlowSteps", Added(id)), "ThrottlingException");
}

TEST(CancelSteps, EndsPendingStepsAtOnceAndRunningOnesALittleLater) {
  World world;
  std::string id = world.Launch("c", 3);
  world.Pass(minutes(7));
  json::array ids = {StepId(world, 0), StepId(world, 1)};
  EXPECT_EQ(Cancel(world, id, ids), "SUBMITTED SUBMITTED");
  EXPECT_EQ(world.Steps(id), "CANCEL_PENDING CANCELLED PENDING");
  EXPECT_EQ(Cancel(world, id, ids), "SUBMITTED FAILED");
  world.Pass(minutes(1));
  EXPECT_EQ(world.Steps(id), "CANCELLED CANCELLED RUNNING");
  world.Rest();
  EXPECT_EQ(world.Steps(id), "CANCELLED CANCELLED COMPLETED");
  EXPECT_EQ(world.State(id), "TERMINATED/STEP_FAILURE");
  EXPECT_EQ(Cancel(world, id, ids), "FAILED FAILED");
}

TEST(CancelSteps, FreesAStepThatHangs) {
  World world({{.kind = FaultKind::kHangStep}});
  std::string id = world.Launch("c", 2);
  world.Pass(hours(10));
  EXPECT_EQ(Cancel(world, id, {StepId(world, 0)}), "SUBMITTED");
  world.Rest();
  EXPECT_EQ(world.Steps(id), "CANCELLED COMPLETED");
}

TEST(CancelSteps, OfAllStepsBeforeTheyRanEndsTheClusterAfterItsBootstrap) {
  World world;
  std::string id = world.Launch("c", 1);
  EXPECT_EQ(Cancel(world, id, {StepId(world, 0)}), "SUBMITTED");
  world.Rest();
  EXPECT_EQ(world.State(id), "TERMINATED/STEP_FAILURE");
  EXPECT_FALSE(world.emulator.Clusters()[0].RanSteps());
}

TEST(CancelSteps, IsOvertakenByTheEndOfTheCluster) {
  World world;
  std::string id = world.Launch("c", 1);
  world.Pass(minutes(7));
  Cancel(world, id, {StepId(world, 0)});
  world.Ok("TerminateJobFlows", {{"JobFlowIds", json::array{id}}});
  EXPECT_EQ(world.Steps(id), "CANCELLED");
  world.Rest();
  EXPECT_EQ(world.State(id), "TERMINATED/USER_REQUEST");
}

TEST(CancelSteps, RefusesWhatItDoesNotKnow) {
  World world;
  std::string id = world.Launch("c", 1);
  auto refused = [&](std::string_view cluster, const json::array& steps) {
    return world.Refused("CancelSteps", {{"ClusterId", cluster}, {"StepIds", steps}});
  };
  EXPECT_EQ(refused("j-NONE", {"s-X"}), "InvalidRequestException");
  EXPECT_EQ(refused(id, {"s-X"}), "InvalidRequestException");
  EXPECT_EQ(refused(id, json::array()), "InvalidRequestException");
  EXPECT_EQ(refused(id, json::array(257, "s-X")), "InvalidRequestException");
  EXPECT_EQ(world.Steps(id), "PENDING");
}

}  // namespace
}  // namespace emulator
