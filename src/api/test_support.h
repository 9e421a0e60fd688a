#pragma once

// For tests only: a whole Signalbox in this process. The API over a real socket, the runtime on
// SQLite and a project folder of its own, and EMR's emulator on the other side, in fast world time.

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <utility>

#include "api/api.h"
#include "api/router.h"
#include "base/text.h"
#include "emulator_http/service.h"
#include "http/client.h"
#include "runtime/runtime.h"
#include "store/sqlite_store.h"

namespace api::testing {

inline constexpr char kToken[] = "0123456789abcdef";

inline constexpr char kProject[] = R"(
deployment: demo
emr: {region: us-east-1, launch_settle: 20m}
pools: {clusters: 4}
)";
inline constexpr char kTemplate[] = R"(
ReleaseLabel: emr-7.1.0
LogUri: s3://example/logs/
ServiceRole: EMR_DefaultRole
JobFlowRole: EMR_EC2_DefaultRole
Instances:
  InstanceFleets:
    - InstanceFleetType: MASTER
      TargetOnDemandCapacity: 1
      InstanceTypeConfigs: [{InstanceType: m5.xlarge}]
    - InstanceFleetType: CORE
      TargetSpotCapacity: 2
      InstanceTypeConfigs: [{InstanceType: m5.xlarge}]
)";
inline constexpr char kSpark[] = R"(
dag_id: spark
description: Two lanes and what joins them
tags: [demo]
owner: ml
is_paused_upon_creation: false
schedule: "0 2 * * 1"
start_date: 2020-01-01
default_args: {retries: 2, retry_delay: 10m, pool: clusters}
lanes: [{id: 1}, {id: 2}]
tasks:
  train:
    cluster: small
    steps: [{name: train, spark_submit: {application: s3://example/train.py, args: ["{{ ds }}"]}}]
  publish: {type: empty, lanes: none, depends_on: ["train[*]"]}
)";
inline constexpr char kEmpty[] = R"(
dag_id: empty
params: {k: null}
is_paused_upon_creation: false
tasks:
  only: {type: empty}
)";

struct Answer {
  int status = 0;
  json::object body;
  http::Headers headers;

  std::string detail() const { return base::GetString(body, "detail"); }
};

class ApiTest : public ::testing::Test {
 protected:
  ApiTest() {
    std::string pattern = ::testing::TempDir() + "/signalbox_api_XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    Write("signalbox.yaml", kProject);
    Write("clusters/small.yaml", kTemplate);
    Write("dags/spark.yaml", kSpark);
    Write("dags/empty.yaml", kEmpty);
  }
  ~ApiTest() override {
    StopServer();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  void Write(const std::string& path, std::string_view text) {
    std::filesystem::path file = folder_ + "/" + path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }

  void Start(emulator::FaultPlan plan = {}, double speed = 2000) {
    base::Time monday = *base::ParseTime("2026-01-05T03:00:00Z");
    clock_ = base::Clock::StartingNow(monday, speed);
    emulator_.emplace(
        loop_, clock_, emulator::Options{.plan = std::move(plan)}, emulator_http::ServiceOptions{});
    base::Result<uint16_t> emr = emulator_->Start();
    ASSERT_TRUE(emr.has_value()) << emr.error().message;
    emr_port_ = *emr;
    StartServer();
  }

  void StopServer() {
    server_.reset();
    api_.reset();
    runtime_.reset();
  }

  void StartServer() {
    auto open = [this](const std::string& deployment, const std::string&) {
      return store::OpenSqlite(
          {.path = folder_ + "/signalbox.db", .deployment = deployment, .reserve_bytes = 4096});
    };
    runtime::Environment environment = environment_;
    environment.insert({{"AWS_ACCESS_KEY_ID", "test"},
                        {"AWS_SECRET_ACCESS_KEY", "test"},
                        {"AWS_ENDPOINT_URL_EMR", base::Cat("http://127.0.0.1:", emr_port_)},
                        {"SIGNALBOX_HTTP_TIMEOUT", "5s"}});
    auto runtime = runtime::Runtime::Create({.project_dir = folder_,
                                             .open_store = open,
                                             .environment = std::move(environment),
                                             .folder_interval = base::milliseconds(10),
                                             .send_notice = send_notice_},
                                            loop_,
                                            clock_);
    ASSERT_TRUE(runtime.has_value()) << runtime.error().message;
    runtime_ = std::move(*runtime);
    api_.emplace(runtime_->views(),
                 runtime_->commands(),
                 ApiOptions{.token = kToken,
                            .allowed_hosts = {"box.example"},
                            .version = "9.9",
                            .events = events_,
                            .has_secure_cookies = has_secure_cookies_,
                            .map_file = folder_ + "/map.json"},
                 &routes_);
    http::ServerOptions bounds = ServerBounds();
    bounds.trusted_proxies = proxies_;
    bounds.admit = [this](const http::Request& head) { return api_->Admit(head); };
    server_.emplace(loop_, bounds, [this](http::Request request, auto responder) {
      api_->Handle(std::move(request), std::move(responder));
    });
    api_->Observe(*server_);
    base::Result<uint16_t> port = server_->Listen("127.0.0.1", 0);
    ASSERT_TRUE(port.has_value()) << port.error().message;
    url_ = *http::ParseUrl(base::Cat("http://127.0.0.1:", *port, "/"));
    runtime_->Start();
  }

  // The request's target is relative to /api/v2; or it begins with a slash.
  Answer Send(http::Request request) {
    if (!request.target.starts_with('/'))
      request.target = "/api/v2/" + request.target;
    Answer answer;
    // A password is slow to check, on purpose, and a machine may be busy.
    client_.Send(url_, std::move(request), {.timeout = base::seconds(60)}, [&](auto result) {
      if (result) {
        answer.status = result->status;
        answer.headers = result->headers;
        auto body = base::ParseJson(result->body);
        if (body && body->is_object())
          answer.body = body->get_object();
      }
      loop_.Stop();
    });
    loop_.Run();
    return answer;
  }

  static http::Request Request(std::string method, std::string target, std::string body = "") {
    http::Request request{.method = std::move(method), .target = std::move(target), .body = body};
    request.headers.Set("Authorization", base::Cat("Bearer ", kToken));
    if (!body.empty())
      request.headers.Set("Content-Type", "application/json");
    return request;
  }
  Answer Get(const std::string& target) { return Send(Request("GET", target)); }
  Answer Post(const std::string& target, const std::string& body) {
    return Send(Request("POST", target, body));
  }
  Answer Patch(const std::string& target, const std::string& body) {
    return Send(Request("PATCH", target, body));
  }

  // Asks again until the answer is as wanted; the test fails when that takes too long.
  template <typename Wanted>
  Answer GetUntil(const std::string& target, Wanted wanted) {
    bool late = false;
    http::Timer limit = loop_.After(base::seconds(60), [&] { late = true; });
    Answer answer = Get(target);
    while (!late && !wanted(answer)) {
      http::Timer pause = loop_.After(base::milliseconds(5), [&] { loop_.Stop(); });
      loop_.Run();
      answer = Get(target);
    }
    EXPECT_FALSE(late) << target << ": " << json::serialize(answer.body);
    return answer;
  }

  // Creates the run and waits for its end.
  Answer RunToEnd(const std::string& dag, const std::string& run) {
    Answer created = Post(base::Cat("dags/", dag, "/dagRuns"),
                          base::Cat(R"({"dag_run_id":")", run, R"(","logical_date":null})"));
    EXPECT_EQ(created.status, 200) << created.detail();
    return GetUntil(base::Cat("dags/", dag, "/dagRuns/", run), [](const Answer& answer) {
      return !base::GetString(answer.body, "end_date").empty();
    });
  }

  std::string folder_;
  runtime::Environment environment_;  // beside what every server here has
  EventLimits events_;
  runtime::SendNotice send_notice_;  // none: to the notifiers
  std::vector<Route> routes_;        // beside those of routes.cc
  std::vector<base::IpNetwork> proxies_;
  bool has_secure_cookies_ = false;
  http::Loop loop_;
  base::Clock clock_;
  uint16_t emr_port_ = 0;
  std::optional<emulator_http::Service> emulator_;
  std::unique_ptr<runtime::Runtime> runtime_;
  std::optional<Api> api_;
  std::optional<http::Server> server_;
  http::Client client_{loop_};
  http::Url url_;
};

}  // namespace api::testing
