#include "forwarder/forwarder.h"

#include <deque>
#include <gtest/gtest.h>
#include <map>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "forwarder/settings.h"
#include "forwarder/table_writer.h"
#include "http/server.h"

namespace forwarder {
namespace {

std::string ClusterEvent(std::string_view state, std::string_view account = "123456789012") {
  return json::serialize(json::object{
      {"version", "0"},
      {"id", "11111111-2222-3333-4444-555555555555"},
      {"detail-type", "EMR Cluster State Change"},
      {"source", "aws.emr"},
      {"account", account},
      {"time", "2026-01-05T02:42:44Z"},
      {"region", "eu-west-1"},
      {"resources", json::array()},
      {"detail",
       {{"clusterId", "j-1"}, {"name", "sbx-prod-abcdef-t d r j try 1"}, {"state", state}}}});
}

struct Posted {
  std::string path, error_type;
  json::object body;
};

struct Write {
  std::string action, authorization;
  json::object body;
};

// Lambda and DynamoDB as two servers in the loop that the function runs in.
class ForwarderTest : public ::testing::Test {
 protected:
  ForwarderTest()
      : lambda_(loop_, {}, [this](http::Request r, http::Responder to) { OnLambda(r, to); }),
        dynamodb_(loop_, {}, [this](http::Request r, http::Responder to) { OnWrite(r, to); }) {
    environment_["AWS_LAMBDA_RUNTIME_API"] =
        base::Cat("127.0.0.1:", *lambda_.Listen("127.0.0.1", 0));
    environment_["AWS_ENDPOINT_URL_DYNAMODB"] =
        base::Cat("http://127.0.0.1:", *dynamodb_.Listen("127.0.0.1", 0));
  }

  // Until Lambda has no more events; then it answers 500, which ends the function.
  std::string Serve(std::deque<std::string> events) {
    events_ = std::move(events);
    base::Status ended =
        forwarder::Serve(loop_, [this](const std::string& name) -> std::optional<std::string> {
          auto found = environment_.find(name);
          return found == environment_.end() ? std::nullopt : std::optional(found->second);
        });
    EXPECT_FALSE(ended);
    return ended.error().message;
  }

  std::string OutcomeOf(size_t i) const {
    return i < posted_.size() ? base::GetString(posted_[i].body, "outcome") : "none";
  }

  std::map<std::string, std::string> environment_ = {{"AWS_REGION", "eu-west-1"},
                                                     {"AWS_ACCESS_KEY_ID", "key"},
                                                     {"AWS_SECRET_ACCESS_KEY", "secret"},
                                                     {"AWS_SESSION_TOKEN", "token"},
                                                     {"AWS_CONFIG_FILE", "/dev/null"},
                                                     {"AWS_SHARED_CREDENTIALS_FILE", "/dev/null"},
                                                     {"SIGNALBOX_TABLE", "states"}};
  std::string deadline_ms_ = "253402300799000";
  std::deque<http::Response> replies_;  // of DynamoDB; then 200
  std::vector<Posted> posted_;
  std::vector<Write> writes_;

 private:
  void OnLambda(const http::Request& request, const http::Responder& to) {
    if (request.method == "POST") {
      posted_.push_back({request.target,
                         request.headers.Get("Lambda-Runtime-Function-Error-Type").value_or(""),
                         base::ParseJson(request.body)->as_object()});
      return to.Send({.status = 202});
    }
    EXPECT_EQ(request.target, "/2018-06-01/runtime/invocation/next");
    if (events_.empty())
      return to.Send({.status = 500});
    http::Response response{.body = events_.front()};
    events_.pop_front();
    response.headers.Set("Lambda-Runtime-Aws-Request-Id", base::Cat("r-", ++invocations_));
    response.headers.Set("Lambda-Runtime-Deadline-Ms", deadline_ms_);
    response.headers.Set("Lambda-Runtime-Invoked-Function-Arn",
                         "arn:aws:lambda:eu-west-1:123456789012:function:f");
    to.Send(std::move(response));
  }

  void OnWrite(const http::Request& request, const http::Responder& to) {
    writes_.push_back({request.headers.Get("X-Amz-Target").value_or(""),
                       request.headers.Get("Authorization").value_or(""),
                       base::ParseJson(request.body)->as_object()});
    http::Response reply{.body = "{}"};
    if (!replies_.empty()) {
      reply = std::move(replies_.front());
      replies_.pop_front();
    }
    to.Send(std::move(reply));
  }

