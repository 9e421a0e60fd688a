// The SMTP client against a peer of our own that says anything. tests/python/test_notifiers.py has
// it talk to aiosmtpd.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "http/smtp_client.h"
#include "http/smtp_reply.h"
#include "http/test_util.h"

namespace http {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using State = SmtpReplyReader::State;

TEST(SmtpReply, IsReadAcrossLinesAndPieces) {
  SmtpReplyReader reader;
  std::string input = "250-mail.example\r\n250-AUTH PLAIN LO";
  EXPECT_EQ(reader.Put(input), State::kIncomplete);
  input += "GIN\n250 STARTTLS\r\n220 next";
  EXPECT_EQ(reader.Put(input), State::kDone);
  const SmtpReply reply = reader.Take();
  EXPECT_EQ(reply.code, 250);
  EXPECT_THAT(reply.lines, ElementsAre("mail.example", "AUTH PLAIN LOGIN", "STARTTLS"));
  EXPECT_EQ(input, "220 next");
  const SmtpOffers offers = OffersOf(reply);
  EXPECT_TRUE(offers.start_tls);
  EXPECT_THAT(offers.auth, ElementsAre("LOGIN", "PLAIN"));
}

TEST(SmtpReply, WhatIsNoReplyFails) {
  for (const char* text : {"HTTP/1.1 400 Bad Request\r\n",
                           "150 too small\r\n",
                           "650 too large\r\n",
                           "25x\r\n",
                           "250_x\r\n",
                           "\r\n",
                           "250-a\r\n251 b\r\n"}) {
    SmtpReplyReader reader;
    std::string input = text;
    EXPECT_EQ(reader.Put(input), State::kFailed) << text;
    EXPECT_NE(reader.failure(), "");
  }
}

TEST(SmtpReply, IsBounded) {
  SmtpReplyReader lines;
  std::string input;
  for (int i = 0; i < 1000; ++i)
    input += "250-x\r\n";
  EXPECT_EQ(lines.Put(input), State::kFailed);
  SmtpReplyReader line;
  input = "250 " + std::string(5000, 'x');
  EXPECT_EQ(line.Put(input), State::kFailed);
}

// Whatever comes, and in whatever pieces, it says the same, and it ends.
RC_GTEST_PROP(SmtpReply, AnyBytesHaveAnAnswer, (const std::string& drawn, uint8_t cut)) {
  const std::string bytes = "250-a\r\n" + drawn;
  SmtpReplyReader whole, pieces;
  std::string input = bytes;
  const State expected = whole.Put(input);
  std::string rest = bytes.substr(0, cut % (bytes.size() + 1));
  State state = pieces.Put(rest);
  if (state == State::kIncomplete) {
    rest += bytes.substr(cut % (bytes.size() + 1));
    state = pieces.Put(rest);
  } else {
    rest += bytes.substr(cut % (bytes.size() + 1));
  }
  RC_ASSERT(state == expected);
  RC_ASSERT(whole.Take().lines == pieces.Take().lines);
}

// A receiver that undoes the dots gets what was sent, and no line of it is a dot alone.
RC_GTEST_PROP(SmtpData, KeepsEveryLine, (const std::vector<std::string>& drawn)) {
  std::string mail;
  for (std::string line : drawn) {
    std::erase_if(line, [](char c) { return c == '\r' || c == '\n'; });
    mail += "." + line + "\r\n" + line + "\r\n";
  }
  const std::string data = SmtpData(mail);
  RC_ASSERT(data.ends_with(mail.empty() ? ".\r\n" : "\r\n.\r\n"));
  std::string received;
  for (size_t at = 0; at < data.size();) {
    const size_t end = data.find("\r\n", at);
    std::string line = data.substr(at, end - at);
    at = end + 2;
    if (line == ".") {
      RC_ASSERT(at == data.size());
      break;
    }
    received += (line.starts_with('.') ? line.substr(1) : line) + "\r\n";
  }
  RC_ASSERT(received == mail);
}

using Result = tl::expected<SmtpOutcome, SmtpError>;

Result SendTo(uint16_t port, SmtpServer server = {.tls = SmtpServer::Tls::kNone}) {
  server.host = "127.0.0.1";
  server.port = port;
  Loop loop;
  SmtpClient client(loop);
  Result result;
  client.Send(std::move(server),
              {.from = "a@x.example", .to = {"b@x.example", "c@x.example"}, .text = ".hi\r\n"},
              base::seconds(20),
              [&](Result outcome) {
                result = std::move(outcome);
                loop.Stop();
              });
  loop.Run();
  return result;
}

// Says one line for each that it reads; the first unasked. What it read goes to `heard`.
void Say(const RawServer::Accept& accept,
         const std::vector<std::string>& lines,
         std::vector<std::string>* heard = nullptr) {
  RawSocket socket = accept();
  for (const std::string& line : lines) {
    socket.Send(line + "\r\n");
    const std::string read = socket.ReadUntil(line.starts_with("354") ? "\r\n.\r\n" : "\r\n");
    if (heard != nullptr)
      heard->push_back(read);
  }
}

TEST(SmtpClient, SaysWhatTheProtocolWants) {
  std::vector<std::string> heard;
  Result result;
  {
    const RawServer server([&](const RawServer::Accept& accept) {
      Say(accept,
          {"220 hello", "250 me", "250 ok", "250 ok", "550 5.1.1 nobody", "354 go on", "250 kept"},
          &heard);
    });
    result = SendTo(server.port());
  }
  ASSERT_TRUE(result) << result.error().error.message;
  EXPECT_THAT(heard,
              ElementsAre("EHLO [127.0.0.1]\r\n",
                          "MAIL FROM:<a@x.example>\r\n",
                          "RCPT TO:<b@x.example>\r\n",
                          "RCPT TO:<c@x.example>\r\n",
                          "DATA\r\n",
                          "..hi\r\n.\r\n",
                          "QUIT\r\n"));
  EXPECT_THAT(result->taken, ElementsAre("b@x.example"));
  ASSERT_EQ(result->refused.size(), 1U);
  EXPECT_EQ(result->refused[0].why, "550 5.1.1 nobody");
  EXPECT_TRUE(result->refused[0].is_lasting);
  EXPECT_EQ(result->answer, "250 kept");
}

TEST(SmtpClient, WithoutStartTlsNothingIsSent) {
  const RawServer server([](const RawServer::Accept& accept) {
    Say(accept, {"220 hello", "250-me\r\n250 AUTH PLAIN"});
  });
  const Result result = SendTo(server.port(), {.user = "u", .password = "hush"});
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().error.message, HasSubstr("it offers no STARTTLS"));
  EXPECT_FALSE(result.error().is_lasting);
}

