// Requests that nobody means well with, at every route: a bounded answer in UTF-8, and no effect.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "api/router.h"
#include "api/test_support.h"
#include "base/safe_text.h"

namespace api::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class HostileTest : public ApiTest {
 protected:
  // The target counts from the root.
  http::Response Raw(http::Request request) {
    http::Response answer{.status = 0};
    client_.Send(url_, std::move(request), {}, [&](auto result) {
      if (result)
        answer = std::move(*result);
      loop_.Stop();
    });
    loop_.Run();
    return answer;
  }
  http::Response Raw(const std::string& method,
                     const std::string& target,
                     const std::string& body = "") {
    return Raw(Request(method, target, body));
  }

  // The route's path with `id` for each part that has a name; without one, with what is there.
  static std::string PathOf(const Route& route, const std::string& id = "") {
    const std::vector<std::string> there = {"empty", "one", "only", "-1", "1"};
    std::vector<std::string> parts = base::Split(api::PathOf(route), '/');
    size_t named = 0;
    for (std::string& part : parts) {
      if (part.starts_with('{'))
        part = id.empty() ? there[named++] : id;
    }
    return base::Join(parts, "/");
  }

  // Whatever was asked: short where it is refused, no more than 200 characters of what was sent.
  static void ExpectBounded(const http::Response& answer, const std::string& what) {
    EXPECT_NE(answer.status, 0) << what;
    EXPECT_TRUE(answer.status < 500 || answer.status == 501)
        << what << ": " << answer.body.substr(0, 300);
    EXPECT_TRUE(base::IsUtf8(answer.body)) << what;
    if (answer.status < 400)
      return;
    EXPECT_LT(answer.body.size(), 1500u) << what << ": " << answer.body.substr(0, 300);
    EXPECT_THAT(answer.body, Not(HasSubstr(std::string(base::kEchoMax + 1, 'x')))) << what;
    // Pages of single sign-on are for people.
    const bool is_page = answer.headers.Get("Content-Type").value_or("").starts_with("text/html");
    EXPECT_TRUE(is_page || base::ParseJson(answer.body).has_value()) << what << ": " << answer.body;
  }
};

TEST_F(HostileTest, HeadIsServedWhereverGetIs) {
  Start();
  RunToEnd("empty", "one");
  int served = 0;
  for (const Route& route : Routes()) {
    if (route.method != "GET" || route.content == "text/event-stream")  // it has no end
      continue;
    const std::string path = PathOf(route);
    const http::Response get = Raw("GET", path);
    const http::Response head = Raw("HEAD", path);
    EXPECT_EQ(head.status, get.status) << path;
    EXPECT_EQ(head.body, "") << path;
    EXPECT_EQ(head.headers.Get("Content-Type"), get.headers.Get("Content-Type")) << path;
    EXPECT_TRUE(head.headers.Get("Content-Length").has_value()) << path;
    served += get.status == 200 ? 1 : 0;
  }
  EXPECT_GE(served, 14);
  // Of an answer that does not change with the time.
  EXPECT_EQ(Raw("HEAD", "/api/v2/version").headers.Get("Content-Length"),
            base::Cat(Raw("GET", "/api/v2/version").body.size()));
  http::Request stranger{.method = "HEAD", .target = "/api/v2/dags"};
  EXPECT_EQ(Raw(stranger).status, 401);
}

TEST_F(HostileTest, PathsThatNameNothingAreRefused) {
  Start();
  for (const Route& route : Routes()) {
    if (route.pattern.find('{') == std::string::npos)
      continue;
    for (const std::string id : {"..",
                                 ".",
                                 "%2e%2e",
                                 "%2E",
                                 "",
                                 "a%2fb",
                                 "a%5Cb",
                                 "a%00",
                                 "%0d%0aX:%20y",
                                 "%1b%5b31m",
                                 "%7f",
                                 "%ff%fe",
                                 "%c0%ae%c0%ae",
                                 "%ed%a0%80"}) {
      std::string path = PathOf(route, id.empty() ? "/" : id);
      const http::Response answer = Raw(std::string(route.method), path, "{}");
      EXPECT_EQ(answer.status, 400) << route.method << " " << path << ": " << answer.body;
      ExpectBounded(answer, path);
    }
  }
  http::Request stranger{.method = "GET", .target = "/api/v2/dags/.."};
  EXPECT_EQ(Raw(stranger).status, 401);
}

TEST_F(HostileTest, CountsAreGivenOnce) {
  Start();
  for (const std::string query : {"dags?limit=1&limit=2",
                                  "dags/~/dagRuns?offset=0&offset=0",
                                  "clusters?live=true&live=false"})
    EXPECT_EQ(Get(query).status, 422) << query;
}

TEST_F(HostileTest, NothingButUtf8Leaves) {
  Write("dags/b\xff\xc0\xaf.yaml", "dag_id: [");
  Write("dags/escapes.yaml", "dag_id: \"\\e[31m\\x9b\"\nowner: [");
  Start();
  for (const std::string path : {"dags?%ff=1",
                                 "dags/~/dagRuns?state=%c0%af",
                                 "dags/~/dagRuns?order_by=%ed%a0%80",
                                 "dags?order_by=%f4%90%80%80",
                                 "dags/%e2%82",
                                 "clusters?live=%fe",
                                 "%ff"})
    ExpectBounded(Raw("GET", "/api/v2/" + path), path);
  const http::Response errors = Raw("GET", "/api/v2/importErrors");
  EXPECT_TRUE(base::ParseJson(errors.body).has_value()) << errors.body;
  EXPECT_THAT(errors.body, HasSubstr("\xEF\xBF\xBD.yaml"));
}

