#include "api/api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

#include "api/test_support.h"

namespace api::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// One member of every object in an array.
std::vector<std::string> Column(const json::object& body,
                                std::string_view array,
                                std::string_view member) {
  std::vector<std::string> values;
  for (const json::value& item : base::GetArray(body, array))
    values.push_back(base::GetString(item.get_object(), member));
  return values;
}

TEST_F(ApiTest, ATriggeredRunIsFollowedToItsSuccess) {
  Start();
  Answer run = RunToEnd("spark", "first");
  EXPECT_EQ(base::GetString(run.body, "state"), "success");
  EXPECT_EQ(base::GetString(run.body, "run_type"), "manual");
  EXPECT_EQ(base::GetString(run.body, "triggered_by"), "rest_api");
  EXPECT_GT(base::GetDouble(run.body, "duration"), 0);

  Answer tasks = Get("dags/spark/dagRuns/first/taskInstances");
  EXPECT_EQ(base::GetInt(tasks.body, "total_entries"), 5);
  EXPECT_THAT(Column(tasks.body, "task_instances", "task_id"),
              ElementsAre("train_1.start_cluster",
                          "train_1.wait_cluster_termination",
                          "train_2.start_cluster",
                          "train_2.wait_cluster_termination",
                          "publish"));
  EXPECT_THAT(Column(tasks.body, "task_instances", "state"), ::testing::Each("success"));
  EXPECT_THAT(Column(tasks.body, "task_instances", "operator"),
              ElementsAre("EmrStartCluster",
                          "EmrWaitClusterTermination",
                          "EmrStartCluster",
                          "EmrWaitClusterTermination",
                          "EmptyOperator"));

  Answer task = Get("dags/spark/dagRuns/first/taskInstances/train_2.wait_cluster_termination");
  EXPECT_EQ(base::GetString(task.body, "lane_id"), "2");
  EXPECT_EQ(base::GetInt(task.body, "try_number"), 1);
  EXPECT_EQ(base::GetInt(task.body, "max_tries"), 2);
  EXPECT_EQ(base::GetString(task.body, "pool"), "clusters");
  std::string cluster_id = base::GetString(task.body, "cluster_id");

  Answer cluster = GetUntil(base::Cat("clusters/", cluster_id), [](const Answer& answer) {
    return base::GetString(answer.body, "state") == "TERMINATED";
  });
  EXPECT_EQ(base::GetString(cluster.body, "job_id"), "train");
  EXPECT_EQ(base::GetString(cluster.body, "reason_code"), "ALL_STEPS_COMPLETED");
  EXPECT_EQ(base::GetString(cluster.body, "log_uri"), "s3://example/logs/");
  EXPECT_THAT(Column(cluster.body, "steps", "state"), ElementsAre("COMPLETED"));

  Answer attempts = Get("dags/spark/dagRuns/first/attempts");
  EXPECT_THAT(Column(attempts.body, "attempts", "verdict"), ElementsAre("success", "success"));
  EXPECT_EQ(base::GetArray(attempts.body, "attempts")[1].at("cluster_ids").at(0).as_string(),
            cluster_id);
}

