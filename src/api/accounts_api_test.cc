// Users, logins, sessions and tokens over the wire: what a thief, a guesser and another site's page
// can do with them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/test_support.h"
#include "base/hash.h"

namespace api::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kPassword[] = "four quite usual words";

class AccountsApi : public ApiTest {
 protected:
  void SetUp() override { Start({}, 1); }

  static http::Request Bare(const std::string& method,
                            const std::string& target,
                            const std::string& body = "") {
    http::Request request = Request(method, target, body);
    request.headers.Remove("Authorization");
    return request;
  }
  Answer As(const std::string& token,
            const std::string& method,
            const std::string& target,
            const std::string& body = "") {
    http::Request request = Bare(method, target, body);
    request.headers.Set("Authorization", base::Cat("Bearer ", token));
    return Send(std::move(request));
  }
  // Below the root, not below /api/v2.
  Answer PostRoot(const std::string& path, const std::string& body) {
    return Send(Bare("POST", path, body));
  }
  static std::string LoginBody(const std::string& user, const std::string& password) {
    return base::Cat(R"({"username":")", user, R"(","password":")", password, R"("})");
  }
  Answer GetToken(const std::string& user, const std::string& password = kPassword) {
    return PostRoot("/auth/token", LoginBody(user, password));
  }

  // With a password of their own.
  void AddUser(const std::string& name, const std::string& role) {
    const Answer made =
        Post("users", base::Cat(R"({"name":")", name, R"(","role":")", role, R"("})"));
    ASSERT_EQ(made.status, 201) << made.detail();
    const std::string once = base::GetString(made.body, "one_time_password");
    ASSERT_EQ(PostRoot("/auth/password",
                       base::Cat(R"({"username":")",
                                 name,
                                 R"(","password":")",
                                 once,
                                 R"(","new_password":")",
                                 kPassword,
                                 R"("})"))
                  .status,
              204);
  }

  struct Browser {
    std::string cookie, csrf;
  };
  Browser LogIn(const std::string& user) {
    const Answer answer = Send(Bare("POST", "auth/login", LoginBody(user, kPassword)));
    EXPECT_EQ(answer.status, 201) << answer.detail();
    const std::string set = answer.headers.Get("Set-Cookie").value_or("");
    return {set.substr(0, set.find(';')), base::GetString(answer.body, "csrf_token")};
  }
  Answer By(const Browser& browser,
            const std::string& method,
            const std::string& target,
            const std::string& body = "") {
    http::Request request = Bare(method, target, body);
    request.headers.Set("Cookie", browser.cookie);
    if (!browser.csrf.empty())
      request.headers.Set("X-CSRF-Token", browser.csrf);
    return Send(std::move(request));
  }

  void Keep(const std::string& user, const std::string& body) {
    bool is_kept = false;
    runtime_->commands().ChangeRecords(
        {.records = {{{model::RecordKind::kUser, user}, body, std::nullopt}}, .by = "ada"},
        [&](const runtime::Outcome& outcome) {
          is_kept = outcome.has_value();
          loop_.Stop();
        });
    loop_.Run();
    ASSERT_TRUE(is_kept);
  }

  std::string Audit(const std::string& query = "") {
    return json::serialize(Get("audit?limit=200" + query).body);
  }
};

TEST_F(AccountsApi, TheProjectsTokenIsTheLocalAdmins) {
  const Answer me = Get("me");
  EXPECT_EQ(base::GetString(me.body, "name"), "api");
  EXPECT_EQ(base::GetString(me.body, "role"), "admin");
  EXPECT_EQ(base::GetString(me.body, "means"), "api");
  EXPECT_EQ(Send(Bare("GET", "me")).status, 401);
}

