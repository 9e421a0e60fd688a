// Who may ask for what, made from the table of routes: a new route cannot be forgotten.

#include <gtest/gtest.h>
#include <map>

#include "api/gate.h"
#include "api/test_support.h"

namespace api::testing {
namespace {

using accounts::Identity;
using accounts::Role;

constexpr Role kRoles[]{Role::kViewer, Role::kOperator, Role::kAuthor, Role::kAdmin};

class RoutesAccess : public ApiTest {
 protected:
  // 0: it is let in.
  int StatusFor(const Route& route, const std::optional<Identity>& identity) {
    const Gate gate(runtime_->views(), kToken, false);
    const http::Request request{.method = std::string(route.method), .target = PathOf(route)};
    const auto refusal = gate.Refusal(request, {.identity = identity, .why = "no"}, &route);
    return refusal ? refusal->status : 0;
  }

  static bool IsGuarded(const Route& route) {
    return route.access != Access::kOpen && route.access != Access::kWebhook;
  }
};

TEST_F(RoutesAccess, I13_EachRouteTakesItsRoleAndTheHigherOnes) {
  Start();
  size_t checked = 0;
  for (const Route& route : Routes()) {
    if (!IsGuarded(route))
      continue;
    EXPECT_EQ(StatusFor(route, std::nullopt), 401) << route.method << " " << route.pattern;
    for (const Role role : kRoles) {
      const int expected = role >= RoleOf(route.access) ? 0 : 403;
      EXPECT_EQ(StatusFor(route, Identity{.name = "ada", .role = role}), expected)
          << route.method << " " << route.pattern << " " << ToString(role);
      ++checked;
    }
  }
  EXPECT_GT(checked, 4U * 100);
}

TEST_F(RoutesAccess, I13_WhatConcernsTheEstateIsNotForThoseWhoSeeAPart) {
  Start();
  for (const Route& route : Routes()) {
    if (!IsGuarded(route))
      continue;
    const bool is_refused = route.access == Access::kAdmin || route.reach == Reach::kEstate;
    for (const Role role : kRoles) {
      if (role < RoleOf(route.access))
        continue;
      const Identity scoped{
          .name = "ada", .role = role, .scopes = {{*accounts::ParseScope("dag:a_*")}}};
      EXPECT_EQ(StatusFor(route, scoped), is_refused ? 403 : 0)
          << route.method << " " << route.pattern;
    }
  }
}

// Which routes are open, and which change something for a viewer: both are to be thought about.
TEST_F(RoutesAccess, OpenRoutesAndThoseOfEverybodyAreThese) {
  std::map<Access, std::vector<std::string>> found;
  for (const Route& route : Routes()) {
    if (route.IsAbsent())
      continue;
    const bool is_change = route.method != "GET";
    if (!IsGuarded(route) || (is_change && RoleOf(route.access) == Role::kViewer))
      found[route.access].push_back(base::Cat(route.method, " ", route.pattern));
  }
  const std::vector<std::string> open{"GET monitor/health",
                                      "GET version",
                                      "POST /auth/token",
                                      "POST /auth/token/cli",
                                      "POST /auth/password",
                                      "POST auth/login",
                                      "GET /auth/login",
                                      "GET /auth/callback",
                                      "POST /auth/token/sso",
                                      "POST /auth/backchannel-logout"};
  EXPECT_EQ(found[Access::kOpen], open);
  EXPECT_EQ(found[Access::kWebhook], std::vector<std::string>{"POST emr-events"});
  const std::vector<std::string> read{"POST dags/{dag_id}/dagRuns/list",
                                      "POST dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/list"};
  EXPECT_EQ(found[Access::kRead], read);
  const std::vector<std::string> self{"POST dags/{dag_id}/favorite",
                                      "POST dags/{dag_id}/unfavorite",
                                      "POST auth/logout",
                                      "POST /auth/logout",
                                      "POST tokens",
                                      "DELETE tokens/{token_id}",
                                      "DELETE sessions/{session_id}"};
  EXPECT_EQ(found[Access::kSelf], self);
}

// A route of a DAG names it by the one name that the door knows, as its first part but one.
TEST_F(RoutesAccess, EveryRouteBelowADagNamesItInTheSameWay) {
  for (const Route& route : Routes()) {
    if (route.pattern.starts_with("dags/") && !route.pattern.starts_with("dags/~/"))
      EXPECT_TRUE(route.pattern.starts_with("dags/{dag_id}")) << route.pattern;
    if (route.pattern.starts_with("dagSources/"))
      EXPECT_TRUE(route.pattern.starts_with("dagSources/{dag_id}")) << route.pattern;
  }
}

// The same over the wire, by tokens of users: what the table says is what a request gets.
TEST_F(RoutesAccess, I13_TheTableHoldsOverTheWire) {
  Start();
  std::map<Role, std::string> tokens;
  for (const Role role : kRoles) {
    const std::string name(ToString(role));
    ASSERT_EQ(
        Post(
            "users",
            base::Cat(R"({"name":")", name, R"(","role":")", name, R"(","without_password":true})"))
            .status,
        201);
    const Answer made = Post("tokens", base::Cat(R"({"name":"t","user":")", name, R"("})"));
    ASSERT_EQ(made.status, 201) << made.detail();
    tokens[role] = base::GetString(made.body, "token");
  }
  for (const Route& route : Routes()) {
    // What streams, and what is not below /api/v2, has tests of its own.
    if (!IsGuarded(route) || route.IsAbsent() || route.pattern.starts_with('/') ||
        route.content == "application/x-ndjson" || route.content == "text/event-stream")
      continue;
    std::string path(route.pattern);
    for (const auto& [part, value] :
         {std::pair("{dag_id}", "nodag"), std::pair("{user_name}", "x")})
      path = base::ReplaceAll(path, part, value);
    path = base::ReplaceAll(base::ReplaceAll(path, "{", ""), "}", "");
    for (const Role role : kRoles) {
      http::Request request{.method = std::string(route.method), .target = path};
      request.headers.Set("Authorization", base::Cat("Bearer ", tokens[role]));
      if (route.body) {
        request.headers.Set("Content-Type", "application/json");
        request.body = R"({"none of these members": 1})";
      }
      const int status = Send(request).status;
      const bool is_let_in = role >= RoleOf(route.access);
      EXPECT_EQ(status == 403, !is_let_in)
          << route.method << " " << path << " " << ToString(role) << ": " << status;
      EXPECT_NE(status, 401) << path;
    }
  }
}

}  // namespace
}  // namespace api::testing
