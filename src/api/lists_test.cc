// Filters and orders of lists, what is asked by a body, what is done to many at once, and the table
// of routes as a document.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

#include "api/router.h"
#include "api/test_support.h"
#include "base/json_text.h"

namespace api::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ListsTest : public ApiTest {
 protected:
  std::vector<std::string> Column(const Answer& answer,
                                  std::string_view array,
                                  std::string_view member) {
    EXPECT_EQ(answer.status, 200) << answer.detail();
    std::vector<std::string> values;
    for (const json::value& item : base::GetArray(answer.body, array))
      values.push_back(base::GetString(item.get_object(), member));
    return values;
  }
  std::vector<std::string> Dags(const std::string& query) {
    return Column(Get("dags?" + query), "dags", "dag_id");
  }
  std::vector<std::string> Runs(const std::string& query) {
    return Column(Get("dags/~/dagRuns?" + query), "dag_runs", "dag_run_id");
  }
  std::vector<std::string> Tasks(const std::string& query) {
    return Column(Get("dags/~/dagRuns/~/taskInstances?" + query), "task_instances", "task_id");
  }
};

TEST_F(ListsTest, TheNextTicksOfADagLeaveOutWhatItsCalendarsDo) {
  Write("dags/other.yaml",
        "dag_id: other\nschedule: '0 2 * * 1'\nblackout: [{from: 2026-01-12, to: 2026-01-13}]\n"
        "tasks: {a: {type: empty}}\n");
  Start();
  const auto ticks = [&](const std::string& path) {
    return Column(Get(path), "ticks", "logical_date");
  };
  EXPECT_THAT(ticks("dags/spark/nextTicks?limit=2"),
              ElementsAre("2026-01-12T02:00:00Z", "2026-01-19T02:00:00Z"));
  EXPECT_THAT(ticks("dags/other/nextTicks?limit=2"),
              ElementsAre("2026-01-19T02:00:00Z", "2026-01-26T02:00:00Z"))
      << "also while it is paused";
  EXPECT_EQ(ticks("dags/spark/nextTicks").size(), 20u);
  EXPECT_THAT(ticks("dags/empty/nextTicks"), IsEmpty());
  EXPECT_EQ(Get("dags/nobody/nextTicks").status, 404);
}

TEST_F(ListsTest, RecentRunsAreThoseOfEachDagHoweverManyAnotherHas) {
  Start();
  RunToEnd("spark", "only");
  for (const char* run : {"a", "b", "c"})
    RunToEnd("empty", run);
  const auto runs = [&](const std::string& query) {
    return Column(Get("dags/~/recentRuns" + query), "dag_runs", "dag_run_id");
  };
  EXPECT_THAT(runs("?limit=2"), ElementsAre("c", "b", "only"));
  EXPECT_EQ(runs("").size(), 4u);
}

TEST_F(ListsTest, DagsAreFilteredAndOrderedByWhatTheySay) {
  Write("dags/other.yaml",
        "dag_id: other\ntags: [demo, night]\nowner: bi\ntasks: {a: {type: empty}}\n");
  Write("dags/broken.yaml", "dag_id: broken\ntasks: {a: {type: emty}}\n");
  Start();
  EXPECT_THAT(Dags("tags=demo&tags=night"), ElementsAre("other", "spark"));
  EXPECT_THAT(Dags("tags=demo&tags=night&tags_match_mode=all"), ElementsAre("other"));
  EXPECT_THAT(Dags("owners=ml&owners=nobody"), ElementsAre("spark"));
  EXPECT_THAT(Dags("paused=true"), ElementsAre("other"));
  EXPECT_THAT(Dags("dag_id_pattern=PAR|oth"), ElementsAre("other", "spark"));
  EXPECT_THAT(Dags("dag_id_prefix_pattern=Spa"), IsEmpty());
  EXPECT_THAT(Dags("dag_id_prefix_pattern=spa"), ElementsAre("spark"));
  EXPECT_THAT(Dags("dag_id_pattern=~&order_by=-dag_id"), ElementsAre("spark", "other", "empty"));
  EXPECT_THAT(Dags("has_asset_schedule=true"), IsEmpty());
  EXPECT_THAT(Dags("last_dag_run_state=success"), IsEmpty());
  RunToEnd("empty", "one");
  EXPECT_THAT(Dags("last_dag_run_state=success"), ElementsAre("empty"));
  EXPECT_THAT(Dags("order_by=-last_run_state"), ElementsAre("empty", "other", "spark"));
  EXPECT_EQ(Get("dags?tags_match_mode=some").status, 422);
  EXPECT_TRUE(Get("dags/spark").body.at("is_backfillable").as_bool());
  EXPECT_FALSE(Get("dags/empty").body.at("is_backfillable").as_bool());
  EXPECT_EQ(Get("dags?last_dag_run_state=odd").status, 422);
  EXPECT_THAT(Column(Get("importErrors?filename_pattern=brok"), "import_errors", "filename"),
              ElementsAre("dags/broken.yaml"));
  EXPECT_EQ(Get("importErrors/2").status, 404);
}