TEST_F(AccountsApi, AUserWhoseRecordCannotBeReadIsListedAndCanBeDeleted) {
  AddUser("ada", "viewer");
  const std::string session = base::GetString(GetToken("ada").body, "access_token");
  Keep("ada", "no JSON");
  Keep("bob", R"({"role":"emperor"})");
  AddUser("eve", "viewer");
  const Answer all = Get("users");
  ASSERT_EQ(all.status, 200) << all.detail();
  EXPECT_EQ(base::GetInt(all.body, "total_entries"), 3);
  for (const json::value& user : base::GetArray(all.body, "users"))
    EXPECT_EQ(base::GetBool(user.as_object(), "is_unreadable"),
              base::GetString(user.as_object(), "name") != "eve");
  EXPECT_TRUE(Get("users/ada").body.at("role").is_null());
  EXPECT_EQ(As(session, "GET", "me").status, 401);
  EXPECT_EQ(GetToken("ada").status, 401);
  const Answer changed = Patch("users/ada", R"({"role":"admin"})");
  EXPECT_EQ(changed.status, 409);
  EXPECT_THAT(changed.detail(), HasSubstr("delete the user, and make them again"));
  for (const char* user : {"users/ada", "users/bob"})
    EXPECT_EQ(Send(Request("DELETE", user)).status, 204);
  EXPECT_EQ(base::GetInt(Get("users").body, "total_entries"), 1);
  EXPECT_EQ(base::GetInt(Get("sessions").body, "total_entries"), 0);
  AddUser("ada", "viewer");
  EXPECT_EQ(GetToken("ada").status, 201);
}

TEST_F(AccountsApi, AnAdminMakesAUserWithAPasswordForOneLogin) {
  const Answer made = Post("users", R"({"name":"ada","role":"operator"})");
  ASSERT_EQ(made.status, 201) << made.detail();
  const std::string once = base::GetString(made.body, "one_time_password");
  EXPECT_EQ(once.size(), 24U);
  const Answer early = GetToken("ada", once);
  EXPECT_EQ(early.status, 403);
  EXPECT_THAT(early.detail(), HasSubstr("has to be changed first"));
  const auto change = [&](const std::string& from, const std::string& to) {
    return PostRoot(
               "/auth/password",
               base::Cat(
                   R"({"username":"ada","password":")", from, R"(","new_password":")", to, R"("})"))
        .status;
  };
  EXPECT_EQ(change("wrong", kPassword), 401);
  EXPECT_EQ(change(once, "short"), 422);
  EXPECT_EQ(change(once, once), 422);
  EXPECT_EQ(change(once, kPassword), 204);
  EXPECT_EQ(GetToken("ada", once).status, 401);
  const Answer token = GetToken("ada");
  ASSERT_EQ(token.status, 201) << token.detail();
  const Answer me = As(base::GetString(token.body, "access_token"), "GET", "me");
  EXPECT_EQ(base::GetString(me.body, "name"), "ada");
  EXPECT_EQ(base::GetString(me.body, "means"), "session");
  // No answer and no row of history has a password or what it was hashed to.
  const std::string shown = json::serialize(Get("users").body) + Audit() +
                            json::serialize(Get("history?limit=1000").body);
  EXPECT_THAT(shown, Not(HasSubstr("argon2")));
  EXPECT_THAT(shown, Not(HasSubstr(once)));
}

TEST_F(AccountsApi, NobodyLearnsWhichUsersThereAre) {
  AddUser("ada", "viewer");
  ASSERT_EQ(Post("users", R"({"name":"bot","role":"viewer","without_password":true})").status, 201);
  const Answer wrong = GetToken("ada", "not the right one");
  for (const char* user : {"nobody", "bot", "api", "", "ada'--"}) {
    const Answer other = GetToken(user, "not the right one");
    EXPECT_EQ(other.status, wrong.status) << user;
    EXPECT_EQ(other.detail(), wrong.detail()) << user;
  }
  ASSERT_EQ(Patch("users/ada", R"({"is_disabled":true})").status, 200);
  EXPECT_EQ(GetToken("ada").detail(), wrong.detail());
}

