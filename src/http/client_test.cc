#include "http/client.h"

#include <future>
#include <gtest/gtest.h>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "http/server.h"
#include "http/test_util.h"

namespace http {
namespace {

using base::milliseconds;
using Outcome = tl::expected<Response, ClientError>;

// A client whose calls are waited for.
class Caller {
 public:
  explicit Caller(ClientOptions options = {}) : client_(loop_, std::move(options)) {}

  Outcome Call(const Url& url, Request request, const CallOptions& options = {}) {
    std::optional<Outcome> result;
    client_.Send(url, std::move(request), options, [&](Outcome outcome) {
      result = std::move(outcome);
      loop_.Stop();
    });
    loop_.Run();
    return std::move(*result);
  }
  Outcome Get(const Url& url, const CallOptions& options = {}) {
    return Call(url, {.method = "GET"}, options);
  }
  Loop& loop() { return loop_; }
  Client& client() { return client_; }

 private:
  Loop loop_;
  Client client_;
};

void ExpectUnknown(const Outcome& outcome, std::string_view message_part) {
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().sent, Sent::kMaybe);
  EXPECT_EQ(outcome.error().error.code, base::ErrorCode::kTimeoutUnknown);
  EXPECT_NE(outcome.error().error.message.find(message_part), std::string::npos)
      << outcome.error().error.message;
}

TEST(Client, RoundTripsARequestAndItsResponse) {
  ServerThread server([](Request request, Responder responder) {
    Response response{.status = 201};
    response.headers.Add("X-Saw",
                         base::Cat(request.method,
                                   " ",
                                   request.target,
                                   " ",
                                   *request.headers.Get("host"),
                                   " ",
                                   *request.headers.Get("x-in")));
    response.body = request.body + "!";
    responder.Send(std::move(response));
  });
  Caller caller;
  Request request{.method = "POST", .body = std::string("bytes\0\r\n", 8)};
  request.headers.Add("X-In", "yes");
  request.headers.Add("Content-Length", "999");  // framing is the client's own
  Url url = LocalUrl(server.port(), "/a%20b");
  url.query = "q=1";
  const Outcome outcome = caller.Call(url, request);
  ASSERT_TRUE(outcome.has_value()) << outcome.error().error.message;
  EXPECT_EQ(outcome->status, 201);
  EXPECT_EQ(outcome->body, std::string("bytes\0\r\n!", 9));
  EXPECT_EQ(outcome->headers.Get("x-saw"),
            base::Cat("POST /a%20b?q=1 127.0.0.1:", server.port(), " yes"));
}

TEST(Client, ReusesAConnectionThatWasKeptAlive) {
  int connections = 0;
  RawServer server([&](const RawServer::Accept& accept) {
    RawSocket socket = accept();
    ++connections;
    for (int i = 0; i < 3; ++i) {
      socket.ReadUntil("\r\n\r\n");
      socket.Send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
    }
  });
  Caller caller;
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE(caller.Get(LocalUrl(server.port())).has_value());
  EXPECT_EQ(connections, 1);
}

TEST(Client, ReplacesAnIdleConnectionThatThePeerClosed) {
  for (const bool reset : {false, true}) {
    std::promise<void> may_close, closed;
    RawServer server([&](const RawServer::Accept& accept) {
      RawSocket first = accept();
      first.ReadUntil("\r\n\r\n");
      first.Send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1");
      may_close.get_future().wait();
      if (reset)
        first.Reset();
      else
        first.Close();
      closed.set_value();
      RawSocket second = accept();
      second.ReadUntil("\r\n\r\n");
      second.Send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2");
    });
    Caller caller;
    EXPECT_EQ(caller.Get(LocalUrl(server.port()))->body, "1");
    may_close.set_value();
    closed.get_future().wait();
    const Outcome second = caller.Get(LocalUrl(server.port()));
    ASSERT_TRUE(second.has_value()) << second.error().error.message;
    EXPECT_EQ(second->body, "2");
  }
}

TEST(Client, DoesNotReuseAConnectionOverWhichTooMuchWasSaid) {
  RawServer server([](const RawServer::Accept& accept) {
    RawSocket first = accept();
    first.ReadUntil("\r\n\r\n");
    first.Send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1HTTP/1.1 200 OK\r\nX: forged");
    RawSocket second = accept();
    second.ReadUntil("\r\n\r\n");
    second.Send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2");
  });
  Caller caller;
  EXPECT_EQ(caller.Get(LocalUrl(server.port()))->body, "1");
  EXPECT_EQ(caller.Get(LocalUrl(server.port()))->body, "2");
}

TEST(Client, NeverRepeatsARequestThatMayHaveBeenSent) {
  int requests = 0;
  RawServer server([&](const RawServer::Accept& accept) {
    RawSocket socket = accept();
    socket.ReadUntil("\r\n\r\n");
    socket.Send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    if (!socket.ReadUntil("\r\n\r\n").empty())
      ++requests;
    socket.Close();  // without a byte of response, on a reused connection
  });
  Caller caller;
  ASSERT_TRUE(caller.Get(LocalUrl(server.port())).has_value());
  ExpectUnknown(caller.Get(LocalUrl(server.port())), "closed before any response");
  EXPECT_EQ(requests, 1);
}

TEST(Client, DecodesAChunkedResponse) {
  RawServer server([](const RawServer::Accept& accept) {
    RawSocket socket = accept();
    socket.ReadUntil("\r\n\r\n");
    for (const char* piece : {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r",
                              "\nWiki\r\n6;ext=1\r\npedia ",
                              "\r\nB\r\nin \r\nchunks",
                              "\r\n0\r\nTrailer: dropped\r\n\r\n"})
      socket.Send(piece);
    socket.ReadUntil("\r\n\r\n");  // the connection is still good
    socket.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  });
  Caller caller;
  const Outcome outcome = caller.Get(LocalUrl(server.port()));
  ASSERT_TRUE(outcome.has_value()) << outcome.error().error.message;
  EXPECT_EQ(outcome->body, "Wikipedia in \r\nchunks");
  EXPECT_EQ(outcome->headers.Get("trailer"), std::nullopt);
  EXPECT_EQ(caller.Get(LocalUrl(server.port()))->body, "");
}

TEST(Client, ReadsABodyThatEndsWithTheConnection) {
  RawServer server([](const RawServer::Accept& accept) {
    RawSocket socket = accept();
    socket.ReadUntil("\r\n\r\n");
    socket.Send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\n\r\nto the end");
  });
  EXPECT_EQ(Caller().Get(LocalUrl(server.port()))->body, "to the end");
}

TEST(Client, ReportsBrokenResponsesAsUnknown) {
  const std::map<std::string, std::string> cases = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "in the middle of the response"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nWi", "in the middle"},
      {"HTTP/1.1 200 OK\r\nContent-Le", "in the middle"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", ""},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nx", "Transfer-Encoding"},
      {"SSH-2.0-OpenSSH\r\n", "malformed"},
      {"", "before any response"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n", "larger than 100 bytes"},
      {base::Cat("HTTP/1.1 200 OK\r\n\r\n", std::string(101, 'x')), "larger than 100 bytes"},
  };
  for (const auto& [bytes, message] : cases) {
    SCOPED_TRACE(bytes);
    RawServer server([&bytes](const RawServer::Accept& accept) {
      RawSocket socket = accept();
      socket.ReadUntil("\r\n\r\n");
      socket.Send(bytes);
    });
    ExpectUnknown(Caller().Get(LocalUrl(server.port()), {.max_body = 100}), message);
  }
}

// Who asks for the status alone has it, and no connection that is in an unknown state is kept.
TEST(Client, ABodyThatIsBrokenTakesNothingFromAStatusThatIsEnough) {
  for (const char* text : {"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc",
                           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
                           "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nabc",
                           "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"
                           "Content-Length: 5\r\n\r\nabc"}) {
    RawServer server([text](const RawServer::Accept& accept) {
      RawSocket socket = accept();
      socket.ReadUntil("\r\n\r\n");
      socket.Send(text);
    });
    Caller caller;
    const Outcome outcome =
        caller.Get(LocalUrl(server.port()), {.max_body = 64 << 10, .head_is_enough = true});
    ASSERT_TRUE(outcome.has_value()) << text << outcome.error().error.message;
    EXPECT_EQ(outcome->status, 200);
  }
}

TEST(Client, AStatusThatIsEnoughDoesNotWaitForItsBody) {
  RawServer server([](const RawServer::Accept& accept) {
    RawSocket socket = accept();
    socket.ReadUntil("\r\n\r\n");
    socket.Send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
    socket.ReadToEnd();
  });
  Caller caller;
  const Outcome outcome =
      caller.Get(LocalUrl(server.port()), {.timeout = milliseconds(200), .head_is_enough = true});
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->status, 200);
}

