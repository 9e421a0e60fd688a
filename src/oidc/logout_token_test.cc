#include "oidc/logout_token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "oidc/id_token.h"
#include "oidc/test_support.h"

namespace oidc::testing {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kSeconds = 1'767'571'200;
const base::Time kNow = base::FromMicros(kSeconds * 1'000'000);

Settings Ours() {
  return {.issuer = "https://login.example", .client_id = "signalbox"};
}

json::object Claims() {
  return {{"iss", "https://login.example"},
          {"aud", "signalbox"},
          {"sub", "42"},
          {"sid", "s-1"},
          {"jti", "j-1"},
          {"iat", kSeconds - 1},
          {"exp", kSeconds + 120},
          {"events", {{"http://schemas.openid.net/event/backchannel-logout", json::object()}}}};
}

base::Result<LogoutToken> Check(const json::object& claims) {
  return CheckLogoutToken(SignEd(claims), *KeySet::Read(KeysOf(kEdJwk)), Ours(), kNow);
}

// Why a token is refused whose claim is this one; "" where it is not. Null takes the claim away.
std::string WithClaim(std::string_view name, const json::value& value) {
  json::object claims = Claims();
  if (value.is_null())
    claims.erase(name);
  else
    claims[name] = value;
  const auto token = Check(claims);
  return token ? "" : token.error().message;
}

TEST(LogoutToken, SaysWhoHasLoggedOut) {
  const auto token = Check(Claims());
  ASSERT_TRUE(token.has_value()) << token.error().message;
  EXPECT_EQ(token->subject, "42");
  EXPECT_EQ(token->session, "s-1");
  EXPECT_EQ(token->id, "j-1");
  EXPECT_EQ(WithClaim("sub", nullptr), "");
  EXPECT_EQ(WithClaim("sid", nullptr), "");
  json::object nobody = Claims();
  nobody.erase("sub");
  nobody.erase("sid");
  EXPECT_THAT(Check(nobody).error().message, HasSubstr("(sub, sid)"));
  EXPECT_THAT(WithClaim("sub", 42), HasSubstr("'sub' is no id"));
  EXPECT_THAT(WithClaim("sid", ""), HasSubstr("'sid' is no id"));
}

TEST(LogoutToken, IsOfOurProviderForUsAndOfNow) {
  EXPECT_THAT(WithClaim("iss", "https://login.example/"), HasSubstr("which is not ours"));
  EXPECT_THAT(WithClaim("iss", nullptr), HasSubstr("which is not ours"));
  EXPECT_THAT(WithClaim("aud", "other"), HasSubstr("(aud)"));
  EXPECT_THAT(WithClaim("aud", nullptr), HasSubstr("(aud)"));
  EXPECT_EQ(WithClaim("aud", json::array{"other", "signalbox"}), "");
  EXPECT_THAT(WithClaim("iat", nullptr), HasSubstr("(iat, exp)"));
  EXPECT_THAT(WithClaim("iat", kSeconds - 660), HasSubstr("too old"));
  EXPECT_THAT(WithClaim("iat", kSeconds + 61), HasSubstr("from the future"));
  EXPECT_THAT(WithClaim("exp", kSeconds - 60), HasSubstr("has expired"));
  EXPECT_THAT(WithClaim("exp", "soon"), HasSubstr("(iat, exp)"));
  EXPECT_EQ(WithClaim("exp", nullptr), "");
  EXPECT_THAT(WithClaim("jti", nullptr), HasSubstr("(jti)"));
}

TEST(LogoutToken, IsNoOtherKindOfToken) {
  EXPECT_THAT(WithClaim("events", nullptr), HasSubstr("(events)"));
  EXPECT_THAT(WithClaim("events", json::object()), HasSubstr("(events)"));
  EXPECT_THAT(WithClaim("events", "http://schemas.openid.net/event/backchannel-logout"),
              HasSubstr("(events)"));
  EXPECT_THAT(WithClaim("events", {{"http://schemas.openid.net/event/backchannel-logout", true}}),
              HasSubstr("(events)"));
  EXPECT_THAT(WithClaim("nonce", "n"), HasSubstr("nonce"));
  // Nor does it let anybody in.
  EXPECT_FALSE(
      CheckIdToken(SignEd(Claims()), *KeySet::Read(KeysOf(kEdJwk)), Ours(), "n", kNow).has_value());
}

TEST(LogoutToken, IsSignedByTheProvider) {
  const std::string good = SignEd(Claims());
  json::object other = Claims();
  other["sub"] = "43";
  const std::string changed =
      SignEd(other).substr(0, SignEd(other).rfind('.')) + good.substr(good.rfind('.'));
  const KeySet keys = *KeySet::Read(KeysOf(kEdJwk));
  EXPECT_TRUE(CheckLogoutToken(good, keys, Ours(), kNow).has_value());
  EXPECT_THAT(CheckLogoutToken(changed, keys, Ours(), kNow).error().message,
              HasSubstr("signature is wrong"));
  EXPECT_EQ(CheckLogoutToken(good, *KeySet::Read(R"({"keys":[]})"), Ours(), kNow).error().code,
            base::ErrorCode::kNotFound);
}

TEST(LogoutToken, MeansASessionOrAllOfAPerson) {
  const LogoutToken both{"42", "s-1", "j"}, person{"42", "", "j"}, session{"", "s-1", "j"};
  EXPECT_TRUE(both.Means("42", "s-1"));
  EXPECT_FALSE(both.Means("42", "s-2"));
  EXPECT_FALSE(both.Means("43", "s-1"));
  EXPECT_TRUE(both.Means("42", ""));
  EXPECT_TRUE(person.Means("42", "s-2"));
  EXPECT_TRUE(person.Means("42", ""));
  EXPECT_FALSE(person.Means("43", "s-2"));
  EXPECT_TRUE(session.Means("43", "s-1"));
  EXPECT_FALSE(session.Means("42", ""));
}

RC_GTEST_PROP(LogoutToken, AnyPayloadHasAnAnswer, (const std::string& bytes)) {
  const auto token = CheckLogoutToken(
      SignEd(R"({"alg":"EdDSA"})", bytes), *KeySet::Read(KeysOf(kEdJwk)), Ours(), kNow);
  RC_ASSERT(!token && !token.error().message.empty());
}

}  // namespace
}  // namespace oidc::testing