TEST_F(AccountsApi, FavouritesAreAUsersOwnAndGoWithThem) {
  AddUser("ada", "viewer");
  AddUser("bob", "viewer");
  const std::string ada = base::GetString(GetToken("ada").body, "access_token");
  const std::string bob = base::GetString(GetToken("bob").body, "access_token");
  const auto count = [&](const std::string& token, const std::string& flag) {
    return base::GetInt(As(token, "GET", "dags?is_favorite=" + flag).body, "total_entries");
  };
  EXPECT_EQ(As(ada, "POST", "dags/none/favorite").status, 404);
  EXPECT_EQ(As(ada, "POST", "dags/spark/unfavorite").status, 409);
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(As(ada, "POST", "dags/spark/favorite").status, 204);
  EXPECT_EQ(count(ada, "true"), 1);
  EXPECT_EQ(count(ada, "false"), 1);
  EXPECT_EQ(count(bob, "true"), 0);
  EXPECT_EQ(As(ada, "GET", "dags/spark/details").body.at("is_favorite"), json::value(true));
  EXPECT_EQ(As(bob, "GET", "dags/spark/details").body.at("is_favorite"), json::value(false));
  EXPECT_THAT(Audit(), Not(HasSubstr("favourite")));
  StopServer();
  StartServer();
  EXPECT_EQ(count(ada, "true"), 1);
  EXPECT_EQ(As(ada, "POST", "dags/spark/unfavorite").status, 204);
  EXPECT_EQ(count(ada, "true"), 0);
  for (const std::string& token : {ada, bob})
    EXPECT_EQ(As(token, "POST", "dags/empty/favorite").status, 204);
  EXPECT_EQ(Send(Request("DELETE", "users/ada")).status, 204);
  const auto left = runtime_->views().Records(model::RecordKind::kFavourite);
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0]->id.name, "bob/empty");
}

TEST_F(AccountsApi, GuessingIsSlowedDownForAUserAndAnAddress) {
  AddUser("ada", "viewer");
  // The sixth failure makes the next one wait for 2 s, the seventh for 4 s.
  int wrong = 0, refused = 0;
  while (wrong < 7) {
    const int status = GetToken("ada", "not the right one").status;
    ASSERT_TRUE(status == 401 || status == 429) << status;
    ++(status == 401 ? wrong : refused);
  }
  EXPECT_GE(refused, 1);
  // The right password waits as well: a guesser would learn it else.
  const Answer right = GetToken("ada");
  EXPECT_EQ(right.status, 429);
  EXPECT_THAT(right.detail(), HasSubstr("wait"));
  const auto seconds = base::ParseInt(right.headers.Get("Retry-After").value_or(""));
  EXPECT_TRUE(seconds && *seconds >= 1 && *seconds <= 60);
  EXPECT_THAT(Audit("&refused=true"), HasSubstr("a login as 'ada'"));
}

TEST_F(AccountsApi, ASessionIsABrowsersOwn) {
  AddUser("ada", "operator");
  const Answer login = Send(Bare("POST", "auth/login", LoginBody("ada", kPassword)));
  const std::string cookie = login.headers.Get("Set-Cookie").value_or("");
  EXPECT_TRUE(cookie.starts_with("signalbox-demo=sbs_")) << cookie;
  EXPECT_THAT(cookie, HasSubstr("HttpOnly; SameSite=Strict"));
  const Browser browser = LogIn("ada");
  const Answer me = By(browser, "GET", "me");
  EXPECT_EQ(base::GetString(me.body, "name"), "ada");
  EXPECT_EQ(base::GetString(me.body, "csrf_token"), browser.csrf);
  EXPECT_EQ(By(browser, "PATCH", "dags/spark", R"({"is_paused":true})").status, 200);
  // The cookie's text is no bearer token, and a bearer token no cookie.
  const std::string text = browser.cookie.substr(browser.cookie.find('=') + 1);
  EXPECT_EQ(As(text, "GET", "me").status, 401);
  const std::string bearer = base::GetString(GetToken("ada").body, "access_token");
  EXPECT_EQ(By({"signalbox-demo=" + bearer, ""}, "GET", "me").status, 401);
  EXPECT_THAT(json::serialize(Get("history?limit=1000").body),
              HasSubstr(R"("actor":"ada","means":"session")"));
}

