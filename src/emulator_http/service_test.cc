#include "emulator_http/service.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>

#include "base/text.h"
#include "http/client.h"
#include "wire/sigv4.h"

namespace emulator_http {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

constexpr std::string_view kRunJobFlow =
    R"({"Name":"c","Instances":{"InstanceCount":1,"MasterInstanceType":"m5.xlarge"},)"
    R"("Steps":[{"Name":"s","HadoopJarStep":{"Jar":"command-runner.jar"}}]})";

// A service and a client on one loop: a call runs the loop until it is answered.
class ServiceTest : public ::testing::Test {
 protected:
  ServiceTest() {
    directory_ = std::filesystem::temp_directory_path() /
                 base::Cat("emulator_http_test_",
                           testing::UnitTest::GetInstance()->random_seed(),
                           "_",
                           testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(directory_);
    options_.journal_path = directory_ / "journal.jsonl";
  }
  ~ServiceTest() override { std::filesystem::remove_all(directory_); }

  void Start(emulator::FaultPlan plan = {}, double speed = 1) {
    plan.quotas = false;
    service_.emplace(loop_,
                     base::Clock::StartingNow(base::Clock::Wall(), speed),
                     emulator::Options{.plan = std::move(plan)},
                     options_);
    base::Result<uint16_t> port = service_->Start();
    ASSERT_TRUE(port.has_value()) << port.error().message;
    url_ = *http::ParseUrl(base::Cat("http://127.0.0.1:", *port, "/"));
  }

  http::Request Signed(std::string_view action,
                       std::string_view body,
                       const wire::Credentials& credentials = {"test", "test", ""},
                       base::Duration skew = base::Duration(0)) {
    http::Request request{.method = "POST", .target = "/", .body = std::string(body)};
    request.headers.Set("Host", url_.HostHeader());
    request.headers.Set("Content-Type", "application/x-amz-json-1.1");
    request.headers.Set("X-Amz-Target", base::Cat("ElasticMapReduce.", action));
    wire::HeaderList added = wire::Sign({.method = request.method,
                                         .target = request.target,
                                         .headers = request.headers.all(),
                                         .body = request.body},
                                        credentials,
                                        {.region = "us-east-1", .service = "elasticmapreduce"},
                                        base::Clock::Wall() + skew);
    for (auto& [name, value] : added)
      request.headers.Set(name, value);
    return request;
  }

  tl::expected<http::Response, http::ClientError> Send(http::Request request) {
    std::optional<tl::expected<http::Response, http::ClientError>> result;
    client_.Send(url_, std::move(request), {}, [&](auto answer) {
      result = std::move(answer);
      loop_.Stop();
    });
    loop_.Run();
    return *result;
  }

  // The error's code, after a look at the transport's side of the reply.
  std::string CodeOf(http::Request request) {
    auto response = Send(std::move(request));
    EXPECT_TRUE(response.has_value());
    EXPECT_EQ(response->status, 400);
    EXPECT_FALSE(response->headers.Get("x-amzn-requestid").value_or("").empty());
    EXPECT_TRUE(response->headers.Get("Date").has_value());
    return base::GetString(base::ParseJson(response->body)->get_object(), "__type");
  }

  std::vector<json::object> Journal() {
    std::ifstream file(options_.journal_path);
    std::vector<json::object> lines;
    for (std::string line; std::getline(file, line);)
      lines.push_back(base::ParseJson(line)->get_object());
    return lines;
  }

  std::filesystem::path directory_;
  ServiceOptions options_;
  http::Loop loop_;
  std::optional<Service> service_;
  http::Client client_{loop_};
  http::Url url_;
};

TEST_F(ServiceTest, AnswersASignedCallAndWritesItDown) {
  Start();
  auto response = Send(Signed("RunJobFlow", kRunJobFlow));
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->headers.Get("Content-Type"), "application/x-amz-json-1.1");
  json::object body = base::ParseJson(response->body)->get_object();
  std::vector<json::object> lines = Journal();
  ASSERT_FALSE(lines.empty());
  EXPECT_EQ(base::GetString(lines.back(), "action"), "RunJobFlow");
  EXPECT_EQ(base::GetString(lines.back(), "cluster_id"), base::GetString(body, "JobFlowId"));
  EXPECT_EQ(base::GetString(lines.back(), "request_id"), response->headers.Get("x-amzn-requestid"));
}

TEST_F(ServiceTest, RefusesWrongSignaturesAndWritesThemDown) {
  Start();
  EXPECT_EQ(CodeOf(Signed("ListClusters", "{}", {"test", "wrong", ""})),
            "InvalidSignatureException");
  EXPECT_EQ(CodeOf(Signed("ListClusters", "{}", {"nobody", "test", ""})),
            "UnrecognizedClientException");
  EXPECT_EQ(CodeOf(Signed("ListClusters", "{}", {"test", "test", ""}, base::hours(-1))),
            "InvalidSignatureException");
  http::Request tampered = Signed("ListClusters", "{}");
  tampered.body = "{ }";
  EXPECT_EQ(CodeOf(std::move(tampered)), "InvalidSignatureException");
  http::Request unsigned_request{.method = "POST", .target = "/", .body = "{}"};
  EXPECT_EQ(CodeOf(std::move(unsigned_request)), "MissingAuthenticationTokenException");
  EXPECT_EQ(Journal().size(), 5u);
  EXPECT_EQ(base::GetString(Journal()[0], "code"), "InvalidSignatureException");
}

TEST_F(ServiceTest, RefusesWhatIsNoCallOfEmr) {
  Start();
  EXPECT_EQ(CodeOf(Signed("ListClusters", "{")), "SerializationException");
  EXPECT_EQ(CodeOf(Signed("DoMagic", "{}")), "UnknownOperationException");
  EXPECT_EQ(Send({.method = "GET", .target = "/"})->status, 404);
}

TEST_F(ServiceTest, AnswersAnOperationWithoutOutputWithAnEmptyBody) {
  Start();
  auto launched = Send(Signed("RunJobFlow", kRunJobFlow));
  std::string id = base::GetString(base::ParseJson(launched->body)->get_object(), "JobFlowId");
  auto response = Send(Signed("TerminateJobFlows", base::Cat("{\"JobFlowIds\":[\"", id, "\"]}")));
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "");
}