  http::Loop loop_;
  http::Server lambda_, dynamodb_;
  std::deque<std::string> events_;
  int invocations_ = 0;
};

http::Response Refusal(int status, std::string_view type) {
  return {.status = status,
          .body = json::serialize(
              json::object{{"__type", base::Cat("com.amazonaws#", type)}, {"message", "m"}})};
}

TEST_F(ForwarderTest, WritesAnEventAndAnswersLambda) {
  const std::string event = ClusterEvent("RUNNING");
  EXPECT_EQ(Serve({event}), "the Runtime API's /invocation/next failed: HTTP 500");
  ASSERT_EQ(posted_.size(), 1u);
  EXPECT_EQ(posted_[0].path, "/2018-06-01/runtime/invocation/r-1/response");
  EXPECT_EQ(json::serialize(posted_[0].body),
            R"({"outcome":"written","detail_type":"EMR Cluster State Change",)"
            R"("cluster_id":"j-1","item":"STATE","state":"RUNNING"})");
  ASSERT_EQ(writes_.size(), 1u);
  EXPECT_EQ(writes_[0].action, "DynamoDB_20120810.PutItem");
  EXPECT_NE(writes_[0].authorization.find("/eu-west-1/dynamodb/aws4_request"), std::string::npos);
  EXPECT_EQ(base::GetString(writes_[0].body, "TableName"), "states");
  EXPECT_EQ(base::GetString(writes_[0].body, "Item.raw.S"), event);
  EXPECT_EQ(base::GetString(writes_[0].body, "Item.ttl.N"), "1770172964") << "30 days later";
}

TEST_F(ForwarderTest, W2_TakesALateEventForASuccess) {
  replies_.push_back(Refusal(400, "ConditionalCheckFailedException"));
  Serve({ClusterEvent("RUNNING")});
  EXPECT_EQ(OutcomeOf(0), "known");
  EXPECT_EQ(writes_.size(), 1u);
}

TEST_F(ForwarderTest, GoesOnAfterAnyBadEvent) {
  Serve({"",
         "null",
         "{",
         R"({"a":1})",
         ClusterEvent(""),
         std::string(300'000, '['),
         ClusterEvent("RUNNING")});
  ASSERT_EQ(posted_.size(), 7u);
  for (size_t i = 0; i < 6; ++i)
    EXPECT_EQ(OutcomeOf(i), "bad") << i;
  EXPECT_EQ(OutcomeOf(6), "written");
  EXPECT_EQ(writes_.size(), 1u);
}

TEST_F(ForwarderTest, W4_LeavesWhatIsAnothers) {
  const std::string step =
      base::ReplaceAll(ClusterEvent("RUNNING"), "EMR Cluster State Change", "EMR Other Thing");
  Serve({ClusterEvent("RUNNING", "210987654321"), ClusterEvent("NOVEL"), step});
  for (size_t i = 0; i < 3; ++i)
    EXPECT_EQ(OutcomeOf(i), "ignored") << i;
  posted_.clear();
  environment_["AWS_REGION"] = "us-east-1";
  Serve({ClusterEvent("RUNNING")});
  EXPECT_EQ(OutcomeOf(0), "ignored");
  posted_.clear();
  environment_["SIGNALBOX_REGION"] = environment_["SIGNALBOX_ACCOUNT"] = "any";
  environment_["SIGNALBOX_DEPLOYMENT"] = "test";
  Serve({ClusterEvent("RUNNING")});
  EXPECT_EQ(OutcomeOf(0), "ignored");
  EXPECT_TRUE(writes_.empty());
  posted_.clear();
  environment_["SIGNALBOX_DEPLOYMENT"] = "prod";
  Serve({ClusterEvent("RUNNING", "210987654321")});
  EXPECT_EQ(OutcomeOf(0), "written");
}

TEST_F(ForwarderTest, WritesAgainWhatDynamoDbDidNotTake) {
  replies_ = {
      Refusal(400, "ThrottlingException"), Refusal(500, "InternalServerError"), {.body = "{}"}};
  Serve({ClusterEvent("RUNNING")});
  EXPECT_EQ(OutcomeOf(0), "written");
  ASSERT_EQ(writes_.size(), 3u);
  EXPECT_EQ(writes_[0].body, writes_[2].body);
}

TEST_F(ForwarderTest, FailsAnInvocationThatItCannotWrite) {
  replies_ = {Refusal(400, "ResourceNotFoundException"), Refusal(400, "AccessDeniedException")};
  Serve({ClusterEvent("RUNNING"), ClusterEvent("RUNNING"), ClusterEvent("RUNNING")});
  ASSERT_EQ(posted_.size(), 3u);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(posted_[i].path, base::Cat("/2018-06-01/runtime/invocation/r-", i + 1, "/error"));
    EXPECT_EQ(posted_[i].error_type, "Signalbox.NotWritten");
  }
  EXPECT_EQ(base::GetString(posted_[0].body, "errorMessage"),
            "table states: ResourceNotFoundException: m");
  EXPECT_EQ(OutcomeOf(2), "written");
}

TEST_F(ForwarderTest, DoesNotTryBeyondItsDeadline) {
  deadline_ms_ = "1";
  replies_ = {Refusal(500, "InternalServerError")};
  Serve({ClusterEvent("RUNNING")});
  EXPECT_EQ(writes_.size(), 1u);
  EXPECT_EQ(posted_.at(0).error_type, "Signalbox.NotWritten");
}

TEST_F(ForwarderTest, TellsLambdaWhyItCannotStart) {
  environment_["SIGNALBOX_TTL"] = "soon";
  EXPECT_EQ(Serve({ClusterEvent("RUNNING")}),
            "SIGNALBOX_TTL must be a time such as 30d, at most 3650d");
  ASSERT_EQ(posted_.size(), 1u);
  EXPECT_EQ(posted_[0].path, "/2018-06-01/runtime/init/error");
  EXPECT_EQ(base::GetString(posted_[0].body, "errorType"), "Signalbox.Settings");
  posted_.clear();
  environment_.erase("SIGNALBOX_TTL");
  environment_["AWS_ENDPOINT_URL_DYNAMODB"] = "nowhere";
  Serve({ClusterEvent("RUNNING")});
  ASSERT_EQ(posted_.size(), 1u);
  EXPECT_EQ(posted_[0].path, "/2018-06-01/runtime/init/error");
}

TEST(ForwarderSettings, AreReadFromTheEnvironment) {
  std::map<std::string, std::string> set = {{"AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001"},
                                            {"AWS_REGION", "eu-west-1"}};
  auto read = [&set] {
    return ReadSettings([&set](const std::string& name) -> std::optional<std::string> {
      auto found = set.find(name);
      return found == set.end() ? std::nullopt : std::optional(found->second);
    });
  };
  base::Result<Settings> plain = read();
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->table, "signalbox-states");
  EXPECT_EQ(plain->addressee.region, "eu-west-1");
  EXPECT_TRUE(plain->own_account);
  set["SIGNALBOX_ATTRIBUTES"] = "cluster_id=ClusterId, item=Sort";
  set["SIGNALBOX_ACCOUNT"] = "123456789012";
  base::Result<Settings> named = read();
  ASSERT_TRUE(named);
  EXPECT_EQ(named->names[wire::StateTableNames::kItem], "Sort");
  EXPECT_FALSE(named->own_account);
  for (const auto& [name, value] : {std::pair{"SIGNALBOX_ATTRIBUTES", "cluster_id"},
                                    {"SIGNALBOX_ATTRIBUTES", "colour=x"},
                                    {"SIGNALBOX_ACCOUNT", "12345"},
                                    {"SIGNALBOX_ACCOUNT", "12345678901x"},
                                    {"SIGNALBOX_TTL", "30"},
                                    {"SIGNALBOX_TTL", "0s"},
                                    {"SIGNALBOX_TTL", "3651d"},
                                    {"SIGNALBOX_LOG", "loud"},
                                    {"AWS_LAMBDA_RUNTIME_API", "no port:x"}}) {
    const std::map<std::string, std::string> before = set;
    set[name] = value;
    base::Result<Settings> bad = read();
    ASSERT_FALSE(bad) << name << value;
    EXPECT_NE(bad.error().message.find(name), std::string::npos) << bad.error().message;
    set = before;
  }
  set.erase("AWS_LAMBDA_RUNTIME_API");
  EXPECT_EQ(read().error().code, base::ErrorCode::kNotFound);
}

TEST(ForwarderSettings, TakePackedCertificatesBeforeTheMachinesOwn) {
  const std::string root = ::testing::TempDir() + "task_root";
  ::mkdir(root.c_str(), 0755);
  std::map<std::string, std::string> set = {{"LAMBDA_TASK_ROOT", root}};
  aws::Environment environment = [&set](const std::string& name) -> std::optional<std::string> {
    auto found = set.find(name);
    return found == set.end() ? std::nullopt : std::optional(found->second);
  };
  EXPECT_EQ(PackedCertificates(environment), "");
  EXPECT_EQ(WithCertificates(environment)("AWS_CA_BUNDLE"), "/etc/ssl/certs/ca-certificates.crt");
  ::mkdir((root + "/certs").c_str(), 0755);
  EXPECT_EQ(PackedCertificates(environment), root + "/certs");
  EXPECT_EQ(WithCertificates(environment)("AWS_CA_BUNDLE"), std::nullopt);
  set["AWS_CA_BUNDLE"] = "/mine.pem";
  EXPECT_EQ(PackedCertificates(environment), "");
  EXPECT_EQ(WithCertificates(environment)("AWS_CA_BUNDLE"), "/mine.pem");
  ::rmdir((root + "/certs").c_str());
  ::rmdir(root.c_str());
}

TEST(RuntimeApi, FindsTheAccountInAnArn) {
  EXPECT_EQ(AccountOfArn("arn:aws:lambda:eu-west-1:123456789012:function:f"), "123456789012");
  EXPECT_EQ(AccountOfArn("arn:aws:lambda"), "");
  EXPECT_EQ(AccountOfArn(""), "");
}

}  // namespace
}  // namespace forwarder