TEST_F(AccountsApi, AnotherSitesPageChangesNothing) {
  AddUser("ada", "operator");
  Browser browser = LogIn("ada");
  const std::string csrf = std::exchange(browser.csrf, "");
  const auto pause = [&](const Browser& by) {
    return By(by, "PATCH", "dags/spark", R"({"is_paused":true})").status;
  };
  EXPECT_EQ(pause(browser), 403);
  EXPECT_EQ(pause({browser.cookie, LogIn("ada").csrf}), 403);
  http::Request cross = Bare("PATCH", "dags/spark", R"({"is_paused":true})");
  cross.headers.Set("Cookie", browser.cookie);
  cross.headers.Set("X-CSRF-Token", csrf);
  cross.headers.Set("Sec-Fetch-Site", "cross-site");
  EXPECT_EQ(Send(cross).status, 403);
  cross.headers.Remove("Sec-Fetch-Site");
  cross.headers.Set("Origin", "http://evil.example");
  EXPECT_EQ(Send(cross).status, 403);
  EXPECT_EQ(Get("dags/spark").body["is_paused"], json::value(false));
  EXPECT_EQ(pause({browser.cookie, csrf}), 200);
  // A page of others can log nobody in, neither as itself nor as the person.
  http::Request login = Bare("POST", "auth/login", LoginBody("ada", kPassword));
  for (const char* site : {"cross-site", "same-site"}) {
    login.headers.Set("Sec-Fetch-Site", site);
    const Answer answer = Send(login);
    EXPECT_EQ(answer.status, 403) << site;
    EXPECT_FALSE(answer.headers.Has("Set-Cookie"));
  }
  login.headers.Set("Sec-Fetch-Site", "same-origin");
  EXPECT_EQ(Send(login).status, 201);
  login.headers.Set("Content-Type", "text/plain");
  EXPECT_EQ(Send(login).status, 415);
}

class AccountsBehindAProxy : public AccountsApi {
 protected:
  void SetUp() override {
    proxies_ = {*base::ParseIpNetwork("127.0.0.1")};
    has_secure_cookies_ = true;
    Start({}, 1);
  }
};

// It has TLS, and our hop does not.
TEST_F(AccountsBehindAProxy, ASessionsCookieIsSecure) {
  AddUser("ada", "operator");
  const auto ask = [&](http::Request request) {
    request.headers.Set("X-Forwarded-Proto", "https");
    request.headers.Set("X-Forwarded-Host", "box.example");
    request.headers.Set("Origin", "https://box.example");
    return Send(std::move(request));
  };
  const Answer in = ask(Bare("POST", "auth/login", LoginBody("ada", kPassword)));
  ASSERT_EQ(in.status, 201) << in.detail();
  const std::string cookie = in.headers.Get("Set-Cookie").value_or("");
  EXPECT_THAT(cookie, HasSubstr("__Host-signalbox-demo="));
  EXPECT_THAT(cookie, HasSubstr("; Secure"));
  EXPECT_THAT(cookie, HasSubstr("; Path=/;"));
  EXPECT_THAT(cookie, Not(HasSubstr("Domain")));
  EXPECT_TRUE(in.headers.Has("Strict-Transport-Security"));
  http::Request me = Bare("GET", "me");
  me.headers.Set("Cookie", cookie.substr(0, cookie.find(';')));
  EXPECT_EQ(ask(me).status, 200);
  // Without the prefix anybody on the way could have put it there.
  me.headers.Set("Cookie", cookie.substr(7, cookie.find(';') - 7));
  EXPECT_EQ(ask(me).status, 401);
}

TEST_F(AccountsApi, ATokenShowsTheRoleThatItHasToday) {
  AddUser("ada", "operator");
  const Answer made = Post("tokens", R"({"name":"ci","user":"ada","role":"admin"})");
  ASSERT_EQ(made.status, 201) << made.detail();
  EXPECT_EQ(base::GetString(made.body, "role"), "operator");
  const auto listed = [&] {
    return base::GetString(Get("tokens").body.at("tokens").at(0).as_object(), "role");
  };
  EXPECT_EQ(listed(), "operator");
  EXPECT_EQ(As(base::GetString(made.body, "token"), "GET", "users").status, 403);
  Patch("users/ada", R"({"role":"viewer"})");
  EXPECT_EQ(listed(), "viewer");
}

