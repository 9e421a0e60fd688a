// What the audit keeps of each change, made from the table of routes: a new route cannot be
// forgotten.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <set>

#include "api/gate.h"
#include "api/test_support.h"

namespace api::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kNotifiers[] =
    "notifiers: {ops: {type: webhook, url: \"https://example.com/hook\"}}\n"
    "notifications: []\n";
constexpr char kFollower[] = R"(
dag_id: follower
is_paused_upon_creation: false
schedule: {assets: {all: [one, two]}}
groups:
  load:
    tasks:
      copy: {type: empty}
)";
constexpr char kMaker[] = R"(
dag_id: maker
is_paused_upon_creation: false
tasks:
  make: {type: empty, outlets: [one]}
)";
constexpr char kHourly[] = R"(
dag_id: hourly
is_paused_upon_creation: false
schedule: "0 * * * *"
start_date: 2026-01-04
catchup: latest
tasks:
  only: {type: empty}
)";

// Routes that change nothing which somebody would have to answer for, each with the reason.
const std::map<std::string, std::string> kNotKept{
    {"PUT parseDagFile/{file_token}",
     "looks at the project's folder sooner; files are changed there"},
    {"POST dags/{dag_id}/favorite", "a mark that its owner alone sees"},
    {"POST dags/{dag_id}/unfavorite", "a mark that its owner alone sees"},
    {"POST dags/{dag_id}/dagRuns/list", "reads"},
    {"POST dags/{dag_id}/dagRuns/dry_run", "reads"},
    {"POST dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/list", "reads"},
    {"PATCH dags/{dag_id}/dagRuns/{dag_run_id}/taskGroupInstances/{group_id}/dry_run", "reads"},
    {"PATCH dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/dry_run", "reads"},
    {"PATCH dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}/dry_run",
     "reads"},
    {"POST backfills/dry_run", "reads"},
    {"POST emr-events", "AWS tells what happened there: a hint, and no wish of somebody"},
    {"POST /auth/token/sso", "it needs a provider: tests/python/test_sso.py sees that it is kept"},
    {"POST /auth/backchannel-logout", "it needs a provider: test_sso.py sees that it is kept"}};

class Audit : public ApiTest {
 protected:
  Audit() {
    Write("signalbox.yaml", base::Cat(kProject, kNotifiers));
    Write("dags/follower.yaml", kFollower);
    Write("dags/maker.yaml", kMaker);
    Write("dags/hourly.yaml", kHourly);
    // Two keys: a rotation seals what is left with the second one.
    environment_["SIGNALBOX_SECRET_KEY"] =
        base::Cat(std::string(64, 'a'), ",", std::string(64, 'b'));
    send_notice_ = [](const auto&, const auto&, const auto&, auto done) { done(std::nullopt); };
  }

  int64_t LastSeq() { return base::GetInt(Get("history?limit=1&order_by=-seq").body, "last_seq"); }

  // Asks, and looks for the row that the change leaves.
  Answer Ask(http::Request request,
             const std::string& before,
             const std::string& after,
             const std::string& cause) {
    const std::string path = request.target.substr(0, request.target.find('?'));
    const std::string asked = base::Cat(request.method, " ", path);
    const Match match =
        FindRoute(Routes(),
                  request.method,
                  http::SplitTarget(path.starts_with('/') ? path : "/api/v2/" + path).segments);
    if (match.route == nullptr) {
      ADD_FAILURE() << asked;
      return {};
    }
    kept_.insert(base::Cat(match.route->method, " ", match.route->pattern));
    const int64_t since = LastSeq();
    Answer answer = Send(std::move(request));
    EXPECT_EQ(answer.status, match.route->success) << asked << ": " << answer.detail();
    const json::object rows = Get(base::Cat("history?limit=1000&after=", since)).body;
    bool is_kept = false;
    for (const json::value& value : base::GetArray(rows, "history")) {
      const json::object& row = value.get_object();
      const auto has = [&](const char* member, const std::string& part) {
        const std::string text = base::GetString(row, member);
        return part.empty() ? text.empty() : text.find(part) != std::string::npos;
      };
      is_kept |= has("from", before) && has("to", after) && has("actor", who_) &&
                 has("address", "127.0.0.1") && has("means", means_) &&
                 base::GetString(row, "cause").find(cause) != std::string::npos;
    }
    EXPECT_TRUE(is_kept) << asked << ": no row of " << who_ << " from '" << before << "' to '"
                         << after << "' with '" << cause << "' in " << json::serialize(rows);
    return answer;
  }
  Answer Ask(const std::string& method,
             const std::string& target,
             const std::string& body,
             const std::string& before,
             const std::string& after,
             const std::string& cause = "") {
    return Ask(Request(method, target, body), before, after, cause);
  }

  void WaitForEnd(const std::string& run) {
    GetUntil(base::Cat("dags/", run), [](const Answer& answer) {
      return !base::GetString(answer.body, "end_date").empty();
    });
  }

