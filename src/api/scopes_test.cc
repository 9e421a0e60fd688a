// Two teams in one deployment: neither sees of the other what it asks for, on any resource.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/test_support.h"

namespace api::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kTeam[] = R"(
dag_id: TEAM_etl
tags: [TEAM]
is_paused_upon_creation: false
schedule: "0 2 * * 1"
start_date: 2020-01-01
default_args: {pool: clusters}
tasks:
  make:
    cluster: small
    outlets: [{name: TEAM_table, uri: "s3://example/TEAM"}]
    steps: [{name: make, spark_submit: {application: s3://example/make.py}}]
  done: {type: empty, depends_on: [make]}
)";

class Scopes : public ApiTest {
 protected:
  void StartTeams() {
    for (const char* team : {"red", "blue"})
      Write(base::Cat("dags/", team, ".yaml"), base::ReplaceAll(kTeam, "TEAM", team));
    Write("dags/broken.yaml", "dag_id: [");
    Start();
    red_ = TokenFor("red", R"("role":"operator","scopes":["tag:red"])");
    blue_ = TokenFor("blue", R"("role":"operator","scopes":["dag:blue_*"])");
    RunToEnd("red_etl", "r1");
    RunToEnd("blue_etl", "b1");
  }

  std::string TokenFor(const std::string& user, const std::string& more) {
    const Answer made =
        Post("users", base::Cat(R"({"name":")", user, R"(","without_password":true,)", more, "}"));
    EXPECT_EQ(made.status, 201) << made.detail();
    const Answer token = Post("tokens", base::Cat(R"({"name":"t","user":")", user, R"("})"));
    EXPECT_EQ(token.status, 201) << token.detail();
    return base::GetString(token.body, "token");
  }

  Answer As(const std::string& token,
            const std::string& method,
            const std::string& target,
            const std::string& body = "") {
    http::Request request = Request(method, target, body);
    request.headers.Set("Authorization", base::Cat("Bearer ", token));
    return Send(std::move(request));
  }
  Answer GetAs(const std::string& token, const std::string& target) {
    return As(token, "GET", target);
  }

  std::string red_, blue_;
};

TEST_F(Scopes, I13_ListsShowWhatMayBeSeenAndCountIt) {
  StartTeams();
  const std::vector<std::pair<std::string, std::string>> lists{
      {"dags", "dags"},
      {"dagTags", "tags"},
      {"dagStats", "dags"},
      {"dags/~/dagRuns", "dag_runs"},
      {"dags/~/dagRuns/~/taskInstances", "task_instances"},
      {"clusters", "clusters"},
      {"assets", "assets"},
      {"assets/events", "asset_events"},
      {"eventLogs?limit=1000", "event_logs"}};
  for (const auto& [path, member] : lists) {
    const Answer all = Get(path), red = GetAs(red_, path), blue = GetAs(blue_, path);
    ASSERT_EQ(red.status, 200) << path << red.detail();
    EXPECT_FALSE(base::GetArray(red.body, member).empty()) << path;
    EXPECT_LT(base::GetArray(red.body, member).size(), base::GetArray(all.body, member).size())
        << path;
    const std::string text = json::serialize(red.body);
    EXPECT_THAT(text, Not(HasSubstr("blue"))) << path;
    EXPECT_THAT(json::serialize(blue.body), Not(HasSubstr("red_etl"))) << path;
    if (red.body.contains("total_entries"))
      EXPECT_EQ(base::GetInt(red.body, "total_entries"),
                std::ssize(base::GetArray(red.body, member)))
          << path;
  }
  EXPECT_EQ(base::GetInt(GetAs(red_, "dags").body, "total_entries"), 1);
  for (const char* path : {"history?limit=1000",
                           "backfills",
                           "holds",
                           "deadlines",
                           "deadlines/past",
                           "forecast",
                           "importErrors",
                           "dagWarnings",
                           "orphans",
                           "spend",
                           "map/layout",
                           "assets/aliases"}) {
    const Answer red = GetAs(red_, path);
    EXPECT_EQ(red.status, 200) << path << red.detail();
    EXPECT_THAT(json::serialize(red.body), Not(HasSubstr("blue"))) << path;
  }
  // A page is full, and its cursor leads on within what may be seen.
  const Answer page = GetAs(red_, "dags/~/dagRuns/~/taskInstances?limit=1&cursor=");
  EXPECT_EQ(base::GetArray(page.body, "task_instances").size(), 1U);
  EXPECT_GE(base::GetInt(Get("importErrors").body, "total_entries"), 1);
  EXPECT_EQ(base::GetInt(GetAs(red_, "importErrors").body, "total_entries"), 0);
}

TEST_F(Scopes, I13_AnotherTeamsDagIsNotThereOnAnyRoute) {
  StartTeams();
  size_t asked = 0;
  for (const Route& route : Routes()) {
    if (route.IsAbsent() || route.pattern.find("{dag_id}") == std::string_view::npos)
      continue;
    for (const auto& [mark, dag] : {std::pair("blue_etl", "b1"), std::pair("no_dag", "b1")}) {
      std::string path(route.pattern);
      path = base::ReplaceAll(path, "{dag_id}", mark);
      path = base::ReplaceAll(path, "{dag_run_id}", dag);
      path = base::ReplaceAll(path, "{task_id}", "make.start_cluster");
      path = base::ReplaceAll(path, "{try_number}", "1");
      path = base::ReplaceAll(path, "{map_index}", "-1");
      path = base::ReplaceAll(base::ReplaceAll(path, "{", ""), "}", "");
      const Answer answer = As(red_, std::string(route.method), path, route.body ? "{}" : "");
      EXPECT_EQ(answer.status, RoleOf(route.access) > accounts::Role::kOperator ? 403 : 404)
          << route.method << " " << path;
      if (answer.status == 404)
        EXPECT_EQ(answer.detail(), base::Cat("there is no DAG '", mark, "'")) << path;
      ++asked;
    }
  }
  EXPECT_GT(asked, 60U);
}

TEST_F(Scopes, I13_WhatIsNamedByAnotherIdIsNotThereEither) {
  StartTeams();
  const std::string cluster = base::GetString(
      base::GetArray(GetAs(blue_, "clusters").body, "clusters").at(0).get_object(), "cluster_id");
  const std::string asset = base::Cat(
      base::GetInt(base::GetArray(GetAs(blue_, "assets").body, "assets").at(0).get_object(), "id"));
  const std::string event = base::Cat(
      base::GetInt(base::GetArray(GetAs(blue_, "eventLogs").body, "event_logs").at(0).get_object(),
                   "event_log_id"));
  const Answer backfill = Post(
      "backfills",
      R"({"dag_id":"blue_etl","from_date":"2025-12-01T00:00:00Z","to_date":"2025-12-08T00:00:00Z"})");
  ASSERT_EQ(backfill.status, 200) << backfill.detail();
  const Answer hold = Post("holds", R"({"scope":"dag","target":"blue_etl"})");
  ASSERT_EQ(hold.status, 200) << hold.detail();
  const std::string made = base::Cat(base::GetInt(backfill.body, "id"));
  const std::string held = base::Cat(base::GetInt(hold.body, "id"));
  const std::vector<std::pair<std::string, std::string>> requests{
      {"GET", "clusters/" + cluster},
      {"POST", "clusters/" + cluster + "/terminate"},
      {"GET", "clusters?dag_id=blue_etl"},
      {"GET", "assets/" + asset},
      {"GET", "assets/" + asset + "/queuedEvents"},
      {"POST", "assets/" + asset + "/materialize"},
      {"GET", "eventLogs/" + event},
      {"GET", "backfills/" + made},
      {"GET", "backfills/" + made + "/ticks"},
      {"PUT", "backfills/" + made + "/pause"},
      {"PUT", "backfills/" + made + "/cancel"},
      {"POST", "holds/" + held + "/release"},
      {"GET", "backfills?dag_id=blue_etl"},
      {"GET", "spend?dag_id=blue_etl"},
      {"GET", "importErrors/1"},
      {"PUT", "parseDagFile/646167732f626c75652e79616d6c"}};
  for (const auto& [method, path] : requests) {
    const std::string body = method == "POST" ? "{}" : "";
    EXPECT_EQ(As(red_, method, path, body).status, 404) << method << " " << path;
    // So it is there for those who may see it.
    if (method == "GET" && !path.starts_with("importErrors"))
      EXPECT_EQ(GetAs(blue_, path).status, 200) << path;
  }
  const std::vector<std::pair<std::string, std::string>> bodies{
      {"backfills", R"({"dag_id":"blue_etl","from_date":"2025-01-01T00:00:00Z"})"},
      {"backfills/dry_run", R"({"dag_id":"blue_etl","from_date":"2025-01-01T00:00:00Z"})"},
      {"holds", R"({"scope":"dag","target":"blue_etl"})"},
      {"holds", R"({"scope":"job","target":"blue_etl/make"})"},
      {"dags/~/deactivate", R"({"dag_ids":["blue_etl"]})"}};
  for (const auto& [path, body] : bodies)
    EXPECT_EQ(As(red_, "POST", path, body).status, 404) << path << body;
  for (const char* body : {R"({"scope":"all"})",
                           R"({"scope":"pool","target":"clusters"})",
                           R"({"scope":"tag","target":"red"})"})
    EXPECT_EQ(As(red_, "POST", "holds", body).status, 403) << body;
  EXPECT_EQ(As(red_, "POST", "assets/events", R"({"asset_id":1})").status, 403);
  EXPECT_EQ(As(red_, "POST", "holds", R"({"scope":"dag","target":"red_etl"})").status, 200);
  EXPECT_EQ(base::GetInt(GetAs(blue_, "holds").body, "total_entries"), 1);
}

constexpr char kWaitedFor[] = R"(
dag_id: blue_lanes
tags: [blue]
schedule: "0 2 * * 1"
start_date: 2020-01-01
lanes: [{id: hidden}]
tasks:
  work: {type: empty}
)";
constexpr char kWaits[] = R"(
dag_id: red_late
tags: [red]
is_paused_upon_creation: false
schedule: "0 2 * * 1"
start_date: 2020-01-01
tasks:
  use: {type: empty, depends_on: ["blue_lanes/work[*]"]}
)";