TEST_F(ApiTest, AFailedTryIsShownWithItsVerdictAndRetried) {
  emulator::FaultPlan plan;
  plan.faults.push_back({.kind = emulator::FaultKind::kFailStep, .name = "*train_1 try 1*"});
  Start(std::move(plan));
  Answer run = RunToEnd("spark", "second");
  EXPECT_EQ(base::GetString(run.body, "state"), "success");
  Answer attempts = Get("dags/spark/dagRuns/second/attempts");
  EXPECT_THAT(Column(attempts.body, "attempts", "display_name"),
              ElementsAre("train_1", "train_1", "train_2"));
  EXPECT_THAT(Column(attempts.body, "attempts", "verdict"),
              ElementsAre("application", "success", "success"));
  EXPECT_THAT(Column(attempts.body, "attempts", "reason")[0], HasSubstr("step"));
  Answer live = GetUntil("clusters?live=true", [](const Answer& answer) {
    return base::GetInt(answer.body, "total_entries", -1) == 0;
  });
  EXPECT_THAT(base::GetArray(live.body, "clusters"), IsEmpty());
  EXPECT_EQ(base::GetInt(Get("clusters").body, "total_entries"), 3);
  Answer budget = Get("budget");
  bool launches_shown = false;
  for (const json::value& value : base::GetArray(budget.body, "actions")) {
    const json::object& action = value.get_object();
    if (base::GetString(action, "action") != "RunJobFlow")
      continue;
    launches_shown = true;
    EXPECT_EQ(base::GetInt(action, "made") - base::GetInt(action, "throttled"), 3);
    EXPECT_EQ(base::GetInt(action, "quota.burst"), 10);
    EXPECT_EQ(base::GetDouble(action, "quota.per_second"), 0.5);
    EXPECT_THAT(Column(action, "by_priority", "priority"), ElementsAre("launch"));
  }
  EXPECT_TRUE(launches_shown);
  EXPECT_EQ(base::GetInt(budget.body, "account.quota.burst"), 25);
  EXPECT_TRUE(budget.body["launching_held"].is_null());
  Answer orphans = Get("orphans");
  EXPECT_THAT(base::GetArray(orphans.body, "orphans"), IsEmpty());
  EXPECT_EQ(orphans.body["armed"], json::value(false));
  EXPECT_TRUE(orphans.body["refusal"].is_null());
}

TEST_F(ApiTest, C2_ADeniedTerminateIsShownWithItsMend) {
  emulator::FaultPlan plan;
  plan.faults.push_back({.kind = emulator::FaultKind::kLoseFleet,
                         .name = "*train_1 try 1*",
                         .outcome = emulator::Fault::Outcome::kRunning});
  plan.faults.push_back({.kind = emulator::FaultKind::kDeny, .action = "TerminateJobFlows"});
  Start(std::move(plan));
  Post("dags/spark/dagRuns", R"({"dag_run_id": "stuck", "logical_date": null})");
  Answer budget = GetUntil("budget", [](const Answer& answer) {
    return !base::GetString(answer.body, "launching_held").empty();
  });
  EXPECT_THAT(base::GetString(budget.body, "launching_held"),
              HasSubstr("give the role elasticmapreduce:TerminateJobFlows"));
  Answer health = Get("monitor/health");
  EXPECT_EQ(base::GetString(health.body, "launching.status"), "unhealthy");
  EXPECT_EQ(base::GetString(Get("clusters").body, "launching_held"),
            base::GetString(health.body, "launching.held"));
}

TEST_F(ApiTest, ARestartGoesOnWithTheClustersThatLive) {
  Start();
  Post("dags/spark/dagRuns", R"({"dag_run_id": "long", "logical_date": null})");
  GetUntil("clusters?live=true", [](const Answer& answer) {
    return base::GetInt(answer.body, "total_entries", -1) == 2;
  });
  StopServer();
  StartServer();
  Answer run = GetUntil("dags/spark/dagRuns/long", [](const Answer& answer) {
    return !base::GetString(answer.body, "end_date").empty();
  });
  EXPECT_EQ(base::GetString(run.body, "state"), "success");
  EXPECT_EQ(base::GetInt(Get("clusters").body, "total_entries"), 2);
}

TEST_F(ApiTest, HistoryIsGaplessAndPaged) {
  Start();
  RunToEnd("empty", "one");
  Answer all = Get("history?limit=1000");
  const json::array& rows = base::GetArray(all.body, "history");
  ASSERT_GT(rows.size(), 2u);
  for (size_t i = 0; i < rows.size(); ++i)
    EXPECT_EQ(rows[i].at("seq").as_int64(), static_cast<int64_t>(i) + 1);
  Answer next = Get("history?after=1&limit=1");
  ASSERT_EQ(base::GetArray(next.body, "history").size(), 1u);
  EXPECT_EQ(base::GetArray(next.body, "history")[0], rows[1]);
}