  void ChangeRuns() {
    Ask("PATCH", "dags/empty", R"({"is_paused":true})", "unpaused", "paused");
    Ask("PATCH", "dags?dag_id_pattern=empty", R"({"is_paused":false})", "paused", "unpaused");
    Ask("POST", "dags/empty/dagRuns", R"({"dag_run_id":"r","logical_date":null})", "", "queued");
    const std::string run = "dags/empty/dagRuns/r", task = run + "/taskInstances/only";
    WaitForEnd("empty/dagRuns/r");
    Patch(run, R"({"note":"one"})");
    Ask("PATCH", run, R"({"note":"two"})", "success", "success", "two (before: one)");
    Ask("PATCH",
        "dags/empty/dagRuns",
        R"({"actions":[{"action":"update","entities":[{"dag_run_id":"r","note":""}]}]})",
        "success",
        "success",
        "note removed by api (before: two)");
    Ask("POST", run + "/clear", R"({"dry_run":false})", "success", "queued");
    WaitForEnd("empty/dagRuns/r");
    const std::string clear = R"({"dry_run":false,"only_failed":false,"dag_run_id":"r"})";
    Ask("POST", "dags/empty/clearTaskInstances", clear, "success", "queued");
    WaitForEnd("empty/dagRuns/r");
    const std::string runs =
        R"({"dry_run":false,"dag_runs":[{"dag_id":"empty","dag_run_id":"r"}]})";
    Ask("POST", "dags/empty/clearDagRuns", runs, "success", "queued");
    WaitForEnd("empty/dagRuns/r");
    Ask("PATCH", task, R"({"new_state":"failed"})", "success", "failed", "marked failed by api");
    Ask("PATCH", task + "/-1", R"({"new_state":"skipped"})", "failed", "skipped");
    Ask("PATCH",
        run + "/taskInstances",
        R"({"actions":[{"action":"update","entities":[{"task_id":"only","new_state":"success"}]}]})",
        "skipped",
        "success");
    Ask("DELETE", run, "", "success", "deleted");
    Ask("DELETE", "dags/maker", "", "active", "deleted");
  }

  void ChangeAssets() {
    const Answer assets = Get("assets?name_pattern=one");
    const std::string one =
        base::Cat(base::GetInt(assets.body.at("assets").at(0).as_object(), "id"));
    Ask("POST", base::Cat("assets/", one, "/materialize"), R"({"dag_run_id":"m"})", "", "queued");
    for (const std::string& path : {base::Cat("assets/", one, "/queuedEvents"),
                                    std::string("dags/follower/assets/queuedEvents"),
                                    base::Cat("dags/follower/assets/", one, "/queuedEvents")}) {
      Ask("POST", "assets/events", base::Cat(R"({"asset_id":)", one, "}"), "", "event");
      Ask("DELETE", path, "", "queued", "dropped");
    }
    RunToEnd("follower", "f");
    Ask("PATCH",
        "dags/follower/dagRuns/f/taskGroupInstances/load",
        R"({"new_state":"failed"})",
        "success",
        "failed");
  }

  void ChangeWork() {
    // So that the backfill does not end by itself.
    Ask("POST", "holds", R"({"scope":"all","reason":"night"})", "", "in force", "night");
    const std::string range =
        R"("from_date":"2025-12-01T00:00:00Z","to_date":"2025-12-20T00:00:00Z")";
    Ask("POST", "backfills", base::Cat(R"({"dag_id":"spark",)", range, "}"), "", "running");
    Ask("PUT", "backfills/1/pause", "", "running", "paused");
    Ask("PUT", "backfills/1/unpause", "", "paused", "running");
    Ask("PUT", "backfills/1/cancel", "", "running", "cancelled");
    GetUntil("dags/hourly/holes",
             [](const Answer& answer) { return !base::GetArray(answer.body, "holes").empty(); });
    Ask("POST", "dags/hourly/holes/fill", "{}", "", "running");
    Ask("POST", "holds/1/release", "", "in force", "released");
    Post("dags/spark/dagRuns", R"({"dag_run_id":"c","logical_date":null})");
    const Answer live = GetUntil("clusters?live=true", [](const Answer& answer) {
      return !base::GetArray(answer.body, "clusters").empty();
    });
    const json::object& cluster = base::GetArray(live.body, "clusters")[0].get_object();
    Ask("POST",
        base::Cat("clusters/", base::GetString(cluster, "cluster_id"), "/terminate"),
        "",
        "ING",
        "ING",
        "terminated by api");
    Ask("POST", "notifiers/ops/test", "{}", "", "delivered", "test message");
    StopServer();
    for (const char* file : {"spark", "empty", "follower", "maker", "hourly"})
      std::filesystem::remove(base::Cat(folder_, "/dags/", file, ".yaml"));
    StartServer();
    GetUntil("dags/empty", [](const Answer& answer) {
      return !base::GetString(answer.body, "missing_since").empty();
    });
    Ask("POST",
        "dags/~/deactivate",
        R"({"dag_ids":["empty"],"dry_run":false})",
        "active",
        "inactive");
  }