TEST(Client, WithoutAStatusNothingIsEnough) {
  for (const char* text : {"", "HTTP/1.1 200 OK\r\nContent-", "HTTP/1.1 100 Continue\r\n\r\n"}) {
    RawServer server([text](const RawServer::Accept& accept) {
      RawSocket socket = accept();
      socket.ReadUntil("\r\n\r\n");
      socket.Send(text);
    });
    Caller caller;
    EXPECT_FALSE(caller.Get(LocalUrl(server.port()), {.head_is_enough = true}).has_value()) << text;
  }
}

TEST(Client, HeadHasNoBodyWhateverItsLength) {
  RawServer server([](const RawServer::Accept& accept) {
    RawSocket socket = accept();
    socket.ReadUntil("\r\n\r\n");
    socket.Send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    socket.ReadUntil("\r\n\r\n");
    socket.Send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  });
  Caller caller;
  EXPECT_EQ(caller.Call(LocalUrl(server.port()), {.method = "HEAD"})->body, "");
  EXPECT_EQ(caller.Get(LocalUrl(server.port()))->body, "ok");
}

TEST(Client, SaysThatARefusedConnectionSentNothing) {
  uint16_t port = 0;
  {
    RawServer gone([](const RawServer::Accept&) {});
    port = gone.port();
  }
  const Outcome outcome = Caller().Get(LocalUrl(port));
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().sent, Sent::kNo);
  EXPECT_EQ(outcome.error().error.code, base::ErrorCode::kUnavailable);
  EXPECT_EQ(outcome.error().error.message,
            base::Cat("cannot connect to 127.0.0.1:", port, ": Connection refused"));
}