TEST_F(ApiTest, HistorySaysWhatItConcernsAndWhoAsked) {
  Start();
  RunToEnd("spark", "first");
  const auto rows = [&](std::string_view filters) {
    return Get(base::Cat("history?limit=1000&", filters)).body;
  };
  const json::object begun = rows("kind=run&dag_id=spark&dag_run_id=first");
  ASSERT_FALSE(base::GetArray(begun, "history").empty());
  const json::object& first = base::GetArray(begun, "history")[0].get_object();
  EXPECT_EQ(base::GetString(first, "to"), "queued");
  EXPECT_EQ(base::GetString(first, "actor"), "api");
  EXPECT_EQ(base::GetString(first, "means"), "api");
  EXPECT_EQ(base::GetString(first, "address"), "127.0.0.1");
  EXPECT_THAT(Column(rows("job_id=train&lane_id=2&kind=task"), "history", "dag_run_id"),
              ::testing::Each("first"));
  const auto clusters = Column(rows("kind=cluster"), "history", "cluster_id");
  ASSERT_FALSE(clusters.empty());
  EXPECT_THAT(Column(rows(base::Cat("cluster_id=", clusters[0])), "history", "cluster_id"),
              ::testing::Each(clusters[0]));
  EXPECT_TRUE(base::GetArray(rows("actor=nobody"), "history").empty());
  EXPECT_EQ(Get("history?kind=planet").status, 422);
}

TEST_F(ApiTest, OnlyOurTokenIsServed) {
  Start();
  http::Request none{.method = "GET", .target = "dags", .headers = {}, .body = ""};
  Answer answer = Send(none);
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.headers.Get("WWW-Authenticate"), "Bearer");
  none.target = "no/such/path";
  EXPECT_EQ(Send(none).status, 401);
  for (std::string given : {"Bearer wrong", "Bearer ", "Basic 0123456789abcdef"}) {
    http::Request wrong = Request("GET", "dags");
    wrong.headers.Set("Authorization", given);
    EXPECT_EQ(Send(wrong).status, 401) << given;
  }
  EXPECT_EQ(Get("dags").status, 200);
  for (std::string open : {"monitor/health", "version"}) {
    http::Request request{.method = "GET", .target = open, .headers = {}, .body = ""};
    EXPECT_EQ(Send(request).status, 200) << open;
  }
}

TEST_F(ApiTest, OnlyOurHostsAndOriginsAreServed) {
  Start();
  auto status = [&](std::string host, std::string origin) {
    http::Request request = Request("GET", "dags");
    request.headers.Set("Host", std::move(host));
    if (!origin.empty())
      request.headers.Set("Origin", std::move(origin));
    return Send(request).status;
  };
  EXPECT_EQ(status("localhost:1234", ""), 200);
  EXPECT_EQ(status("LOCALHOST", ""), 200);
  EXPECT_EQ(status("[::1]:8080", ""), 200);
  EXPECT_EQ(status("box.example", "http://box.example:80"), 200);
  EXPECT_EQ(status("box.example:80", "http://box.example"), 200);
  EXPECT_EQ(status("box.example", "https://box.example"), 403) << "another server's page";
  EXPECT_EQ(status("box.example:443", "http://box.example"), 403);
  EXPECT_EQ(status("localhost:8080", "http://localhost:8080"), 200);
  EXPECT_EQ(status("evil.example", ""), 403);
  EXPECT_EQ(status("127.0.0.1.evil.example:8080", ""), 403);
  EXPECT_EQ(status("localhost:8080", "http://localhost:9090"), 403);
  EXPECT_EQ(status("localhost:8080", "http://evil.example"), 403);
  EXPECT_EQ(status("localhost:8080", "null"), 403);
}

