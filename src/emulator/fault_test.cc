#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "emulator/test_support.h"

namespace emulator {
namespace {

using ::testing::HasSubstr;

Fault LoseCore(Fault::Outcome outcome) {
  return {.kind = FaultKind::kLoseFleet, .after = seconds(30), .outcome = outcome};
}

TEST(LoseFleet, OfTheCoreKillsTheClusterByDefault) {
  World world({{.kind = FaultKind::kLoseFleet, .after = seconds(30)}});
  std::string id = world.Launch("c", 2);
  world.Pass(minutes(6) + seconds(29));
  EXPECT_EQ(world.State(id), "RUNNING");
  world.Rest();
  EXPECT_EQ(world.State(id), "TERMINATED_WITH_ERRORS/INSTANCE_FAILURE");
  EXPECT_EQ(world.Message(id), "All slaves in the job flow were terminated due to Spot");
  EXPECT_EQ(world.Steps(id), "CANCELLED CANCELLED");
}

TEST(LoseFleet, OfTheMasterKillsTheCluster) {
  World world({{.kind = FaultKind::kLoseFleet, .fleet = FleetType::kMaster}});
  std::string id = world.Launch("c");
  world.Rest();
  EXPECT_EQ(world.State(id), "TERMINATED_WITH_ERRORS/INSTANCE_FAILURE");
  EXPECT_EQ(world.Message(id), "The master node was terminated");
}

TEST(LoseFleet, LeavesARunningClusterHangingForEver) {
  World world({LoseCore(Fault::Outcome::kRunning)});
  std::string id = world.Launch("c");
  world.Rest();
  world.Pass(hours(100));
  EXPECT_EQ(world.State(id), "RUNNING");
  EXPECT_EQ(world.Steps(id), "RUNNING");
  EXPECT_EQ(world.FleetState(id, "CORE"), "RESIZING 0+0");
  EXPECT_EQ(world.FleetState(id, "MASTER"), "RUNNING 1+0");
}

TEST(LoseFleet, LeavesAClusterWaitingWithAnInstanceFailureInItsMessage) {
  World world({LoseCore(Fault::Outcome::kWaiting)});
  std::string id = world.Launch("c", 2);
  world.Rest();
  world.Pass(hours(100));
  EXPECT_EQ(world.State(id), "WAITING");
  EXPECT_THAT(world.Message(id), HasSubstr("Instance failure"));
  EXPECT_EQ(world.Steps(id), "FAILED CANCELLED");
  EXPECT_EQ(world.FleetState(id, "CORE"), "RESIZING 0+0");
  world.Ok("TerminateJobFlows", {{"JobFlowIds", json::array{id}}});
  world.Rest();
  EXPECT_EQ(world.State(id), "TERMINATED/USER_REQUEST");
}

TEST(LoseFleet, BeforeTheStepsLeavesThemHanging) {
  Fault fault = LoseCore(Fault::Outcome::kRunning);
  fault.on = Fault::Phase::kBootstrapping;
  World world({fault});
  std::string id = world.Launch("c");
  world.Rest();
  EXPECT_EQ(world.State(id), "RUNNING");
  EXPECT_EQ(world.Steps(id), "RUNNING");
}

TEST(LoseFleet, DoesNotHitAClusterThatIsEnding) {
  World world({{.kind = FaultKind::kLoseFleet, .after = minutes(11)}});
  std::string id = world.Launch("c");
  world.Rest();
  EXPECT_EQ(world.State(id), "TERMINATED/ALL_STEPS_COMPLETED");
}

// Two core instances, of which one is lost half a minute after the first step began.
Fault LoseOneOfTwo() {
  return {.kind = FaultKind::kLoseFleet, .after = seconds(30), .instances = 1};
}

TEST(LoseInstances, ResizesTheFleetWhileTheClusterWorksOn) {
  World world({LoseOneOfTwo()});
  std::string id = world.Launch("c");
  world.Pass(minutes(6) + seconds(30));
  EXPECT_EQ(world.State(id), "RUNNING");
  EXPECT_EQ(world.FleetState(id, "CORE"), "RESIZING 0+1");
  EXPECT_EQ(world.emulator.Clusters()[0].fleets[1].running, 1);
  world.Rest();
  EXPECT_EQ(world.State(id), "TERMINATED/ALL_STEPS_COMPLETED");
}

TEST(LoseInstances, AreReplacedFiveMinutesLater) {
  World world({LoseOneOfTwo()});
  std::string id = world.Launch("c");
  world.Pass(minutes(11) + seconds(29));
  EXPECT_EQ(world.FleetState(id, "CORE"), "RESIZING 0+1");
  world.Pass(seconds(1));
  EXPECT_EQ(world.FleetState(id, "CORE"), "RUNNING 0+2");
}

TEST(LoseInstances, AreNotReplacedWhereTheFaultSaysSo) {
  Fault fault = LoseOneOfTwo();
  fault.replace = false;
  World world({fault});
  std::string id = world.Launch("c");
  world.Pass(minutes(15));
  EXPECT_EQ(world.FleetState(id, "CORE"), "RESIZING 0+1");
}

TEST(LoseInstances, TheLastOneIsTheWholeFleet) {
  Fault second = LoseOneOfTwo();
  second.after = minutes(2);
  second.outcome = Fault::Outcome::kWaiting;
  World world({LoseOneOfTwo(), second});
  std::string id = world.Launch("c");
  world.Pass(minutes(8));
  EXPECT_EQ(world.State(id), "WAITING");
  EXPECT_EQ(world.FleetState(id, "CORE"), "RESIZING 0+0");
  world.Rest();
  EXPECT_EQ(world.FleetState(id, "CORE"), "RESIZING 0+0");
}

TEST(LoseInstances, BeforeTheyAreReadyLeavesTheFleetResizing) {
  Fault fault = LoseOneOfTwo();
  fault.on = Fault::Phase::kBootstrapping;
  World world({fault});
  std::string id = world.Launch("c");
  world.Pass(minutes(6));
  EXPECT_EQ(world.State(id), "RUNNING");
  EXPECT_EQ(world.FleetState(id, "CORE"), "RESIZING 0+1");
  world.Pass(minutes(4));
  EXPECT_EQ(world.FleetState(id, "CORE"), "RUNNING 0+2");
  EXPECT_EQ(world.Steps(id), "RUNNING");
}

TEST(Faults, ChooseClustersByNameAndOrdinal) {
  World world({{.kind = FaultKind::kFailBootstrap, .name = "*b*", .nth = 2, .count = 2}});
  std::vector<std::string> ids;
  for (const char* name : {"b1", "a", "b2", "b3", "b4"})
    ids.push_back(world.Launch(name));
  world.Rest();
  std::vector<std::string> ends;
  for (const std::string& id : ids)
    ends.push_back(world.State(id));
  EXPECT_THAT(ends,
              ::testing::ElementsAre("TERMINATED/ALL_STEPS_COMPLETED",
                                     "TERMINATED/ALL_STEPS_COMPLETED",
                                     "TERMINATED_WITH_ERRORS/BOOTSTRAP_FAILURE",
                                     "TERMINATED_WITH_ERRORS/BOOTSTRAP_FAILURE",
                                     "TERMINATED/ALL_STEPS_COMPLETED"));
}

TEST(Faults, LaunchFailuresCarryErrorDetailsAndRunNoStep) {
  World world({{.kind = FaultKind::kFailBootstrap, .name = "b"},
               {.kind = FaultKind::kFailProvisioning, .name = "p"}});
  std::string bootstrap = world.Launch("b");
  std::string provisioning = world.Launch("p");
  world.Rest();
  EXPECT_THAT(world.Message(bootstrap), HasSubstr("returned a non-zero return code"));
  EXPECT_EQ(world.State(provisioning), "TERMINATED_WITH_ERRORS/INTERNAL_ERROR");
  json::object cluster = world.Describe(provisioning);
  const json::array& details = base::GetArray(cluster, "Status.ErrorDetails");
  ASSERT_EQ(details.size(), 1u);
  EXPECT_EQ(base::GetString(details[0].get_object(), "ErrorCode"),
            "INTERNAL_ERROR_EC2_INSUFFICIENT_CAPACITY_AZ");
  for (const ClusterTruth& truth : world.emulator.Clusters())
    EXPECT_FALSE(truth.RanSteps());
}

TEST(Faults, AClusterThatIsNeverProvisionedStartsUntilItIsTerminated) {
  World world({{.kind = FaultKind::kHangProvisioning}});
  std::string id = world.Launch("c");
  world.Rest();
  world.Pass(hours(1000));
  EXPECT_EQ(world.State(id), "STARTING");
  EXPECT_EQ(world.FleetState(id, "CORE"), "PROVISIONING 0+0");
  world.Ok("TerminateJobFlows", {{"JobFlowIds", json::array{id}}});
  world.Rest();
  EXPECT_EQ(world.State(id), "TERMINATED/USER_REQUEST");
}

TEST(Faults, W6_APurgedClusterIsForgottenSomeTimeAfterItEnded) {
  World world({{.kind = FaultKind::kPurge, .name = "p", .span = hours(2)}});
  std::string id = world.Launch("p");
  world.Launch("q");
  world.Rest();
  world.Pass(hours(2) - seconds(1));
  EXPECT_EQ(world.State(id), "TERMINATED/ALL_STEPS_COMPLETED");
  world.Pass(seconds(1));
  Reply reply = world.Call("DescribeCluster", {{"ClusterId", id}});
  EXPECT_EQ(reply.error_code, "InvalidRequestException");
  EXPECT_EQ(base::GetString(reply.body.get_object(), "Message"),
            base::Cat("Cluster id '", id, "' is not valid."));
  EXPECT_EQ(world.Refused("ListSteps", {{"ClusterId", id}}), "InvalidRequestException");
  EXPECT_EQ(world.Refused("TerminateJobFlows", {{"JobFlowIds", json::array{id}}}),
            "ValidationException");
  const json::object listed = world.Ok("ListClusters", {});
  const json::array& rows = base::GetArray(listed, "Clusters");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(base::GetString(rows[0].get_object(), "Name"), "q");
}

TEST(Faults, AHangingStepNeverEnds) {
  World world({{.kind = FaultKind::kHangStep, .step = 2}});
  std::string id = world.Launch("c", 2);
  world.Rest();
  EXPECT_EQ(world.Steps(id), "COMPLETED RUNNING");
}

TEST(Faults, ListLagHidesYoungClustersFromListClustersAlone) {
  World world({{.kind = FaultKind::kListLag, .span = seconds(150)}});
  std::string id = world.Launch("c");
  world.Pass(seconds(149));
  EXPECT_TRUE(base::GetArray(world.Ok("ListClusters", {}), "Clusters").empty());
  EXPECT_EQ(world.State(id), "STARTING");
  world.Pass(seconds(1));
  EXPECT_EQ(base::GetArray(world.Ok("ListClusters", {}), "Clusters").size(), 1u);
}

TEST(CallFaults, CountTheCallsOfTheirAction) {
  World world({{.kind = FaultKind::kThrottle, .action = "RunJobFlow", .nth = 2}});
  world.Launch("a");
  world.Ok("ListClusters", {});
  EXPECT_EQ(world.Refused("RunJobFlow", ClusterRequest("b")), "ThrottlingException");
  world.Launch("c");
  EXPECT_EQ(world.emulator.Clusters().size(), 2u);
}

TEST(CallFaults, CountTheCallsAboutClustersOfTheirName) {
  World world({{.kind = FaultKind::kThrottle, .name = "x*", .action = "RunJobFlow"},
               {.kind = FaultKind::kThrottle, .name = "b", .action = "TerminateJobFlows"}});
  std::string a = world.Launch("a");
  std::string b = world.Launch("b");
  EXPECT_EQ(world.Refused("RunJobFlow", ClusterRequest("x1")), "ThrottlingException");
  world.Ok("TerminateJobFlows", {{"JobFlowIds", json::array{a}}});
  EXPECT_EQ(world.Refused("TerminateJobFlows", {{"JobFlowIds", json::array{b}}}),
            "ThrottlingException");
}

TEST(CallFaults, AServerErrorMayOrMayNotHaveDoneIt) {
  World world({{.kind = FaultKind::kHttp500, .action = "RunJobFlow", .nth = 1},
               {.kind = FaultKind::kHttp500, .action = "RunJobFlow", .nth = 2, .executed = true}});
  Reply first = world.Call("RunJobFlow", ClusterRequest("a"));
  EXPECT_EQ(first.http_status, 500);
  EXPECT_EQ(first.error_code, "InternalServerError");
  EXPECT_TRUE(world.emulator.Clusters().empty());
  EXPECT_EQ(world.Call("RunJobFlow", ClusterRequest("b")).http_status, 500);
  EXPECT_EQ(world.emulator.Clusters().size(), 1u);
}

TEST(CallFaults, ADroppedAndADelayedReplyAreExecutedAtOnce) {
  World world(
      {{.kind = FaultKind::kDropReply, .action = "RunJobFlow", .nth = 1},
       {.kind = FaultKind::kDelayReply, .action = "RunJobFlow", .nth = 2, .span = seconds(2)}});
  Reply dropped = world.Call("RunJobFlow", ClusterRequest("a"));
  EXPECT_EQ(dropped.delivery, Reply::Delivery::kDrop);
  Reply delayed = world.Call("RunJobFlow", ClusterRequest("b"));
  EXPECT_EQ(delayed.delivery, Reply::Delivery::kDelay);
  EXPECT_EQ(delayed.wall_delay, seconds(2));
  EXPECT_EQ(world.emulator.Clusters().size(), 2u);
}

TEST(CallFaults, ALateCallTakesEffectAfterItsWallSpanInWorldTime) {
  Emulator emulator({.plan = World::Plan({{.kind = FaultKind::kAcceptLate,
                                           .action = "RunJobFlow",
                                           .nth = 1,
                                           .span = seconds(2)}}),
                     .speed = 60});
  Reply reply = emulator.Handle("RunJobFlow", ClusterRequest("a"), kStart);
  EXPECT_EQ(reply.delivery, Reply::Delivery::kDrop);
  EXPECT_EQ(emulator.NextChange(), kStart + minutes(2));
  emulator.AdvanceTo(kStart + minutes(2) - seconds(1));
  EXPECT_TRUE(emulator.Clusters().empty());
  emulator.AdvanceTo(kStart + minutes(10));
  ASSERT_EQ(emulator.Clusters().size(), 1u);
  EXPECT_EQ(emulator.Clusters()[0].created_at, kStart + minutes(2));
  EXPECT_EQ(emulator.Clusters()[0].state, ClusterState::kRunning);
}

TEST(CallFaults, AnIgnoredTerminateIsAnsweredAndNotDone) {
  World world({{.kind = FaultKind::kIgnore, .action = "TerminateJobFlows", .nth = 1}});
  std::string id = world.Launch("c");
  json::object request = {{"JobFlowIds", json::array{id}}};
  world.Ok("TerminateJobFlows", request);
  EXPECT_EQ(world.State(id), "STARTING");
  world.Ok("TerminateJobFlows", request);
  EXPECT_EQ(world.State(id), "TERMINATING/USER_REQUEST");
}

TEST(CallFaults, C2_DeniedCallsAreRefusedAsIamRefusesThem) {
  World world({{.kind = FaultKind::kDeny, .action = "TerminateJobFlows", .nth = 1}});
  std::string id = world.Launch("a");
  Reply reply = world.Call("TerminateJobFlows", {{"JobFlowIds", json::array{id}}});
  EXPECT_EQ(reply.http_status, 400);
  EXPECT_EQ(reply.error_code, "AccessDeniedException");
  world.Ok("TerminateJobFlows", {{"JobFlowIds", json::array{id}}});
}

TEST(Journal, TellsCallsChangesAndFaultsInOrder) {
  World world({{.kind = FaultKind::kThrottle, .action = "RunJobFlow", .nth = 2},
               {.kind = FaultKind::kFailStep}});
  std::string id = world.Launch("c");
  world.Call("RunJobFlow", ClusterRequest("d"));
  world.Rest();
  std::vector<json::object> lines = world.emulator.TakeJournal();
  EXPECT_TRUE(world.emulator.TakeJournal().empty());

  std::vector<std::string> times;
  std::vector<std::string> cluster_states;
  std::vector<json::object> calls;
  int struck = 0;
  for (const json::object& line : lines) {
    times.push_back(base::GetString(line, "t"));
    if (base::GetString(line, "change") == "cluster")
      cluster_states.push_back(base::GetString(line, "state"));
    if (line.contains("action"))
      calls.push_back(line);
    else
      struck += line.contains("fault");
  }
  EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
  EXPECT_THAT(cluster_states,
              ::testing::ElementsAre(
                  "STARTING", "BOOTSTRAPPING", "RUNNING", "TERMINATING", "TERMINATED_WITH_ERRORS"));
  EXPECT_EQ(struck, 1);
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_EQ(base::GetString(calls[0], "cluster_id"), id);
  EXPECT_EQ(base::GetString(calls[0], "name"), "c");
  EXPECT_EQ(base::GetInt(calls[0], "steps"), 1);
  EXPECT_EQ(base::GetInt(calls[0], "http"), 200);
  EXPECT_EQ(base::GetString(calls[0], "request.Name"), "c");
  EXPECT_EQ(base::GetInt(calls[1], "http"), 400);
  EXPECT_EQ(base::GetString(calls[1], "code"), "ThrottlingException");
  EXPECT_EQ(base::GetString(calls[1], "fault"), "throttle");
}

}  // namespace
}  // namespace emulator
