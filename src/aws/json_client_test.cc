#include "aws/json_client.h"

#include <gtest/gtest.h>
#include <vector>

#include "base/text.h"
#include "http/server.h"
#include "wire/sigv4.h"

namespace aws {
namespace {

class FixedCredentials : public CredentialSource {
 public:
  explicit FixedCredentials(base::Result<wire::Credentials> keys) : keys_(std::move(keys)) {}
  void Get(OnKeys done) override {
    if (!hold)
      done(keys_);
    else
      held.push_back(std::move(done));
  }

  bool hold = false;
  std::vector<OnKeys> held;

 private:
  base::Result<wire::Credentials> keys_;
};

const wire::Credentials kKeys{
    .access_key = "AKIDEXAMPLE", .secret_key = "secret", .session_token = "token"};

http::Response Reply(int status, std::string body) {
  http::Response response{.status = status, .body = std::move(body)};
  response.headers.Set("x-amzn-RequestId", "request-1");
  return response;
}

// A service on loopback and a client of it, in one loop.
class JsonClientTest : public ::testing::Test {
 protected:
  JsonClientTest()
      : server_(loop_, {}, [this](http::Request request, http::Responder responder) {
          requests_.push_back(std::move(request));
          answer_(responder);
        }) {
    base::Result<uint16_t> port = server_.Listen("127.0.0.1", 0);
    EXPECT_TRUE(port.has_value());
    endpoint_ = *http::ParseUrl(base::Cat("http://127.0.0.1:", *port));
  }

  CallOutcome Call(const CallOptions& options = {}) {
    JsonClient client(loop_,
                      fetcher_,
                      credentials_,
                      signing_clock_,
                      clock_,
                      {.service = kEmr, .region = "eu-west-1", .endpoint = endpoint_});
    std::optional<CallOutcome> result;
    if (credentials_.hold)
      renewed_ = loop_.After(base::milliseconds(20), [this] {
        for (const auto& done : credentials_.held)
          done(kKeys);
      });
    client.Call("ListClusters", R"({"Marker":"m"})", options, [&](CallOutcome outcome) {
      result = std::move(outcome);
      loop_.Stop();
    });
    EXPECT_FALSE(result.has_value()) << "answered from inside Call()";
    http::Timer watchdog = loop_.After(base::seconds(30), [this] { loop_.Stop(); });
    loop_.Run();
    EXPECT_TRUE(result.has_value()) << "never answered";
    EXPECT_NE(result->reply.has_value(), result->error.has_value());
    return std::move(*result);
  }

  void ExpectError(const CallOutcome& outcome,
                   wire::ErrorClass error_class,
                   std::string_view code) {
    ASSERT_TRUE(outcome.error.has_value());
    EXPECT_EQ(wire::ErrorClassName(outcome.error->error_class), wire::ErrorClassName(error_class));
    EXPECT_EQ(outcome.error->code, code) << outcome.error->message;
  }

  void AnswerWith(int status, std::string body) {
    answer_ = [=](const http::Responder& responder) { responder.Send(Reply(status, body)); };
  }

