#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/hash.h"
#include "oidc/flow.h"
#include "oidc/id_token.h"
#include "oidc/metadata.h"
#include "oidc/rights.h"
#include "oidc/test_support.h"

namespace oidc::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const base::Time kNow = base::FromMicros(int64_t{1'767'571'200} * 1'000'000);
constexpr int64_t kSeconds = 1'767'571'200;

Settings Ours() {
  return {.issuer = "https://login.example", .client_id = "signalbox"};
}

json::object Claims() {
  return {{"iss", "https://login.example"},
          {"aud", "signalbox"},
          {"sub", "42"},
          {"iat", kSeconds - 1},
          {"exp", kSeconds + 300},
          {"nonce", "n"},
          {"preferred_username", "ada"},
          {"groups", json::array{"ops", "team-a"}}};
}

base::Result<Person> Check(const json::object& claims, const Settings& settings = Ours()) {
  return CheckIdToken(SignEd(claims), *KeySet::Read(KeysOf(kEdJwk)), settings, "n", kNow);
}

// Why a token is refused whose claim is this one; "" where it is not. Null takes the claim away.
std::string WithClaim(std::string_view name, const json::value& value) {
  json::object claims = Claims();
  if (value.is_null())
    claims.erase(name);
  else
    claims[name] = value;
  const auto person = Check(claims);
  return person ? "" : person.error().message;
}

TEST(IdToken, SaysWhoItIs) {
  const auto person = Check(Claims());
  ASSERT_TRUE(person.has_value()) << person.error().message;
  EXPECT_EQ(person->issuer, "https://login.example");
  EXPECT_EQ(person->subject, "42");
  EXPECT_EQ(person->name, "ada");
  EXPECT_THAT(person->groups, ElementsAre("ops", "team-a"));
}

TEST(IdToken, IsOfOurProviderAndForUs) {
  EXPECT_THAT(WithClaim("iss", "https://login.example/"), HasSubstr("which is not ours"));
  EXPECT_THAT(WithClaim("iss", nullptr), HasSubstr("which is not ours"));
  EXPECT_THAT(WithClaim("aud", "other"), HasSubstr("(aud)"));
  EXPECT_THAT(WithClaim("aud", nullptr), HasSubstr("(aud)"));
  EXPECT_THAT(WithClaim("aud", json::array{}), HasSubstr("(aud)"));
  EXPECT_THAT(WithClaim("aud", json::array{"signalbox", "other"}), HasSubstr("for several"));
  EXPECT_EQ(WithClaim("aud", json::array{"signalbox"}), "");
  EXPECT_THAT(WithClaim("azp", "other"), HasSubstr("(azp)"));
  EXPECT_EQ(WithClaim("azp", "signalbox"), "");
  json::object both = Claims();
  both["aud"] = json::array{"other", "signalbox"};
  both["azp"] = "signalbox";
  EXPECT_TRUE(Check(both).has_value());
}

TEST(IdToken, IsOfThisLogin) {
  EXPECT_THAT(WithClaim("nonce", "m"), HasSubstr("(nonce)"));
  EXPECT_THAT(WithClaim("nonce", nullptr), HasSubstr("(nonce)"));
  EXPECT_FALSE(
      CheckIdToken(SignEd(Claims()), *KeySet::Read(KeysOf(kEdJwk)), Ours(), "", kNow).has_value());
}

TEST(IdToken, IsOfNowWithinTheSkewOfClocks) {
  EXPECT_EQ(WithClaim("exp", kSeconds - 59), "");
  EXPECT_THAT(WithClaim("exp", kSeconds - 60), HasSubstr("has expired"));
  EXPECT_EQ(WithClaim("iat", kSeconds + 60), "");
  EXPECT_THAT(WithClaim("iat", kSeconds + 61), HasSubstr("from the future"));
  EXPECT_EQ(WithClaim("iat", kSeconds - 659), "");
  EXPECT_THAT(WithClaim("iat", kSeconds - 660), HasSubstr("too old"));
  EXPECT_EQ(WithClaim("nbf", kSeconds + 60), "");
  EXPECT_THAT(WithClaim("nbf", kSeconds + 61), HasSubstr("not valid yet"));
  EXPECT_THAT(WithClaim("nbf", "soon"), HasSubstr("not valid yet"));
  for (const char* name : {"exp", "iat"}) {
    for (const json::value& odd :
         {json::value(nullptr), json::value("1767571200"), json::value(1e300), json::value(true)})
      EXPECT_THAT(WithClaim(name, odd), HasSubstr("(iat, exp)")) << name;
  }
}

TEST(IdToken, ThePersonHasASubject) {
  EXPECT_THAT(WithClaim("sub", nullptr), HasSubstr("(sub)"));
  EXPECT_THAT(WithClaim("sub", ""), HasSubstr("(sub)"));
  EXPECT_THAT(WithClaim("sub", 42), HasSubstr("(sub)"));
  EXPECT_THAT(WithClaim("sub", json::string(std::string(256, 'x'))), HasSubstr("(sub)"));
}

TEST(IdToken, GroupsStandWhereTheSettingsSay) {
  Settings settings = Ours();
  json::object claims = Claims();
  claims["realm_access"] = {{"roles", {"a", 1, "b"}}};
  claims["https://example.com/groups"] = "one";
  settings.groups_claim = "realm_access.roles";
  EXPECT_THAT(Check(claims, settings)->groups, ElementsAre("a", "b"));
  settings.groups_claim = "https://example.com/groups";
  EXPECT_THAT(Check(claims, settings)->groups, ElementsAre("one"));
  settings.groups_claim = "none";
  EXPECT_THAT(Check(claims, settings)->groups, ElementsAre());
}

TEST(IdToken, NamesItsSessionAtTheProvider) {
  EXPECT_EQ(Check(Claims())->session, "");
  json::object claims = Claims();
  claims["sid"] = "s-1";
  EXPECT_EQ(Check(claims)->session, "s-1");
}

TEST(Userinfo, CompletesWhatTheTokenLeavesOut) {
  json::object claims = Claims();
  EXPECT_TRUE(Check(claims)->IsComplete());
  claims.erase("groups");
  claims.erase("preferred_username");
  Person person = *Check(claims);
  EXPECT_FALSE(person.IsComplete());
  const std::string told = R"({"sub":"42","preferred_username":"ada","groups":["ops",1,"team-a"]})";
  ASSERT_TRUE(AddUserinfo(told, Ours(), person).has_value());
  EXPECT_TRUE(person.IsComplete());
  EXPECT_EQ(person.name, "ada");
  EXPECT_THAT(person.groups, ElementsAre("ops", "team-a"));
  // What the signed token says stays.
  Person known = *Check(Claims());
  ASSERT_TRUE(
      AddUserinfo(R"({"sub":"42","preferred_username":"eve","groups":["root"]})", Ours(), known));
  EXPECT_EQ(known.name, "ada");
  EXPECT_THAT(known.groups, ElementsAre("ops", "team-a"));
  // Also that somebody is in no group.
  claims["groups"] = json::array{};
  Person alone = *Check(claims);
  ASSERT_TRUE(AddUserinfo(told, Ours(), alone).has_value());
  EXPECT_THAT(alone.groups, ElementsAre());
}

TEST(Userinfo, IsAboutThePersonOfTheToken) {
  json::object claims = Claims();
  claims.erase("groups");
  for (const char* other : {R"({"sub":"43","groups":["root"]})",
                            R"({"groups":["root"]})",
                            R"({"sub":42,"groups":["root"]})"}) {
    Person person = *Check(claims);
    const auto added = AddUserinfo(other, Ours(), person);
    ASSERT_FALSE(added.has_value()) << other;
    EXPECT_THAT(added.error().message, HasSubstr("somebody else (sub)"));
    EXPECT_THAT(person.groups, ElementsAre());
  }
  for (const char* text : {"", "[]", "null", "a.b.c"}) {
    Person person = *Check(claims);
    EXPECT_FALSE(AddUserinfo(text, Ours(), person).has_value()) << text;
  }
}

RC_GTEST_PROP(IdToken, AnyPayloadHasAnAnswer, (const std::string& bytes)) {
  const auto keys = *KeySet::Read(KeysOf(kEdJwk));
  RC_ASSERT(!CheckIdToken(SignEd(R"({"alg":"EdDSA"})", bytes), keys, Ours(), "n", kNow));
}

GroupRule Rule(std::string group,
               accounts::Role role,
               const std::vector<std::string>& scopes = {}) {
  GroupRule rule{.group = std::move(group), .role = role};
  for (const std::string& scope : scopes)
    rule.scopes.push_back(*accounts::ParseScope(scope));
  return rule;
}

TEST(Rights, TheHighestRoleOfTheGroupsCounts) {
  using accounts::Role;
  const std::vector<GroupRule> rules{Rule("all", Role::kViewer),
                                     Rule("a", Role::kOperator, {"tag:a"}),
                                     Rule("b", Role::kOperator, {"tag:b", "tag:a"}),
                                     Rule("ops", Role::kOperator),
                                     Rule("root", Role::kAdmin)};
  EXPECT_EQ(RightsOf(rules, {}), std::nullopt);
  EXPECT_EQ(RightsOf(rules, {"A", "nobody"}), std::nullopt);
  EXPECT_EQ(RightsOf(rules, {"all"}), (Rights{Role::kViewer, {}}));
  const accounts::Scope a = *accounts::ParseScope("tag:a"), b = *accounts::ParseScope("tag:b");
  EXPECT_EQ(RightsOf(rules, {"a", "all"}), (Rights{Role::kOperator, {a}}));
  EXPECT_EQ(RightsOf(rules, {"b", "a"}), (Rights{Role::kOperator, {a, b}}));
  EXPECT_EQ(RightsOf(rules, {"b", "ops"}), (Rights{Role::kOperator, {}}));
  EXPECT_EQ(RightsOf(rules, {"b", "root"}), (Rights{Role::kAdmin, {}}));
}

TEST(Flow, IsTheBrowsersButOnlyWeReadIt) {
  base::SealKey key{}, other{};
  other[0] = 1;
  const Flow flow = BeginFlow("https://box.example/auth/callback", {"/x", "challenge"}, kNow);
  const std::string sealed = SealFlow(key, flow);
  EXPECT_EQ(sealed.find(flow.state), std::string::npos);
  const auto opened = OpenFlow(key, sealed, kNow + base::minutes(9));
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(opened->state, flow.state);
  EXPECT_EQ(opened->nonce, flow.nonce);
  EXPECT_EQ(opened->verifier, flow.verifier);
  EXPECT_EQ(opened->redirect_url, flow.redirect_url);
  EXPECT_EQ(opened->next, "/x");
  EXPECT_EQ(opened->terminal, "challenge");
  EXPECT_FALSE(OpenFlow(key, sealed, kNow + base::minutes(10)).has_value());
  EXPECT_FALSE(OpenFlow(other, sealed, kNow).has_value());
  EXPECT_FALSE(OpenFlow(key, "", kNow).has_value());
  EXPECT_FALSE(OpenFlow(key, sealed.substr(1), kNow).has_value());
  EXPECT_NE(BeginFlow("", {}, kNow).state, flow.state);
}

TEST(Flow, TheChallengeIsThatOfRfc7636) {
  EXPECT_EQ(ChallengeOf("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
  EXPECT_GE(BeginFlow("", {}, kNow).verifier.size(), 43U);
  EXPECT_TRUE(IsChallenge("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));
  for (const char* bad : {"", "x", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c", "<b>"})
    EXPECT_FALSE(IsChallenge(bad)) << bad;
}

TEST(Flow, NextIsAPathOfOurs) {
  for (const char* good : {"/", "/api/v2/me", "/runs?dag=a&x=%2F#top", "/a/../b"})
    EXPECT_TRUE(IsLocalPath(good)) << good;
  for (const char* bad : {"",
                          "x",
                          "//evil.example",
                          "/\\evil.example",
                          "\\\\evil.example",
                          "https://evil.example",
                          "javascript:alert(1)",
                          " /x",
                          "/x\r\nSet-Cookie: a=b",
                          "/\t/evil.example",
                          "/<b>",
                          "/\"x",
                          "/\xc3\xa4"})
    EXPECT_FALSE(IsLocalPath(bad)) << bad;
  EXPECT_FALSE(IsLocalPath("/" + std::string(1000, 'a')));
}

std::string Described(const json::object& changes, bool allow_http = false) {
  json::object all{{"issuer", "https://login.example"},
                   {"authorization_endpoint", "https://login.example/auth"},
                   {"token_endpoint", "https://login.example/token"},
                   {"jwks_uri", "https://keys.example/jwks"}};
  for (const auto& [name, value] : changes)
    all[name] = value;
  const auto read = ReadMetadata(json::serialize(all), "https://login.example", allow_http);
  return read ? "" : read.error().message;
}

TEST(Metadata, SaysWhereTheProviderIsAsked) {
  EXPECT_EQ(MetadataUrl("https://a.example"), "https://a.example/.well-known/openid-configuration");
  EXPECT_EQ(MetadataUrl("https://a.example/realms/x/"),
            "https://a.example/realms/x/.well-known/openid-configuration");
  EXPECT_EQ(Described({}), "");
  EXPECT_THAT(Described({{"issuer", "https://login.example/"}}), HasSubstr("calls itself"));
  EXPECT_THAT(Described({{"token_endpoint", nullptr}}), HasSubstr("'token_endpoint'"));
  EXPECT_THAT(Described({{"jwks_uri", "http://keys.example/jwks"}}), HasSubstr("https://"));
  EXPECT_THAT(Described({{"jwks_uri", "http://keys.example/jwks"}}, true),
              HasSubstr("this machine"));
  EXPECT_EQ(Described({{"jwks_uri", "http://127.0.0.1:80/jwks"}}, true), "");
  EXPECT_THAT(Described({{"jwks_uri", "http://127.0.0.1.evil.example/"}}, true),
              HasSubstr("this machine"));
  EXPECT_THAT(Described({{"jwks_uri", "http://127.0.0.1@evil.example/"}}, true),
              HasSubstr("no URL of a host"));
  EXPECT_THAT(Described({{"authorization_endpoint", "javascript:alert(1)"}}),
              HasSubstr("https://"));
  EXPECT_THAT(Described({{"userinfo_endpoint", "http://login.example/me"}}), HasSubstr("https://"));
  EXPECT_THAT(Described({{"end_session_endpoint", "https://a.example/\r\nX: y"}}),
              HasSubstr("character"));
  for (const char* text : {"", "[]", "null", "{", "\"x\""})
    EXPECT_FALSE(ReadMetadata(text, "https://login.example", false).has_value()) << text;
}

RC_GTEST_PROP(Metadata, AnyBytesHaveAnAnswer, (const std::string& bytes)) {
  RC_ASSERT(!ReadMetadata(bytes, "https://login.example", true));
}

}  // namespace
}  // namespace oidc::testing
