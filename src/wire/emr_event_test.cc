#include "wire/emr_event.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace wire {
namespace {

// An event around `detail`, in the shape of AWS's samples.
json::object Envelope(std::string_view source,
                      std::string_view detail_type,
                      std::string_view detail) {
  return {{"version", "0"},
          {"id", "11111111-2222-3333-4444-555555555555"},
          {"detail-type", detail_type},
          {"source", source},
          {"account", "123456789012"},
          {"time", "2026-01-05T02:42:44Z"},
          {"region", "eu-west-1"},
          {"resources", json::array()},
          {"detail", *base::ParseJson(detail)}};
}

template <typename T>
T DetailOf(std::string_view source, std::string_view detail_type, std::string_view detail) {
  auto event = ParseEmrEvent(json::serialize(Envelope(source, detail_type, detail)));
  EXPECT_TRUE(event) << event.error().message;
  const T* out = event ? std::get_if<T>(&event->detail) : nullptr;
  EXPECT_NE(out, nullptr) << detail_type;
  return out == nullptr ? T() : *out;
}

TEST(EmrEvent, ReadsTheEnvelope) {
  auto event = ParseEmrEvent(json::serialize(
      Envelope("aws.emr", "EMR Cluster State Change", R"({"clusterId":"j-1","state":"RUNNING"})")));
  ASSERT_TRUE(event);
  EXPECT_EQ(event->id, "11111111-2222-3333-4444-555555555555");
  EXPECT_EQ(event->account, "123456789012");
  EXPECT_EQ(event->region, "eu-west-1");
  EXPECT_EQ(base::FormatRfc3339(event->time), "2026-01-05T02:42:44Z");
}

TEST(EmrEvent, ReadsAClusterAndTheReasonInsideItsText) {
  auto cluster = DetailOf<ClusterStateChange>("aws.emr", "EMR Cluster State Change", R"({
      "severity": "INFO", "name": "sbx-x", "clusterId": "j-1ABCDEFGHIJKL", "state": "TERMINATED",
      "stateChangeReason":
          "{\"code\":\"USER_REQUEST\",\"message\":\"Terminated by user request\"}",
      "message": "Amazon EMR Cluster j-1ABCDEFGHIJKL (sbx-x) has terminated at …"})");
  EXPECT_EQ(cluster.cluster_id, "j-1ABCDEFGHIJKL");
  EXPECT_EQ(cluster.name, "sbx-x");
  EXPECT_EQ(cluster.state, "TERMINATED");
  EXPECT_EQ(cluster.reason_code, "USER_REQUEST");
  EXPECT_EQ(cluster.reason_message, "Terminated by user request");
}

TEST(EmrEvent, TakesAReasonInAnyForm) {
  auto reason = [](std::string_view json) {
    auto cluster = DetailOf<ClusterStateChange>(
        "aws.emr",
        "EMR Cluster State Change",
        std::string(R"({"clusterId":"j-1","state":"WAITING","stateChangeReason":)") +
            std::string(json) + "}");
    return cluster.reason_code + "|" + cluster.reason_message;
  };
  EXPECT_EQ(reason(R"("{\"code\":\"\"}")"), "|");
  EXPECT_EQ(reason(R"({"code":"STEP_FAILURE","message":"m"})"), "STEP_FAILURE|m");
  EXPECT_EQ(reason(R"("no JSON at all")"), "|no JSON at all");
  EXPECT_EQ(reason(R"("[1]")"), "|[1]");
  EXPECT_EQ(reason("7"), "|");
  EXPECT_EQ(reason("null"), "|");
}

TEST(EmrEvent, ReadsAStep) {
  auto step = DetailOf<StepStatusChange>("aws.emr", "EMR Step Status Change", R"({
      "severity": "ERROR", "actionOnFailure": "CONTINUE", "stepId": "s-1", "name": "label",
      "clusterId": "j-1", "state": "FAILED", "message": "Step s-1 (label) failed at …"})");
  EXPECT_EQ(step.cluster_id, "j-1");
  EXPECT_EQ(step.step_id, "s-1");
  EXPECT_EQ(step.name, "label");
  EXPECT_EQ(step.state, "FAILED");
  EXPECT_EQ(step.message, "Step s-1 (label) failed at …");
}

TEST(EmrEvent, ReadsCountsWrittenAsTextsOrNumbers) {
  auto fleet = DetailOf<CapacityChange>("aws.emr", "EMR Instance Fleet State Change", R"({
      "severity": "INFO", "clusterId": "j-1", "instanceFleetId": "if-1",
      "instanceFleetType": "CORE", "state": "RESIZING", "targetOnDemandCapacity": "2",
      "targetSpotCapacity": "6", "provisionedOnDemandCapacity": "2",
      "provisionedSpotCapacity": "0", "message": "…"})");
  EXPECT_EQ(fleet.id + fleet.role + fleet.state, "if-1CORERESIZING");
  EXPECT_EQ(fleet.kind, CapacityKind::kFleet);
  EXPECT_EQ(fleet.target, 8);
  EXPECT_EQ(fleet.running, 2);

  auto group = DetailOf<CapacityChange>("aws.emr", "EMR Instance Group State Change", R"({
      "market": "ON_DEMAND", "severity": "INFO", "requestedInstanceCount": "2",
      "instanceType": "m5.xlarge", "instanceGroupType": "CORE", "instanceGroupId": "ig-1",
      "clusterId": "j-1", "runningInstanceCount": 1, "state": "RUNNING", "message": "…"})");
  EXPECT_EQ(group.id + group.role + group.state, "ig-1CORERUNNING");
  EXPECT_EQ(group.kind, CapacityKind::kGroup);
  EXPECT_EQ(group.target, 2);
  EXPECT_EQ(group.running, 1);
  EXPECT_EQ(group.message, "…");
}