TEST_F(Scopes, I13_HowAnotherTeamsJobStandsIsNotToldToWhoWaitsForIt) {
  Write("dags/blue_lanes.yaml", kWaitedFor);
  Write("dags/red_late.yaml", kWaits);
  StartTeams();
  ASSERT_EQ(Post("dags/red_late/dagRuns", R"({"dag_run_id":"w","logical_date":null})").status, 200);
  const std::string task = "dags/red_late/dagRuns/w/taskInstances/use";
  const Answer all = GetUntil(task, [](const Answer& answer) {
    return !base::GetArray(answer.body, "missing_upstream").empty();
  });
  EXPECT_THAT(json::serialize(all.body), HasSubstr("hidden"));
  EXPECT_THAT(json::serialize(all.body.at("blocked_by")), HasSubstr("is paused"));
  for (const std::string& path : {task,
                                  std::string("dags/red_late/dagRuns/w/taskInstances"),
                                  std::string("dags/~/dagRuns/~/taskInstances"),
                                  task + "/tries"}) {
    const std::string seen = json::serialize(GetAs(red_, path).body);
    EXPECT_THAT(seen, HasSubstr("red_late")) << path;
    EXPECT_THAT(seen, Not(HasSubstr("hidden"))) << path;
    EXPECT_THAT(seen, Not(HasSubstr("paused"))) << path;
  }
  const Answer red = GetAs(red_, task);
  const json::object& missing = red.body.at("missing_upstream").at(0).as_object();
  EXPECT_EQ(base::GetString(missing, "dag_id"), "blue_lanes") << "its own file names it";
  EXPECT_TRUE(missing.at("because").is_null());
  EXPECT_THAT(json::serialize(red.body.at("blocked_by")), HasSubstr("that you do not see"));
  // So what a change answers.
  const Answer marked = As(red_, "PATCH", task, R"({"note":"mine"})");
  ASSERT_EQ(marked.status, 200) << marked.detail();
  EXPECT_THAT(json::serialize(marked.body), Not(HasSubstr("hidden")));
}