  http::Loop loop_;
  std::vector<http::Request> requests_;
  std::function<void(const http::Responder&)> answer_ = [](const http::Responder& responder) {
    responder.Send(Reply(200, "{}"));
  };
  http::Server server_;
  http::Client client_{loop_};
  Fetcher fetcher_{loop_, client_};
  SigningClock signing_clock_;
  http::Url endpoint_;
  FixedCredentials credentials_{kKeys};
  base::Clock clock_;
  http::Timer renewed_;
};

TEST_F(JsonClientTest, SendsASignedJsonRequest) {
  AnswerWith(200, R"({"Clusters":[],"Marker":"next"})");
  CallOutcome outcome = Call();
  ASSERT_TRUE(outcome.reply.has_value()) << outcome.error->message;
  EXPECT_EQ(base::GetString(outcome.reply->as_object(), "Marker"), "next");
  EXPECT_EQ(outcome.request_id, "request-1");

  ASSERT_EQ(requests_.size(), 1U);
  const http::Request& sent = requests_[0];
  EXPECT_EQ(sent.method, "POST");
  EXPECT_EQ(sent.target, "/");
  EXPECT_EQ(sent.body, R"({"Marker":"m"})");
  EXPECT_EQ(sent.headers.Get("X-Amz-Target"), "ElasticMapReduce.ListClusters");
  EXPECT_EQ(sent.headers.Get("Content-Type"), "application/x-amz-json-1.1");
  EXPECT_EQ(sent.headers.Get("X-Amz-Security-Token"), "token");
  EXPECT_TRUE(sent.headers.Get("User-Agent").value_or("").starts_with("signalbox/"));
  auto verdict = wire::Verify(
      {.method = sent.method,
       .target = sent.target,
       .headers = sent.headers.all(),
       .body = sent.body},
      [](std::string_view) { return kKeys.secret_key; },
      {.service = "elasticmapreduce", .region = "eu-west-1", .wall_now = base::Clock::Wall()});
  EXPECT_TRUE(verdict.has_value()) << verdict.error().message;
}

TEST_F(JsonClientTest, StampsTheCallInWorldTimeAndSignsInWallTime) {
  base::Time world = *base::ParseTime("2031-01-01");
  clock_ = base::Clock::StartingNow(world, 1);
  CallOutcome outcome = Call();
  EXPECT_GE(outcome.sent_at_world, world);
  std::string wall_year = base::FormatRfc3339(base::Clock::Wall()).substr(0, 4);
  EXPECT_EQ(requests_.at(0).headers.Get("X-Amz-Date").value_or("").substr(0, 4), wall_year);
}

TEST_F(JsonClientTest, TakesAnEmptyBodyForAnEmptyReply) {
  AnswerWith(200, "");
  CallOutcome outcome = Call();
  ASSERT_TRUE(outcome.reply.has_value());
  EXPECT_TRUE(outcome.reply->as_object().empty());
}

TEST_F(JsonClientTest, ClassesErrorReplies) {
  AnswerWith(400, R"({"__type":"ThrottlingException","message":"Rate exceeded"})");
  CallOutcome throttled = Call();
  ExpectError(throttled, wire::ErrorClass::kThrottled, "ThrottlingException");
  EXPECT_EQ(throttled.error->message, "Rate exceeded");
  EXPECT_EQ(throttled.error->request_id, "request-1");

  AnswerWith(400, R"({"__type":"ValidationException","Message":"no"})");
  ExpectError(Call(), wire::ErrorClass::kClean, "ValidationException");
  AnswerWith(500, R"({"__type":"InternalServerError"})");
  ExpectError(Call(), wire::ErrorClass::kMayHaveHappened, "InternalServerError");
  AnswerWith(502, "<html>Bad Gateway</html>");
  ExpectError(Call(), wire::ErrorClass::kMayHaveHappened, "HTTP 502");
  EXPECT_EQ(requests_.size(), 4U) << "something was repeated";
}

TEST_F(JsonClientTest, DoubtsAReplyThatItCannotRead) {
  AnswerWith(200, R"({"JobFlowId": "j-)");
  ExpectError(Call(), wire::ErrorClass::kMayHaveHappened, "UnreadableReply");
  AnswerWith(200, R"(["j-1"])");
  ExpectError(Call(), wire::ErrorClass::kMayHaveHappened, "UnreadableReply");
}

TEST_F(JsonClientTest, DoubtsALostReplyAndSendsItOnce) {
  answer_ = [](const http::Responder& responder) { responder.Drop(); };
  ExpectError(Call(), wire::ErrorClass::kMayHaveHappened, "ReplyLost");
  EXPECT_EQ(requests_.size(), 1U);
}

TEST_F(JsonClientTest, DoubtsAReplyThatDoesNotComeInTime) {
  std::vector<http::Responder> held;
  answer_ = [&held](const http::Responder& responder) { held.push_back(responder); };
  ExpectError(
      Call({.timeout = base::milliseconds(200)}), wire::ErrorClass::kMayHaveHappened, "ReplyLost");
  EXPECT_EQ(requests_.size(), 1U);
}

TEST_F(JsonClientTest, KnowsThatARefusedConnectionSentNothing) {
  server_.Close();
  ExpectError(Call(), wire::ErrorClass::kUnavailable, "NotSent");
}

TEST_F(JsonClientTest, SendsNothingWithoutCredentials) {
  credentials_ = FixedCredentials(base::Fail(base::ErrorCode::kPermission, "no AWS credentials"));
  CallOutcome outcome = Call();
  ExpectError(outcome, wire::ErrorClass::kCredentials, "NoCredentials");
  EXPECT_EQ(outcome.error->message, "no AWS credentials");
  EXPECT_TRUE(requests_.empty());
}

TEST_F(JsonClientTest, WaitsForKeysThatAreBeingRenewedAndIsStampedWhenItSigns) {
  credentials_.hold = true;
  const base::Time asked = clock_.World();
  CallOutcome outcome = Call();
  ASSERT_TRUE(outcome.reply.has_value()) << outcome.error->message;
  EXPECT_GE(outcome.sent_at_world, asked + base::milliseconds(20));
  EXPECT_EQ(requests_.size(), 1U);
}

TEST_F(JsonClientTest, GivesUpOnKeysThatDoNotComeAndSendsNothingLater) {
  credentials_.hold = true;
  ExpectError(
      Call({.timeout = base::milliseconds(1)}), wire::ErrorClass::kCredentials, "NoCredentials");
  for (const auto& done : credentials_.held)
    done(kKeys);
  credentials_.hold = false;
  Call();
  EXPECT_EQ(requests_.size(), 1U);
}

// The service's clock is `ahead` of ours.
http::Response SkewedRefusal(base::Duration ahead, std::string_view code) {
  http::Response response = Reply(400, base::Cat(R"({"__type":")", code, R"(","message":"no"})"));
  response.headers.Set("Date", http::FormatHttpDate(base::Clock::Wall() + ahead));
  return response;
}

TEST_F(JsonClientTest, SignsOnceMoreWithTheServicesClock) {
  answer_ = [this](const http::Responder& responder) {
    responder.Send(requests_.size() == 1
                       ? SkewedRefusal(base::minutes(20), "InvalidSignatureException")
                       : Reply(200, "{}"));
  };
  CallOutcome outcome = Call();
  ASSERT_TRUE(outcome.reply.has_value()) << outcome.error->message;
  ASSERT_EQ(requests_.size(), 2U);
  auto verdict = wire::Verify({.method = requests_[1].method,
                               .target = requests_[1].target,
                               .headers = requests_[1].headers.all(),
                               .body = requests_[1].body},
                              [](std::string_view) { return kKeys.secret_key; },
                              {.service = "elasticmapreduce",
                               .region = "eu-west-1",
                               .wall_now = base::Clock::Wall() + base::minutes(20),
                               .max_skew = base::minutes(2)});
  EXPECT_TRUE(verdict.has_value()) << verdict.error().message;
  // From then on every call is signed that way at once.
  Call();
  EXPECT_EQ(requests_.size(), 3U);
}

TEST_F(JsonClientTest, ARefusedSignatureOnAnAccurateClockIsFinal) {
  answer_ = [](const http::Responder& responder) {
    responder.Send(SkewedRefusal(base::minutes(3), "InvalidSignatureException"));
  };
  ExpectError(Call(), wire::ErrorClass::kCredentials, "InvalidSignatureException");
  EXPECT_EQ(requests_.size(), 1U);
}

TEST_F(JsonClientTest, OnlyARefusedSignatureIsSignedAgain) {
  for (const char* code : {"ValidationException", "ThrottlingException", "AccessDenied"}) {
    requests_.clear();
    answer_ = [code](const http::Responder& responder) {
      responder.Send(SkewedRefusal(base::minutes(20), code));
    };
    Call();
    EXPECT_EQ(requests_.size(), 1U) << code;
  }
}

TEST_F(JsonClientTest, ASkewThatStaysRefusedIsNotTriedAThirdTime) {
  answer_ = [this](const http::Responder& responder) {
    responder.Send(SkewedRefusal(base::minutes(20 * static_cast<int>(requests_.size())),
                                 "RequestTimeTooSkewed"));
  };
  ExpectError(Call(), wire::ErrorClass::kClockSkew, "RequestTimeTooSkewed");
  EXPECT_EQ(requests_.size(), 2U);
}

TEST_F(JsonClientTest, DropsItsCallsWhenDestroyed) {
  bool called = false;
  {
    JsonClient client(loop_,
                      fetcher_,
                      credentials_,
                      signing_clock_,
                      clock_,
                      {.service = kEmr, .region = "eu-west-1", .endpoint = endpoint_});
    client.Call("ListClusters", "{}", {}, [&called](CallOutcome) { called = true; });
  }
  Call();
  Call();
  EXPECT_FALSE(called);
}

}  // namespace
}  // namespace aws
