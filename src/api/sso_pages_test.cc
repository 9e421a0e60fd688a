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
  SsoDesk desk(nullptr);
  EXPECT_TRUE(desk.UseState("a"));
  EXPECT_TRUE(desk.UseState("b"));
  EXPECT_FALSE(desk.UseState("a"));
  for (int i = 0; i < 20'000; ++i)
    EXPECT_TRUE(desk.UseState(base::Cat("n", i)));
  EXPECT_FALSE(desk.UseState("n19999"));
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