TEST_F(Scopes, I13_NothingCountsWhatAnotherTeamsWorkDoes) {
  Write("signalbox.yaml",
        base::Cat(kProject,
                  "notifiers: {ops: {type: webhook, url: \"https://example.com/hook\"}}\n"
                  "notifications: [{on: [success], to: [ops]}]\n"));
  send_notice_ = [](const auto&, const auto&, const auto&, auto done) { done(std::nullopt); };
  StartTeams();
  GetUntil("notifiers", [](const Answer& answer) {
    return base::GetInt(answer.body.at("notifiers").at(0).as_object(), "sent") > 0;
  });
  const Answer notifiers = GetAs(red_, "notifiers");
  const json::object& ops = notifiers.body.at("notifiers").at(0).as_object();
  EXPECT_EQ(base::GetString(ops, "name"), "ops");
  for (const char* count : {"pending", "sent", "failed", "given_up", "last_success", "last_error"})
    EXPECT_TRUE(ops.at(count).is_null()) << count;
  // The history ends with what they see, however much goes on elsewhere.
  const int64_t before = base::GetInt(GetAs(red_, "history?limit=1000").body, "last_seq");
  RunToEnd("blue_etl", "b2");
  EXPECT_EQ(base::GetInt(GetAs(red_, "history?limit=1000").body, "last_seq"), before);
  EXPECT_GT(base::GetInt(Get("history?limit=1&order_by=-seq").body, "last_seq"), before);
}