TEST_F(AccountsApi, ASessionThatWasPlantedIsNobodys) {
  AddUser("ada", "viewer");
  const Browser planted{"signalbox-demo=sbs_aaaaaaaaaaaaa_" + std::string(52, 'a'), ""};
  EXPECT_EQ(By(planted, "GET", "me").status, 401);
  http::Request login = Bare("POST", "auth/login", LoginBody("ada", kPassword));
  login.headers.Set("Cookie", planted.cookie);
  const Answer in = Send(login);
  ASSERT_EQ(in.status, 201);
  EXPECT_THAT(in.headers.Get("Set-Cookie").value_or(""), Not(HasSubstr(planted.cookie)));
  EXPECT_EQ(By(planted, "GET", "me").status, 401);
  // Two cookies of the name: one of them was put there by somebody else.
  const Browser own = LogIn("ada");
  EXPECT_EQ(By({own.cookie + "; " + planted.cookie, ""}, "GET", "me").status, 401);
}

TEST_F(AccountsApi, ABrowserThatLogsInAgainLeavesItsSession) {
  AddUser("ada", "viewer");
  const Browser browser = LogIn("ada"), other = LogIn("ada");
  http::Request again = Bare("POST", "auth/login", LoginBody("ada", kPassword));
  again.headers.Set("Cookie", browser.cookie);
  ASSERT_EQ(Send(again).status, 201);
  EXPECT_EQ(By(browser, "GET", "me").status, 401);
  EXPECT_EQ(By(other, "GET", "me").status, 200);
  // A session that goes as the oldest of too many is left once.
  for (int i = 0; i < 18; ++i)
    LogIn("ada");
  http::Request oldest = Bare("POST", "auth/login", LoginBody("ada", kPassword));
  oldest.headers.Set("Cookie", other.cookie);
  EXPECT_EQ(Send(oldest).status, 201);
}

TEST_F(AccountsApi, ALogoutEndsTheSessionAtOnce) {
  AddUser("ada", "viewer");
  const Browser browser = LogIn("ada"), other = LogIn("ada");
  EXPECT_EQ(By({browser.cookie, ""}, "POST", "auth/logout", "{}").status, 403);
  const Answer out = By(browser, "POST", "auth/logout", "{}");
  EXPECT_EQ(out.status, 204);
  EXPECT_THAT(out.headers.Get("Set-Cookie").value_or(""), HasSubstr("Max-Age=0"));
  EXPECT_EQ(By(browser, "GET", "me").status, 401);
  EXPECT_EQ(By(other, "GET", "me").status, 200);
  // Their own sessions they can end from anywhere; those of others are not there.
  AddUser("eve", "operator");
  const Browser eve = LogIn("eve");
  const std::string id = base::GetString(
      base::GetArray(By(other, "GET", "sessions").body, "sessions").at(0).get_object(), "id");
  EXPECT_EQ(By(eve, "DELETE", "sessions/" + id).status, 404);
  EXPECT_EQ(By(eve, "GET", "sessions?user=ada").status, 403);
  EXPECT_EQ(By(other, "DELETE", "sessions/" + id).status, 204);
  EXPECT_EQ(By(other, "GET", "me").status, 401);
}

