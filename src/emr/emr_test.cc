#include <gtest/gtest.h>

#include "emr/name.h"
#include "emr/replies.h"

namespace emr {
namespace {

LaunchIdentity Identity(std::string dag = "d",
                        std::string run = "scheduled__2026-01-05",
                        std::string lane = "2") {
  LaunchIdentity id{"delphi", "0123456789abcdef0123456789abcdef", {}, {}};
  id.attempt.job = {
      {model::DagId(dag), model::RunId(run)}, model::JobId("training"), model::LaneId(lane)};
  id.attempt.n = 1;
  id.token = ComputeToken(id.incarnation, id.attempt, 0, 0);
  return id;
}

TEST(ClusterName, CarriesTheTokenInFrontAndReadsBack) {
  LaunchIdentity id = Identity();
  std::string name = ClusterName(id);
  EXPECT_EQ(name,
            "sbx-delphi-012345-" + id.token.str() + " d scheduled__2026-01-05 training_2 try 1");
  auto parsed = ParseClusterName(name);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->token, id.token);
  EXPECT_TRUE(IsOurs(*parsed, "delphi", id.incarnation));
  EXPECT_FALSE(IsOurs(*parsed, "delphi", "ffffffffffffffffffffffffffffffff"));
  EXPECT_FALSE(IsOurs(*parsed, "other", id.incarnation));
}

TEST(ClusterName, L12_StaysWithin256AndKeepsTokenAndTry) {
  for (size_t dag = 1; dag <= 250; dag += 7) {
    for (size_t run = 1; run <= 250; run += 31) {
      std::string name = ClusterName(Identity(std::string(dag, 'd'), std::string(run, 'r')));
      EXPECT_LE(name.size(), 256u);
      EXPECT_TRUE(name.ends_with(" training_2 try 1")) << name;
      EXPECT_TRUE(ParseClusterName(name));
    }
  }
}

TEST(ClusterName, ForeignNamesAreNotOurs) {
  for (const char* name : {"", "nightly", "sbx-", "sbx-delphi-012345", "sbx-delphi-012345-short x"})
    EXPECT_FALSE(ParseClusterName(name)) << name;
}

TEST(Token, DiffersInEveryPart) {
  LaunchIdentity a = Identity(), b = Identity();
  b.attempt.n = 2;
  EXPECT_NE(a.token, ComputeToken(b.incarnation, b.attempt, 0, 0));
  EXPECT_NE(a.token, ComputeToken(a.incarnation, a.attempt, 1, 0));
  EXPECT_NE(a.token, ComputeToken("other", a.attempt, 0, 0));
  EXPECT_EQ(a.token.str().size(), 20u);
}

TEST(Replies, AreReadTolerantly) {
  auto reply = base::ParseJson(R"({"Clusters":[
      {"Id":"j-1","Name":"n","ClusterArn":"arn:aws:elasticmapreduce:eu-west-1:000000000000:cluster/j-1",
       "Status":{"State":"TERMINATED_WITH_ERRORS",
        "StateChangeReason":{"Code":"STEP_FAILURE","Message":"m"},
        "ErrorDetails":[{"ErrorCode":"C","ErrorMessage":"why","ErrorData":[
          {"instance-type":"r5.xlarge"},{"availability-zone":"eu-west-1a"}]},4],
        "Timeline":{"CreationDateTime":1767571200.5}}},
      {"Id":"j-2","Status":{"State":"BRAND_NEW"}}],"Marker":"abc"})");
  auto page = ReadListClusters(*reply);
  EXPECT_EQ(page.marker, "abc");
  ASSERT_EQ(page.items.size(), 2u);
  EXPECT_EQ(page.items[0].status->reason_code, "STEP_FAILURE");
  ASSERT_EQ(page.items[0].status->errors.size(), 2u);
  const model::ErrorDetail& error = page.items[0].status->errors[0];
  EXPECT_EQ(error.code, "C");
  EXPECT_EQ(error.message, "why");
  EXPECT_EQ(error.instance_type, "r5.xlarge");
  EXPECT_EQ(error.availability_zone, "eu-west-1a");
  EXPECT_EQ(page.items[0].status->account, "000000000000");
  EXPECT_EQ(base::FormatRfc3339(*page.items[0].status->created_at), "2026-01-05T00:00:00.500Z");
  EXPECT_FALSE(page.items[1].status);
  EXPECT_TRUE(ReadListClusters(json::value(3)).items.empty());
  EXPECT_TRUE(ReadRunJobFlow(json::value(nullptr)).empty());
}

TEST(Replies, AGroupReadsAsAFleet) {
  auto reply = base::ParseJson(R"({"InstanceGroups":[
      {"Id":"ig-1","InstanceGroupType":"CORE","RequestedInstanceCount":4,"RunningInstanceCount":3,
       "Status":{"State":"ARRESTED"}}, 7]})");
  auto page = ReadListInstanceGroups(*reply);
  ASSERT_EQ(page.items.size(), 2u);
  EXPECT_EQ(page.items[0], (model::FleetView{"ig-1", model::FleetRole::kCore, "ARRESTED", 4, 3}));
  auto huge = base::ParseJson(R"({"InstanceFleets":[{"TargetOnDemandCapacity":9223372036854775807,
      "TargetSpotCapacity":9223372036854775807,"ProvisionedSpotCapacity":-1}]})");
  model::FleetView fleet = ReadListInstanceFleets(*huge).items.at(0);
  EXPECT_GT(fleet.target, 0);
  EXPECT_EQ(fleet.running, 0);
  EXPECT_EQ(page.items[1].role, model::FleetRole::kTask) << "what we cannot read never kills";
}

}  // namespace
}  // namespace emr