TEST_F(Scopes, I13_ManyAtOnceChangeNothingThatIsNotSeen) {
  StartTeams();
  const Answer bulk = As(red_,
                         "PATCH",
                         "dags/~/dagRuns",
                         R"({"actions":[{"action":"update","entities":[
          {"dag_id":"blue_etl","dag_run_id":"b1","note":"mine"},
          {"dag_id":"red_etl","dag_run_id":"r1","note":"mine"}]}]})");
  ASSERT_EQ(bulk.status, 200) << bulk.detail();
  EXPECT_EQ(bulk.body.at("update").at("success").as_array().size(), 1U);
  EXPECT_THAT(json::serialize(bulk.body.at("update").at("errors")), HasSubstr("404"));
  EXPECT_EQ(base::GetString(Get("dags/blue_etl/dagRuns/b1").body, "note"), "");
  EXPECT_EQ(base::GetString(Get("dags/red_etl/dagRuns/r1").body, "note"), "mine");
  EXPECT_EQ(As(red_, "PATCH", "dags", R"({"is_paused":true})").status, 200);
  EXPECT_EQ(Get("dags/blue_etl").body["is_paused"], json::value(false));
  EXPECT_EQ(Get("dags/red_etl").body["is_paused"], json::value(true));
  EXPECT_EQ(As(red_,
               "POST",
               "dags/~/clearDagRuns",
               R"({"dag_runs":[{"dag_id":"blue_etl","dag_run_id":"b1"}],"dry_run":false})")
                .status,
            404);
}

TEST_F(Scopes, I13_ACursorOfAnotherTeamsRowLeadsNowhere) {
  StartTeams();
  const Answer page = GetAs(blue_, "dags/~/dagRuns?limit=1&cursor=");
  const std::string cursor = base::GetString(page.body, "next_cursor");
  // Runs of the schedule may be there too, or not: a cursor can also be taken from the tasks.
  const Answer tasks = GetAs(blue_, "dags/~/dagRuns/~/taskInstances?limit=1&cursor=");
  const std::string other = base::GetString(tasks.body, "next_cursor");
  ASSERT_FALSE(other.empty());
  EXPECT_EQ(GetAs(blue_, "dags/~/dagRuns/~/taskInstances?limit=1&cursor=" + other).status, 200);
  EXPECT_EQ(GetAs(red_, "dags/~/dagRuns/~/taskInstances?limit=1&cursor=" + other).status, 404);
  if (!cursor.empty())
    EXPECT_EQ(GetAs(red_, "dags/~/dagRuns?limit=1&cursor=" + cursor).status, 404);
}

