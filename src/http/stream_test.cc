// Answers that are not one text: files, and streams whose length nobody knows.

#include <filesystem>
#include <fstream>
#include <future>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/client.h"
#include "http/server.h"
#include "http/test_util.h"

namespace http {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kGet[] = "GET /s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

std::string TempFile(const std::string& name, const std::string& text) {
  std::string path = ::testing::TempDir() + "/signalbox_stream_" + name;
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

TEST(Stream, GoesOutInChunksAsItIsWritten) {
  std::promise<Stream> begun;
  ServerThread server([&](Request, const Responder& responder) {
    Response head{.status = 203};
    head.headers.Set("Content-Type", "text/event-stream");
    begun.set_value(responder.SendStream(std::move(head)));
  });
  RawSocket socket = RawSocket::ConnectTo(server.port());
  socket.Send(kGet);
  std::optional<Stream> stream = begun.get_future().get();
  EXPECT_THAT(socket.ReadUntil("\r\n\r\n"), HasSubstr("Transfer-Encoding: chunked\r\n"));
  server.loop().Post([&] { EXPECT_TRUE(stream->Write("one piece of 24 letters.")); });
  EXPECT_EQ(socket.ReadUntil("letters.\r\n"), "18\r\none piece of 24 letters.\r\n");
  server.loop().Post([&] {
    EXPECT_TRUE(stream->Write("last"));
    stream->End();
    EXPECT_FALSE(stream->Write("too late"));
  });
  EXPECT_EQ(socket.ReadToEnd(), "4\r\nlast\r\n0\r\n\r\n");
}

TEST(Stream, IsFollowedByTheNextRequestOfTheConnection) {
  ServerThread server([&](Request request, const Responder& responder) {
    if (request.target == "/next")
      return responder.Send({.body = "next;"});
    const Stream stream = responder.SendStream({});
    stream.Write("a");
    stream.End();
  });
  RawSocket socket = RawSocket::ConnectTo(server.port());
  socket.Send("GET /s HTTP/1.1\r\nHost: h\r\n\r\nGET /next HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(socket.ReadUntil("next;"), HasSubstr("1\r\na\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n"));
}

TEST(Stream, EndsWithTheConnectionInHttp10AndHasNoBodyForHead) {
  ServerThread server([&](Request, const Responder& responder) {
    const Stream stream = responder.SendStream({});
    stream.Write("body");
    stream.End();
  });
  const std::string old = server.Ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(old, Not(HasSubstr("chunked")));
  EXPECT_THAT(old, EndsWith("\r\n\r\nbody"));
  EXPECT_THAT(server.Ask("HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"),
              EndsWith("\r\n\r\n"));
}

TEST(Stream, IsCutWhereItsWriterGoesWithoutAnEnd) {
  ServerThread server([&](Request, const Responder& responder) {
    const Stream stream = responder.SendStream({});
    stream.Write("half");
  });
  EXPECT_THAT(server.Ask(kGet), Not(HasSubstr("0\r\n\r\n")));
}

TEST(Stream, ClosesAClientThatReadsTooSlowly) {
  std::promise<size_t> refused;
  std::optional<Stream> stream;
  ServerThread server([&](Request, const Responder& responder) {
    stream.emplace(responder.SendStream({}));
    // Nothing is handed to the socket before this returns, and no more than the bound is kept.
    const std::string piece(64 << 10, 'x');
    size_t taken = 0;
    while (taken < 2 * kStreamBufferMax && stream->Write(piece))
      taken += piece.size();
    refused.set_value(taken);
  });
  RawSocket socket = RawSocket::ConnectTo(server.port());
  socket.Send(kGet);
  EXPECT_EQ(refused.get_future().get(), kStreamBufferMax);
  EXPECT_THAT(socket.ReadToEnd(), Not(HasSubstr("0\r\n\r\n")));
}

TEST(Stream, TellsItsWriterThatTheClientHasGone) {
  std::promise<Stream> begun;
  ServerThread server(
      [&](Request, const Responder& responder) { begun.set_value(responder.SendStream({})); });
  RawSocket socket = RawSocket::ConnectTo(server.port());
  socket.Send(kGet);
  std::optional<Stream> stream = begun.get_future().get();
  socket.ReadUntil("\r\n\r\n");
  socket.Reset();
  for (bool open = true; open;) {
    std::promise<bool> written;
    server.loop().Post([&] { written.set_value(stream->Write("x")); });
    open = written.get_future().get();
  }
}

TEST(File, IsSentWholeWithItsLength) {
  const std::string text(300'000, 'f');
  const std::string path = TempFile("whole", text);
  ServerThread server([&](Request, const Responder& responder) {
    Response head;
    head.headers.Set("Content-Type", "text/plain");
    EXPECT_TRUE(responder.SendFile(std::move(head), path).has_value());
  });
  Loop loop;
  Client client(loop);
  std::optional<Response> got;
  client.Send(LocalUrl(server.port()), {.method = "GET", .target = "/"}, {}, [&](auto result) {
    got = result ? std::optional<Response>(std::move(*result)) : std::nullopt;
    loop.Stop();
  });
  loop.Run();
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(got->headers.Get("Content-Length"), "300000");
  EXPECT_EQ(got->headers.Get("Content-Type"), "text/plain");
  EXPECT_EQ(got->body, text);
  const std::string head = server.Ask("HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(head, HasSubstr("Content-Length: 300000\r\n"));
  EXPECT_THAT(head, EndsWith("\r\n\r\n"));
  std::filesystem::remove(path);
}

TEST(File, ThatCannotBeReadLeavesTheAnswerOpen) {
  ServerThread server([&](Request, const Responder& responder) {
    for (const std::string& path : {::testing::TempDir() + "/no_such_file", ::testing::TempDir()}) {
      const base::Status sent = responder.SendFile({}, path);
      ASSERT_FALSE(sent.has_value());
      EXPECT_EQ(sent.error().code, base::ErrorCode::kNotFound);
    }
    responder.Send({.status = 404});
  });
  EXPECT_THAT(server.Ask(kGet), StartsWith("HTTP/1.1 404 "));
}

}  // namespace
}  // namespace http