TEST(EmrEvent, TakesNoCountThatIsNone) {
  for (const char* count : {"\"\"", "\"2x\"", "-1", "9e99", "9223372036854775807", "[]", "null"}) {
    auto group = DetailOf<CapacityChange>(
        "aws.emr",
        "EMR Instance Group State Change",
        std::string(R"({"clusterId":"j-1","instanceGroupId":"ig-1","runningInstanceCount":)") +
            count + "}");
    EXPECT_FALSE(group.running) << count;
    EXPECT_FALSE(group.target);
  }
}

TEST(EmrEvent, ReadsTroubleWithCapacityAndConfiguration) {
  for (const char* type : {"EMR Instance Fleet Provisioning", "EMR Instance Group Provisioning"}) {
    auto trouble = DetailOf<ProvisioningTrouble>("aws.emr", type, R"({
        "severity": "WARN", "clusterId": "j-1", "instanceGroupType": "CORE",
        "eventCode": "EC2 provisioning - Insufficient Instance Capacity", "message": "m"})");
    EXPECT_EQ(trouble.event_code, "EC2 provisioning - Insufficient Instance Capacity");
    EXPECT_EQ(trouble.cluster_id, "j-1");
    EXPECT_EQ(trouble.role, "CORE");
    EXPECT_EQ(trouble.message, "m");
  }
  auto error =
      DetailOf<ConfigurationError>("aws.emr", "EMR Configuration Error", R"({"message": "m"})");
  EXPECT_EQ(error.cluster_id, "");  // EMR names none here
  EXPECT_EQ(error.message, "m");
}

TEST(EmrEvent, ReadsAScalingPolicy) {
  auto policy =
      DetailOf<ScalingPolicyChange>("aws.emr", "EMR Auto Scaling Policy State Change", R"({
      "resourceId": "ig-X2LBMHTGPCBU", "clusterId": "j-1", "state": "FAILED",
      "message": "AutoScaling policy creation failed for the instance group …",
      "scalingResourceType": "INSTANCE_GROUP"})");
  EXPECT_EQ(policy.cluster_id, "j-1");
  EXPECT_EQ(policy.resource_id, "ig-X2LBMHTGPCBU");
  EXPECT_EQ(policy.state, "FAILED");
  EXPECT_TRUE(policy.message.starts_with("AutoScaling policy"));
}

TEST(EmrEvent, ReadsTheSpotWarning) {
  auto spot = DetailOf<SpotInterruption>(
      "aws.ec2",
      "EC2 Spot Instance Interruption Warning",
      R"({"instance-id": "i-1234567890abcdef0", "instance-action": "terminate"})");
  EXPECT_EQ(spot.instance_id, "i-1234567890abcdef0");
  EXPECT_EQ(spot.action, "terminate");
}