TEST_F(ApiTest, BehindAProxyTheOriginIsWhatTheBrowserAsked) {
  proxies_ = {*base::ParseIpNetwork("127.0.0.1")};
  Start();
  auto status = [&](std::string proto, std::string host, std::string origin) {
    http::Request request = Request("GET", "dags");
    request.headers.Set("X-Forwarded-Proto", std::move(proto));
    request.headers.Set("X-Forwarded-Host", std::move(host));
    request.headers.Set("Origin", std::move(origin));
    return Send(request).status;
  };
  EXPECT_EQ(status("https", "box.example", "https://box.example"), 200);
  EXPECT_EQ(status("https", "box.example:443", "https://box.example"), 200);
  EXPECT_EQ(status("https", "box.example:8443", "https://box.example:8443"), 200);
  EXPECT_EQ(status("https", "box.example", "http://box.example"), 403);
  EXPECT_EQ(status("http", "box.example", "https://box.example"), 403);
  EXPECT_EQ(status("https", "box.example", "https://box.example:8443"), 403);
  EXPECT_EQ(status("https", "evil.example", "https://evil.example"), 403);
}

TEST_F(ApiTest, UnknownPathsAndMethodsAreTold) {
  Start();
  EXPECT_EQ(Get("nothing").status, 404);
  EXPECT_THAT(Get("nothing?a=b").detail(), HasSubstr("/api/v2/nothing"));
  Answer answer = Send(Request("PUT", "dags/spark"));
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.headers.Get("Allow"), "GET, HEAD, PATCH, DELETE");
  EXPECT_EQ(Get("dags/none").status, 404);
  EXPECT_EQ(Get("dags/none/dagRuns").status, 404);
  EXPECT_EQ(Get("dags/spark/dagRuns/none").status, 404);
  EXPECT_EQ(Get("dags/spark/dagRuns/none/taskInstances").status, 404);
  EXPECT_EQ(Get("dags/spark/dagRuns/none/attempts").status, 404);
  EXPECT_EQ(Get("clusters/j-NONE").status, 404);
  EXPECT_EQ(Post("dags/none/dagRuns", R"({"logical_date": null})").status, 404);
  EXPECT_EQ(Patch("dags/none", R"({"is_paused": true})").status, 404);
}

TEST_F(ApiTest, WrongInputIsRefusedWithoutAnEffect) {
  Start();
  EXPECT_EQ(Post("dags/empty/dagRuns", "{").status, 422);
  EXPECT_EQ(Post("dags/empty/dagRuns", "[]").status, 422);
  EXPECT_EQ(Post("dags/empty/dagRuns", R"({"logical_date": null, "conf": 1})").status, 422);
  EXPECT_EQ(Post("dags/empty/dagRuns", R"({"logical_date": null, "dag_run_id": "a/b"})").status,
            422);
  EXPECT_EQ(Post("dags/empty/dagRuns", R"({"logical_date": "soon"})").status, 422);
  Answer unknown = Post("dags/empty/dagRuns", R"({"run_idd": "x"})");
  EXPECT_EQ(unknown.status, 422);
  EXPECT_THAT(unknown.detail(), HasSubstr("'run_idd'"));
  Answer later = Post("dags/empty/dagRuns", R"({"partition_key": "hello"})");
  EXPECT_THAT(later.detail(), HasSubstr("not supported yet"));
  EXPECT_EQ(Patch("dags/empty", R"({"is_paused": "yes"})").status, 422);
  http::Request form = Request("POST", "dags/empty/dagRuns", "{}");
  form.headers.Set("Content-Type", "text/plain");
  EXPECT_EQ(Send(form).status, 415);
  http::Request packed = Request("POST", "dags/empty/dagRuns", "{}");
  packed.headers.Set("Content-Encoding", "gzip");
  const Answer unread = Send(packed);
  EXPECT_EQ(unread.status, 415);
  EXPECT_EQ(unread.headers.Get("Accept-Encoding"), "identity");
  EXPECT_EQ(Get("dags?limit=-1").status, 422);
  EXPECT_EQ(Get("dags?paused=maybe").status, 422);
  EXPECT_EQ(Get("dags/~/dagRuns?state=odd").status, 422);
  const Answer order = Get("dags/~/dagRuns?order_by=odd");
  EXPECT_EQ(order.status, 400);
  EXPECT_THAT(order.detail(), HasSubstr("known: id, dag_id,"));
  EXPECT_EQ(Get("dags?order_by=odd").status, 400);
  EXPECT_EQ(Get("dags/~/dagRuns?logical_date_gte=soon").status, 422);
  EXPECT_EQ(Get("dags/~/dagRuns?updated_at_gte=2026-01-01").status, 422);
  EXPECT_EQ(Get("dags/~/dagRuns?run_type=odd").status, 422);
  EXPECT_EQ(Get("dags?paused=true&paused=false").status, 422);
  EXPECT_EQ(Send(Request("DELETE", "pools/clusters")).status, 501);
  EXPECT_EQ(base::GetInt(Get("dags/~/dagRuns").body, "total_entries", -1), 0);
}