// Every value at every member that any route knows, and at one that none knows.
TEST_F(HostileTest, BodiesOfAnySizeAndKindAreAnsweredShortly) {
  Start();
  RunToEnd("empty", "one");
  const std::string x(300'000, 'x');
  std::vector<std::string> values = {
      "1e999999", "-1", "123456789012345678901234567890", "1e308", "true", "null", "[]", "{}"};
  values.push_back(base::Cat('"', x, '"'));
  values.push_back(base::Cat("[\"", x, "\"]"));
  values.push_back(base::Cat("[[\"", x, "\", 1]]"));
  values.push_back(base::Cat("{\"", x, "\": 1}"));
  const std::vector<std::string> names = {"dag_run_id",
                                          "logical_date",
                                          "conf",
                                          "note",
                                          "state",
                                          "new_state",
                                          "task_ids",
                                          "dry_run",
                                          "only_failed",
                                          "is_paused",
                                          "run_after",
                                          "include_downstream",
                                          x,
                                          "reset_dag_runs"};
  for (const Route& route : Routes()) {
    if (route.method == "GET" || route.access == Access::kWebhook)
      continue;
    for (const std::string& name : names) {
      for (const std::string& value : values) {
        const std::string body = base::Cat("{\"", name, "\": ", value, R"(, "dag_run_id": "one"})");
        const http::Response answer = Raw(std::string(route.method), PathOf(route), body);
        ExpectBounded(answer, base::Cat(route.method, " ", PathOf(route), " ", body.substr(0, 60)));
      }
    }
  }
  EXPECT_EQ(Raw("POST", "/api/v2/dags/empty/dagRuns", base::Cat('"', x, x, x, x, '"')).status, 413);
  // It may have been deleted. What no id can be is wrong, not missing.
  Post("dags/empty/dagRuns", R"({"dag_run_id": "one", "logical_date": null})");
  const std::string clear = "/api/v2/dags/empty/clearTaskInstances";
  EXPECT_EQ(Raw("POST", clear, base::Cat(R"({"dag_run_id": ")", x, "\"}")).status, 422);
  EXPECT_EQ(
      Raw("POST", clear, base::Cat(R"({"dag_run_id": "one", "task_ids": [")", x, "\"]}")).status,
      422);
  EXPECT_EQ(Raw("POST", clear, R"({"dag_run_id": "one", "task_ids": ["onyl"]})").status, 404);
}

TEST_F(HostileTest, LongPathsAndQueriesAreAnsweredShortly) {
  Start();
  const std::string x(15'000, 'x');
  for (const Route& route : Routes()) {
    const std::string method(route.method);
    const std::string body = method == "GET" ? "" : "{}";
    ExpectBounded(Raw(method, PathOf(route) + "?" + x + "=1", body), PathOf(route));
    for (const std::string name :
         {"limit", "offset", "state", "order_by", "live", "after", "paused"})
      ExpectBounded(Raw(method, base::Cat(PathOf(route), "?", name, "=", x), body),
                    base::Cat(PathOf(route), " ", name));
    if (route.pattern.find('{') != std::string::npos)
      ExpectBounded(Raw(method, PathOf(route, x.substr(0, 5'000)), body), PathOf(route));
  }
  ExpectBounded(Raw("GET", "/" + x), "unknown path");
  http::Request foreign = Request("GET", "/api/v2/dags");
  foreign.headers.Set("Host", x);
  ExpectBounded(Raw(foreign), "Host");
  foreign.headers.Set("Host", "localhost");
  foreign.headers.Set("Origin", x);
  ExpectBounded(Raw(foreign), "Origin");
}

TEST_F(HostileTest, ConfIsBoundedAndListsLeaveItOut) {
  Start();
  const auto trigger = [&](const std::string& run, size_t bytes) {
    return Raw("POST",
               "/api/v2/dags/empty/dagRuns",
               base::Cat(R"({"dag_run_id": ")",
                         run,
                         R"(", "logical_date": null, "conf":  { "k" : ")",
                         std::string(bytes - 8, 'y'),
                         "\"}}"));
  };
  EXPECT_EQ(trigger("small", 1 << 10).status, 200);
  const http::Response largest = trigger("largest", 64 << 10);
  EXPECT_EQ(largest.status, 200) << largest.body.substr(0, 300);
  const http::Response larger = trigger("larger", (64 << 10) + 1);
  EXPECT_EQ(larger.status, 422);
  EXPECT_THAT(larger.body, HasSubstr("'conf' has 65537 bytes as JSON, and at most 65536"));
  const http::Response infinite = Raw(
      "POST", "/api/v2/dags/empty/dagRuns", R"({"logical_date": null, "conf": {"a": [1e999999]}})");
  EXPECT_EQ(infinite.status, 422);
  for (const std::string query : {"", "?order_by=-id"}) {
    const Answer list = Get("dags/~/dagRuns" + query);
    ASSERT_EQ(base::GetInt(list.body, "total_entries"), 2);
    const json::object& large = base::GetArray(list.body, "dag_runs")[0].get_object();
    const json::object& small = base::GetArray(list.body, "dag_runs")[1].get_object();
    EXPECT_TRUE(large.at("conf").is_null());
    EXPECT_TRUE(large.at("conf_left_out").get_bool());
    EXPECT_TRUE(small.at("conf").is_object());
    EXPECT_FALSE(small.at("conf_left_out").get_bool());
  }
  const Answer whole = Get("dags/empty/dagRuns/largest");
  EXPECT_FALSE(base::GetBool(whole.body, "conf_left_out", true));
  EXPECT_EQ(json::serialize(whole.body.at("conf")).size(), size_t{64} << 10);
}

}  // namespace
}  // namespace api::testing