TEST_F(AccountsApi, WhoeverIsGivenLessBeginsAgain) {
  AddUser("ada", "operator");
  const Browser browser = LogIn("ada");
  const std::string bearer = base::GetString(GetToken("ada").body, "access_token");
  ASSERT_EQ(Post("tokens", R"({"name":"ci","user":"ada"})").status, 201);
  ASSERT_EQ(Patch("users/ada", R"({"role":"viewer"})").status, 200);
  EXPECT_EQ(By(browser, "GET", "me").status, 401);
  EXPECT_EQ(As(bearer, "GET", "me").status, 401);
  const Browser again = LogIn("ada");
  EXPECT_EQ(By(again, "PATCH", "dags/spark", R"({"is_paused":true})").status, 403);
  const Answer reset = Post("users/ada/resetPassword", "{}");
  EXPECT_EQ(reset.status, 200) << reset.detail();
  EXPECT_EQ(By(again, "GET", "me").status, 401);
  EXPECT_EQ(GetToken("ada").status, 401);
  EXPECT_THAT(Audit(), HasSubstr("\"from\":\"operator, all DAGs\",\"to\":\"viewer, all DAGs\""));
}

TEST_F(AccountsApi, ATokenIsShownOnceAndCanBeRevoked) {
  AddUser("ada", "operator");
  const std::string bearer = base::GetString(GetToken("ada").body, "access_token");
  const Answer made = As(bearer, "POST", "tokens", R"({"name":"ci","expires_in":"30d"})");
  ASSERT_EQ(made.status, 201) << made.detail();
  const std::string token = base::GetString(made.body, "token");
  const std::string id = base::GetString(made.body, "id");
  EXPECT_TRUE(token.starts_with(base::GetString(made.body, "prefix") + "_"));
  EXPECT_EQ(base::GetString(As(token, "GET", "me").body, "means"), "token");
  const std::string listed = json::serialize(As(bearer, "GET", "tokens").body);
  EXPECT_THAT(listed, HasSubstr(id));
  EXPECT_THAT(listed, Not(HasSubstr(token)));
  EXPECT_THAT(listed, Not(HasSubstr(base::Sha256Hex(token))));
  std::string guess = token;
  guess.back() = guess.back() == 'a' ? 'b' : 'a';
  EXPECT_EQ(As(guess, "GET", "me").status, 401);
  // It makes no other, which could live longer.
  EXPECT_EQ(As(token, "POST", "tokens", R"({"name":"more"})").status, 403);
  AddUser("eve", "operator");
  const std::string eve = base::GetString(GetToken("eve").body, "access_token");
  EXPECT_EQ(As(eve, "DELETE", "tokens/" + id).status, 404);
  EXPECT_EQ(As(eve, "POST", "tokens", R"({"name":"x","user":"ada"})").status, 403);
  EXPECT_EQ(As(bearer, "DELETE", "tokens/" + id).status, 204);
  EXPECT_EQ(As(token, "GET", "me").status, 401);
}

TEST_F(AccountsApi, WithAUserGoTheirTokensAndSessions) {
  AddUser("ada", "operator");
  const std::string bearer = base::GetString(GetToken("ada").body, "access_token");
  const std::string token =
      base::GetString(Post("tokens", R"({"name":"ci","user":"ada"})").body, "token");
  EXPECT_EQ(As(token, "GET", "dags").status, 200);
  ASSERT_EQ(Patch("users/ada", R"({"is_disabled":true})").status, 200);
  EXPECT_EQ(As(token, "GET", "dags").status, 401);
  ASSERT_EQ(Patch("users/ada", R"({"is_disabled":false})").status, 200);
  EXPECT_EQ(As(token, "GET", "dags").status, 200);
  ASSERT_EQ(Send(Request("DELETE", "users/ada")).status, 204);
  EXPECT_EQ(As(token, "GET", "dags").status, 401);
  EXPECT_EQ(As(bearer, "GET", "dags").status, 401);
  EXPECT_THAT(base::GetArray(Get("tokens").body, "tokens"), IsEmpty());
  // Who comes by the name later has nothing of it.
  ASSERT_EQ(Post("users", R"({"name":"ada","without_password":true})").status, 201);
  EXPECT_EQ(As(token, "GET", "dags").status, 401);
}

TEST_F(AccountsApi, TheyLastOverARestart) {
  AddUser("ada", "operator");
  const Browser browser = LogIn("ada");
  const std::string token =
      base::GetString(Post("tokens", R"({"name":"ci","user":"ada"})").body, "token");
  StopServer();
  StartServer();
  EXPECT_EQ(By(browser, "GET", "me").status, 200);
  EXPECT_EQ(As(token, "GET", "me").status, 200);
}