TEST_F(ServiceTest, HealthNeedsNoSignature) {
  Start();
  auto response = Send({.method = "GET", .target = "/_emulator/health"});
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(base::GetString(base::ParseJson(response->body)->get_object(), "status"), "ok");
}

TEST_F(ServiceTest, DropsAReplyButNotItsEffect) {
  Start({.faults = {{.kind = emulator::FaultKind::kDropReply, .action = "RunJobFlow", .nth = 1}}});
  auto response = Send(Signed("RunJobFlow", kRunJobFlow));
  ASSERT_FALSE(response.has_value());
  EXPECT_EQ(response.error().sent, http::Sent::kMaybe);
  EXPECT_THAT(Send(Signed("ListClusters", "{}"))->body, HasSubstr("\"STARTING\""));
  EXPECT_EQ(base::GetString(Journal()[1], "delivery"), "dropped");
}

TEST_F(ServiceTest, HoldsADelayedReplyWhileOthersAreAnswered) {
  Start({.faults = {{.kind = emulator::FaultKind::kDelayReply,
                     .action = "RunJobFlow",
                     .span = base::milliseconds(200)}}});
  std::vector<std::string> answered;
  auto send = [&](std::string name, http::Request request) {
    client_.Send(url_, std::move(request), {}, [&, name](auto) {
      answered.push_back(name);
      if (answered.size() == 2)
        loop_.Stop();
    });
  };
  send("delayed", Signed("RunJobFlow", kRunJobFlow));
  send("prompt", Signed("ListClusters", "{}"));
  loop_.Run();
  EXPECT_THAT(answered, ::testing::ElementsAre("prompt", "delayed"));
}

