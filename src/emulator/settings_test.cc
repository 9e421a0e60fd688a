// What is changed on a cluster after its launch: tags, concurrency, policies.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "emulator/test_support.h"

namespace emulator {
namespace {

json::object KeptAlive(int steps = 0) {
  json::object request = ClusterRequest("c", steps);
  request["Instances"].get_object()["KeepJobFlowAliveWhenNoSteps"] = true;
  return request;
}

// "a=1 b=2"
std::string Tags(World& world, std::string_view id) {
  std::vector<std::string> texts;
  const json::object cluster = world.Describe(id);
  for (const json::value& tag : base::GetArray(cluster, "Tags"))
    texts.push_back(base::Cat(
        base::GetString(tag.get_object(), "Key"), "=", base::GetString(tag.get_object(), "Value")));
  return base::Join(texts, " ");
}

json::object Tag(std::string_view key, std::string_view value) {
  return {{"Key", key}, {"Value", value}};
}

TEST(Tags, AreAddedReplacedAndRemoved) {
  World world;
  json::object request = ClusterRequest("c");
  request["Tags"] = json::array{Tag("a", "1")};
  std::string id = world.Launch(request);
  EXPECT_EQ(Tags(world, id), "a=1");
  world.Ok("AddTags",
           {{"ResourceId", id},
            {"Tags", json::array{Tag("a", "2"), Tag("b", "3"), json::object{{"Key", "c"}}}}});
  EXPECT_EQ(Tags(world, id), "a=2 b=3 c=");
  world.Ok("RemoveTags", {{"ResourceId", id}, {"TagKeys", json::array{"b", "unknown"}}});
  EXPECT_EQ(Tags(world, id), "a=2 c=");
}

TEST(Tags, AreRefusedWithoutAKeyOrACluster) {
  World world;
  std::string id = world.Launch("c");
  auto add = [&](std::string_view resource, std::string_view key) {
    return world.Refused("AddTags",
                         {{"ResourceId", resource}, {"Tags", json::array{Tag(key, "1")}}});
  };
  EXPECT_EQ(add(id, ""), "InvalidRequestException");
  EXPECT_EQ(add("j-NONE", "a"), "InvalidRequestException");
  world.Rest();
  EXPECT_EQ(add(id, "a"), "InvalidRequestException");
  EXPECT_EQ(world.Refused("RemoveTags", {{"ResourceId", id}, {"TagKeys", json::array{"a"}}}),
            "InvalidRequestException");
}

TEST(ModifyCluster, StartsStepsThatTheNewLevelHasRoomFor) {
  World world;
  std::string id = world.Launch("c", 3);
  world.Pass(minutes(7));
  EXPECT_EQ(world.Steps(id), "RUNNING PENDING PENDING");
  json::object reply = world.Ok("ModifyCluster", {{"ClusterId", id}, {"StepConcurrencyLevel", 2}});
  EXPECT_EQ(base::GetInt(reply, "StepConcurrencyLevel"), 2);
  EXPECT_EQ(world.Steps(id), "RUNNING RUNNING PENDING");
  EXPECT_EQ(base::GetInt(world.Describe(id), "StepConcurrencyLevel"), 2);
  world.Ok("ModifyCluster", {{"ClusterId", id}, {"StepConcurrencyLevel", 1}});
  EXPECT_EQ(world.Steps(id), "RUNNING RUNNING PENDING");
  world.Rest();
  EXPECT_EQ(world.State(id), "TERMINATED/ALL_STEPS_COMPLETED");
}

TEST(ModifyCluster, RefusesOtherLevelsAndClustersThatEnded) {
  World world;
  std::string id = world.Launch("c");
  auto modify = [&](std::string_view cluster, int level) {
    return world.Refused("ModifyCluster",
                         {{"ClusterId", cluster}, {"StepConcurrencyLevel", level}});
  };
  EXPECT_EQ(modify(id, 0), "InvalidRequestException");
  EXPECT_EQ(modify(id, 257), "InvalidRequestException");
  EXPECT_EQ(modify("j-NONE", 2), "InvalidRequestException");
  world.Rest();
  EXPECT_EQ(modify(id, 2), "InvalidRequestException");
}

TEST(AutoTermination, PutOnAWaitingClusterEndsIt) {
  World world;
  std::string id = world.Launch(KeptAlive());
  world.Pass(minutes(16));  // 10 of them idle
  world.Ok("PutAutoTerminationPolicy",
           {{"ClusterId", id}, {"AutoTerminationPolicy", json::object{{"IdleTimeout", 900}}}});
  world.Pass(minutes(5) - seconds(1));
  EXPECT_EQ(world.State(id), "WAITING");
  world.Pass(seconds(1));
  EXPECT_EQ(world.State(id), "TERMINATING/ALL_STEPS_COMPLETED");
}

TEST(AutoTermination, RemovedItLetsTheClusterWaitForEver) {
  World world;
  json::object request = KeptAlive();
  request["AutoTerminationPolicy"] = json::object{{"IdleTimeout", 600}};
  std::string id = world.Launch(request);
  world.Pass(minutes(10));
  world.Ok("RemoveAutoTerminationPolicy", {{"ClusterId", id}});
  EXPECT_FALSE(world.emulator.NextChange().has_value());
  EXPECT_EQ(world.State(id), "WAITING");
}

TEST(AutoTermination, IsAnHourUnlessItSaysOtherwiseAndNothingWhereThereIsNone) {
  World world;
  std::string id = world.Launch(KeptAlive());
  auto shown = [&] { return world.Ok("GetAutoTerminationPolicy", {{"ClusterId", id}}); };
  json::object none = {{"AutoTerminationPolicy", json::object()}};
  EXPECT_EQ(shown(), none);
  world.Ok("PutAutoTerminationPolicy",
           {{"ClusterId", id}, {"AutoTerminationPolicy", json::object()}});
  EXPECT_EQ(base::GetInt(shown(), "AutoTerminationPolicy.IdleTimeout"), 3600);
  world.Ok("RemoveAutoTerminationPolicy", {{"ClusterId", id}});
  EXPECT_EQ(shown(), none);
}

TEST(AutoTermination, IsRefusedOutsideItsBoundsAndOnceTheClusterEnds) {
  World world;
  std::string id = world.Launch("c");
  auto put = [&](int idle) {
    return world.Refused(
        "PutAutoTerminationPolicy",
        {{"ClusterId", id}, {"AutoTerminationPolicy", json::object{{"IdleTimeout", idle}}}});
  };
  EXPECT_EQ(put(59), "ValidationException");
  EXPECT_EQ(put(604801), "ValidationException");
  world.Rest();
  EXPECT_EQ(put(600), "ValidationException");
  EXPECT_EQ(world.Refused("RemoveAutoTerminationPolicy", {{"ClusterId", id}}),
            "ValidationException");
}

json::object Limits(std::string_view unit, int least, int most) {
  return {
      {"ComputeLimits",
       json::object{
           {"UnitType", unit}, {"MinimumCapacityUnits", least}, {"MaximumCapacityUnits", most}}}};
}

TEST(ManagedScaling, IsKeptShownAndRemoved) {
  World world;
  json::object request = ClusterRequest("c");
  request["ManagedScalingPolicy"] = Limits("InstanceFleetUnits", 1, 4);
  std::string id = world.Launch(request);
  auto shown = [&] { return world.Ok("GetManagedScalingPolicy", {{"ClusterId", id}}); };
  json::object none = {{"ManagedScalingPolicy", json::object()}};
  EXPECT_EQ(base::GetObject(shown(), "ManagedScalingPolicy"), Limits("InstanceFleetUnits", 1, 4));
  json::object wider = Limits("InstanceFleetUnits", 2, 8);
  world.Ok("PutManagedScalingPolicy", {{"ClusterId", id}, {"ManagedScalingPolicy", wider}});
  EXPECT_EQ(base::GetObject(shown(), "ManagedScalingPolicy"), wider);
  world.Ok("RemoveManagedScalingPolicy", {{"ClusterId", id}});
  EXPECT_EQ(shown(), none);
}

TEST(ManagedScaling, RefusesPoliciesThatDoNotFit) {
  World world;
  std::string fleets = world.Launch("c");
  std::string groups = world.Launch(GroupsRequest("c"));
  auto put = [&](std::string_view id, const json::object& policy) {
    return world
        .Call("PutManagedScalingPolicy", {{"ClusterId", id}, {"ManagedScalingPolicy", policy}})
        .error_code;
  };
  EXPECT_EQ(put(groups, Limits("VCPU", 1, 4)), "");
  EXPECT_EQ(put(groups, Limits("InstanceFleetUnits", 1, 4)), "ValidationException");
  EXPECT_EQ(put(fleets, Limits("Instances", 1, 4)), "ValidationException");
  EXPECT_EQ(put(fleets, Limits("InstanceFleetUnits", 5, 4)), "ValidationException");
  EXPECT_EQ(put(fleets, Limits("InstanceFleetUnits", 0, 4)), "ValidationException");
  json::object more_core = Limits("InstanceFleetUnits", 1, 4);
  more_core["ComputeLimits"].get_object()["MaximumCoreCapacityUnits"] = 5;
  EXPECT_EQ(put(fleets, more_core), "ValidationException");
  json::object index = Limits("InstanceFleetUnits", 1, 4);
  index["UtilizationPerformanceIndex"] = 101;
  EXPECT_EQ(put(fleets, index), "ValidationException");
  EXPECT_EQ(put(fleets, {}), "ValidationException");
  EXPECT_EQ(put("j-NONE", Limits("VCPU", 1, 4)), "InvalidRequestException");
  json::object launch = ClusterRequest("c");
  launch["ManagedScalingPolicy"] = Limits("VCPU", 1, 4);
  EXPECT_EQ(world.Refused("RunJobFlow", launch), "ValidationException");
  world.Rest();
  EXPECT_EQ(put(fleets, Limits("InstanceFleetUnits", 1, 4)), "ValidationException");
}

TEST(ListBootstrapActions, ShowsThoseOfTheRequest) {
  World world;
  json::object request = ClusterRequest("c");
  request["BootstrapActions"] = json::array{
      json::object{{"Name", "b"},
                   {"ScriptBootstrapAction",
                    json::object{{"Path", "s3://example/b.sh"}, {"Args", json::array{"x"}}}}}};
  json::object expected = {
      {"BootstrapActions",
       json::array{json::object{
           {"Name", "b"}, {"ScriptPath", "s3://example/b.sh"}, {"Args", json::array{"x"}}}}}};
  EXPECT_EQ(world.Ok("ListBootstrapActions", {{"ClusterId", world.Launch(request)}}), expected);
  EXPECT_EQ(world.Refused("ListBootstrapActions", {{"ClusterId", "j-NONE"}}),
            "InvalidRequestException");
}

}  // namespace
}  // namespace emulator