TEST(EmrEvent, LeavesWhatIsNotOurs) {
  for (const auto& [source, type] :
       {std::pair{"aws.elasticmapreduce", "AWS API Call via CloudTrail"},
        {"aws.emr", "EMR Managed Scaling Action"},
        {"aws.ec2", "EMR Cluster State Change"},
        {"me.evil", "EMR Cluster State Change"},
        {"aws.ec2", "EC2 Instance State-change Notification"}}) {
    NotOurs other = DetailOf<NotOurs>(source, type, R"({"clusterId":"j-1","state":"RUNNING"})");
    EXPECT_NE(other.why.find(type), std::string::npos);
  }
}

TEST(EmrEvent, W4_WantsAWholeEnvelope) {
  const json::object good =
      Envelope("aws.emr", "EMR Cluster State Change", R"({"clusterId":"j-1","state":"RUNNING"})");
  ASSERT_TRUE(ParseEmrEvent(json::serialize(good)));
  for (const char* member : {"source", "detail-type", "account", "region", "time", "detail"}) {
    for (const char* value : {"null", "7", "\"\"", "[]", "{}"}) {
      json::object bad = good;
      bad[member] = *base::ParseJson(value);
      auto event = ParseEmrEvent(json::serialize(bad));
      ASSERT_FALSE(event) << member << value;
      EXPECT_NE(event.error().message.find(member == std::string("detail") ? "" : member),
                std::string::npos)
          << event.error().message;
    }
    json::object without = good;
    without.erase(member);
    EXPECT_FALSE(ParseEmrEvent(json::serialize(without))) << member;
  }
  for (const auto& [member, value] : {std::pair{"account", "12345678901x"},
                                      {"account", "1234567890123"},
                                      {"time", "yesterday"},
                                      {"time", "2026-01-05T02:42:44+03:00"},
                                      {"time", "2026-01-05"}}) {
    json::object bad = good;
    bad[member] = value;
    EXPECT_FALSE(ParseEmrEvent(json::serialize(bad))) << value;
  }
  for (const char* text : {"", "[]", "null", "{", "\"x\""})
    EXPECT_FALSE(ParseEmrEvent(text)) << text;
}

TEST(EmrEvent, W4_TellsWhoseItIs) {
  auto cluster = ParseEmrEvent(json::serialize(Envelope(
      "aws.emr",
      "EMR Cluster State Change",
      R"({"clusterId":"j-1","state":"RUNNING","name":"sbx-prod-abcdef-token d r j try 1"})")));
  auto step = ParseEmrEvent(json::serialize(
      Envelope("aws.emr",
               "EMR Step Status Change",
               R"({"clusterId":"j-1","stepId":"s-1","state":"RUNNING","name":"x"})")));
  ASSERT_TRUE(cluster && step);
  EXPECT_EQ(WhyForeign(*cluster, {}), "");
  const Addressee ours{.account = "123456789012", .region = "eu-west-1", .deployment = "prod"};
  EXPECT_EQ(WhyForeign(*cluster, ours), "");
  EXPECT_EQ(WhyForeign(*step, ours), "") << "a step's event does not name the cluster";
  EXPECT_EQ(WhyForeign(*step, {.account = "210987654321"}),
            "it is of account 123456789012, not 210987654321");
  EXPECT_EQ(WhyForeign(*cluster, {.region = "us-east-1"}),
            "it is of region eu-west-1, not us-east-1");
  for (const char* other : {"pro", "prod2", "test"})
    EXPECT_NE(WhyForeign(*cluster, {.deployment = other}), "") << other;
}

TEST(EmrEvent, WantsToKnowWhatAnEventIsAbout) {
  for (const auto& [type, detail] :
       {std::pair{"EMR Cluster State Change", R"({"state":"RUNNING"})"},
        {"EMR Cluster State Change", R"({"clusterId":"j-1"})"},
        {"EMR Step Status Change", R"({"clusterId":"j-1","state":"RUNNING"})"},
        {"EMR Instance Fleet State Change", R"({"clusterId":"j-1"})"},
        {"EMR Instance Group State Change", R"({"instanceGroupId":"ig-1"})"},
        {"EMR Auto Scaling Policy State Change", R"({"state":"FAILED"})"},
        {"EMR Instance Fleet Provisioning", "{}"}})
    EXPECT_FALSE(ParseEmrEvent(json::serialize(Envelope("aws.emr", type, detail)))) << type;
  EXPECT_FALSE(ParseEmrEvent(
      json::serialize(Envelope("aws.ec2", "EC2 Spot Instance Interruption Warning", "{}"))));
}

}  // namespace
}  // namespace wire
