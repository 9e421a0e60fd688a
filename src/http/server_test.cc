#include "http/server.h"

#include <future>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <vector>

#include "http/client.h"
#include "http/test_util.h"

namespace http {
namespace {

using base::milliseconds;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// Answers with what it saw.
void Echo(Request request, const Responder& responder) {
  responder.Send({.body = base::Cat(request.method, " ", request.target, " ", request.body, ";")});
}

size_t CountOf(std::string_view text, std::string_view part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

TEST(Server, WritesACompleteResponse) {
  ServerThread server(Echo);
  const std::string got = server.Ask("GET /x?y=1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(got, StartsWith("HTTP/1.1 200 OK\r\nDate: "));
  EXPECT_THAT(got, HasSubstr(" GMT\r\nContent-Length: 12\r\nConnection: close\r\n\r\n"));
  EXPECT_THAT(got, EndsWith("GET /x?y=1 ;"));
}

TEST(Server, LeavesTheHandlersDateAlone) {
  ServerThread server([](Request, Responder responder) {
    Response response;
    response.headers.Add("date", "a virtual day");
    responder.Send(response);
  });
  const std::string got = server.Ask("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(got, HasSubstr("date: a virtual day\r\n"));
  EXPECT_THAT(got, Not(HasSubstr("Date: ")));
}

TEST(Server, KeepsTheConnectionForTheNextRequest) {
  ServerThread server(Echo);
  RawSocket socket = RawSocket::ConnectTo(server.port());
  for (const char* path : {"/1", "/2", "/3"}) {
    socket.Send(base::Cat("GET ", path, " HTTP/1.1\r\nHost: h\r\n\r\n"));
    EXPECT_THAT(socket.ReadUntil(";"), EndsWith(base::Cat("GET ", path, " ;")));
  }
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  std::promise<void> held_one;
  std::vector<std::string> seen;
  std::vector<Responder> held;
  ServerThread server([&](Request request, Responder responder) {
    seen.push_back(request.target);
    if (request.target != "/held")
      return Echo(request, responder);
    held.push_back(responder);
    held_one.set_value();
  });
  RawSocket socket = RawSocket::ConnectTo(server.port());
  socket.Send(
      "POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"
      "GET /held HTTP/1.1\r\nHost: h\r\n\r\n"
      "POST /2 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nxy\r\n0\r\n\r\n"
      "GET /3 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(socket.ReadUntil(";"), EndsWith("POST /1 abc;"));
  held_one.get_future().wait();
  server.loop().Post([&] {
    EXPECT_EQ(seen, (std::vector<std::string>{"/1", "/held"}));
    held.front().Send({.body = "at last;"});
  });
  EXPECT_THAT(socket.ReadUntil(";"), EndsWith("at last;"));
  EXPECT_THAT(socket.ReadUntil(";"), EndsWith("POST /2 xy;"));
  EXPECT_THAT(socket.ReadToEnd(), EndsWith("GET /3 ;"));
}

TEST(Server, AnswersHeadWithTheLengthAlone) {
  ServerThread server([](Request, Responder responder) { responder.Send({.body = "12345"}); });
  const std::string got = server.Ask("HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(got, HasSubstr("Content-Length: 5\r\n"));
  EXPECT_THAT(got, EndsWith("\r\n\r\n"));
}

TEST(Server, GivesNoContentNoLength) {
  ServerThread server([](Request, Responder responder) { responder.Send({.status = 204}); });
  const std::string got = server.Ask("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(got, StartsWith("HTTP/1.1 204 No Content\r\n"));
  EXPECT_THAT(got, Not(HasSubstr("Content-Length")));
}

TEST(Server, SpeaksHttp10) {
  ServerThread server(Echo);
  EXPECT_THAT(server.Ask("GET /old HTTP/1.0\r\n\r\n"), EndsWith("GET /old ;"));
  RawSocket socket = RawSocket::ConnectTo(server.port());
  socket.Send("GET /old HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(socket.ReadUntil(";"), HasSubstr("Connection: keep-alive\r\n"));
  socket.Send("GET /older HTTP/1.0\r\n\r\n");
  EXPECT_THAT(socket.ReadToEnd(), EndsWith("GET /older ;"));
}

TEST(Server, ContinuesWhenAskedTo) {
  ServerThread server(Echo, {.max_body = 10});
  RawSocket socket = RawSocket::ConnectTo(server.port());
  socket.Send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(socket.ReadUntil("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  socket.Send("body");
  EXPECT_THAT(socket.ReadUntil(";"), EndsWith("POST / body;"));
  // Too large: the refusal comes instead of the invitation.
  socket.Send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(socket.ReadUntil("\r\n\r\n"), StartsWith("HTTP/1.1 413 "));
}

TEST(Server, TakesTheAbsoluteFormOfATarget) {
  ServerThread server(Echo);
  for (const auto& [target, path] : std::vector<std::pair<std::string, std::string>>{
           {"http://h/a?b", "/a?b"}, {"http://h", "/"}, {"http://h?q", "/?q"}}) {
    EXPECT_THAT(
        server.Ask(base::Cat("GET ", target, " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")),
        EndsWith(base::Cat("GET ", path, " ;")));
  }
}

TEST(Server, TakesTheAuthorityOfTheAbsoluteFormForTheHost) {
  ServerThread server([](Request request, const Responder& responder) {
    responder.Send({.body = request.headers.Get("Host").value_or("none")});
  });
  EXPECT_THAT(server.Ask("GET http://other:1/a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"),
              EndsWith("\r\n\r\nother:1"));
}

TEST(Server, RepeatsLittleOfWhatItRefuses) {
  ServerThread server(Echo);
  const std::string got = server.Ask(
      base::Cat("GET / HTTP/1.1\r\nHost: h\r\nExpect: ", std::string(9000, 'x'), "\r\n\r\n"));
  EXPECT_THAT(got, StartsWith("HTTP/1.1 417 "));
  EXPECT_LT(got.size(), 600u);
}

struct BadRequest {
  std::string bytes;
  int status;
};

TEST(Server, RefusesWhatTwoParsersCouldReadDifferently) {
  int handled = 0;
  ServerThread server([&](Request, Responder responder) {
    ++handled;
    responder.Send({});
  });
  const std::string post = "POST / HTTP/1.1\r\nHost: h\r\n";
  const std::vector<BadRequest> cases = {
      {post + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {post + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400},
      {post + "Transfer-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", 400},
      {post + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400},
      {post + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400},
      {post + "Content-Length: 3, 3\r\n\r\nabc", 400},
      {post + "Content-Length: +3\r\n\r\nabc", 400},
      {post + "Content-Length: -1\r\n\r\nabc", 400},
      {post + "Content-Length: 0x3\r\n\r\nabc", 400},
      {post + "Content-Length:\r\n\r\nabc", 400},
      {post + "Content-Length: 99999999999999999999\r\n\r\nabc", 400},
      {post + "Content-Length : 3\r\n\r\nabc", 400},
      {post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
      {post + "Transfer-Encoding: identity\r\n\r\n", 501},
      {post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501},
      {post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n", 400},
      {post + "Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n", 400},
      {post + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", 400},
      {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505},
      {"GET / HTTP/1.2\r\nHost: h\r\n\r\n", 505},
      {"GET / HTPP/1.1\r\nHost: h\r\n\r\n", 400},
      {"GET /\r\n\r\n", 400},
      {"GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"GET x HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"GET / HTTP/1.1\nHost: h\n\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\n: empty\r\n\r\n", 400},
      {std::string("GET / HTTP/1.1\r\nHost: h\r\nX: \0\r\n\r\n", 34), 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nExpect: wonders\r\n\r\n", 417},
      {"GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n\tb\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n \r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400},
      {post + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h@evil\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h:80@evil\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h:x\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h, evil\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h/evil\r\n\r\n", 400},
      {"GET http://u@h/ HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nAuthorization: a\r\nAuthorization: a\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nAuthorization: a\r\nauthorization: b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nOrigin: a\r\nOrigin: b\r\n\r\n", 400},
      {post + "Content-Type: a\r\nContent-Type: b\r\nContent-Length: 0\r\n\r\n", 400},
      {"GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"GET /\xc3\xb6 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"GET /\x7f HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"\x16\x03\x01\x02 a TLS client\r\n\r\n", 400},
  };
  for (const BadRequest& bad : cases) {
    const std::string got = server.Ask(bad.bytes);
    EXPECT_THAT(got, StartsWith(base::Cat("HTTP/1.1 ", bad.status, " "))) << bad.bytes;
    EXPECT_THAT(got, HasSubstr("\r\nConnection: close\r\n")) << bad.bytes;
    EXPECT_THAT(got, HasSubstr("{\"detail\":\"")) << bad.bytes;
    EXPECT_EQ(CountOf(got, "HTTP/1.1 "), 1u) << bad.bytes;
  }
  server.loop().Post([&] { EXPECT_EQ(handled, 0); });
}

TEST(Server, CapsHeadersAndBodies) {
  ServerThread server(Echo, {.max_header = 1000, .max_body = 10});
  const std::string start = "POST / HTTP/1.1\r\nHost: h\r\n";
  const std::string long_line = base::Cat(start, "X: ", std::string(1000, 'x'), "\r\n\r\n");
  std::string many_lines = start;
  while (many_lines.size() < 1000)
    many_lines += "X: y\r\n";
  const std::string endless = std::string(2000, 'A');
  for (const std::string& bytes : {long_line, many_lines + "\r\n", many_lines, endless})
    EXPECT_THAT(server.Ask(bytes), StartsWith("HTTP/1.1 431 ")) << bytes;
  EXPECT_THAT(
      server.Ask(base::Cat("GET /", std::string(1000, 'x'), " HTTP/1.1\r\nHost: h\r\n\r\n")),
      StartsWith("HTTP/1.1 414 "));
  for (const std::string& body :
       {base::Cat("Content-Length: 11\r\n\r\n", std::string(11, 'x')),
        base::Cat("Content-Length: 4000000\r\n\r\n", std::string(4000000, 'x')),
        std::string("Transfer-Encoding: chunked\r\n\r\n6\r\n123456\r\n5\r\n12345\r\n0\r\n\r\n")})
    EXPECT_THAT(server.Ask(start + body), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(
      server.Ask(base::Cat(start, "Transfer-Encoding: chunked\r\n\r\n1;", std::string(2000, 'e'))),
      StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(server.Ask(start + "Connection: close\r\nContent-Length: 10\r\n\r\n0123456789"),
              EndsWith("POST / 0123456789;"));
}

TEST(Server, ReadsARequestByteByByte) {
  ServerThread server(Echo);
  RawSocket socket = RawSocket::ConnectTo(server.port());
  const std::string bytes =
      "\r\nPOST /slow HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: "
      "close\r\n\r\n"
      "3\r\nabc\r\n2;x=\"y\"\r\nde\r\n0\r\nT: 1\r\n\r\n";
  for (const char byte : bytes)
    socket.Send({&byte, 1});
  EXPECT_THAT(socket.ReadToEnd(), EndsWith("POST /slow abcde;"));
}

TEST(Server, GivesUpOnSlowAndIdleClients) {
  ServerThread server(Echo, {.idle_timeout = milliseconds(30), .read_timeout = milliseconds(60)});
  EXPECT_EQ(server.Ask(""), "");
  EXPECT_THAT(server.Ask("GET / HT"), StartsWith("HTTP/1.1 408 "));
  EXPECT_THAT(server.Ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhalf"),
              StartsWith("HTTP/1.1 408 "));
}

TEST(Server, AnswersAClientThatFinishedSending) {
  ServerThread server(Echo);
  RawSocket socket = RawSocket::ConnectTo(server.port());
  socket.Send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
  socket.FinishSending();
  EXPECT_EQ(CountOf(socket.ReadToEnd(), "HTTP/1.1 200 OK"), 2u);
}

TEST(Server, AnswersLaterAClientThatFinishedSending) {
  std::promise<Responder> held;
  ServerThread server([&](Request, Responder responder) { held.set_value(responder); });
  RawSocket socket = RawSocket::ConnectTo(server.port());
  socket.Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  socket.FinishSending();
  const Responder responder = held.get_future().get();
  // The end of what it sends has arrived long before this third turn of the loop.
  server.loop().Post([&] {
    server.loop().Post([&] { server.loop().Post([&] { responder.Send({.body = "later"}); }); });
  });
  EXPECT_THAT(socket.ReadToEnd(), EndsWith("later"));
}

TEST(Server, ClosesWithoutAnAnswerWhenDropped) {
  ServerThread server([](Request, Responder responder) { responder.Drop(); });
  EXPECT_EQ(server.Ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), "");
}

TEST(Server, AnswersForAHandlerThatForgotTo) {
  ServerThread server([](Request, Responder) {});
  RawSocket socket = RawSocket::ConnectTo(server.port());
  socket.Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(socket.ReadUntil("}"), StartsWith("HTTP/1.1 500 "));
}

TEST(Server, NeverSplitsAResponse) {
  ServerThread server([](Request, Responder responder) {
    Response response;
    response.headers.Add("Location", "/x\r\n\r\nHTTP/1.1 200 OK");
    responder.Send(std::move(response));
  });
  EXPECT_THAT(server.Ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), StartsWith("HTTP/1.1 500 "));
}

TEST(Responder, AnswersOnce) {
  ServerThread server([](Request, Responder responder) {
    const Responder copy = responder;
    responder.Send({.body = "first"});
    copy.Send({.body = "second"});
    copy.Drop();
  });
  const std::string got = server.Ask("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(got, EndsWith("first"));
}

TEST(Responder, DoesNothingOnceTheClientHasGone) {
  std::promise<void> held_one;
  std::vector<Responder> held;
  ServerThread server(
      [&](Request request, Responder responder) {
        if (request.target != "/held")
          return Echo(request, responder);
        held.push_back(responder);
        held_one.set_value();
      },
      {.read_timeout = milliseconds(60), .max_connections = 1});
  RawSocket gone = RawSocket::ConnectTo(server.port());
  gone.Send("GET /held HTTP/1.1\r\nHost: h\r\n\r\n");
  held_one.get_future().wait();
  gone.Close();
  // The only slot is free again only when the server has given the client up.
  EXPECT_THAT(server.Ask("GET /next HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"),
              EndsWith("GET /next ;"));
  server.loop().Post([&] { held.front().Send({.body = "too late"}); });
  EXPECT_THAT(server.Ask("GET /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"),
              EndsWith("GET /last ;"));
}

TEST(Responder, OutlivesItsServerAndLoop) {
  std::vector<Responder> held;
  {
    Loop loop;
    Server server(loop, {}, [&](Request, Responder responder) {
      held.push_back(responder);
      loop.Stop();
    });
    const auto port = server.Listen("127.0.0.1", 0);
    Client client(loop);
    client.Send(LocalUrl(*port), {.method = "GET"}, {}, [](auto) {});
    loop.Run();
    server.Close();
    held.front().Send({});
    client.Send(LocalUrl(*port), {.method = "GET"}, {}, [&](auto outcome) {
      EXPECT_EQ(outcome.error().sent, Sent::kNo);
      loop.Stop();
    });
    loop.Run();
  }
  ASSERT_EQ(held.size(), 1u);
  held.front().Send({});
  held.front().Drop();
}

TEST(Responder, MayDestroyTheServerFromWithinTheHandler) {
  Loop loop;
  std::unique_ptr<Server> server;
  server = std::make_unique<Server>(loop, ServerOptions{}, [&](Request, Responder responder) {
    server.reset();
    responder.Send({});
  });
  const auto port = server->Listen("127.0.0.1", 0);
  Client client(loop);
  std::optional<Sent> sent;
  client.Send(LocalUrl(*port), {.method = "GET"}, {}, [&](auto outcome) {
    sent = outcome.error().sent;
    loop.Stop();
  });
  loop.Run();
  EXPECT_EQ(sent, Sent::kMaybe);
}

TEST(Server, ExplainsWhyItCannotListen) {
  Loop loop;
  Server first(loop, {}, Echo);
  const auto port = first.Listen("localhost", 0);
  ASSERT_TRUE(port.has_value());
  Server second(loop, {}, Echo);
  const auto taken = second.Listen("127.0.0.1", *port);
  ASSERT_FALSE(taken.has_value());
  EXPECT_EQ(taken.error().message,
            base::Cat("cannot listen on 127.0.0.1:", *port, ": Address already in use"));
  const auto name = second.Listen("example.com", 0);
  ASSERT_FALSE(name.has_value());
  EXPECT_EQ(name.error().code, base::ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace http
