#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "dagfile/project.h"
#include "dagfile/test_support.h"

namespace dagfile {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Loaded LoadText(const std::string& text, const Environment& environment = {}) {
  return Load({{"signalbox.yaml", text}}, environment);
}

constexpr char kGood[] =
    "      issuer: https://login.example/realms/main\n"
    "      client_id: signalbox\n"
    "      client_secret: env:SSO_SECRET\n"
    "      scopes: [openid, groups]\n"
    "      redirect_url: https://box.example/auth/callback\n"
    "      post_logout_url: https://box.example/\n"
    "      username_claim: email\n"
    "      groups_claim: realm_access.roles\n"
    "      session_length: 1h\n"
    "      clock_skew: 2m\n"
    "      timeout: 10s\n"
    "      ca_file: tls/ca.pem\n"
    "      roles:\n"
    "        - {group: ops, role: operator, scopes: [\"dag:a_*\", \"tag:b\"]}\n"
    "        - {group: root, role: admin}\n";

// signalbox.yaml with the lines above, of which `changed` replaces the one with its key.
std::string With(const std::string& changed = "") {
  const std::string key = base::Cat("      ", changed.substr(0, changed.find(':') + 1));
  std::string text = "deployment: prod1\nserver:\n  oidc:\n";
  bool is_in_roles = false;
  for (const std::string& line : base::Split(kGood, '\n')) {
    is_in_roles = is_in_roles || line.starts_with("      roles:");
    const bool is_replaced =
        !changed.empty() && (line.starts_with(key) || (key == "      roles:" && is_in_roles));
    if (!is_replaced && !line.empty())
      text += line + "\n";
  }
  return changed.ends_with(":") || changed.empty() ? text
                                                   : base::Cat(text, "      ", changed, "\n");
}

std::string ErrorsOf(const std::string& changed) {
  return Text(LoadText(With(changed)).errors);
}

TEST(OidcSettings, AreReadWhole) {
  const auto loaded = LoadText(With());
  ASSERT_TRUE(loaded.project.has_value()) << Text(loaded.errors);
  const oidc::Settings& oidc = loaded.project->server.oidc;
  EXPECT_TRUE(oidc.is_on());
  EXPECT_EQ(oidc.issuer, "https://login.example/realms/main");
  EXPECT_EQ(oidc.client_id, "signalbox");
  EXPECT_EQ(oidc.client_secret, "env:SSO_SECRET");
  EXPECT_THAT(oidc.scopes, ElementsAre("openid", "groups"));
  EXPECT_EQ(oidc.redirect_url, "https://box.example/auth/callback");
  EXPECT_EQ(oidc.post_logout_url, "https://box.example/");
  EXPECT_EQ(oidc.username_claim, "email");
  EXPECT_EQ(oidc.groups_claim, "realm_access.roles");
  EXPECT_EQ(oidc.session_length, base::hours(1));
  EXPECT_EQ(oidc.clock_skew, base::minutes(2));
  EXPECT_EQ(oidc.timeout, base::seconds(10));
  EXPECT_EQ(oidc.ca_file, "tls/ca.pem");
  EXPECT_FALSE(oidc.allow_http);
  ASSERT_EQ(oidc.roles.size(), 2U);
  EXPECT_EQ(oidc.roles[0].group, "ops");
  EXPECT_EQ(oidc.roles[0].role, accounts::Role::kOperator);
  EXPECT_EQ(oidc.roles[0].scopes.size(), 2U);
  EXPECT_EQ(oidc.roles[1].role, accounts::Role::kAdmin);
}

TEST(OidcSettings, AreOffUnlessThereAreAny) {
  const auto loaded = LoadText("deployment: prod1\nserver: {port: 1}\n");
  ASSERT_TRUE(loaded.project.has_value());
  EXPECT_FALSE(loaded.project->server.oidc.is_on());
}

TEST(OidcSettings, MistakesAreToldWithTheWayOut) {
  EXPECT_THAT(ErrorsOf("issuer: http://login.example"), HasSubstr("must begin with https://"));
  EXPECT_THAT(ErrorsOf("issuer: login.example"), HasSubstr("is no URL"));
  EXPECT_THAT(ErrorsOf("issuer: https://login.example/?a=b"), HasSubstr("has a query"));
  EXPECT_THAT(ErrorsOf("issuer:"), HasSubstr("is no URL"));
  EXPECT_THAT(ErrorsOf("client_id:"), HasSubstr("needs the key 'client_id'"));
  EXPECT_THAT(ErrorsOf("scopes: [groups]"), HasSubstr("must hold 'openid'"));
  EXPECT_THAT(ErrorsOf("scopes: [openid, 'a b']"), HasSubstr("is no scope of a provider"));
  EXPECT_THAT(ErrorsOf("redirect_url: https://box.example/other"),
              HasSubstr("must end in /auth/callback"));
  EXPECT_THAT(ErrorsOf("redirect_url: http://box.example/auth/callback"), HasSubstr("https://"));
  EXPECT_THAT(ErrorsOf("session_length: 13h"), HasSubstr("from 5m to 12h"));
  EXPECT_THAT(ErrorsOf("session_length: 1m"), HasSubstr("from 5m to 12h"));
  EXPECT_THAT(ErrorsOf("clock_skew: 6m"), HasSubstr("at most 5m"));
  EXPECT_THAT(ErrorsOf("timeout: 1m"), HasSubstr("at most 30s"));
  EXPECT_THAT(ErrorsOf("timeouts: 1s"), HasSubstr("timeout"));
  EXPECT_THAT(ErrorsOf("groups_claim: ''"), HasSubstr("must not be empty"));
}

TEST(OidcSettings, ASecretInTheFileIsRefusedAndNotRepeated) {
  const std::string errors = ErrorsOf("client_secret: hunter2hunter2");
  EXPECT_THAT(errors, HasSubstr("env:NAME"));
  EXPECT_THAT(errors, ::testing::Not(HasSubstr("hunter2")));
  EXPECT_THAT(ErrorsOf("client_secret: 'env:'"), HasSubstr("env:NAME"));
  EXPECT_TRUE(LoadText(With("client_secret: file:secrets/sso")).project.has_value());
  EXPECT_TRUE(LoadText(With("client_secret:")).project.has_value());
}

TEST(OidcSettings, GroupsHaveRolesThatThereAre) {
  EXPECT_THAT(ErrorsOf("roles:"), HasSubstr("nobody could log in"));
  EXPECT_THAT(ErrorsOf("roles: [{group: a, role: operater}]"), HasSubstr("did you mean operator?"));
  EXPECT_THAT(ErrorsOf("roles: [{group: a}]"), HasSubstr("role"));
  EXPECT_THAT(ErrorsOf("roles: [{role: viewer}]"), HasSubstr("group"));
  EXPECT_THAT(ErrorsOf("roles: [{group: '', role: viewer}]"), HasSubstr("'group' is empty"));
  EXPECT_THAT(ErrorsOf("roles: [{group: a, role: viewer, scopes: [x]}]"), HasSubstr("is no scope"));
  EXPECT_THAT(ErrorsOf("roles: [{group: a, role: admin, scopes: ['tag:x']}]"),
              HasSubstr("an admin sees all DAGs"));
  EXPECT_THAT(ErrorsOf("roles: [{group: a, role: viewer}, {group: a, role: admin}]"),
              HasSubstr("has two entries"));
  EXPECT_THAT(ErrorsOf("roles: {group: a, role: viewer}"), HasSubstr("'roles'"));
}

TEST(OidcSettings, AVariableSetsThem) {
  const auto loaded = LoadText(With(),
                               {{"SIGNALBOX__SERVER__OIDC__CLIENT_ID", "other"},
                                {"SIGNALBOX__SERVER__OIDC__ROLES", "[{group: x, role: viewer}]"}});
  ASSERT_TRUE(loaded.project.has_value()) << Text(loaded.errors);
  EXPECT_EQ(loaded.project->server.oidc.client_id, "other");
  ASSERT_EQ(loaded.project->server.oidc.roles.size(), 1U);
  EXPECT_EQ(loaded.project->server.oidc.roles[0].group, "x");
}

}  // namespace
}  // namespace dagfile