TEST_F(AccountsApi, WhatIsRefusedIsKeptOnceAndCounted) {
  AddUser("eve", "viewer");
  const std::string eve = base::GetString(GetToken("eve").body, "access_token");
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(As(eve, "PATCH", "dags/spark", R"({"is_paused":true})").status, 403);
  Send(Bare("PATCH", "dags/spark", R"({"is_paused":true})"));
  const Answer refused = Get("audit?refused=true");
  EXPECT_EQ(base::GetInt(refused.body, "total_entries"), 2) << json::serialize(refused.body);
  EXPECT_THAT(json::serialize(refused.body), HasSubstr("access to PATCH /api/v2/dags/spark"));
  EXPECT_THAT(json::serialize(refused.body), HasSubstr("this needs the role operator"));
  EXPECT_EQ(base::GetInt(Get("audit?refused=true&actor=eve").body, "total_entries"), 1);
  EXPECT_EQ(base::GetInt(Get("audit?until=2020-01-01T00:00:00Z").body, "total_entries"), 0);
}

TEST_F(AccountsApi, WhatIsNoUserIsRefused) {
  for (const char* body : {R"({"name":"Ada"})",
                           R"({"name":"api"})",
                           R"({"name":"ada","role":"root"})",
                           R"({"name":"ada","scopes":["everything"]})",
                           R"({"name":"ada","role":"admin","scopes":["dag:x"]})",
                           R"({"name":"ada","password_hash":"x"})"})
    EXPECT_EQ(Post("users", body).status, 422) << body;
  EXPECT_EQ(Post("users", R"({"name":"ada","without_password":true})").status, 201);
  EXPECT_EQ(Post("users", R"({"name":"ada","without_password":true})").status, 409);
  EXPECT_EQ(Get("users/eve").status, 404);
  EXPECT_EQ(Post("tokens", R"({"name":"ci"})").status, 422);
  EXPECT_EQ(Post("tokens", R"({"name":"ci","user":"ada","expires_in":"900d"})").status, 422);
}

class AccountsInFastTime : public AccountsApi {
 protected:
  void SetUp() override { Start({}, 2000); }
};

TEST_F(AccountsInFastTime, ATokenExpires) {
  ASSERT_EQ(Post("users", R"({"name":"bot","without_password":true})").status, 201);
  const Answer made = Post("tokens", R"({"name":"t","user":"bot","expires_in":"1h"})");
  const std::string token = base::GetString(made.body, "token");
  EXPECT_EQ(As(token, "GET", "me").status, 200);
  Answer late = As(token, "GET", "me");
  while (late.status == 200) {
    http::Timer pause = loop_.After(base::milliseconds(50), [&] { loop_.Stop(); });
    loop_.Run();
    late = As(token, "GET", "me");
  }
  EXPECT_EQ(late.status, 401);
  EXPECT_THAT(late.detail(), HasSubstr("expired"));
  // Its last use was noted, quietly.
  const json::object listed = base::GetArray(Get("tokens").body, "tokens").at(0).get_object();
  EXPECT_NE(base::GetString(listed, "last_used_at"), "");
  EXPECT_THAT(json::serialize(Get("history?kind=record&limit=100").body),
              Not(HasSubstr("last_used")));
}

class AccountsInVeryFastTime : public AccountsApi {
 protected:
  void SetUp() override { Start({}, 200'000); }
};

TEST_F(AccountsInVeryFastTime, APasswordForOneLoginExpires) {
  const std::string once =
      base::GetString(Post("users", R"({"name":"ada"})").body, "one_time_password");
  Answer login = GetToken("ada", once);
  while (login.status == 403)
    login = GetToken("ada", once);
  EXPECT_EQ(login.status, 401) << login.detail();
  EXPECT_EQ(login.detail(), GetToken("nobody", once).detail());
}

}  // namespace
}  // namespace api::testing
