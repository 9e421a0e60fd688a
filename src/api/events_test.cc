// EventBridge posts events to us: who may, what is answered, and that they are used.

#include "api/test_support.h"

namespace api::testing {
namespace {

constexpr char kSecret[] = "fedcba9876543210";

std::string ClusterEvent(std::string_view id, std::string_view state, std::string_view name) {
  return base::Cat(R"({"version":"0","id":"5","detail-type":"EMR Cluster State Change",
      "source":"aws.emr","account":"000000000000","time":"2026-01-05T03:00:00Z",
      "region":"us-east-1","resources":[],"detail":{"severity":"INFO",
      "stateChangeReason":"{\"code\":\"\"}","name":")",
                   name,
                   R"(","clusterId":")",
                   id,
                   R"(","state":")",
                   state,
                   R"(","message":"m"}})");
}

class EventsTest : public ApiTest {
 protected:
  void StartWithWebhook() {
    Write("signalbox.yaml", base::Cat(kProject, "sources: {webhook: {token_env: HOOK}}\n"));
    environment_["HOOK"] = kSecret;
    Start();
  }
  Answer PostEvent(std::string body, const std::string& token = kSecret) {
    http::Request request{.method = "POST", .target = "emr-events", .body = std::move(body)};
    request.headers.Set("Content-Type", "application/json; charset=utf-8");
    request.headers.Set("Host", "hooks.example.com");  // as a proxy passes it on
    if (!token.empty())
      request.headers.Set("X-Signalbox-Token", token);
    return Send(std::move(request));
  }
  std::string Outcome(std::string body) {
    return base::GetString(PostEvent(std::move(body)).body, "outcome");
  }
};

TEST_F(EventsTest, AreTakenOnlyWhereATokenIsConfigured) {
  Start();
  EXPECT_EQ(PostEvent("{}").status, 404);
}

TEST_F(EventsTest, AreTakenOnlyWithTheirOwnToken) {
  StartWithWebhook();
  EXPECT_EQ(PostEvent("{}", "").status, 401);
  EXPECT_EQ(PostEvent("{}", "fedcba9876543211").status, 401);
  http::Request with_the_api_token = Request("POST", "emr-events", "{}");
  EXPECT_EQ(Send(std::move(with_the_api_token)).status, 401);
  http::Request twice{.method = "POST", .target = "emr-events", .body = "{}"};
  twice.headers.Set("Content-Type", "application/json");
  twice.headers.Add("X-Signalbox-Token", kSecret);
  twice.headers.Add("X-Signalbox-Token", "fedcba9876543211");
  EXPECT_EQ(Send(std::move(twice)).status, 401);
  http::Request elsewhere = Request("GET", "dags");
  elsewhere.headers.Set("Authorization", base::Cat("Bearer ", kSecret));
  EXPECT_EQ(Send(std::move(elsewhere)).status, 401);
}

TEST_F(EventsTest, AMissingOrShortTokenIsToldAtTheStart) {
  Write("signalbox.yaml", base::Cat(kProject, "sources: {webhook: {token_env: HOOK}}\n"));
  for (const char* token : {"", "short"}) {
    auto runtime = runtime::Runtime::Create(
        {.project_dir = folder_, .environment = {{"HOOK", token}}}, loop_, clock_);
    ASSERT_FALSE(runtime.has_value());
    EXPECT_EQ(runtime.error().code, base::ErrorCode::kUnavailable);
    EXPECT_EQ(runtime.error().message,
              base::Cat("sources.webhook.token_env names HOOK, which is ",
                        *token == '\0' ? "not set" : "too short",
                        ": set it to the token that EventBridge is to send, at least 16 "
                        "characters"));
  }
}

TEST_F(EventsTest, AreAnsweredByWhatBecameOfThem) {
  StartWithWebhook();
  EXPECT_EQ(Outcome(ClusterEvent("j-1", "RUNNING", "sbx-demo-012345-x")), "no_cluster");
  EXPECT_EQ(Outcome(ClusterEvent("j-1", "RUNNING", "sbx-other-012345-x")), "foreign");
  EXPECT_EQ(Outcome(R"({"detail-type":"AWS API Call via CloudTrail","source":"aws.s3",
      "account":"000000000000","time":"2026-01-05T03:00:00Z","region":"us-east-1","detail":{}})"),
            "unused");
  Answer malformed = PostEvent(R"({"detail-type":"EMR Cluster State Change"})");
  EXPECT_EQ(malformed.status, 422);
  EXPECT_EQ(malformed.detail(), "the body is no event of EventBridge");
  EXPECT_EQ(PostEvent(std::string(300 << 10, ' ')).status, 422);
}

// The sweep would find the end half an hour of world time later; the run is over long before.
TEST_F(EventsTest, AnEndThatIsToldIsLookedAtAtOnce) {
  Write("signalbox.yaml",
        "deployment: demo\n"
        "emr: {region: us-east-1, launch_settle: 20m, poll_interval: 2000h}\n"
        "pools: {clusters: 4}\n"
        "sources: {webhook: {token_env: HOOK}}\n");
  environment_["HOOK"] = kSecret;
  Start();
  Answer created = Post("dags/spark/dagRuns", R"({"dag_run_id":"r","logical_date":null})");
  ASSERT_EQ(created.status, 200) << created.detail();
  std::set<std::string> told;
  GetUntil("dags/spark/dagRuns/r", [&](const Answer& run) {
    const Answer live = Get("clusters?live=true");
    for (const json::value& each : base::GetArray(live.body, "clusters")) {
      const std::string id = base::GetString(each.get_object(), "cluster_id");
      if (!id.empty())
        PostEvent(ClusterEvent(id, "TERMINATED", base::GetString(each.get_object(), "name")));
      told.insert(id);
    }
    return base::GetString(run.body, "state") == "success";
  });
  EXPECT_EQ(told.size(), 2u);
}

}  // namespace
}  // namespace api::testing
