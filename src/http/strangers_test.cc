// What a server does to those whom it does not know, and for those whom it does.

#include <fcntl.h>
#include <future>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <sys/resource.h>
#include <vector>

#include "http/login_brake.h"
#include "http/server.h"
#include "http/test_util.h"

namespace http {
namespace {

using base::milliseconds;
using base::seconds;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// "/in" needs a token, which is the target's query; everything else is open.
void Guarded(Request request, const Responder& responder) {
  if (request.target.starts_with("/in?right"))
    responder.Trust();
  else if (request.target.starts_with("/in"))
    return responder.Send({.status = 401, .body = "no;"});
  responder.Send({.body = request.target + ";"});
}

std::string Get(std::string_view target) {
  return base::Cat("GET ", target, " HTTP/1.1\r\nHost: h\r\n\r\n");
}

ServerCounts CountsOf(ServerThread& server) {
  std::promise<ServerCounts> counts;
  server.loop().Post([&] { counts.set_value(server.server().counts()); });
  return counts.get_future().get();
}

std::vector<RawSocket> Silent(const ServerThread& server, int count) {
  std::vector<RawSocket> sockets;
  for (int i = 0; i < count; ++i)
    sockets.push_back(RawSocket::ConnectTo(server.port()));
  return sockets;
}

TEST(Strangers, NeverKeepANewOneOut) {
  ServerThread server(Guarded, {.max_strangers = 8, .max_strangers_per_peer = 4});
  auto silent = Silent(server, 30);
  RawSocket next = RawSocket::ConnectTo(server.port());
  next.Send(Get("/open"));
  EXPECT_THAT(next.ReadUntil(";"), EndsWith("/open;"));
  // The oldest made room: they are closed, without an answer.
  EXPECT_EQ(silent.front().ReadToEnd(), "");
  const ServerCounts counts = CountsOf(server);
  EXPECT_EQ(counts.strangers, 4u);
  EXPECT_EQ(counts.connections, 4u);
  EXPECT_EQ(counts.accepted, 31);
  EXPECT_EQ(counts.evicted, 27);
}

TEST(Strangers, AreBoundedInAll) {
  ServerThread server(Guarded, {.max_strangers = 3, .max_strangers_per_peer = 100});
  auto silent = Silent(server, 10);
  EXPECT_EQ(silent[6].ReadToEnd(), "");
  EXPECT_EQ(CountsOf(server).strangers, 3u);
}

TEST(Strangers, DoNotPushOutWhoIsKnown) {
  ServerThread server(Guarded, {.max_strangers = 4, .max_strangers_per_peer = 4});
  RawSocket known = RawSocket::ConnectTo(server.port());
  known.Send(Get("/in?right"));
  EXPECT_THAT(known.ReadUntil(";"), EndsWith("/in?right;"));
  auto silent = Silent(server, 20);
  EXPECT_EQ(silent[15].ReadToEnd(), "");
  known.Send(Get("/again"));
  EXPECT_THAT(known.ReadUntil(";"), EndsWith("/again;"));
  EXPECT_EQ(CountsOf(server).strangers, 4u);
}

TEST(Strangers, MakeRoomBeforeIdleConnectionsOfOthersDo) {
  ServerThread server(Guarded, {.max_connections = 2});
  RawSocket known = RawSocket::ConnectTo(server.port());
  known.Send(Get("/in?right"));
  known.ReadUntil(";");
  RawSocket stranger = RawSocket::ConnectTo(server.port());
  RawSocket third = RawSocket::ConnectTo(server.port());
  third.Send(Get("/in?right"));
  EXPECT_THAT(third.ReadUntil(";"), EndsWith("/in?right;"));
  EXPECT_EQ(stranger.ReadToEnd(), "");
  // All are known and idle now: the one that has waited longest goes.
  RawSocket fourth = RawSocket::ConnectTo(server.port());
  fourth.Send(Get("/open"));
  EXPECT_THAT(fourth.ReadUntil(";"), EndsWith("/open;"));
  EXPECT_EQ(known.ReadToEnd(), "");
}

TEST(Strangers, WaitWhereAllOthersAreBeingAnswered) {
  std::promise<Responder> held;
  ServerThread server(
      [&](Request request, Responder responder) {
        responder.Trust();
        if (request.target == "/held")
          held.set_value(responder);
        else
          responder.Send({.body = "next;"});
      },
      {.max_connections = 1});
  RawSocket busy = RawSocket::ConnectTo(server.port());
  busy.Send("GET /held HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const Responder responder = held.get_future().get();
  RawSocket next = RawSocket::ConnectTo(server.port());
  next.Send(Get("/next"));
  server.loop().Post([&] { responder.Send({.body = "held;"}); });
  EXPECT_THAT(busy.ReadToEnd(), EndsWith("held;"));
  busy.Close();
  EXPECT_THAT(next.ReadUntil(";"), EndsWith("next;"));
}

TEST(Strangers, MayNotKeepAConnectionByDribbling) {
  ServerThread server(Guarded, {.idle_timeout = seconds(600), .read_timeout = milliseconds(50)});
  // A silent one has no longer than a slow one, whatever a known one may.
  EXPECT_EQ(server.Ask(""), "");
  // Empty lines before a request are no beginning of it.
  RawSocket socket = RawSocket::ConnectTo(server.port());
  int lines = 0;
  while (lines < 10000 && socket.TrySend("\r\n")) {
    std::this_thread::sleep_for(milliseconds(2));
    ++lines;
  }
  EXPECT_LT(lines, 10000);
  EXPECT_GE(CountsOf(server).timed_out, 2);
}

TEST(Strangers, OfATrustedProxyAreManyPeers) {
  ServerThread server(Guarded,
                      {.max_strangers = 8,
                       .max_strangers_per_peer = 2,
                       .trusted_proxies = {*base::ParseIpNetwork("127.0.0.0/8")}});
  auto silent = Silent(server, 7);
  RawSocket next = RawSocket::ConnectTo(server.port());
  next.Send(Get("/open"));
  EXPECT_THAT(next.ReadUntil(";"), EndsWith("/open;"));
  EXPECT_EQ(CountsOf(server).evicted, 0);
  auto more = Silent(server, 1);
  EXPECT_EQ(silent.front().ReadToEnd(), "");  // but in all they are bounded
}

TEST(Logins, OfAProxysClientsCountForEachOfThem) {
  ServerThread server(Guarded, {.trusted_proxies = {*base::ParseIpNetwork("127.0.0.1")}});
  const auto guess = [&](std::string_view client) {
    return server.Ask(
        base::Cat("GET /in?wrong HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
                  "X-Forwarded-For: ",
                  client,
                  "\r\n\r\n"));
  };
  std::vector<RawSocket> busy;
  // One client guesses until its answers are held; another's come at once, before them.
  for (int i = 0; i < 25; ++i) {
    busy.push_back(RawSocket::ConnectTo(server.port()));
    busy.back().Send("GET /in?wrong HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n");
  }
  while (CountsOf(server).refused_logins < 25)
    continue;
  EXPECT_THAT(guess("192.0.2.2"), StartsWith("HTTP/1.1 401 "));
  char byte;
  EXPECT_EQ(::recv(busy.back().fd(), &byte, 1, MSG_DONTWAIT), -1);  // its answer is still held
  EXPECT_THAT(busy.back().ReadUntil(";"), StartsWith("HTTP/1.1 401 "));
}

TEST(Bodies, HaveToKeepArriving) {
  ServerThread server(Guarded, {.read_timeout = milliseconds(50), .min_body_rate = 1 << 20});
  RawSocket socket = RawSocket::ConnectTo(server.port());
  socket.Send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n");
  int bytes = 0;
  while (bytes < 10000 && socket.TrySend("x")) {
    std::this_thread::sleep_for(milliseconds(2));
    ++bytes;
  }
  EXPECT_LT(bytes, 10000);
  EXPECT_EQ(CountsOf(server).timed_out, 1);
}

TEST(Bodies, AreNotReadWhereTheRequestIsRefused) {
  ServerOptions options;
  options.admit = [](const Request& head) -> std::optional<Response> {
    EXPECT_EQ(head.peer, "127.0.0.1");
    EXPECT_EQ(head.body, "");
    if (head.headers.Get("Authorization"))
      return std::nullopt;
    return ErrorResponse(401, "who are you?");
  };
  ServerThread server(Guarded, options);
  const std::string start = "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n";
  EXPECT_THAT(server.Ask(start + "\r\n"), StartsWith("HTTP/1.1 401 "));
  EXPECT_THAT(server.Ask(start + "Expect: 100-continue\r\n\r\n"), StartsWith("HTTP/1.1 401 "));
  RawSocket known = RawSocket::ConnectTo(server.port());
  known.Send(start + "Authorization: me\r\n\r\n");
  known.Send("abc");
  EXPECT_THAT(known.ReadUntil(";"), EndsWith("/x;"));
  EXPECT_EQ(CountsOf(server).refused_logins, 2);
}

TEST(Logins, AreAnsweredAndCountedHoweverManyAreWrong) {
  ServerThread server(Guarded);
  std::vector<RawSocket> guesses;
  for (int i = 0; i < 30; ++i) {
    guesses.push_back(RawSocket::ConnectTo(server.port()));
    guesses.back().Send(Get("/in?wrong"));
  }
  RawSocket known = RawSocket::ConnectTo(server.port());
  known.Send(Get("/in?right"));
  EXPECT_THAT(known.ReadUntil(";"), EndsWith("/in?right;"));
  for (RawSocket& guess : guesses)
    EXPECT_THAT(guess.ReadUntil(";"), StartsWith("HTTP/1.1 401 "));
  EXPECT_EQ(CountsOf(server).refused_logins, 30);
}

TEST(LoginBrake, SlowsAPeerDownAndForgives) {
  LoginBrake brake;
  const base::Duration start = base::hours(1);
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(brake.Refuse("a", start), seconds(0)) << i;
  EXPECT_EQ(brake.Refuse("a", start), milliseconds(200));
  EXPECT_EQ(brake.Refuse("a", start), milliseconds(400));
  EXPECT_EQ(brake.Refuse("b", start), seconds(0));  // another's account
  for (int i = 0; i < 1000; ++i)
    brake.Refuse("a", start);
  EXPECT_EQ(brake.Refuse("a", start), seconds(2));  // never longer
  EXPECT_EQ(brake.Refuse("a", start + seconds(10)), seconds(0));
}

TEST(LoginBrake, RemembersABoundedNumberOfPeers) {
  LoginBrake brake;
  for (int i = 0; i < 5000; ++i)
    brake.Refuse(base::Cat("peer ", i), seconds(1));
  EXPECT_LE(brake.peers(), 257u);
  // Those that found no room share one account, and wait.
  EXPECT_EQ(brake.Refuse("one more", seconds(1)), seconds(2));
  brake.Refuse("later", seconds(100));
  EXPECT_EQ(brake.peers(), 1u);
}

// Takes every file descriptor that the process may have, for as long as it lives.
class NoDescriptors {
 public:
  NoDescriptors() {
    getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit low{.rlim_cur = 200, .rlim_max = before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &low);
    for (int fd = ::open("/dev/null", O_RDONLY); fd >= 0; fd = ::open("/dev/null", O_RDONLY))
      taken_.push_back(fd);
  }
  ~NoDescriptors() {
    for (const int fd : taken_)
      ::close(fd);
    setrlimit(RLIMIT_NOFILE, &before_);
  }

 private:
  rlimit before_{};
  std::vector<int> taken_;
};

TEST(Server, AnswersWithoutFileDescriptors) {
  ServerThread server(Guarded);
  auto silent = Silent(server, 3);
  RawSocket known = RawSocket::ConnectTo(server.port());
  known.Send(Get("/in?right"));
  known.ReadUntil(";");
  RawSocket next(::socket(AF_INET, SOCK_STREAM, 0));
  {
    const NoDescriptors none;
    next.Connect(server.port());
    next.Send(Get("/open"));
    EXPECT_THAT(next.ReadUntil(";"), EndsWith("/open;"));
    known.Send(Get("/again"));
    EXPECT_THAT(known.ReadUntil(";"), EndsWith("/again;"));
  }
  EXPECT_EQ(silent.front().ReadToEnd(), "");
  const ServerCounts counts = CountsOf(server);
  EXPECT_GE(counts.accept_failures, 1);
  EXPECT_LE(counts.accept_failures, 3);
  EXPECT_GE(counts.evicted, 1);
}

}  // namespace
}  // namespace http
