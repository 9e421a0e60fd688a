#include "wire/state_item.h"

#include <gtest/gtest.h>

#include "model/states.h"

namespace wire {
namespace {

EmrEvent EventOf(EventDetail detail, std::string_view time = "2026-01-05T02:42:44Z") {
  return {.source = "aws.emr",
          .account = "123456789012",
          .region = "eu-west-1",
          .time = *base::ParseTime(time),
          .detail = std::move(detail)};
}

json::object Written(const StateItem& item, const StateTableNames& names = {}) {
  return PutItemBody("states", item, names).at("Item").as_object();
}

TEST(StateItem, IsMadeOfAClustersEvent) {
  std::optional<StateItem> item =
      ItemOfEvent(EventOf(ClusterStateChange{.cluster_id = "j-1",
                                             .name = "n",
                                             .state = "TERMINATED",
                                             .reason_code = "STEP_FAILURE",
                                             .reason_message = "Steps completed with errors"}));
  ASSERT_TRUE(item);
  item->raw = "{}";
  item->expires = *base::ParseTime("2026-02-04T02:42:44.5Z");
  EXPECT_EQ(json::serialize(Written(*item)),
            R"({"cluster_id":{"S":"j-1"},"item":{"S":"STATE"},"rank":{"N":"4"},)"
            R"("event_time":{"N":"1767580964"},"state":{"S":"TERMINATED"},)"
            R"("reason_code":{"S":"STEP_FAILURE"},"message":{"S":"Steps completed with errors"},)"
            R"("name":{"S":"n"},"raw":{"S":"{}"},"ttl":{"N":"1770172965"}})");
}

TEST(StateItem, IsMadeOfAStepsFleetsAndGroupsEvents) {
  auto key = [](EventDetail detail) {
    std::optional<StateItem> item = ItemOfEvent(EventOf(std::move(detail)));
    return item ? base::GetString(Written(*item), "item.S") : "none";
  };
  EXPECT_EQ(key(StepStatusChange{.cluster_id = "j-1", .step_id = "s-9", .state = "FAILED"}),
            "STEP#s-9");
  CapacityChange core{.kind = CapacityKind::kFleet,
                      .cluster_id = "j-1",
                      .id = "if-1",
                      .role = "CORE",
                      .state = "RESIZING"};
  EXPECT_EQ(key(core), "FLEET#CORE");
  core.kind = CapacityKind::kGroup;
  EXPECT_EQ(key(core), "GROUP#CORE");
  core.role = "TASK";
  EXPECT_EQ(key(core), "GROUP#TASK#if-1") << "there may be several";
  core.role = "";
  EXPECT_EQ(key(core), "none");
}

TEST(StateItem, IsNotMadeOfWhatHasNoPlaceInTheOrder) {
  EXPECT_FALSE(ItemOfEvent(EventOf(ClusterStateChange{.cluster_id = "j-1", .state = "NOVEL"})));
  EXPECT_FALSE(ItemOfEvent(EventOf(SpotInterruption{.instance_id = "i-1"})));
  EXPECT_FALSE(ItemOfEvent(EventOf(ProvisioningTrouble{.cluster_id = "j-1"})));
  EXPECT_FALSE(ItemOfEvent(EventOf(NotOurs{})));
  const ClusterStateChange running{.cluster_id = "j-1", .state = "RUNNING"};
  EXPECT_TRUE(ItemOfEvent(EventOf(running)));
  EXPECT_FALSE(ItemOfEvent(EventOf(running, "1969-12-31T23:59:59Z")));
  std::optional<StateItem> creating =
      ItemOfEvent(EventOf(ClusterStateChange{.cluster_id = "j-1", .state = "CREATING"}));
  ASSERT_TRUE(creating);
  EXPECT_EQ(creating->state, "STARTING");
}

TEST(StateItem, RanksAsTheModelDoes) {
  for (const char* state : {"STARTING",
                            "BOOTSTRAPPING",
                            "RUNNING",
                            "WAITING",
                            "TERMINATING",
                            "TERMINATED",
                            "TERMINATED_WITH_ERRORS"})
    EXPECT_EQ(StateRank(ItemKind::kCluster, state), model::Rank(*model::ParseClusterPhase(state)))
        << state;
  EXPECT_FALSE(StateRank(ItemKind::kCluster, "COMPLETED"));
  for (const char* state : {"PENDING", "RUNNING", "CANCEL_PENDING"})
    EXPECT_LT(StateRank(ItemKind::kStep, state), StateRank(ItemKind::kStep, "INTERRUPTED"));
}

TEST(StateItem, SurvivesTheTable) {
  StateTableNames names;
  ASSERT_TRUE(names.Rename("cluster_id", "ClusterId"));
  ASSERT_TRUE(names.Rename("event_time", "at"));
  const StateItem cluster{.kind = ItemKind::kCluster,
                          .cluster_id = "j-1",
                          .event_time = *base::ParseTime("2026-01-05T02:42:44.000007Z"),
                          .state = "WAITING",
                          .reason_code = "c",
                          .message = "m",
                          .name = "n",
                          .raw = "r",
                          .expires = *base::ParseTime("2026-02-05T00:00:00Z")};
  auto read = ReadStateItem(Written(cluster, names), names);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->cluster_id + read->state + read->reason_code + read->message, "j-1WAITINGcm");
  EXPECT_EQ(read->name + read->raw, "nr");
  EXPECT_EQ(read->event_time, cluster.event_time);
  EXPECT_EQ(read->expires, cluster.expires);
  EXPECT_FALSE(read->target);