TEST_F(ServiceTest, ChangesReachTheJournalWithoutCalls) {
  Start({}, 100'000);
  Send(Signed("RunJobFlow", kRunJobFlow));
  http::Timer poll;
  std::function<void()> look = [&] {
    std::vector<json::object> lines = Journal();
    if (base::GetString(lines.back(), "state") == "TERMINATED")
      loop_.Stop();
    else
      poll = loop_.After(base::milliseconds(5), look);
  };
  look();
  loop_.Run();
  EXPECT_EQ(base::GetString(Journal().back(), "reason_code"), "ALL_STEPS_COMPLETED");
}

TEST_F(ServiceTest, SaysWhichJournalCannotBeWritten) {
  options_.journal_path = directory_ / "missing" / "journal.jsonl";
  Service service(loop_, {}, {}, options_);
  base::Result<uint16_t> port = service.Start();
  ASSERT_FALSE(port.has_value());
  EXPECT_THAT(port.error().message, HasSubstr("missing/journal.jsonl"));
}

TEST_F(ServiceTest, ReadsAKeyFile) {
  std::string path = directory_ / "keys";
  std::ofstream(path) << "# keys\nAKIDEXAMPLE  secret # ours\n\n";
  base::Result<Keys> keys = ReadKeyFile(path);
  ASSERT_TRUE(keys.has_value());
  EXPECT_THAT(*keys, ::testing::ElementsAre(::testing::Pair("AKIDEXAMPLE", "secret")));
  std::ofstream(path) << "AKIDEXAMPLE\n";
  EXPECT_THAT(ReadKeyFile(path).error().message, HasSubstr(":1: expected an access key"));
}

TEST_F(ServiceTest, RunsStepsAsProcessesAndShowsHowTheyEnded) {
  const std::string program = directory_ / "spark-submit";
  std::ofstream(program) << "#!/bin/sh\necho 'ValueError: no rows' >&2\nexit 1\n";
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  options_.steps = {.s3_root = directory_ / "s3", .spark_submit = program};
  Start({}, 3600);
  constexpr std::string_view kRequest =
      R"({"Name":"c","Instances":{"InstanceCount":1,"MasterInstanceType":"m5.xlarge"},)"
      R"("LogUri":"s3://logs/","Steps":[{"Name":"s","HadoopJarStep":{"Jar":"command-runner.jar",)"
      R"("Args":["spark-submit","s3://b/a.py"]}}]})";
  auto launched = Send(Signed("RunJobFlow", kRequest));
  const std::string id =
      base::GetString(base::ParseJson(launched->body)->get_object(), "JobFlowId");
  std::string state;
  json::object step;
  for (int looks = 0; looks < 2000 && state != "FAILED"; ++looks) {
    auto pause = loop_.After(base::milliseconds(10), [this] { loop_.Stop(); });
    loop_.Run();
    auto listed = Send(Signed("ListSteps", base::Cat("{\"ClusterId\":\"", id, "\"}")));
    const json::object body = base::ParseJson(listed->body)->get_object();
    step = base::GetArray(body, "Steps").at(0).get_object();
    state = base::GetString(step, "Status.State");
  }
  EXPECT_EQ(state, "FAILED");
  EXPECT_EQ(base::GetString(step, "Status.FailureDetails.Message"),
            "ValueError: no rows (exit code 1)");
  const std::string log = base::GetString(step, "Status.FailureDetails.LogFile");
  EXPECT_EQ(log, base::Cat("s3://logs/", id, "/steps/", base::GetString(step, "Id"), "/stderr.gz"));
  EXPECT_TRUE(std::filesystem::exists(directory_ / "s3" / log.substr(5)));
}

TEST_F(ServiceTest, DoesNotStartWithoutTheProgramOfItsSteps) {
  options_.steps = {.s3_root = directory_ / "s3", .spark_submit = "/none/spark-submit"};
  Service service(loop_, base::Clock(), {}, options_);
  EXPECT_THAT(service.Start().error().message, HasSubstr("/none/spark-submit"));
}

}  // namespace
}  // namespace emulator_http