TEST_F(ApiTest, RunsArePagedFilteredAndOrdered) {
  Start();
  for (std::string run : {"b", "a", "c"})
    RunToEnd("empty", run);
  auto ids = [&](const std::string& query) {
    return Column(Get("dags/~/dagRuns" + query).body, "dag_runs", "dag_run_id");
  };
  EXPECT_THAT(ids(""), ElementsAre("c", "a", "b"));
  EXPECT_THAT(ids("?limit=1&offset=1"), ElementsAre("a"));
  EXPECT_THAT(ids("?offset=9"), IsEmpty());
  EXPECT_THAT(ids("?order_by=id"), ElementsAre("b", "a", "c"));
  EXPECT_THAT(ids("?order_by=dag_run_id&limit=2"), ElementsAre("a", "b"));
  EXPECT_THAT(ids("?order_by=state&order_by=-run_id"), ElementsAre("c", "b", "a"));
  EXPECT_THAT(ids("?order_by=-run_after"), ElementsAre("c", "a", "b"));
  EXPECT_THAT(ids("?state=success&state=failed"), ElementsAre("c", "a", "b"));
  EXPECT_THAT(ids("?state=running"), IsEmpty());
  EXPECT_EQ(base::GetInt(Get("dags/empty/dagRuns?limit=1").body, "total_entries"), 3);
  EXPECT_EQ(base::GetInt(Get("dags/spark/dagRuns").body, "total_entries"), 0);
}

// A list's items by `next_cursor` from the first page on, then back by `previous_cursor`.
TEST_F(ApiTest, ListsArePagedByCursorsAsInAirflow) {
  Start();
  for (std::string run : {"b", "a", "c", "e", "d"})
    RunToEnd("empty", run);
  RunToEnd("spark", "f");
  const auto walk = [&](const std::string& list, std::string_view array, std::string_view member) {
    std::vector<std::string> there, back;
    std::string cursor, last;
    for (Answer page = Get(base::Cat(list, "&cursor=")); page.status == 200;
         page = Get(base::Cat(list, "&cursor=", cursor))) {
      EXPECT_TRUE(page.body.at("total_entries").is_null());
      for (const std::string& item : Column(page.body, array, member))
        there.push_back(item);
      last = base::GetString(page.body, "previous_cursor");
      cursor = base::GetString(page.body, "next_cursor");
      if (cursor.empty())
        break;
    }
    while (!last.empty()) {
      const Answer page = Get(base::Cat(list, "&cursor=", last));
      std::vector<std::string> items = Column(page.body, array, member);
      back.insert(back.begin(), items.begin(), items.end());
      EXPECT_FALSE(base::GetString(page.body, "next_cursor").empty());
      last = base::GetString(page.body, "previous_cursor");
    }
    EXPECT_THAT(back,
                ::testing::ElementsAreArray(
                    there.begin(), there.begin() + static_cast<std::ptrdiff_t>(back.size())));
    EXPECT_FALSE(back.empty());
    return there;
  };
  EXPECT_THAT(walk("dags/~/dagRuns?limit=2&order_by=dag_run_id", "dag_runs", "dag_run_id"),
              ElementsAre("a", "b", "c", "d", "e", "f"));
  EXPECT_THAT(walk("dags/empty/dagRuns?limit=2", "dag_runs", "dag_run_id"),
              ElementsAre("d", "e", "c", "a", "b"));
  EXPECT_THAT(walk("dags/~/dagRuns/~/taskInstances?limit=3", "task_instances", "dag_run_id"),
              ElementsAre("f", "f", "f", "f", "f", "d", "e", "c", "a", "b"));
  EXPECT_THAT(walk("dags/spark/dagRuns/f/taskInstances?limit=2", "task_instances", "job_id"),
              ElementsAre("train", "train", "train", "train", "publish"));
  EXPECT_EQ(walk("clusters?limit=1", "clusters", "cluster_id").size(), 2u);
  EXPECT_THAT(walk("dags?limit=1", "dags", "dag_id"), ElementsAre("empty", "spark"));
}

