#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

#include "emulator/test_support.h"

namespace emulator {
namespace {

using ::testing::HasSubstr;

std::string MessageOf(const Reply& reply) {
  const json::object& body = reply.body.get_object();
  return base::GetString(body, "message", base::GetString(body, "Message"));
}

json::object& Instances(json::object& request) {
  return request["Instances"].get_object();
}

TEST(RunJobFlow, AnswersTheIdAndTheArn) {
  World world;
  json::object reply = world.Ok("RunJobFlow", ClusterRequest("c"));
  std::string id = base::GetString(reply, "JobFlowId");
  EXPECT_THAT(id, ::testing::MatchesRegex("j-[A-Z0-9]+"));
  EXPECT_EQ(id.size(), 15u);
  EXPECT_EQ(base::GetString(reply, "ClusterArn"),
            "arn:aws:elasticmapreduce:us-east-1:000000000000:cluster/" + id);
}

TEST(RunJobFlow, IgnoresMembersThatEmrDoesNotKnow) {
  World world;
  json::object request = ClusterRequest("c");
  request["Nmae"] = 1;
  Instances(request)["Colour"] = "red";
  world.Launch(request);
}

TEST(RunJobFlow, TwoCallsWithTheSameNameMakeTwoClusters) {
  World world;
  EXPECT_NE(world.Launch("c"), world.Launch("c"));
}

// What the front end refuses, with the texts that it gives.
TEST(RunJobFlow, RefusesWrongShapes) {
  World world;
  auto refused = [&](json::object request) {
    Reply reply = world.Call("RunJobFlow", request);
    EXPECT_EQ(reply.http_status, 400);
    return base::Cat(reply.error_code, ": ", MessageOf(reply));
  };
  json::object no_name = ClusterRequest("c");
  no_name.erase("Name");
  EXPECT_EQ(refused(no_name),
            "ValidationException: 1 validation error detected: Value null at 'name' failed to "
            "satisfy constraint: Member must not be null");
  json::object number = ClusterRequest("c");
  number["Name"] = 7;
  EXPECT_THAT(refused(number), HasSubstr("SerializationException"));
  json::object large = ClusterRequest("c");
  large["StepConcurrencyLevel"] = int64_t{1} << 31;
  EXPECT_THAT(refused(large), HasSubstr("SerializationException"));
  json::object enumeration = ClusterRequest("c");
  enumeration["Steps"].get_array()[0].get_object()["ActionOnFailure"] = "EXPLODE";
  EXPECT_THAT(refused(enumeration),
              HasSubstr("Value 'EXPLODE' at 'steps.1.member.actionOnFailure' failed to satisfy "
                        "constraint: Member must satisfy enum value set: [TERMINATE_JOB_FLOW, "));
  EXPECT_THAT(refused(ClusterRequest(std::string(257, 'x'))),
              HasSubstr("length less than or equal to 256"));
  json::object text = ClusterRequest("c");
  Instances(text)["KeepJobFlowAliveWhenNoSteps"] = "true";
  EXPECT_THAT(refused(text), HasSubstr("SerializationException"));
  EXPECT_TRUE(world.emulator.Clusters().empty());
}

TEST(RunJobFlow, RefusesWhatEmrRefusesAtOnce) {
  World world;
  auto refused = [&](auto change) {
    json::object request = ClusterRequest("c");
    change(request);
    return world.Refused("RunJobFlow", request) == "ValidationException";
  };
  EXPECT_TRUE(refused([](json::object& r) {
    Instances(r)["InstanceGroups"] = json::array{json::object{
        {"InstanceRole", "MASTER"}, {"InstanceType", "m5.xlarge"}, {"InstanceCount", 1}}};
  }));
  EXPECT_TRUE(refused([](json::object& r) { Instances(r).erase("InstanceFleets"); }));
  EXPECT_TRUE(refused([](json::object& r) {
    Instances(r)["InstanceFleets"] = json::array{FleetRequest("CORE", 1, 0)};
  }));
  EXPECT_TRUE(refused([](json::object& r) {
    Instances(r)["InstanceFleets"] =
        json::array{FleetRequest("MASTER", 1, 0), FleetRequest("CORE", 0, 0)};
  }));
  EXPECT_TRUE(refused([](json::object& r) {
    json::object fleet = FleetRequest("MASTER", 1, 0);
    json::array& types = fleet["InstanceTypeConfigs"].get_array();
    types.push_back(json::value(types[0]));
    Instances(r)["InstanceFleets"] = json::array{fleet};
  }));
  EXPECT_TRUE(refused(
      [](json::object& r) { r["AutoTerminationPolicy"] = json::object{{"IdleTimeout", 59}}; }));
  EXPECT_TRUE(refused([](json::object& r) { r["StepConcurrencyLevel"] = 257; }));
  EXPECT_TRUE(refused([](json::object& r) { r["Steps"] = ClusterRequest("c", 257)["Steps"]; }));
  EXPECT_TRUE(refused([](json::object& r) {
    json::object& step = r["Steps"].get_array()[0].get_object();
    step["HadoopJarStep"].get_object()["Args"] =
        json::array{std::string(6000, 'x'), std::string(6000, 'y')};
  }));
}

TEST(ListClusters, PagesByFiftyNewestFirst) {
  World world;
  std::vector<std::string> launched;
  for (int i = 0; i < 120; ++i)
    launched.push_back(world.Launch("c"));
  std::vector<std::string> listed;
  std::vector<size_t> pages;
  json::object request;
  while (true) {
    json::object reply = world.Ok("ListClusters", request);
    const json::array& page = base::GetArray(reply, "Clusters");
    pages.push_back(page.size());
    for (const json::value& summary : page)
      listed.push_back(base::GetString(summary.get_object(), "Id"));
    if (!reply.contains("Marker"))
      break;
    request["Marker"] = reply.at("Marker");
    world.Launch("launched while paging");
  }
  EXPECT_THAT(pages, ::testing::ElementsAre(50, 50, 20));
  EXPECT_EQ(listed, std::vector<std::string>(launched.rbegin(), launched.rend()));
}

TEST(ListClusters, ExactlyOnePageHasNoMarker) {
  World world;
  for (int i = 0; i < 50; ++i)
    world.Launch("c");
  json::object reply = world.Ok("ListClusters", {});
  EXPECT_EQ(base::GetArray(reply, "Clusters").size(), 50u);
  EXPECT_FALSE(reply.contains("Marker"));
}

TEST(ListClusters, RefusesMarkersThatAreNotItsOwn) {
  World world;
  std::string id = world.Launch("c", 60);
  std::string foreign = base::GetString(world.Ok("ListSteps", {{"ClusterId", id}}), "Marker");
  ASSERT_FALSE(foreign.empty());
  for (const std::string& marker : {foreign, std::string("x"), std::string("0000000000000000")})
    EXPECT_EQ(world.Refused("ListClusters", {{"Marker", marker}}), "InvalidRequestException");
}

TEST(ListClusters, FiltersByStateAndCreation) {
  World world;
  std::string old_one = world.Launch("old");
  world.Pass(minutes(30));
  std::string young = world.Launch("young");
  auto ids = [&](const json::object& request) {
    std::string text;
    const json::object reply = world.Ok("ListClusters", request);
    for (const json::value& summary : base::GetArray(reply, "Clusters"))
      text += base::GetString(summary.get_object(), "Name") + " ";
    return text;
  };
  double middle = base::ToEpochSeconds(kStart + minutes(15));
  EXPECT_EQ(ids({}), "young old ");
  EXPECT_EQ(ids({{"CreatedAfter", middle}}), "young ");
  EXPECT_EQ(ids({{"CreatedBefore", middle}}), "old ");
  EXPECT_EQ(ids({{"ClusterStates", json::array{"TERMINATED"}}}), "old ");
  EXPECT_EQ(ids({{"ClusterStates", json::array{"STARTING", "RUNNING"}}}), "young ");
  EXPECT_EQ(world.Refused("ListClusters", {{"CreatedAfter", "2026-01-05"}}),
            "SerializationException");
  EXPECT_EQ(world.Refused("ListClusters", {{"ClusterStates", json::array{"DONE"}}}),
            "ValidationException");
}

TEST(ListClusters, ACreationTimeReadFromAReplyFindsTheClusterAgain) {
  World world;
  world.now += base::Duration(123'456);  // finer than the milliseconds of the wire
  json::object cluster = world.Describe(world.Launch("c"));
  double created = base::GetDouble(cluster, "Status.Timeline.CreationDateTime");
  for (const char* bound : {"CreatedAfter", "CreatedBefore"})
    EXPECT_EQ(base::GetArray(world.Ok("ListClusters", {{bound, created}}), "Clusters").size(), 1u);
}

TEST(ListSteps, PagesByFiftyNewestFirst) {
  World world;
  std::string id = world.Launch("c", 60);
  json::object first = world.Ok("ListSteps", {{"ClusterId", id}});
  const json::array& page = base::GetArray(first, "Steps");
  ASSERT_EQ(page.size(), 50u);
  EXPECT_EQ(base::GetString(page[0].get_object(), "Name"), "step 60");
  json::object second = world.Ok("ListSteps", {{"ClusterId", id}, {"Marker", first.at("Marker")}});
  EXPECT_EQ(base::GetArray(second, "Steps").size(), 10u);
  EXPECT_FALSE(second.contains("Marker"));
}

TEST(ListSteps, FiltersByIdAndState) {
  World world;
  std::string id = world.Launch("c", 3);
  world.Pass(minutes(6));
  auto names = [&](json::object request) {
    request["ClusterId"] = id;
    std::string text;
    const json::object reply = world.Ok("ListSteps", request);
    for (const json::value& step : base::GetArray(reply, "Steps"))
      text += base::GetString(step.get_object(), "Name") + ",";
    return text;
  };
  EXPECT_EQ(names({{"StepStates", json::array{"PENDING"}}}), "step 2,step 3,");
  std::string second = world.emulator.Clusters()[0].steps[1].id;
  EXPECT_EQ(names({{"StepIds", json::array{second}}}), "step 2,");
  json::array eleven;
  for (int i = 0; i < 11; ++i)
    eleven.emplace_back(base::Cat("s-", i));
  EXPECT_EQ(world.Refused("ListSteps", {{"ClusterId", id}, {"StepIds", eleven}}),
            "InvalidRequestException");
}

TEST(DescribeStep, ShowsOneStepWithItsPropertiesAsAMap) {
  World world;
  json::object request = ClusterRequest("c");
  request["Steps"].get_array()[0].get_object()["HadoopJarStep"].get_object()["Properties"] =
      json::array{json::object{{"Key", "k"}, {"Value", "v"}}};
  std::string id = world.Launch(request);
  std::string step = world.emulator.Clusters()[0].steps[0].id;
  json::object reply = world.Ok("DescribeStep", {{"ClusterId", id}, {"StepId", step}});
  EXPECT_EQ(base::GetString(reply, "Step.Config.Properties.k"), "v");
  EXPECT_EQ(base::GetString(reply, "Step.Status.State"), "PENDING");
  EXPECT_EQ(world.Refused("DescribeStep", {{"ClusterId", id}, {"StepId", "s-X"}}),
            "InvalidRequestException");
}

TEST(ListInstanceFleets, IsRefusedForGroups) {
  World world;
  json::object request = ClusterRequest("c");
  request["Instances"] = json::object{
      {"InstanceGroups",
       json::array{json::object{
           {"InstanceRole", "MASTER"}, {"InstanceType", "m5.xlarge"}, {"InstanceCount", 1}}}}};
  std::string id = world.Launch(request);
  EXPECT_EQ(base::GetString(world.Describe(id), "InstanceCollectionType"), "INSTANCE_GROUP");
  EXPECT_EQ(world.Refused("ListInstanceFleets", {{"ClusterId", id}}), "InvalidRequestException");
}

TEST(ListReleaseLabels, PagesAndFilters) {
  World world;
  auto labels = [&](const json::object& request, std::string* token = nullptr) {
    std::string text;
    const json::object reply = world.Ok("ListReleaseLabels", request);
    for (const json::value& label : base::GetArray(reply, "ReleaseLabels"))
      text += std::string(std::string_view(label.get_string())) + " ";
    if (token != nullptr)
      *token = base::GetString(reply, "NextToken");
    return text;
  };
  std::string all = labels({});
  EXPECT_TRUE(all.starts_with("emr-7.8.0 emr-7.7.0 "));
  EXPECT_TRUE(all.ends_with(" emr-5.0.0 "));
  json::object request = {{"Filters", json::object{{"Prefix", "emr-7.1"}}}};
  EXPECT_EQ(labels(request), "emr-7.1.0 ");
  std::string token;
  EXPECT_EQ(labels({{"MaxResults", 2}}, &token), "emr-7.8.0 emr-7.7.0 ");
  EXPECT_EQ(labels({{"MaxResults", 1}, {"NextToken", token}}), "emr-7.6.0 ");
  request["NextToken"] = token;
  EXPECT_EQ(world.Refused("ListReleaseLabels", request), "InvalidRequestException");
  EXPECT_EQ(world.Refused("ListReleaseLabels", {{"MaxResults", 101}}), "ValidationException");
  EXPECT_EQ(world.Refused("ListReleaseLabels",
                          {{"Filters", json::object{{"Application", "spark@3.5.4"}}}}),
            "InvalidRequestException");
}

TEST(Errors, HaveTheFormsOfAws) {
  World world;
  Reply unknown = world.Call("DescribeCluster", {{"ClusterId", "j-NONE"}});
  EXPECT_EQ(unknown.http_status, 400);
  json::object expected = {{"__type", "InvalidRequestException"},
                           {"Message", "Cluster id 'j-NONE' is not valid."},
                           {"ErrorCode", "NoSuchCluster"}};
  EXPECT_EQ(unknown.body, expected);
  EXPECT_EQ(world.Refused("TerminateJobFlows", {{"JobFlowIds", json::array{"j-NONE"}}}),
            "ValidationException");
  EXPECT_EQ(world.Refused("DoMagic", {}), "UnknownOperationException");
  EXPECT_EQ(world.Refused("TerminateJobFlows", {{"JobFlowIds", json::array()}}),
            "ValidationException");
}

TEST(Replies, OfOperationsWithoutOutputAreEmpty) {
  World world;
  std::string id = world.Launch("c");
  EXPECT_TRUE(world.Call("TerminateJobFlows", {{"JobFlowIds", json::array{id}}}).body.is_null());
  id = world.Launch("d");
  json::object tags = {{"ResourceId", id}, {"TagKeys", json::array{"k"}}};
  EXPECT_EQ(world.Call("RemoveTags", tags).body, json::value(json::object()));
}

TEST(Errors, MoreThanTenIdsAreRefusedAndNothingIsTerminated) {
  World world;
  json::array ids;
  for (int i = 0; i < 11; ++i)
    ids.emplace_back(world.Launch("c"));
  EXPECT_EQ(world.Refused("TerminateJobFlows", {{"JobFlowIds", ids}}), "ValidationException");
  for (const ClusterTruth& cluster : world.emulator.Clusters())
    EXPECT_EQ(cluster.state, ClusterState::kStarting);
}

TEST(Errors, AnUnknownIdStopsTheBatch) {
  World world;
  std::string id = world.Launch("c");
  EXPECT_EQ(world.Refused("TerminateJobFlows", {{"JobFlowIds", json::array{id, "j-NONE"}}}),
            "ValidationException");
  EXPECT_EQ(world.State(id), "STARTING");
}

TEST(Ids, AreDistinctAndFollowTheSeed) {
  std::set<std::string> ids[2];
  for (auto& set : ids) {
    World world(World::Plan({}), 3);
    for (int i = 0; i < 2000; ++i)
      set.insert(world.Launch("c"));
  }
  EXPECT_EQ(ids[0].size(), 2000u);
  EXPECT_EQ(ids[0], ids[1]);
}

// Quotas: 10 RunJobFlow at once, then one every two seconds.
TEST(Quotas, ThrottleABurstAndRefillInWorldTime) {
  World world({}, true);
  for (int i = 0; i < 10; ++i)
    world.Launch("c");
  Reply reply = world.Call("RunJobFlow", ClusterRequest("c"));
  EXPECT_EQ(reply.http_status, 400);
  EXPECT_EQ(reply.error_code, "ThrottlingException");
  EXPECT_EQ(MessageOf(reply), "Rate exceeded");
  world.Pass(seconds(2));
  world.Launch("c");
  EXPECT_EQ(world.Refused("RunJobFlow", ClusterRequest("c")), "ThrottlingException");
  EXPECT_EQ(world.emulator.Clusters().size(), 11u);
}

TEST(Quotas, TheAccountsBucketHoldsOverAllActions) {
  World world({}, true);
  std::string id = world.Launch("c");
  for (int i = 0; i < 20; ++i)
    world.Ok("ListClusters", {});
  for (int i = 0; i < 4; ++i)
    world.Ok("DescribeCluster", {{"ClusterId", id}});
  EXPECT_EQ(world.Refused("ListSteps", {{"ClusterId", id}}), "ThrottlingException");
  world.Pass(base::milliseconds(200));
  world.Ok("ListSteps", {{"ClusterId", id}});
}

TEST(Time, NeverGoesBack) {
  World world;
  std::string id = world.Launch("c");
  world.Pass(minutes(5));
  Reply reply = world.emulator.Handle("DescribeCluster", json::object{{"ClusterId", id}}, kStart);
  EXPECT_EQ(base::GetString(reply.body.get_object(), "Cluster.Status.State"), "BOOTSTRAPPING");
}

}  // namespace
}  // namespace emulator
