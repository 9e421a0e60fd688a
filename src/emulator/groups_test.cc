// Clusters of instance groups.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "emulator/test_support.h"

namespace emulator {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// "MASTER m5.xlarge ON_DEMAND 1"
std::vector<std::string> Groups(World& world, std::string_view id) {
  std::vector<std::string> texts;
  const json::object listed = world.Ok("ListInstanceGroups", {{"ClusterId", id}});
  for (const json::value& value : base::GetArray(listed, "InstanceGroups")) {
    const json::object& group = value.get_object();
    texts.push_back(base::Cat(base::GetString(group, "InstanceGroupType"),
                              " ",
                              base::GetString(group, "InstanceType"),
                              " ",
                              base::GetString(group, "Market"),
                              " ",
                              base::GetInt(group, "RequestedInstanceCount")));
  }
  return texts;
}

TEST(ListInstanceGroups, ShowsTheGroupsOfTheRequest) {
  World world;
  std::string id = world.Launch(GroupsRequest("c"));
  EXPECT_EQ(base::GetString(world.Describe(id), "InstanceCollectionType"), "INSTANCE_GROUP");
  EXPECT_THAT(
      Groups(world, id),
      ElementsAre(
          "MASTER m5.xlarge ON_DEMAND 1", "CORE m5.xlarge SPOT 2", "TASK m5.xlarge ON_DEMAND 2"));
}

TEST(ListInstanceGroups, ShowsGroupsWhereTheRequestHasACountAndTypes) {
  World world;
  json::object request = ClusterRequest("c");
  request["Instances"] = json::object{{"MasterInstanceType", "m5.xlarge"},
                                      {"SlaveInstanceType", "r5.2xlarge"},
                                      {"InstanceCount", 4}};
  std::string id = world.Launch(request);
  EXPECT_THAT(Groups(world, id),
              ElementsAre("MASTER m5.xlarge ON_DEMAND 1", "CORE r5.2xlarge ON_DEMAND 3"));
  request["Instances"] = json::object{{"MasterInstanceType", "m5.xlarge"}, {"InstanceCount", 1}};
  EXPECT_THAT(Groups(world, world.Launch(request)), ElementsAre("MASTER m5.xlarge ON_DEMAND 1"));
}

TEST(RunJobFlow, AnInstanceHasAtMost25Volumes) {
  World world;
  auto request = [](int volumes, int of_the_second) {
    auto device = [](int count) {
      return json::object{
          {"VolumeSpecification", json::object{{"VolumeType", "gp3"}, {"SizeInGB", 64}}},
          {"VolumesPerInstance", count}};
    };
    json::object ebs = {
        {"EbsBlockDeviceConfigs", json::array{device(volumes), device(of_the_second)}}};
    json::object group = GroupRequest("MASTER", 1);
    group["EbsConfiguration"] = std::move(ebs);
    json::object out = GroupsRequest("c");
    out["Instances"] = json::object{{"InstanceGroups", json::array{std::move(group)}}};
    return out;
  };
  const json::object listed =
      world.Ok("ListInstanceGroups", {{"ClusterId", world.Launch(request(24, 1))}});
  const json::array& devices = base::GetArray(
      base::GetArray(listed, "InstanceGroups").at(0).get_object(), "EbsBlockDevices");
  ASSERT_EQ(devices.size(), 25U);
  EXPECT_EQ(base::GetString(devices.back().get_object(), "Device"), "/dev/sdz");
  EXPECT_EQ(world.Refused("RunJobFlow", request(24, 2)), "ValidationException");
  EXPECT_EQ(world.Refused("RunJobFlow", request(2'000'000'000, 2'000'000'000)),
            "ValidationException");
  EXPECT_EQ(world.Refused("RunJobFlow", request(5, 0)), "ValidationException");
}

TEST(ListInstanceGroups, CountsInstancesThatRun) {
  World world;
  std::string id = world.Launch(GroupsRequest("c"));
  EXPECT_EQ(world.GroupState(id, "CORE"), "PROVISIONING 0/2");
  world.Pass(minutes(4));
  EXPECT_EQ(world.GroupState(id, "CORE"), "BOOTSTRAPPING 0/2");
  world.Pass(minutes(2));
  EXPECT_EQ(world.GroupState(id, "CORE"), "RUNNING 2/2");
  world.Rest();
  EXPECT_EQ(world.State(id), "TERMINATED/ALL_STEPS_COMPLETED");
  EXPECT_EQ(world.GroupState(id, "CORE"), "TERMINATED 0/2");
}

TEST(ListInstanceGroups, IsRefusedForFleetsAndUnknownClusters) {
  World world;
  std::string id = world.Launch("c");
  EXPECT_EQ(world.Refused("ListInstanceGroups", {{"ClusterId", id}}), "InvalidRequestException");
  EXPECT_EQ(world.Refused("ListInstanceGroups", {{"ClusterId", "j-NONE"}}),
            "InvalidRequestException");
}

TEST(RunJobFlow, ThreeMastersComeUpProtectedAndStay) {
  World world;
  json::object request = GroupsRequest("c");
  request["Instances"] = json::object{
      {"InstanceGroups", json::array{GroupRequest("MASTER", 3), GroupRequest("CORE", 1)}}};
  std::string id = world.Launch(request);
  world.Rest();
  EXPECT_EQ(world.State(id), "WAITING");
  EXPECT_EQ(world.GroupState(id, "MASTER"), "RUNNING 3/3");
  json::object cluster = world.Describe(id);
  EXPECT_TRUE(base::GetBool(cluster, "TerminationProtected"));
  EXPECT_FALSE(base::GetBool(cluster, "AutoTerminate"));
  EXPECT_EQ(world.Refused("TerminateJobFlows", {{"JobFlowIds", json::array{id}}}),
            "ValidationException");
}

TEST(LoseFleet, OfAGroupStrikesAsOfAFleet) {
  World world(
      {{.kind = FaultKind::kLoseFleet, .name = "core"},
       {.kind = FaultKind::kLoseFleet, .name = "master", .fleet = FleetType::kMaster},
       {.kind = FaultKind::kLoseFleet,
        .name = "task",
        .fleet = FleetType::kTask,
        .outcome = Fault::Outcome::kRunning},
       {.kind = FaultKind::kLoseFleet, .name = "waits", .outcome = Fault::Outcome::kWaiting}});
  std::string core = world.Launch(GroupsRequest("core"));
  std::string master = world.Launch(GroupsRequest("master"));
  std::string task = world.Launch(GroupsRequest("task"));
  std::string waits = world.Launch(GroupsRequest("waits"));
  world.Pass(minutes(7));
  EXPECT_EQ(world.GroupState(task, "TASK"), "RESIZING 0/2");
  EXPECT_EQ(world.GroupState(task, "CORE"), "RUNNING 2/2");
  world.Rest();
  EXPECT_EQ(world.State(core), "TERMINATED_WITH_ERRORS/INSTANCE_FAILURE");
  EXPECT_EQ(world.Message(core), "All slaves in the job flow were terminated due to Spot");
  EXPECT_EQ(world.State(master), "TERMINATED_WITH_ERRORS/INSTANCE_FAILURE");
  EXPECT_EQ(world.Message(master), "The master node was terminated");
  EXPECT_EQ(world.State(task), "RUNNING");
  EXPECT_EQ(world.State(waits), "WAITING");
  EXPECT_THAT(world.Message(waits), HasSubstr("Instance failure"));
  EXPECT_EQ(world.GroupState(waits, "CORE"), "RESIZING 0/2");
}

TEST(RunJobFlow, RefusesGroupsThatEmrRefuses) {
  World world;
  auto refused = [&](json::array groups) {
    json::object request = ClusterRequest("c");
    request["Instances"] = json::object{{"InstanceGroups", std::move(groups)}};
    return world.Refused("RunJobFlow", request);
  };
  EXPECT_EQ(refused({GroupRequest("CORE", 1)}), "ValidationException");
  EXPECT_EQ(refused({GroupRequest("MASTER", 2)}), "ValidationException");
  EXPECT_EQ(refused({GroupRequest("MASTER", 1), GroupRequest("CORE", 0)}), "ValidationException");
  EXPECT_EQ(refused({GroupRequest("MASTER", 1), GroupRequest("CORE", 1), GroupRequest("CORE", 1)}),
            "ValidationException");
  EXPECT_EQ(refused({GroupRequest("MASTER", 1), GroupRequest("CORE", 2001)}),
            "ValidationException");
  json::array many(51, GroupRequest("TASK", 1));
  many[0] = GroupRequest("MASTER", 1);
  EXPECT_EQ(refused(many), "ValidationException");
}

}  // namespace
}  // namespace emulator
