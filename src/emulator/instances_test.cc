// ListInstances.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <set>

#include "emulator/test_support.h"

namespace emulator {
namespace {

using Counts = std::map<std::string, int>;

// How many there are by state and market, "RUNNING SPOT", of the request's first page.
Counts Count(World& world, std::string_view id, json::object request = {}) {
  request["ClusterId"] = id;
  Counts counts;
  const json::object listed = world.Ok("ListInstances", request);
  for (const json::value& value : base::GetArray(listed, "Instances")) {
    const json::object& instance = value.get_object();
    ++counts[base::Cat(
        base::GetString(instance, "Status.State"), " ", base::GetString(instance, "Market"))];
  }
  return counts;
}

json::object Big(int64_t core) {
  json::object request = ClusterRequest("c");
  request["Instances"].get_object()["InstanceFleets"] =
      json::array{FleetRequest("MASTER", 1, 0), FleetRequest("CORE", core, 0)};
  return request;
}

TEST(ListInstances, FollowsTheLifeOfTheFleets) {
  World world;
  std::string id = world.Launch("c");
  EXPECT_EQ(Count(world, id), Counts{});
  world.Pass(minutes(4));
  EXPECT_EQ(Count(world, id), (Counts{{"BOOTSTRAPPING ON_DEMAND", 1}, {"BOOTSTRAPPING SPOT", 2}}));
  world.Pass(minutes(2));
  EXPECT_EQ(Count(world, id), (Counts{{"RUNNING ON_DEMAND", 1}, {"RUNNING SPOT", 2}}));
  world.Rest();
  EXPECT_EQ(Count(world, id), (Counts{{"TERMINATED ON_DEMAND", 1}, {"TERMINATED SPOT", 2}}));
  world.Pass(hours(31 * 24));
  EXPECT_EQ(Count(world, id), Counts{});
}

TEST(ListInstances, CountsInstancesAndNotUnitsOfCapacity) {
  World world;
  json::object request = Big(0);
  json::object core = FleetRequest("CORE", 8, 5);
  core["InstanceTypeConfigs"].get_array()[0].get_object()["WeightedCapacity"] = 4;
  request["Instances"].get_object()["InstanceFleets"].get_array()[1] = core;
  std::string id = world.Launch(request);
  world.Pass(minutes(6));
  EXPECT_EQ(Count(world, id, {{"InstanceFleetType", "CORE"}}),
            (Counts{{"RUNNING ON_DEMAND", 2}, {"RUNNING SPOT", 2}}));
}

TEST(ListInstances, ShowsThatALostFleetIsGone) {
  World world({{.kind = FaultKind::kLoseFleet, .outcome = Fault::Outcome::kRunning}});
  std::string id = world.Launch("c");
  world.Pass(minutes(7));
  EXPECT_EQ(Count(world, id), (Counts{{"RUNNING ON_DEMAND", 1}, {"TERMINATED SPOT", 2}}));
  const json::object listed = world.Ok("ListInstances", {{"ClusterId", id}});
  EXPECT_EQ(base::GetString(base::GetArray(listed, "Instances")[1].get_object(),
                            "Status.StateChangeReason.Code"),
            "INSTANCE_FAILURE");
}

TEST(ListInstances, ShowsWhatWasLostAndWhatCameForIt) {
  World world({{.kind = FaultKind::kLoseFleet, .instances = 1}});
  std::string id = world.Launch("c");
  world.Pass(minutes(7));
  EXPECT_EQ(Count(world, id),
            (Counts{{"RUNNING ON_DEMAND", 1}, {"RUNNING SPOT", 1}, {"TERMINATED SPOT", 1}}));
  world.Pass(minutes(5));
  EXPECT_EQ(Count(world, id),
            (Counts{{"RUNNING ON_DEMAND", 1}, {"RUNNING SPOT", 2}, {"TERMINATED SPOT", 1}}));
  std::set<std::string> ids;
  const json::object listed = world.Ok("ListInstances", {{"ClusterId", id}});
  for (const json::value& instance : base::GetArray(listed, "Instances"))
    ids.insert(base::GetString(instance.get_object(), "Ec2InstanceId"));
  EXPECT_EQ(ids.size(), 4u);
}

TEST(ListInstances, FiltersByFleetAndState) {
  World world;
  std::string id = world.Launch("c");
  world.Pass(minutes(6));
  const json::object listed = world.Ok("ListInstanceFleets", {{"ClusterId", id}});
  std::string core =
      base::GetString(base::GetArray(listed, "InstanceFleets")[1].get_object(), "Id");
  Counts of_core = {{"RUNNING SPOT", 2}};
  EXPECT_EQ(Count(world, id, {{"InstanceFleetId", core}}), of_core);
  EXPECT_EQ(Count(world, id, {{"InstanceFleetType", "CORE"}}), of_core);
  EXPECT_EQ(Count(world, id, {{"InstanceStates", json::array{"TERMINATED"}}}), Counts{});
}

TEST(ListInstances, FiltersByGroup) {
  World world;
  std::string id = world.Launch(GroupsRequest("c"));
  world.Pass(minutes(6));
  const json::object listed = world.Ok("ListInstanceGroups", {{"ClusterId", id}});
  std::string core =
      base::GetString(base::GetArray(listed, "InstanceGroups")[1].get_object(), "Id");
  EXPECT_EQ(Count(world, id, {{"InstanceGroupId", core}}), (Counts{{"RUNNING SPOT", 2}}));
  EXPECT_EQ(Count(world, id, {{"InstanceGroupTypes", json::array{"MASTER", "TASK"}}}),
            (Counts{{"RUNNING ON_DEMAND", 3}}));
}

TEST(ListInstances, PagesByFiftyWithDistinctIds) {
  World world;
  std::string id = world.Launch(Big(119));
  world.Pass(minutes(6));
  std::set<std::string> ids;
  std::vector<size_t> pages;
  json::object request = {{"ClusterId", id}};
  while (true) {
    const json::object reply = world.Ok("ListInstances", request);
    pages.push_back(base::GetArray(reply, "Instances").size());
    for (const json::value& instance : base::GetArray(reply, "Instances"))
      ids.insert(base::GetString(instance.get_object(), "Ec2InstanceId"));
    if (!reply.contains("Marker"))
      break;
    request["Marker"] = reply.at("Marker");
  }
  EXPECT_THAT(pages, ::testing::ElementsAre(50, 50, 20));
  EXPECT_EQ(ids.size(), 120u);
}

TEST(ListInstances, ListsTwoThousandAtMost) {
  World world;
  std::string id = world.Launch(Big(2'000'000'000));
  world.Pass(minutes(6));
  size_t rows = 0;
  json::object request = {{"ClusterId", id}};
  do {
    const json::object reply = world.Ok("ListInstances", request);
    rows += base::GetArray(reply, "Instances").size();
    request["Marker"] = base::GetString(reply, "Marker");
  } while (!base::GetString(request, "Marker").empty());
  EXPECT_EQ(rows, 2000u);
}

TEST(ListInstances, NamesTheMasterThatABootstrapFailureNames) {
  World world({{.kind = FaultKind::kFailBootstrap}});
  std::string id = world.Launch("c");
  world.Pass(minutes(6));
  const json::object listed = world.Ok("ListInstances", {{"ClusterId", id}});
  const json::object& master = base::GetArray(listed, "Instances")[0].get_object();
  EXPECT_THAT(world.Message(id), ::testing::HasSubstr(base::GetString(master, "Ec2InstanceId")));
  EXPECT_EQ(base::GetString(master, "PrivateDnsName"),
            base::GetString(world.Describe(id), "MasterPublicDnsName"));
}

TEST(ListInstances, RefusesWhatTheClusterDoesNotHave) {
  World world;
  std::string fleets = world.Launch("c");
  std::string groups = world.Launch(GroupsRequest("c"));
  auto refused = [&](std::string_view id, json::object request) {
    request["ClusterId"] = id;
    return world.Refused("ListInstances", request);
  };
  EXPECT_EQ(refused("j-NONE", {}), "InvalidRequestException");
  EXPECT_EQ(refused(fleets, {{"InstanceFleetId", "if-NONE"}}), "InvalidRequestException");
  EXPECT_EQ(refused(fleets, {{"InstanceGroupTypes", json::array{"CORE"}}}),
            "InvalidRequestException");
  EXPECT_EQ(refused(groups, {{"InstanceFleetType", "CORE"}}), "InvalidRequestException");
  EXPECT_EQ(refused(fleets, {{"Marker", "made up"}}), "InvalidRequestException");
  EXPECT_EQ(refused(fleets, {{"InstanceStates", json::array{"GONE"}}}), "ValidationException");
}

}  // namespace
}  // namespace emulator