  StateItem group{.kind = ItemKind::kGroup,
                  .cluster_id = "j-1",
                  .role = "TASK",
                  .capacity_id = "ig-2",
                  .state = "RESIZING",
                  .target = 4,
                  .running = 0};
  read = ReadStateItem(Written(group));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->kind, ItemKind::kGroup);
  EXPECT_EQ(read->role + read->capacity_id, "TASKig-2");
  EXPECT_EQ(read->target, 4);
  EXPECT_EQ(read->running, 0);
  EXPECT_FALSE(read->expires);

  group.kind = ItemKind::kFleet;
  read = ReadStateItem(Written(group));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->role + read->capacity_id, "TASK");

  read = ReadStateItem(Written(
      {.kind = ItemKind::kStep, .cluster_id = "j-1", .step_id = "s-1", .state = "PENDING"}));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->kind, ItemKind::kStep);
  EXPECT_EQ(read->step_id, "s-1");
}

TEST(StateItem, IsReadFromATableOfAnotherMaker) {
  auto read = [](std::string_view time, std::string_view item) {
    auto found = ReadStateItem(
        base::ParseJson(R"({"cluster_id":{"S":"j-1"},"state":{"S":"NOVEL"},"event_time":)" +
                        std::string(time) + R"(,"item":)" + std::string(item) + "}")
            ->as_object());
    return found ? base::FormatRfc3339(found->event_time) : found.error().message;
  };
  EXPECT_EQ(read(R"({"S":"2026-01-05T02:42:44Z"})", R"({"S":"STATE"})"), "2026-01-05T02:42:44Z");
  EXPECT_EQ(read(R"({"N":"1767580964.25"})", R"({"S":"STATE"})"), "2026-01-05T02:42:44.250Z");
  for (const char* time : {R"({"S":"soon"})",
                           R"({"N":"-1"})",
                           R"({"N":"1e99"})",
                           R"({"N":7})",
                           R"({"N":"nan"})",
                           R"({"NULL":true})",
                           "7",
                           "[]"})
    EXPECT_NE(read(time, R"({"S":"STATE"})").find("'event_time'"), std::string::npos) << time;
  EXPECT_NE(read(R"({"N":"1"})", R"({"S":"OTHER"})").find("'OTHER'"), std::string::npos);
  EXPECT_NE(read(R"({"N":"1"})", R"({"N":"1"})").find("''"), std::string::npos);
  EXPECT_FALSE(ReadStateItem({}));
  EXPECT_FALSE(ReadStateItem(ItemKey("j-1", StateItemKey())));
}

TEST(StateTableNames, TakesNoNameTwiceAndNoUnknownOne) {
  StateTableNames names;
  EXPECT_TRUE(names.Rename("item", "item"));
  EXPECT_TRUE(names.Rename("item", "sk"));
  EXPECT_EQ(names[StateTableNames::kItem], "sk");
  EXPECT_EQ(names.Rename("sk", "x").error().message, "'sk' is no attribute of the state table");
  EXPECT_EQ(names.Rename("ttl", "sk").error().message,
            "the state table's attribute 'ttl' cannot be called 'sk': another one is");
  EXPECT_FALSE(names.Rename("ttl", ""));
  EXPECT_EQ(json::serialize(ItemKey("j-1", FleetItemKey("CORE"), names)),
            R"({"cluster_id":{"S":"j-1"},"sk":{"S":"FLEET#CORE"}})");
}

// What the condition does is judged by databases that we did not write: tests/python.
TEST(StateItem, IsWrittenOnlyWhereItIsNews) {
  StateTableNames names;
  ASSERT_TRUE(names.Rename("rank", "r"));
  json::object body = PutItemBody("states",
                                  {.cluster_id = "j-1",
                                   .event_time = *base::ParseTime("2026-01-05T02:42:44Z"),
                                   .state = "RUNNING"},
                                  names);
  EXPECT_EQ(base::GetString(body, "TableName"), "states");
  EXPECT_EQ(json::serialize(body["ExpressionAttributeNames"]),
            R"({"#rank":"r","#time":"event_time","#state":"state"})");
  EXPECT_EQ(json::serialize(body["ExpressionAttributeValues"]),
            R"({":rank":{"N":"2"},":time":{"N":"1767580964"},":state":{"S":"RUNNING"}})");
  std::string condition = base::GetString(body, "ConditionExpression");
  for (const char* part : {"attribute_not_exists(#rank)", "#rank < :rank", "#time < :time"})
    EXPECT_NE(condition.find(part), std::string::npos) << part;
}

}  // namespace
}  // namespace wire
