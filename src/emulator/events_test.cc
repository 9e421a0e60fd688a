#include "emulator/events.h"

#include <map>
#include <set>

#include "emulator/test_support.h"

namespace emulator {
namespace {

Options WithEvents(std::vector<Fault> faults = {}) {
  return {.plan = World::Plan(std::move(faults)), .events = true};
}

// "RUNNING" of "EMR Cluster State Change", by order.
std::vector<std::string> StatesOf(const std::vector<json::object>& events, std::string_view type) {
  std::vector<std::string> states;
  for (const json::object& event : events)
    if (base::GetString(event, "detail-type") == type)
      states.push_back(base::GetString(event, "detail.state"));
  return states;
}

TEST(Events, TellOfAClustersLifeWithoutThePhasesThatEmrIsSilentOf) {
  World world(WithEvents());
  const std::string id = world.Launch("one", 1);
  world.Rest();
  const std::vector<json::object> events = world.emulator.TakeEvents();
  EXPECT_EQ(StatesOf(events, "EMR Cluster State Change"),
            (std::vector<std::string>{"STARTING", "RUNNING", "TERMINATED"}));
  EXPECT_EQ(StatesOf(events, "EMR Step Status Change"),
            (std::vector<std::string>{"PENDING", "RUNNING", "COMPLETED"}));
  const json::object& last = events.back();
  EXPECT_EQ(base::GetString(last, "detail.clusterId"), id);
  EXPECT_EQ(base::GetString(last, "detail.name"), "one");
  EXPECT_EQ(base::GetString(last, "detail.stateChangeReason"),
            R"({"code":"ALL_STEPS_COMPLETED","message":"Steps completed"})");
  EXPECT_EQ(base::GetString(last, "time"), "2026-01-05T00:17:30Z");
  EXPECT_TRUE(world.emulator.TakeEvents().empty());
}

TEST(Events, EveryOneHasTheWholeEnvelopeAnIdOfItsOwnAndTextsForValues) {
  World world(WithEvents());
  world.Launch(GroupsRequest("groups"));
  world.Launch("fleets");
  world.Rest();
  std::set<std::string> ids;
  for (const json::object& event : world.emulator.TakeEvents()) {
    EXPECT_EQ(base::GetString(event, "version"), "0");
    EXPECT_EQ(base::GetString(event, "source"), "aws.emr");
    EXPECT_EQ(base::GetString(event, "account"), "000000000000");
    EXPECT_EQ(base::GetString(event, "region"), "us-east-1");
    EXPECT_TRUE(event.at("resources").as_array().empty());
    EXPECT_TRUE(ids.insert(base::GetString(event, "id")).second);
    for (const auto& [member, value] : event.at("detail").as_object())
      EXPECT_TRUE(value.is_string()) << member;
  }
  EXPECT_GT(ids.size(), 10u);
}

TEST(Events, ALostFleetShowsNoNodesAndItsSpotInstancesWereWarnedOf) {
  World world(WithEvents({{.kind = FaultKind::kLoseFleet,
                           .on = Fault::Phase::kRunning,
                           .after = minutes(5),
                           .fleet = FleetType::kCore,
                           .outcome = Fault::Outcome::kWaiting}}));
  world.Launch("one", 1);
  world.Pass(minutes(11));
  std::map<std::string, int> types;
  std::string core;
  std::set<std::string> warned_at;
  for (const json::object& event : world.emulator.TakeEvents()) {
    const std::string type = base::GetString(event, "detail-type");
    ++types[type];
    if (base::GetString(event, "detail.instanceFleetType") == "CORE")
      core = base::Cat(base::GetString(event, "detail.state"),
                       " ",
                       base::GetString(event, "detail.provisionedSpotCapacity"),
                       " of ",
                       base::GetString(event, "detail.targetSpotCapacity"));
    if (base::GetString(event, "source") == "aws.ec2")
      warned_at.insert(base::GetString(event, "time"));
  }
  EXPECT_EQ(core, "RESIZING 0 of 2");
  EXPECT_EQ(types["EC2 Spot Instance Interruption Warning"], 2);
  EXPECT_EQ(warned_at, std::set<std::string>{"2026-01-05T00:09:00Z"});
}

TEST(Events, AreNotMadeUnlessAskedFor) {
  World world;
  world.Launch("one", 1);
  world.Rest();
  EXPECT_TRUE(world.emulator.TakeEvents().empty());
}

}  // namespace
}  // namespace emulator