TEST_F(ApiTest, PagesFarAwayAreAskedForByCursor) {
  Start();
  RunToEnd("empty", "one");
  for (const std::string list :
       {"dags", "dags/~/dagRuns", "dags/~/dagRuns/~/taskInstances", "clusters", "importErrors"}) {
    EXPECT_EQ(Get(list + "?offset=10000").status, 200) << list;
    const Answer far = Get(list + "?offset=10001");
    EXPECT_EQ(far.status, 400) << list;
    EXPECT_THAT(far.detail(), HasSubstr("'cursor'")) << list;
    EXPECT_EQ(Get(list + "?cursor=odd").status, 400) << list;
    EXPECT_EQ(Get(list).body.at("total_entries_limited"), json::value(false)) << list;
  }
  const std::string cluster_cursor = "5b226a2d31225d";  // ["j-1"]
  EXPECT_EQ(Get("dags/~/dagRuns?cursor=" + cluster_cursor).status, 400);
  EXPECT_EQ(Get("dags/~/dagRuns/~/taskInstances?cursor=" + cluster_cursor).status, 400);
  EXPECT_EQ(Get("clusters?cursor=" + cluster_cursor).status, 404);
}

TEST_F(ApiTest, TaskInstancesOfAnyRunOrDagAreListed) {
  Start();
  RunToEnd("empty", "one");
  RunToEnd("spark", "one");
  RunToEnd("empty", "two");
  const auto rows = [&](const std::string& path) {
    const Answer answer = Get(path);
    EXPECT_EQ(answer.status, 200) << path << ": " << answer.detail();
    std::vector<std::string> out;
    for (const json::value& task : base::GetArray(answer.body, "task_instances"))
      out.push_back(base::Cat(base::GetString(task.get_object(), "dag_id"),
                              "/",
                              base::GetString(task.get_object(), "dag_run_id"),
                              "/",
                              base::GetString(task.get_object(), "task_id")));
    return out;
  };
  EXPECT_THAT(rows("dags/~/dagRuns/~/taskInstances"),
              ElementsAre("empty/two/only",
                          "spark/one/publish",
                          "spark/one/train_1.start_cluster",
                          "spark/one/train_1.wait_cluster_termination",
                          "spark/one/train_2.start_cluster",
                          "spark/one/train_2.wait_cluster_termination",
                          "empty/one/only"));
  EXPECT_THAT(rows("dags/~/dagRuns/~/taskInstances?limit=1&offset=6"),
              ElementsAre("empty/one/only"));
  EXPECT_THAT(rows("dags/empty/dagRuns/~/taskInstances"),
              ElementsAre("empty/two/only", "empty/one/only"));
  EXPECT_THAT(rows("dags/~/dagRuns/one/taskInstances?limit=1"), ElementsAre("spark/one/publish"));
  EXPECT_THAT(rows("dags/empty/dagRuns/~/taskInstances?state=failed"), IsEmpty());
  EXPECT_EQ(base::GetInt(Get("dags/~/dagRuns/~/taskInstances?state=success&limit=2").body,
                         "total_entries"),
            7);
  // The same as in the run's own list.
  const Answer all = Get("dags/empty/dagRuns/~/taskInstances?limit=1");
  const Answer own = Get("dags/empty/dagRuns/two/taskInstances");
  EXPECT_EQ(all.body.at("task_instances"), own.body.at("task_instances"));
  EXPECT_EQ(Get("dags/none/dagRuns/~/taskInstances").status, 404);
  EXPECT_EQ(Get("dags/~/dagRuns/none/taskInstances").status, 404);
  EXPECT_EQ(Get("dags/~/dagRuns/~/taskInstances?state=odd").status, 422);
}