  void ChangeSecrets() {
    Ask("POST", "variables", R"({"key":"v","value":"hidden-1"})", "", "value");
    Ask("PATCH",
        "variables/v",
        R"({"key":"v","value":"hidden-2","description":"hidden-3"})",
        "value",
        "value (changed), description (changed)");
    Ask("PATCH",
        "variables",
        R"({"actions":[{"action":"update","entities":[{"key":"v","value":"hidden-4"}]}]})",
        "value, description",
        "value (changed), description");
    Ask("DELETE", "variables/v", "", "value, description", "removed");
    Ask("POST",
        "connections",
        R"({"connection_id":"c","conn_type":"hidden-5","password":"hidden-6"})",
        "",
        "conn_type, password");
    Ask("PATCH",
        "connections/c",
        R"({"connection_id":"c","conn_type":"hidden-5","password":"hidden-7"})",
        "conn_type, password",
        "conn_type, password (changed)");
    Ask("PATCH",
        "connections",
        R"({"actions":[{"action":"create","action_on_existence":"overwrite",)"
        R"("entities":[{"connection_id":"c","conn_type":"hidden-8"}]}]})",
        "conn_type, password",
        "conn_type (changed)");
    Ask("POST", "secrets/rotateKey", "", "", "a new key");
    Ask("DELETE", "connections/c", "", "conn_type", "removed");
    EXPECT_THAT(json::serialize(Get("history?limit=1000").body), Not(HasSubstr("hidden")));
  }

  void ChangeAccounts() {
    const Answer made = Ask("POST",
                            "users",
                            R"({"name":"ada","role":"viewer","scopes":["dag:e*"]})",
                            "",
                            "viewer, dag:e*, with a password for one login");
    Ask("PATCH",
        "users/ada",
        R"({"role":"operator","scopes":[],"is_disabled":true})",
        "viewer, dag:e*",
        "operator, all DAGs, disabled");
    Patch("users/ada", R"({"is_disabled":false})");
    const Answer reset =
        Ask("POST", "users/ada/resetPassword", "{}", "operator", "operator", "password reset");
    const Answer token = Ask("POST",
                             "tokens",
                             R"({"name":"t","user":"ada","role":"viewer"})",
                             "",
                             "at most viewer, the DAGs of its user, until ");
    Ask("DELETE",
        base::Cat("tokens/", base::GetString(token.body, "id")),
        "",
        "at most viewer",
        "removed");
    who_ = "ada";
    means_ = "session";
    const std::string fresh = "four quite usual words";
    Ask("POST",
        "/auth/password",
        base::Cat(R"({"username":"ada","password":")",
                  base::GetString(reset.body, "one_time_password"),
                  R"(","new_password":")",
                  fresh,
                  R"("})"),
        "with a password for one login",
        "operator, all DAGs",
        "password changed");
    const std::string login = base::Cat(R"({"username":"ada","password":")", fresh, R"("})");
    Ask("POST", "/auth/token", login, "", "bearer, until ", "login of 'ada'");
    Ask("POST", "/auth/token/cli", login, "", "bearer, until ", "login of 'ada'");
    for (const char* logout : {"auth/logout", "/auth/logout"}) {
      const Answer begun = Ask("POST", "auth/login", login, "", "browser, until ");
      http::Request request = Request("POST", logout, "{}");
      request.headers.Remove("Authorization");
      const std::string cookie = begun.headers.Get("Set-Cookie").value_or("");
      request.headers.Set("Cookie", cookie.substr(0, cookie.find(';')));
      request.headers.Set("X-CSRF-Token", base::GetString(begun.body, "csrf_token"));
      Ask(std::move(request), "browser, until ", "removed", "logout");
    }
    who_ = means_ = "api";
    const Answer sessions = Get("sessions?user=ada");
    const json::object& session = base::GetArray(sessions.body, "sessions").at(0).get_object();
    Ask("DELETE",
        base::Cat("sessions/", base::GetString(session, "id")),
        "",
        "bearer, until ",
        "removed");
    Ask("DELETE", "users/ada", "", "operator, all DAGs", "removed", "user 'ada' deleted");
    const std::string kept = json::serialize(Get("history?limit=1000").body);
    for (const std::string& secret : {base::GetString(made.body, "one_time_password"),
                                      base::GetString(token.body, "token"),
                                      fresh})
      EXPECT_THAT(kept, Not(HasSubstr(secret)));
  }

  std::string who_ = "api", means_ = "api";
  std::set<std::string> kept_;
};

TEST_F(Audit, EachChangeIsKeptWithWhatWasAndWhatIs) {
  Start({}, 100);
  ChangeAccounts();
  ChangeSecrets();
  ChangeAssets();
  ChangeRuns();
  ChangeWork();
  for (const Route& route : Routes()) {
    const std::string name = base::Cat(route.method, " ", route.pattern);
    if (route.method == "GET" || route.IsAbsent())
      continue;
    EXPECT_EQ(kept_.contains(name), !kNotKept.contains(name))
        << name << ": ask for it here and say what was and what is, or give a reason";
  }
}

}  // namespace
}  // namespace api::testing