TEST_F(ListsTest, PoolsVersionsAndBackfillsAreFilteredAndOrdered) {
  Start();
  const auto pools = [&](const std::string& query) {
    return Column(Get("pools?" + query), "pools", "name");
  };
  EXPECT_THAT(pools("order_by=-name"), ElementsAre("default_pool", "clusters"));
  EXPECT_THAT(pools("order_by=slots"), ElementsAre("clusters", "default_pool"));
  EXPECT_THAT(pools("pool_name_pattern=CLUST"), ElementsAre("clusters"));
  EXPECT_EQ(base::GetInt(Get("dags/spark/dagVersions?version_number=2").body, "total_entries", -1),
            0);
  EXPECT_EQ(base::GetInt(Get("dags/spark/dagVersions?version_number=1").body, "total_entries"), 1);
  for (const std::string list : {"pools", "dags/spark/dagVersions", "backfills", "dagTags", "jobs"})
    EXPECT_EQ(Get(list + "?order_by=odd").status, list == "jobs" ? 422 : 400) << list;
  for (const std::string day : {"2020-02-10", "2020-02-17"}) {
    const Answer made = Post("backfills",
                             base::Cat(R"({"dag_id":"spark","from_date":")",
                                       day,
                                       R"(T02:00:00Z","to_date":")",
                                       day,
                                       R"(T02:00:00Z"})"));
    // A DAG has one at a time.
    const std::string cancel = base::Cat("backfills/", base::GetInt(made.body, "id"), "/cancel");
    EXPECT_EQ(Send(Request("PUT", cancel)).status, 200);
  }
  const auto backfills = [&](const std::string& query) {
    std::vector<int64_t> ids;
    const Answer answer = Get("backfills?" + query);
    for (const json::value& row : base::GetArray(answer.body, "backfills"))
      ids.push_back(row.at("id").as_int64());
    return ids;
  };
  const auto newest = backfills("order_by=-id");
  EXPECT_EQ(newest.size(), 2u);
  EXPECT_EQ(newest, backfills(""));
  EXPECT_EQ(backfills("order_by=id"), std::vector(newest.rbegin(), newest.rend()));
}