// What somebody in between puts behind the answer would be read as said under TLS.
TEST(SmtpClient, WhatComesBeforeTlsIsNotTakenForWhatComesUnderIt) {
  const RawServer server([](const RawServer::Accept& accept) {
    Say(accept, {"220 hello", "250-me\r\n250 STARTTLS", "220 go on\r\n250 AUTH PLAIN"});
  });
  const Result result = SendTo(server.port(), {.user = "u", .password = "hush"});
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().error.message, HasSubstr("somebody may stand in between"));
}

TEST(SmtpClient, AMailWhoseAnswerIsLostMayHaveBeenTaken) {
  const RawServer server([](const RawServer::Accept& accept) {
    Say(accept, {"220 hello", "250 me", "250 ok", "250 ok", "250 ok", "354 go on"});
  });
  const Result result = SendTo(server.port());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().error.code, base::ErrorCode::kTimeoutUnknown);
}

TEST(SmtpClient, TellsARefusedMailFromTroubleOnTheWay) {
  struct Case {
    std::vector<std::string> says;
    bool is_lasting;
    const char* why;
  };
  for (const Case& each : {Case{{"554 go away"}, false, "554 go away"},
                           Case{{"220 hello", "500 what"}, false, "refused EHLO: 500 what"},
                           Case{{"220 hello", "250 me", "550 spam"}, true, "550 spam"},
                           Case{{"220 hello", "250 me", "451 later"}, false, "451 later"},
                           Case{{"hello"}, false, "does not speak SMTP"},
                           Case{{}, false, "ended the conversation"}}) {
    const RawServer server([&](const RawServer::Accept& accept) { Say(accept, each.says); });
    const Result result = SendTo(server.port());
    ASSERT_FALSE(result) << each.why;
    EXPECT_EQ(result.error().is_lasting, each.is_lasting) << each.why;
    EXPECT_THAT(result.error().error.message, HasSubstr(each.why));
  }
}

TEST(SmtpClient, AsksTheAddressRule) {
  const Result result =
      SendTo(1, {.tls = SmtpServer::Tls::kNone, .addresses = Addresses::kOfOthers});
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().error.message, HasSubstr("is a loopback address"));
}

}  // namespace
}  // namespace http