TEST_F(Scopes, ATokenNarrowsWhatItsUserSees) {
  StartTeams();
  TokenFor("ada", R"("role":"author")");
  const Answer narrow =
      Post("tokens", R"({"name":"ci","user":"ada","role":"viewer","scopes":["dag:red_*"]})");
  ASSERT_EQ(narrow.status, 201) << narrow.detail();
  const std::string token = base::GetString(narrow.body, "token");
  EXPECT_EQ(base::GetInt(GetAs(token, "dags").body, "total_entries"), 1);
  EXPECT_EQ(As(token, "PATCH", "dags/red_etl", R"({"is_paused":true})").status, 403);
  // A user's scope and a token's: both count.
  const Answer both = Post("tokens", R"({"name":"x","user":"blue","scopes":["dag:red_*"]})");
  EXPECT_EQ(base::GetInt(GetAs(base::GetString(both.body, "token"), "dags").body, "total_entries"),
            0);
  EXPECT_THAT(base::GetArray(GetAs(base::GetString(both.body, "token"), "history").body, "history"),
              IsEmpty());
}

TEST_F(Scopes, I13_AccessGoesByTheFileAsItIsNow) {
  const std::string file = base::ReplaceAll(kTeam, "TEAM", "green");
  Write("dags/green.yaml", base::Cat("access: [team_g, ops]", file));
  StartTeams();
  const std::string green = TokenFor("green", R"("role":"operator","scopes":["access:team_g"])");
  const std::string other = TokenFor("gray", R"("role":"operator","scopes":["access:team"])");
  const auto sees = [&](const std::string& token) {
    return base::GetInt(GetAs(token, "dags").body, "total_entries");
  };
  EXPECT_EQ(sees(green), 1);
  EXPECT_EQ(sees(other), 0);
  EXPECT_EQ(GetAs(green, "dags/green_etl").status, 200);
  EXPECT_EQ(GetAs(green, "dags/red_etl").status, 404);
  EXPECT_EQ(GetAs(other, "dags/green_etl").status, 404);
  const Answer before = Get("dags/green_etl");
  StopServer();
  StartServer();
  GetUntil("version", [&](const Answer&) { return sees(green) == 1; });
  // A mistake in the file leaves what it said before.
  Write("dags/green.yaml", base::Cat("access: [team_g]\nshedule: x", file));
  GetUntil("importErrors", [](const Answer& answer) {
    return json::serialize(answer.body).find("shedule") != std::string::npos;
  });
  EXPECT_EQ(sees(green), 1);
  Write("dags/green.yaml", file);
  GetUntil("version", [&](const Answer&) { return sees(green) == 0; });
  EXPECT_EQ(GetAs(green, "dags/green_etl").status, 404);
  EXPECT_EQ(base::GetString(Get("dags/green_etl").body, "version"),
            base::GetString(before.body, "version"))
      << "who may see it is no part of what it does";
  Write("dags/green.yaml", base::Cat("access: [team_g]", file));
  GetUntil("version", [&](const Answer&) { return sees(green) == 1; });
  std::filesystem::remove(folder_ + "/dags/green.yaml");
  GetUntil("version", [&](const Answer&) { return sees(green) == 0; });
}

TEST_F(Scopes, WhatHistoryTellsOfAccountsIsForAdmins) {
  StartTeams();
  const std::string viewer = TokenFor("eve", R"("role":"viewer")");
  EXPECT_THAT(json::serialize(Get("history?kind=record&limit=1000").body), HasSubstr("user eve"));
  EXPECT_THAT(base::GetArray(GetAs(viewer, "history?kind=record").body, "history"), IsEmpty());
  EXPECT_EQ(GetAs(viewer, "audit").status, 403);
  EXPECT_EQ(GetAs(viewer, "dags").status, 200);
}

}  // namespace
}  // namespace api::testing