TEST_F(ListsTest, RunsAndTasksAreAskedByTheQueryAndByABody) {
  Start();
  const std::string before = base::GetString(Get("monitor/health").body, "now");
  RunToEnd("empty", "one");
  RunToEnd("spark", "two");
  EXPECT_THAT(Runs("run_type=scheduled"), IsEmpty());
  EXPECT_THAT(Runs("run_after_gte=" + before), ElementsAre("two", "one"));
  EXPECT_THAT(Runs("run_after_lt=" + before), IsEmpty());
  EXPECT_THAT(Runs("dag_ids=empty&dag_ids=none"), ElementsAre("one"));
  EXPECT_THAT(Runs("order_by=duration"), ElementsAre("one", "two"));
  EXPECT_THAT(Runs("run_id_pattern=_w_"), ElementsAre("two"));
  EXPECT_THAT(Tasks("task_id=only"), ElementsAre("only"));
  EXPECT_THAT(Tasks("task_id=train"), IsEmpty());
  EXPECT_THAT(Tasks("task_id=train_1.start_cluster&task_id=publish&order_by=-end_date"),
              ElementsAre("publish", "train_1.start_cluster"));
  EXPECT_THAT(Column(Get("dags/spark/dagRuns/two/taskInstances?order_by=-task_id&limit=2"),
                     "task_instances",
                     "task_id"),
              ElementsAre("train_2.start_cluster", "train_2.wait_cluster_termination"));
  const Answer runs = Post("dags/~/dagRuns/list",
                           R"({"dag_ids":["empty","spark"],"states":["success"],)"
                           R"("order_by":"-dag_id","page_limit":1,"duration_gte":0.0})");
  EXPECT_THAT(Column(runs, "dag_runs", "dag_run_id"), ElementsAre("two"));
  EXPECT_EQ(base::GetInt(runs.body, "total_entries"), 2);
  const Answer tasks =
      Post("dags/~/dagRuns/~/taskInstances/list",
           R"({"dag_run_ids":["two"],"task_ids":["publish"],"state":["success"]})");
  EXPECT_THAT(Column(tasks, "task_instances", "task_id"), ElementsAre("publish"));
  EXPECT_EQ(Post("dags/~/dagRuns/list", R"({"dag_ids":[{}]})").status, 422);
  EXPECT_EQ(Post("dags/~/dagRuns/list", R"({"conf_contains":"x"})").status, 422);
  EXPECT_EQ(Post("dags/~/dagRuns/list", R"({"page_limit":-1})").status, 422);
  EXPECT_EQ(Post("dags/~/dagRuns/list", R"({"order_by":"odd"})").status, 400);
  EXPECT_THAT(
      Column(Get("eventLogs?run_id=two&event=success&task_id=publish"), "event_logs", "event"),
      ElementsAre("success"));
  const Answer newest = Get("eventLogs?order_by=-when&limit=2&offset=1");
  const auto& events = base::GetArray(newest.body, "event_logs");
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].at("event_log_id").as_int64(), events[1].at("event_log_id").as_int64() + 1);
  EXPECT_EQ(base::GetInt(Get("dagStats?dag_ids=spark").body, "total_entries"), 1);
}

TEST_F(ListsTest, FiltersAreBounded) {
  Start();
  RunToEnd("empty", "one");
  const auto many = [](std::string_view name, size_t count) {
    std::string query;
    for (size_t i = 0; i < count; ++i)
      query += base::Cat("&", name, "=x");
    return query;
  };
  EXPECT_THAT(Runs(many("dag_ids", 1000)), IsEmpty());
  EXPECT_EQ(Get("dags/~/dagRuns?" + many("dag_ids", 1001)).status, 422);
  EXPECT_THAT(Runs("run_id_pattern=" + std::string(99, '|')), ElementsAre("one"));
  EXPECT_EQ(Get("dags/~/dagRuns?run_id_pattern=" + std::string(100, '|')).status, 422);
  EXPECT_THAT(Tasks("task_id=" + std::string(499, '_')), IsEmpty());
  EXPECT_EQ(Get("dags/~/dagRuns/~/taskInstances?task_id=" + std::string(500, '_')).status, 422);
}