TEST_F(ApiTest, ARunThatExistsIsAConflictEvenAfterItsEnd) {
  Start();
  RunToEnd("empty", "twice");
  Answer again = Post("dags/empty/dagRuns", R"({"dag_run_id": "twice", "logical_date": null})");
  EXPECT_EQ(again.status, 409);
  EXPECT_THAT(again.detail(), HasSubstr("'twice'"));
  std::string dated = R"({"logical_date": "2026-01-05T02:00:00Z", "conf": {"k": [1, "x"]}})";
  Answer first = Post("dags/empty/dagRuns", dated);
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(base::GetString(first.body, "dag_run_id"), "manual__2026-01-05T02:00:00+00:00");
  EXPECT_EQ(base::GetString(first.body, "logical_date"), "2026-01-05T02:00:00Z");
  EXPECT_EQ(json::serialize(first.body["conf"]), R"({"k":[1,"x"]})");
  EXPECT_EQ(Post("dags/empty/dagRuns", dated).status, 409);
}

TEST_F(ApiTest, ALogicalDateIsRequiredAndMayBeNull) {
  Start();
  Answer without = Post("dags/empty/dagRuns", R"({"dag_run_id": "r"})");
  EXPECT_EQ(without.status, 422);
  EXPECT_THAT(without.detail(), HasSubstr("'logical_date' is required; it may be null"));
  Answer null = Post("dags/empty/dagRuns", R"({"dag_run_id": "r", "logical_date": null})");
  EXPECT_EQ(null.status, 200);
  EXPECT_TRUE(null.body["logical_date"].is_null());
  EXPECT_EQ(null.body["data_interval_end"], null.body["run_after"]);
  EXPECT_TRUE(Get("dags/empty/dagRuns/r").body["logical_date"].is_null());
}

TEST_F(ApiTest, ATriggerMayBringItsDataInterval) {
  Start();
  Answer both = Post("dags/empty/dagRuns",
                     R"({"logical_date": null, "data_interval_start": "2026-01-04T00:00:00Z",
                         "data_interval_end": "2026-01-05T00:00:00Z"})");
  EXPECT_EQ(both.status, 200);
  EXPECT_EQ(base::GetString(both.body, "data_interval_start"), "2026-01-04T00:00:00Z");
  EXPECT_EQ(base::GetString(both.body, "data_interval_end"), "2026-01-05T00:00:00Z");
  for (const char* body :
       {R"({"logical_date": null, "data_interval_start": "2026-01-04T00:00:00Z"})",
        R"({"logical_date": null, "data_interval_end": "2026-01-04T00:00:00Z"})",
        R"({"logical_date": null, "data_interval_start": "2026-01-05T00:00:00Z",
            "data_interval_end": "2026-01-04T00:00:00Z"})",
        R"({"logical_date": null, "data_interval_start": 1, "data_interval_end": 2})",
        R"({"logical_date": null, "dag_run_id": "scheduled__2026-01-12T02:00:00+00:00"})"})
    EXPECT_EQ(Post("dags/empty/dagRuns", body).status, 422) << body;
}

TEST_F(ApiTest, HolesAreListed) {
  Start();
  Answer none = Get("dags/spark/holes");
  EXPECT_EQ(none.status, 200);
  EXPECT_EQ(base::GetInt(none.body, "total_entries"), 0);
  EXPECT_EQ(Get("dags/nope/holes").status, 404);
}

