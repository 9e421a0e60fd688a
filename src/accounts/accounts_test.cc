#include "accounts/accounts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

#include "accounts/login_limits.h"
#include "accounts/secret.h"
#include "base/text.h"

namespace accounts {
namespace {

using ::testing::HasSubstr;

const base::Time kNow = *base::ParseTime("2026-01-05T03:00:00Z");

Scopes ScopesOf(std::initializer_list<std::string_view> texts) {
  Scopes scopes;
  for (const std::string_view text : texts)
    scopes.push_back(*ParseScope(text));
  return scopes;
}

TEST(Roles, EachMayDoMoreThanTheOneBefore) {
  EXPECT_LT(Role::kViewer, Role::kOperator);
  EXPECT_LT(Role::kOperator, Role::kAuthor);
  EXPECT_LT(Role::kAuthor, Role::kAdmin);
  for (const Role role : {Role::kViewer, Role::kOperator, Role::kAuthor, Role::kAdmin})
    EXPECT_EQ(ParseRole(ToString(role)), role);
  EXPECT_FALSE(ParseRole("root"));
}

TEST(Scopes, NameDagsByPatternOrTag) {
  const Scopes scopes = ScopesOf({"dag:team_a_*", "tag:shared"});
  EXPECT_TRUE(Fits(scopes, {model::DagId("team_a_x"), {}, {}}));
  EXPECT_TRUE(Fits(scopes, {model::DagId("other"), {"daily", "shared"}, {}}));
  EXPECT_FALSE(Fits(scopes, {model::DagId("team_b_x"), {"Shared"}, {"shared"}}));
  EXPECT_FALSE(Fits({}, {model::DagId("team_a_x"), {}, {}}));
  for (const std::string_view wrong : {"", "dag:", "tag:", "team_a", "dags:x", "dag:\xff"})
    EXPECT_FALSE(ParseScope(wrong)) << wrong;
  EXPECT_THAT(ParseScope("x").error().message, HasSubstr("dag:team_a_*"));
}

TEST(Scopes, NameWhatFilesGiveAccessTo) {
  const Scopes scopes = ScopesOf({"access:team_a"});
  EXPECT_EQ(ToString(scopes[0]), "access:team_a");
  EXPECT_TRUE(Fits(scopes, {model::DagId("x"), {}, {"ops", "team_a"}}));
  EXPECT_FALSE(Fits(scopes, {model::DagId("team_a"), {"team_a"}, {"team_ab"}}));
  EXPECT_FALSE(ParseScope("access:"));
}

TEST(Roles, AreReadOrTold) {
  EXPECT_EQ(ReadRole("author"), Role::kAuthor);
  EXPECT_EQ(ReadRole("root").error().message,
            "'role' is 'root', and must be viewer, operator, author or admin");
}

TEST(Scopes, ADagHasToFitTheUsersAndTheTokens) {
  Identity identity{.name = "ada"};
  EXPECT_TRUE(MaySee(identity, {model::DagId("x"), {}, {}}));
  identity.scopes = {ScopesOf({"dag:a_*"}), ScopesOf({"tag:daily"})};
  EXPECT_TRUE(MaySee(identity, {model::DagId("a_1"), {"daily"}, {}}));
  EXPECT_FALSE(MaySee(identity, {model::DagId("a_1"), {}, {}}));
  EXPECT_FALSE(MaySee(identity, {model::DagId("b_1"), {"daily"}, {}}));
}

TEST(Accounts, AreReadAsTheyWereWritten) {
  const User user{.name = "ada",
                  .role = Role::kAuthor,
                  .scopes = ScopesOf({"dag:a_*", "tag:t"}),
                  .password_hash = "$argon2id$x",
                  .is_disabled = true,
                  .must_change = true,
                  .created_at = kNow};
  const auto read = ReadUser({{model::RecordKind::kUser, "ada"}, BodyOf(user)});
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(BodyOf(*read), BodyOf(user));
  EXPECT_EQ(read->name, "ada");
  EXPECT_EQ(read->scopes, user.scopes);

  Token token{.id = "t1", .owner = "ada", .name = "ci", .digest = "d", .expires_at = kNow};
  token.last_used_at = kNow + base::seconds(1);
  const auto same = ReadToken({{model::RecordKind::kToken, "t1"}, BodyOf(token)});
  ASSERT_TRUE(same) << same.error().message;
  EXPECT_EQ(BodyOf(*same), BodyOf(token));
  EXPECT_EQ(same->last_used_at, token.last_used_at);

  const Session session{.id = "s1", .user = "ada", .kind = Session::Kind::kBearer};
  const auto begun = ReadSession({{model::RecordKind::kSession, "s1"}, BodyOf(session)});
  ASSERT_TRUE(begun) << begun.error().message;
  EXPECT_EQ(BodyOf(*begun), BodyOf(session));
}

TEST(Accounts, WhatIsNoAccountIsRefused) {
  for (const char* body : {"", "[]", "{}", R"({"role":"root"})", R"({"role":"viewer"})"})
    EXPECT_EQ(ReadUser({{model::RecordKind::kUser, "ada"}, body}).error().code,
              base::ErrorCode::kCorrupt)
        << body;
}

TEST(Accounts, NamesAndPasswordsHaveRules) {
  for (const std::string_view good : {"ada", "ada.l@example.org", "0-x_y"})
    EXPECT_TRUE(CheckUserName(good)) << good;
  for (const std::string_view bad : {"", "Ada", "-a", "a b", "api", "a/b", "a\n", "\xc3\xa4"})
    EXPECT_FALSE(CheckUserName(bad)) << bad;
  EXPECT_FALSE(CheckUserName(std::string(65, 'a')));
  EXPECT_TRUE(CheckPassword("four quite usual words", "ada"));
  EXPECT_FALSE(CheckPassword("too short", "ada"));
  EXPECT_FALSE(CheckPassword("aaaaaaaaaaaaaaaaaaaaaaaa", "ada"));
  EXPECT_FALSE(CheckPassword("aaaaabbbbbbbbbb", "ada"));
  EXPECT_FALSE(CheckPassword("lovelace is my name", "lovelace"));
  EXPECT_FALSE(CheckPassword("SignalBox for ever and ever", "ada"));
}

TEST(Accounts, ABrowsersSessionEndsWhenItRestsOrGrowsOld) {
  Session session{
      .kind = Session::Kind::kBrowser, .expires_at = kNow + kSessionLife, .last_used_at = kNow};
  EXPECT_FALSE(IsOver(session, kNow + kSessionIdle - base::seconds(1)));
  EXPECT_TRUE(IsOver(session, kNow + kSessionIdle));
  session.last_used_at = kNow + kSessionLife;
  EXPECT_TRUE(IsOver(session, kNow + kSessionLife));
  session.kind = Session::Kind::kBearer;
  session.last_used_at = kNow;
  EXPECT_FALSE(IsOver(session, kNow + kSessionLife - base::seconds(1)));
}

TEST(Secrets, AreKnownByTheirDigestAlone) {
  const Secret secret = DrawSecret(kTokenPrefix);
  EXPECT_EQ(IdIn(secret.text, kTokenPrefix), secret.id);
  EXPECT_FALSE(IdIn(secret.text, kSessionPrefix));
  EXPECT_FALSE(IdIn(secret.text + "a", kTokenPrefix));
  EXPECT_FALSE(IdIn("sbx_", kTokenPrefix));
  EXPECT_TRUE(IsSecretOf(secret.text, secret.digest));
  std::string other = secret.text;
  other.back() = other.back() == 'a' ? 'b' : 'a';
  EXPECT_FALSE(IsSecretOf(other, secret.digest));
  EXPECT_FALSE(IsSecretOf(secret.text, ""));
  EXPECT_EQ(secret.digest.find(secret.text), std::string::npos);
  EXPECT_NE(DrawSecret(kTokenPrefix).text, secret.text);
  EXPECT_NE(CsrfTokenOf(secret.text), CsrfTokenOf(other));
  EXPECT_TRUE(CheckPassword(DrawPassword(), "ada"));
}

TEST(LoginLimits, AfterAFewFailuresEachMakesTheNextWait) {
  LoginLimits limits;
  for (int i = 0; i < 4; ++i)
    limits.Failed("ada", "10.0.0.1", base::seconds(i));
  EXPECT_EQ(limits.WaitOf("ada", "10.0.0.1", base::seconds(4)), base::Duration(0));
  limits.Failed("ada", "10.0.0.1", base::seconds(4));
  EXPECT_EQ(limits.WaitOf("ada", "10.0.0.2", base::seconds(4)), base::seconds(1));
  EXPECT_EQ(limits.WaitOf("bob", "10.0.0.1", base::seconds(4)), base::Duration(0));
  for (int i = 0; i < 20; ++i)
    limits.Failed("ada", "10.0.0.1", base::seconds(4));
  EXPECT_EQ(limits.WaitOf("ada", "10.0.0.3", base::seconds(4)), base::seconds(60));
  EXPECT_GT(limits.WaitOf("bob", "10.0.0.1", base::seconds(4)), base::Duration(0));
  limits.Succeeded("ada");
  EXPECT_EQ(limits.WaitOf("ada", "10.0.0.3", base::seconds(4)), base::Duration(0));
  EXPECT_GT(limits.WaitOf("ada", "10.0.0.1", base::seconds(4)), base::Duration(0));
  EXPECT_EQ(limits.WaitOf("ada", "10.0.0.1", base::minutes(60)), base::Duration(0));
}

TEST(LoginLimits, AHostOfIpv6HasOneCountForAllItsAddresses) {
  LoginLimits limits;
  for (int i = 0; i <= 20; ++i)
    limits.Failed(base::Cat("user", i), base::Cat("2001:db8::", i), base::seconds(i));
  EXPECT_GT(limits.WaitOf("eve", "2001:db8::ffff", base::seconds(20)), base::Duration(0));
  EXPECT_EQ(limits.WaitOf("eve", "2001:db8:0:1::1", base::seconds(20)), base::Duration(0));
  EXPECT_EQ(limits.WaitOf("eve", "192.0.2.1", base::seconds(20)), base::Duration(0));
}

TEST(LoginLimits, AnAddressWaitsWhateverItTries) {
  LoginLimits limits;
  const base::Duration now = base::hours(1);
  for (int i = 0; i < 19; ++i)
    limits.AddressFailed("10.0.0.1", now);
  EXPECT_EQ(limits.WaitOfAddress("10.0.0.1", now), base::Duration(0));
  limits.AddressFailed("10.0.0.1", now);
  EXPECT_EQ(limits.WaitOfAddress("10.0.0.1", now), base::seconds(1));
  EXPECT_EQ(limits.WaitOf("ada", "10.0.0.1", now), base::seconds(1));
  EXPECT_EQ(limits.WaitOf("ada", "10.0.0.2", now), base::Duration(0));
  EXPECT_EQ(limits.WaitOfAddress("10.0.0.1", now + base::seconds(1)), base::Duration(0));
}

TEST(Accounts, AUserOfSingleSignOnIsKeptWithTheirIssuerAndSubject) {
  User user{
      .name = "ada", .role = Role::kOperator, .issuer = "https://login.example", .subject = "42"};
  const auto read = ReadUser({.id = {model::RecordKind::kUser, "ada"}, .body = BodyOf(user)});
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_TRUE(read->IsFederated());
  EXPECT_EQ(read->issuer, user.issuer);
  EXPECT_EQ(read->subject, "42");
  user.issuer = user.subject = "";
  EXPECT_EQ(BodyOf(user).find("issuer"), std::string::npos);
}

TEST(LoginLimits, AFloodOfNamesForgetsNobodyWhoHasFailedOften) {
  LoginLimits limits;
  for (int i = 0; i < 12; ++i)
    limits.Failed("ada", "10.0.0.1", base::seconds(1));
  for (int i = 0; i < 3000; ++i)
    limits.Failed(base::Cat("user", i), base::Cat("address", i), base::seconds(1));
  EXPECT_EQ(limits.WaitOf("ada", "10.0.0.2", base::seconds(1)), base::seconds(60));
  EXPECT_EQ(limits.WaitOf("bob", "10.0.0.2", base::seconds(1)), base::Duration(0));
}

}  // namespace
}  // namespace accounts