// Its request could not be made: there was no cluster to wait for.
TEST_F(ListsTest, OfATryWithoutAClusterTheLaterTasksNeverBegan) {
  Write("dags/odd.yaml", R"(
dag_id: odd
is_paused_upon_creation: false
params: {k: 0}
tasks:
  work:
    cluster: small
    pool: clusters
    steps: [{name: w, spark_submit: {application: s3://b/w.py, args: ["{{ 1 // (try_number - params.k) }}"]}}]
)");
  Start();
  const std::string run = "dags/odd/dagRuns/r";
  Post("dags/odd/dagRuns", R"({"dag_run_id":"r","logical_date":null,"conf":{"k":1}})");
  const auto ends_as = [](std::string_view state) {
    return [state](const Answer& answer) { return base::GetString(answer.body, "state") == state; };
  };
  GetUntil(run, ends_as("failed"));
  EXPECT_EQ(Post(run + "/clear", R"({"dry_run":false})").status, 200);
  GetUntil(run, ends_as("success"));
  EXPECT_THAT(
      Column(Get(run + "/taskInstances/work.start_cluster/tries"), "task_instances", "state"),
      ElementsAre("failed", "success"));
  EXPECT_THAT(Column(Get(run + "/taskInstances/work.wait_cluster_termination/tries"),
                     "task_instances",
                     "state"),
              ElementsAre("upstream_failed", "success"));
}

TEST_F(ListsTest, EachTryOfATaskIsShownWithItsLogAndItsLinks) {
  emulator::FaultPlan plan;
  plan.faults.push_back({.kind = emulator::FaultKind::kFailStep, .name = "*train_1 try 1*"});
  Start(std::move(plan));
  RunToEnd("spark", "r");
  const std::string task = "dags/spark/dagRuns/r/taskInstances/train_1.wait_cluster_termination";
  EXPECT_THAT(Column(Get(task + "/tries"), "task_instances", "state"),
              ElementsAre("failed", "success"));
  const std::string start = "dags/spark/dagRuns/r/taskInstances/train_1.start_cluster";
  EXPECT_THAT(Column(Get(start + "/tries"), "task_instances", "state"),
              ElementsAre("success", "success"));
  const Answer first = Get(task + "/tries/1");
  EXPECT_EQ(base::GetInt(first.body, "try_number"), 1);
  const std::string cluster = base::GetString(first.body, "cluster_id");
  EXPECT_NE(cluster, base::GetString(Get(task).body, "cluster_id"));
  for (const std::string n : {"1", "2"}) {
    const json::object request = base::GetObject(Get(task + "/tries/" + n).body, "request");
    EXPECT_THAT(base::GetString(request, "Name"), HasSubstr("train_1 try " + n));
  }
  EXPECT_EQ(Get(task + "/tries/3").status, 404);
  EXPECT_THAT(base::Serialize(Get(task + "/links?try_number=1").body), HasSubstr(cluster));
  EXPECT_EQ(base::GetString(Get(task + "/externalLogUrl/1").body, "url"),
            base::Cat("https://console.aws.amazon.com/s3/buckets/example?region=us-east-1&prefix="
                      "logs%2F",
                      cluster,
                      "%2F"));
  EXPECT_THAT(base::Serialize(Get(task + "/logs/1").body), HasSubstr("try 1 ended: application"));
  EXPECT_EQ(Get(task + "/logs/9").status, 404);
  EXPECT_EQ(Get("dags/spark/dagRuns/r/taskInstances/publish/externalLogUrl/1").status, 404);
  EXPECT_TRUE(
      Get("dags/spark/dagRuns/r/taskInstances/publish/tries/1").body.at("request").is_null());
  EXPECT_EQ(base::GetInt(
                Get("dags/spark/dagRuns/r/taskInstances/publish/links").body, "total_entries", -1),
            0);
}

TEST_F(ListsTest, WhatIsAskedForManyIsDoneToEachThatAllowsIt) {
  Start();
  RunToEnd("empty", "one");
  const Answer changed =
      Patch("dags/~/dagRuns",
            R"({"actions":[{"action":"update","entities":[)"
            R"({"dag_id":"empty","dag_run_id":"one","state":"failed"},)"
            R"({"dag_id":"empty","dag_run_id":"none","state":"failed"},)"
            R"({"dag_id":"empty","dag_run_id":"one","stat":"failed"}]},)"
            R"({"action":"delete","entities":[{"dag_id":"empty","dag_run_id":"none"}]},)"
            R"({"action":"create","entities":["one"]}]})");
  ASSERT_EQ(changed.status, 200) << changed.detail();
  const json::object& updated = changed.body.at("update").get_object();
  EXPECT_EQ(updated.at("success"), json::value(json::array{"empty.one"}));
  std::vector<int64_t> refusals;
  for (const json::value& error : updated.at("errors").get_array())
    refusals.push_back(error.at("status_code").as_int64());
  EXPECT_THAT(refusals, ElementsAre(404, 422));
  EXPECT_EQ(changed.body.at("delete").at("errors").at(0).at("status_code").as_int64(), 404);
  EXPECT_EQ(changed.body.at("create").at("errors").at(0).at("status_code").as_int64(), 501);
  EXPECT_EQ(base::GetString(Get("dags/empty/dagRuns/one").body, "state"), "failed");
  EXPECT_EQ(Patch("dags/~/dagRuns", R"({"actions":[{"action":"odd","entities":[]}]})").status, 422);
  EXPECT_EQ(Patch("dags/~/dagRuns", R"({"actions":[{"action":"update","entities":[{}]}]})").status,
            422);
  const Answer paused = Patch("dags?tags=demo", R"({"is_paused":true})");
  EXPECT_THAT(Column(paused, "dags", "dag_id"), ElementsAre("spark"));
  EXPECT_THAT(Dags("paused=true"), ElementsAre("spark"));
  EXPECT_EQ(Patch("dags/empty?update_mask=is_paused", R"({"is_paused":false})").status, 200);
  EXPECT_EQ(Patch("dags/empty?update_mask=odd", R"({"is_paused":false})").status, 400);
}

TEST_F(ListsTest, AWaitTellsTheStateUntilTheRunHasEnded) {
  Start();
  EXPECT_EQ(Get("dags/empty/dagRuns/none/wait?interval=1").status, 404);
  EXPECT_EQ(Get("dags/empty/dagRuns/none/wait").status, 422);
  Post("dags/spark/dagRuns", R"({"dag_run_id": "r", "logical_date": null})");
  std::string text;
  client_.Send(
      url_, Request("GET", "/api/v2/dags/spark/dagRuns/r/wait?interval=0.1"), {}, [&](auto got) {
        if (got) {
          EXPECT_EQ(got->headers.Get("Content-Type"), "application/x-ndjson");
          text = got->body;
        }
        loop_.Stop();
      });
  loop_.Run();
  EXPECT_TRUE(text.ends_with("{\"state\":\"success\"}\n")) << text;
  EXPECT_THAT(text, HasSubstr("{\"state\":\"running\"}\n"));
}

// The server goes while somebody waits: nothing that is due later may touch what is gone.
TEST_F(ListsTest, AWaitThatIsCutShortLeavesNothingBehind) {
  Write("dags/held.yaml", "dag_id: held\ntasks: {a: {type: empty}}\n");
  Start();
  Post("dags/held/dagRuns", R"({"dag_run_id": "r", "logical_date": null})");
  client_.Send(
      url_, Request("GET", "/api/v2/dags/held/dagRuns/r/wait?interval=0.1"), {}, [](auto) {});
  http::Timer begun = loop_.After(base::milliseconds(150), [&] { loop_.Stop(); });
  loop_.Run();
  StopServer();
  http::Timer later = loop_.After(base::milliseconds(300), [&] { loop_.Stop(); });
  loop_.Run();
  StartServer();
  EXPECT_EQ(base::GetString(Get("dags/held/dagRuns/r").body, "state"), "queued");
}

TEST_F(ListsTest, WhatIsAbsentSaysSoWhateverIsSent) {
  Start();
  for (const Route& route : AbsentRoutes()) {
    std::string path = PathOf(route).substr(std::string_view("/api/v2/").size());
    Answer answer = Send(Request(std::string(route.method), path + "?anything=1"));
    EXPECT_EQ(answer.status, 501) << path;
    EXPECT_TRUE(answer.detail().starts_with("Signalbox has no ") ||
                answer.detail().find("not built yet") != std::string::npos)
        << answer.detail();
  }
  for (const auto& [path, status] :
       {std::pair("auth/login", 501), {"connections/enqueue-test", 401}}) {
    http::Request stranger = Request("GET", path);
    stranger.headers.Remove("Authorization");
    EXPECT_EQ(Send(stranger).status, status) << path;
  }
}

TEST_F(ListsTest, TheDocumentOfTheApiHasEveryRoute) {
  Start();
  const json::object document = Get("openapi.json").body;
  EXPECT_EQ(base::GetString(document, "openapi"), "3.1.0");
  const json::object& paths = document.at("paths").get_object();
  std::set<std::string> ids;
  size_t operations = 0;
  for (const auto& path : paths)
    operations += path.value().get_object().size();
  EXPECT_EQ(operations, Routes().size());
  for (const Route& route : Routes()) {
    const json::value* path = paths.if_contains(PathOf(route));
    ASSERT_NE(path, nullptr) << PathOf(route);
    const json::object& operation = path->get_object().at(base::ToLower(route.method)).get_object();
    EXPECT_TRUE(ids.insert(base::GetString(operation, "operationId")).second) << PathOf(route);
    EXPECT_EQ(operation.contains("requestBody"),
              route.body.has_value() || !route.form_field.empty());
    const auto named = std::ranges::count(PathOf(route), '{');
    EXPECT_EQ(base::GetArray(operation, "parameters").size(),
              route.params.size() + static_cast<size_t>(named));
    EXPECT_TRUE(operation.at("responses")
                    .get_object()
                    .contains(route.IsAbsent() ? "501" : base::Cat(route.success)));
  }
}

}  // namespace
}  // namespace api::testing
