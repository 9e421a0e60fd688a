// What of single sign-on needs no provider; the flow is judged by tests/python/test_sso.py.

#include "api/sso_pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/sso_desk.h"
#include "base/text.h"

namespace api {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(SsoPages, NoTextIsMarkup) {
  EXPECT_EQ(HtmlText(R"(<a href="x">'&')"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;");
  EXPECT_THAT(HtmlText("\xff\x1b[2J"), Not(HasSubstr("\x1b")));
  const http::Response refusal = SsoRefusal(403, "<script>alert(1)</script>");
  EXPECT_EQ(refusal.status, 403);
  EXPECT_THAT(refusal.body, HasSubstr("&lt;script&gt;"));
  EXPECT_THAT(refusal.body, Not(HasSubstr("<script")));
  const http::Response done = SsoDone("ada", "viewer", "/x?a=1&b=2");
  EXPECT_THAT(done.body, HasSubstr("content=\"0;url=/x?a=1&amp;b=2\""));
  EXPECT_THAT(SsoDone("ada", "viewer", "").body, Not(HasSubstr("refresh")));
}

TEST(SsoDesk, AStateIsUsedOnce) {
  UsedOnes states;
  EXPECT_TRUE(states.Use("a"));
  EXPECT_TRUE(states.Use("b"));
  EXPECT_FALSE(states.Use("a"));
  for (int i = 0; i < 20'000; ++i)
    EXPECT_TRUE(states.Use(base::Cat("n", i)));
  EXPECT_FALSE(states.Use("n19999"));
  EXPECT_FALSE(states.Has("a"));
}

IdentityProvider::Login LoginOf(std::string subject, std::string session) {
  IdentityProvider::Login login;
  login.person.subject = std::move(subject);
  login.person.session = std::move(session);
  return login;
}

TEST(SsoDesk, ACodeForATerminalIsGoodOnceAndForFiveMinutes) {
  SsoDesk desk(nullptr);
  const base::Time now = base::FromMicros(1'000'000);
  const std::string code = desk.KeepForTerminal(LoginOf("42", "s"), "challenge", now);
  EXPECT_FALSE(desk.TakeForTerminal("", now).has_value());
  const auto taken = desk.TakeForTerminal(code, now + base::minutes(5) - base::seconds(1));
  ASSERT_TRUE(taken.has_value());
  EXPECT_EQ(taken->challenge, "challenge");
  EXPECT_EQ(taken->login.person.subject, "42");
  EXPECT_FALSE(desk.TakeForTerminal(code, now).has_value());
  const std::string late = desk.KeepForTerminal(LoginOf("42", "s"), "challenge", now);
  EXPECT_FALSE(desk.TakeForTerminal(late, now + base::minutes(5)).has_value());
  // Of many that nobody takes the oldest go.
  const std::string oldest = desk.KeepForTerminal(LoginOf("1", ""), "c", now);
  for (int i = 1; i <= 100; ++i)
    desk.KeepForTerminal(LoginOf("2", ""), "c", now + base::seconds(i));
  EXPECT_FALSE(desk.TakeForTerminal(oldest, now).has_value());
}

TEST(SsoDesk, WhoHasLoggedOutAtTheProviderGetsNoTokenForATerminal) {
  SsoDesk desk(nullptr);
  const base::Time now = base::FromMicros(1'000'000);
  const std::string gone = desk.KeepForTerminal(LoginOf("42", "s"), "c", now);
  const std::string other = desk.KeepForTerminal(LoginOf("43", "s"), "c", now);
  desk.ForgetForTerminals({.subject = "42", .session = "s", .id = "j"});
  EXPECT_FALSE(desk.TakeForTerminal(gone, now).has_value());
  EXPECT_TRUE(desk.TakeForTerminal(other, now).has_value());
}

TEST(SsoDesk, ATokenIsGivenOnceAndNotKeptForEver) {
  SsoDesk desk(nullptr);
  desk.KeepToken("first", "a.b.c");
  EXPECT_EQ(desk.TakeToken("first"), "a.b.c");
  EXPECT_EQ(desk.TakeToken("first"), "");
  desk.KeepToken("large", std::string(20'000, 'x'));
  EXPECT_EQ(desk.TakeToken("large"), "");
  for (int i = 0; i < 600; ++i)
    desk.KeepToken(base::Cat("s", i), "t");
  EXPECT_EQ(desk.TakeToken("s0"), "");
  EXPECT_EQ(desk.TakeToken("s599"), "t");
}

}  // namespace
}  // namespace api