TEST(Client, NamesAHostThatDoesNotResolve) {
  const Outcome outcome =
      Caller().Get({.scheme = "http", .host = "no-such-host.invalid", .port = 80});
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().sent, Sent::kNo);
  EXPECT_NE(outcome.error().error.message.find("no-such-host.invalid"), std::string::npos);
}

TEST(Client, FindsLocalhostByName) {
  ServerThread server([](Request, Responder responder) { responder.Send({.body = "here"}); });
  EXPECT_EQ(Caller().Get({.scheme = "http", .host = "localhost", .port = server.port()})->body,
            "here");
}

TEST(Client, TimesOutOnAHeldReply) {
  std::vector<Responder> held;
  ServerThread server([&](Request, Responder responder) { held.push_back(responder); });
  ExpectUnknown(Caller().Get(LocalUrl(server.port()), {.timeout = milliseconds(50)}),
                "no complete response within 50ms");
}

TEST(Client, ReportsADroppedReplyAsUnknown) {
  ServerThread server([](Request, Responder responder) { responder.Drop(); });
  ExpectUnknown(Caller().Call(LocalUrl(server.port()), {.method = "POST", .body = "{}"}),
                "before any response");
}

TEST(Client, ReportsAResetAsUnknown) {
  RawServer server([](const RawServer::Accept& accept) {
    RawSocket socket = accept();
    socket.ReadUntil("\r\n\r\n");
    socket.Reset();
  });
  ExpectUnknown(Caller().Get(LocalUrl(server.port())), "reset by peer");
}

TEST(Client, KeepsQueriesOutOfItsErrors) {
  ServerThread server([](Request, Responder responder) { responder.Drop(); });
  Url url = LocalUrl(server.port(), "/path");
  url.query = "token=secret";
  const Outcome outcome = Caller().Get(url);
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().error.message.find("secret"), std::string::npos);
}

TEST(Client, RefusesToSendWhatWouldBeAnotherRequest) {
  ServerThread server([](Request, Responder responder) { responder.Send({}); });
  Request injected{.method = "GET"};
  injected.headers.Add("X-A", "1\r\nX-B: 2");
  Request bad_name{.method = "GET"};
  bad_name.headers.Add("X A", "1");
  const std::vector<Request> requests = {
      {.method = "GET /x HTTP/1.1\r\n"},
      {.method = ""},
      {.method = "GET", .target = "/a b"},
      {.method = "GET", .target = "/\r\nHost: x"},
      {.method = "GET", .target = "no-slash"},
      injected,
      bad_name,
  };
  Caller caller;
  for (const Request& request : requests) {
    const Outcome outcome = caller.Call(LocalUrl(server.port()), request);
    ASSERT_FALSE(outcome.has_value());
    EXPECT_EQ(outcome.error().sent, Sent::kNo);
    EXPECT_EQ(outcome.error().error.code, base::ErrorCode::kInvalidArgument);
  }
}

