// One attempt by HTTP, against servers that answer anything. Mail and SNS have their judges in
// tests/python/test_notifiers.py.

#include "runtime/notice_sender.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hash.h"
#include "base/text.h"
#include "engine/state.h"
#include "http/message.h"
#include "http/test_util.h"

namespace runtime {
namespace {

using base::Cat;
using ::testing::HasSubstr;
using ::testing::Not;
using Result = tl::expected<std::string, SendFailure>;

class Sender : public ::testing::Test {
 protected:
  Sender()
      : session_(*aws::Session::Create(
            loop_,
            {.environment = ForAws({{"AWS_ACCESS_KEY_ID", "k"},
                                    {"AWS_SECRET_ACCESS_KEY", "s"},
                                    {"AWS_REGION", "us-east-1"},
                                    {"AWS_CONFIG_FILE", "/dev/null"},
                                    {"AWS_SHARED_CREDENTIALS_FILE", "/dev/null"}})})) {}

  notify::Notifier Hook(uint16_t port, const std::string& path = "/some/secret-path") const {
    return {.name = "hook",
            .type = notify::NotifierType::kWebhook,
            .url = Cat("http://127.0.0.1:", port, path),
            .secret = {"env:HOOK"},
            .allow_private = true,
            .timeout = base::seconds(20)};
  }

  Result Send(const notify::Notifier& notifier, notify::Message message = {.id = "n1"}) {
    Result result;
    sender_.SendAndTell(notifier, message, {}, [&](Result told) {
      result = std::move(told);
      loop_.Stop();
    });
    loop_.Run();
    return result;
  }

  Result SendTo(const http::Response& response) {
    const http::ServerThread server(
        [&](const http::Request&, http::Responder responder) { responder.Send(response); });
    return Send(Hook(server.port()));
  }

  http::Loop loop_;
  base::Clock clock_;
  std::unique_ptr<aws::Session> session_;
  Environment environment_{{"HOOK", "hook-secret"}};
  engine::State state_;
  SecretReferences references_{
      "/", environment_, [this]() -> const engine::State& { return state_; }};
  NoticeSender sender_{
      {.loop = loop_,
       .clock = clock_,
       .session = *session_,
       .secrets = references_,
       .mask = [](std::string text) { return base::ReplaceAll(text, "known-secret", "***"); }}};
};

TEST_F(Sender, SignsWhatItPosts) {
  http::Request seen;
  const http::ServerThread server([&](const http::Request& request, http::Responder responder) {
    seen = request;
    responder.Send({.status = 202, .body = "thanks"});
  });
  const Result result =
      Send(Hook(server.port()), {.id = "n1", .title = "t", .text = "it is known-secret"});
  ASSERT_TRUE(result) << result.error().why;
  EXPECT_EQ(*result, "HTTP 202: thanks");
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.target, "/some/secret-path");
  EXPECT_EQ(seen.headers.Get("X-Signalbox-Id"), "n1");
  EXPECT_THAT(seen.body, HasSubstr("it is ***"));
  const std::string signature = seen.headers.Get("X-Signalbox-Signature").value_or("");
  const std::string time = signature.substr(2, signature.find(',') - 2);
  EXPECT_EQ(
      signature,
      Cat("t=",
          time,
          ",v1=",
          base::Hex(base::AsText(base::HmacSha256("hook-secret", Cat(time, ".", seen.body))))));
}

TEST_F(Sender, TellsWhatMayPassFromWhatIsFinal) {
  struct Case {
    int status;
    bool is_final;
  };
  for (const Case& each : {Case{400, true},
                           Case{401, true},
                           Case{404, true},
                           Case{410, true},
                           Case{408, false},
                           Case{429, false},
                           Case{500, false},
                           Case{503, false}}) {
    const Result result = SendTo({.status = each.status, .body = "no"});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().is_final, each.is_final) << each.status;
    EXPECT_EQ(result.error().why, Cat("HTTP ", each.status, ": no"));
  }
}

TEST_F(Sender, WaitsAsLongAsTheReceiverSays) {
  http::Response busy{.status = 429};
  busy.headers.Set("Retry-After", "120");
  EXPECT_EQ(SendTo(busy).error().retry_after, base::minutes(2));
  busy.headers.Set("Retry-After", "99999999999");
  EXPECT_EQ(SendTo(busy).error().retry_after, base::hours(24));
  busy.headers.Set("Retry-After", "soon");
  EXPECT_EQ(SendTo(busy).error().retry_after, std::nullopt);
  busy.headers.Set("Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(SendTo(busy).error().retry_after, base::Duration(0));
  busy.status = 400;
  EXPECT_EQ(SendTo(busy).error().retry_after, std::nullopt);
}

TEST_F(Sender, FollowsNoRedirect) {
  http::Response moved{.status = 307};
  moved.headers.Set("Location", "http://169.254.169.254/latest?x=known-secret");
  const Result result = SendTo(moved);
  ASSERT_FALSE(result);
  EXPECT_TRUE(result.error().is_final);
  EXPECT_EQ(result.error().why,
            "HTTP 307; redirects are not followed, and it leads to 169.254.169.254");
}

TEST_F(Sender, NoSecretIsInWhatItTells) {
  const Result echoed =
      SendTo({.status = 400, .body = "bad: hook-secret at /some/secret-path, known-secret"});
  EXPECT_EQ(echoed.error().why, "HTTP 400: bad: *** at ***, ***");
  const http::RawServer server([](const http::RawServer::Accept& accept) {
    http::RawSocket socket = accept();
    socket.ReadUntil("\r\n\r\n");
    socket.Send("garbage\r\n\r\n");
  });
  const Result garbage = Send(Hook(server.port()));
  ASSERT_FALSE(garbage);
  EXPECT_FALSE(garbage.error().is_final);
  EXPECT_THAT(garbage.error().why, Not(HasSubstr("secret-path")));
}

TEST_F(Sender, WithoutItsSecretNothingIsSent) {
  environment_.clear();
  const Result result = Send(Hook(1));
  ASSERT_FALSE(result);
  EXPECT_FALSE(result.error().is_final);
  EXPECT_EQ(result.error().why, "the server's environment has no variable HOOK");
}

TEST_F(Sender, ThisMachineIsReachedOnlyWhereItIsAllowed) {
  notify::Notifier hook = Hook(1);
  hook.allow_private = false;
  const Result result = Send(hook);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().why, HasSubstr("127.0.0.1 is a loopback address"));
}

TEST_F(Sender, WhatIsUnderWayIsDroppedWithIt) {
  bool was_told = false;
  {
    NoticeSender other{{.loop = loop_,
                        .clock = clock_,
                        .session = *session_,
                        .secrets = references_,
                        .mask = [](std::string text) { return text; }}};
    other.Send(Hook(1), {.id = "n"}, {}, [&](const auto&) { was_told = true; });
    environment_.clear();
    other.Send(Hook(1), {.id = "n"}, {}, [&](const auto&) { was_told = true; });
  }
  loop_.Post([this] { loop_.Post([this] { loop_.Stop(); }); });
  loop_.Run();
  EXPECT_FALSE(was_told);
}

}  // namespace
}  // namespace runtime