TEST_F(ApiTest, DagsAreListedAndDescribed) {
  Start();
  EXPECT_THAT(Column(Get("dags").body, "dags", "dag_id"), ElementsAre("empty", "spark"));
  EXPECT_THAT(Column(Get("dags?order_by=-dag_id&limit=1").body, "dags", "dag_id"),
              ElementsAre("spark"));
  EXPECT_THAT(Column(Get("dags?dag_id_pattern=PAR").body, "dags", "dag_id"), ElementsAre("spark"));
  EXPECT_THAT(Column(Get("dags?paused=true").body, "dags", "dag_id"), IsEmpty());
  Answer spark = Get("dags/spark");
  EXPECT_EQ(base::GetString(spark.body, "next_dagrun_run_after"), "2026-01-12T02:00:00Z");
  EXPECT_EQ(base::GetString(spark.body, "relative_fileloc"), "dags/spark.yaml");
  EXPECT_EQ(spark.body["owners"], json::value(json::array{"ml"}));
  Answer details = Get("dags/spark/details");
  EXPECT_EQ(base::GetString(details.body, "timezone"), "UTC");
  EXPECT_THAT(Column(details.body, "jobs", "display_name"),
              ElementsAre("train_1", "train_2", "publish"));
}

TEST_F(ApiTest, PausingADagTakesItsNextRunAway) {
  Start();
  Answer paused = Patch("dags/spark", R"({"is_paused": true})");
  EXPECT_EQ(paused.status, 200);
  EXPECT_TRUE(base::GetBool(paused.body, "is_paused"));
  EXPECT_TRUE(paused.body["next_dagrun_run_after"].is_null());
  EXPECT_THAT(Column(Get("dags?paused=true").body, "dags", "dag_id"), ElementsAre("spark"));
  EXPECT_FALSE(base::GetBool(Patch("dags/spark", R"({"is_paused": false})").body, "is_paused"));
}

TEST_F(ApiTest, ABrokenEditKeepsTheLastGoodVersion) {
  Start();
  std::string version = base::GetString(Get("dags/empty").body, "version");
  auto errors = [](int64_t count) {
    return [count](const Answer& answer) {
      return base::GetInt(answer.body, "total_entries", -1) == count;
    };
  };
  Write("dags/empty.yaml", "dag_id: empty\ntasks:\n  only: {type: empti}\n");
  Answer broken = GetUntil("importErrors", errors(1));
  EXPECT_EQ(Column(broken.body, "import_errors", "filename")[0], "dags/empty.yaml");
  EXPECT_THAT(Column(broken.body, "import_errors", "stack_trace")[0],
              HasSubstr("dags/empty.yaml:3:"));
  Answer kept = Get("dags/empty");
  EXPECT_EQ(base::GetString(kept.body, "version"), version);
  EXPECT_TRUE(base::GetBool(kept.body, "has_import_errors"));
  EXPECT_FALSE(base::GetBool(kept.body, "is_stale"));
  EXPECT_EQ(base::GetString(RunToEnd("empty", "meanwhile").body, "state"), "success");

  Write("dags/empty.yaml", "dag_id: empty\ntasks:\n  other: {type: empty}\n");
  GetUntil("importErrors", errors(0));
  GetUntil("dags/empty", [&](const Answer& answer) {
    return base::GetString(answer.body, "version") != version;
  });
  std::filesystem::remove(folder_ + "/dags/empty.yaml");
  GetUntil("dags/empty",
           [](const Answer& answer) { return base::GetBool(answer.body, "is_stale"); });
  EXPECT_THAT(Column(Get("dags").body, "dags", "dag_id"), ElementsAre("spark"));
}

TEST_F(ApiTest, HealthAndVersionHaveAirflowsShape) {
  Start();
  Answer health = Get("monitor/health");
  EXPECT_EQ(base::GetString(health.body, "metadatabase.status"), "healthy");
  EXPECT_EQ(base::GetString(health.body, "scheduler.status"), "healthy");
  EXPECT_THAT(base::GetString(health.body, "scheduler.latest_scheduler_heartbeat"),
              HasSubstr("2026-01-05T"));
  EXPECT_EQ(base::GetString(Get("version").body, "version"), "9.9");
}

}  // namespace
}  // namespace api::testing