TEST(Client, ServesTwoHundredCallsAtOnce) {
  // All are held until the last one has arrived, so they truly are open together.
  constexpr size_t kCalls = 200;
  std::vector<std::pair<std::string, Responder>> held;
  ServerThread server(
      [&](Request request, Responder responder) {
        held.emplace_back(request.target, responder);
        if (held.size() < kCalls)
          return;
        for (const auto& [target, one] : held)
          one.Send({.body = target});
      },
      {.max_strangers_per_peer = kCalls});
  Caller caller;
  size_t done = 0;
  for (size_t i = 0; i < kCalls; ++i) {
    const std::string path = base::Cat("/", i);
    caller.client().Send(
        LocalUrl(server.port(), path), {.method = "GET"}, {}, [&, path](Outcome outcome) {
          ASSERT_TRUE(outcome.has_value()) << outcome.error().error.message;
          EXPECT_EQ(outcome->body, path);
          if (++done == kCalls)
            caller.loop().Stop();
        });
  }
  caller.loop().Run();
  EXPECT_EQ(done, kCalls);
}

TEST(Client, CarriesBigBodiesBothWays) {
  ServerThread server(
      [](Request request, Responder responder) {
        responder.Send({.body = std::move(request.body)});
      },
      {.max_body = size_t{8} << 20});
  std::string body;
  for (int i = 0; body.size() < (7u << 20); ++i)
    body += base::Cat(i, ",");
  const Outcome outcome = Caller().Call(LocalUrl(server.port()), {.method = "PUT", .body = body});
  ASSERT_TRUE(outcome.has_value()) << outcome.error().error.message;
  EXPECT_TRUE(outcome->body == body);
}

TEST(Client, ReadsAnAnswerGivenBeforeTheWholeBodyWasSent) {
  ServerThread server([](Request, Responder responder) { responder.Send({}); }, {.max_body = 1000});
  const Outcome outcome = Caller().Call(LocalUrl(server.port()),
                                        {.method = "POST", .body = std::string(16 << 20, 'x')});
  ASSERT_TRUE(outcome.has_value()) << outcome.error().error.message;
  EXPECT_EQ(outcome->status, 413);
}

TEST(Client, DropsItsCallsWhenDestroyed) {
  Loop loop;
  std::vector<Responder> held;
  bool called = false;
  auto client = std::make_unique<Client>(loop);
  Server server(loop, {}, [&](Request, Responder responder) {
    held.push_back(responder);
    client.reset();
    loop.Stop();
  });
  const auto port = server.Listen("127.0.0.1", 0);
  client->Send(LocalUrl(*port), {.method = "GET"}, {}, [&](Outcome) { called = true; });
  loop.Run();
  EXPECT_FALSE(called);
  EXPECT_EQ(held.size(), 1u);
}

TEST(Client, MayBeDestroyedByItsOwnCallback) {
  Loop loop;
  auto client = std::make_unique<Client>(loop);
  Server server(loop, {}, [](Request, Responder responder) { responder.Send({}); });
  const auto port = server.Listen("127.0.0.1", 0);
  client->Send(LocalUrl(*port), {.method = "GET"}, {}, [&](Outcome) {
    client.reset();
    loop.Stop();
  });
  loop.Run();
  EXPECT_EQ(client, nullptr);
}

TEST(Fetch, AnswersOrExplains) {
  uint16_t port = 0;
  {
    ServerThread server([](Request, Responder responder) { responder.Send({.body = "hi"}); });
    port = server.port();
    const auto response = Fetch(LocalUrl(port), {.method = "GET"});
    ASSERT_TRUE(response.has_value()) << response.error().message;
    EXPECT_EQ(response->body, "hi");
  }
  const auto failed = Fetch(LocalUrl(port), {.method = "GET"});
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().message,
            base::Cat("cannot connect to 127.0.0.1:", port, ": Connection refused"));
}

}  // namespace
}  // namespace http
