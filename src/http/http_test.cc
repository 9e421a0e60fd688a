// Messages, URLs and the loop.

#include <csignal>
#include <gtest/gtest.h>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include "http/loop.h"
#include "http/message.h"
#include "http/parser.h"

namespace http {
namespace {

using base::milliseconds;

TEST(Headers, IgnoreCaseAndKeepOrder) {
  Headers headers;
  headers.Add("Accept", "a");
  headers.Add("X-Tag", "1");
  headers.Add("x-tag", "2");
  EXPECT_EQ(headers.Get("X-TAG"), "1");
  headers.Set("x-TAG", "3");
  ASSERT_EQ(headers.all().size(), 2u);
  EXPECT_EQ(headers.all()[0].first, "Accept");
  EXPECT_EQ(headers.Get("X-Tag"), "3");
  EXPECT_EQ(headers.Get("X-Ta"), std::nullopt);
}

struct UrlCase {
  std::string text, scheme, host;
  uint16_t port;
  std::string target, host_header;
};

TEST(Url, IsParsedIntoItsParts) {
  const std::vector<UrlCase> cases = {
      {"http://example.com", "http", "example.com", 80, "/", "example.com"},
      {"HTTP://Example.COM:80/a/b?x=1&y=%20#top",
       "http",
       "example.com",
       80,
       "/a/b?x=1&y=%20",
       "example.com"},
      {"http://127.0.0.1:8080/a%2Fb", "http", "127.0.0.1", 8080, "/a%2Fb", "127.0.0.1:8080"},
      {"https://elasticmapreduce.us-east-1.amazonaws.com/",
       "https",
       "elasticmapreduce.us-east-1.amazonaws.com",
       443,
       "/",
       "elasticmapreduce.us-east-1.amazonaws.com"},
      {"https://h:80", "https", "h", 80, "/", "h:80"},
      {"http://[::1]:99/x", "http", "::1", 99, "/x", "[::1]:99"},
      {"http://h?q", "http", "h", 80, "/?q", "h"},
  };
  for (const UrlCase& expected : cases) {
    const auto url = ParseUrl(expected.text);
    ASSERT_TRUE(url.has_value()) << expected.text << ": " << url.error().message;
    EXPECT_EQ(url->scheme, expected.scheme) << expected.text;
    EXPECT_EQ(url->host, expected.host) << expected.text;
    EXPECT_EQ(url->port, expected.port) << expected.text;
    EXPECT_EQ(url->Target(), expected.target) << expected.text;
    EXPECT_EQ(url->HostHeader(), expected.host_header) << expected.text;
  }
}

TEST(Url, IsRefusedWithTheReason) {
  for (const std::string text : {"",
                                 "127.0.0.1:8080",
                                 "example.com/x",
                                 "ftp://h/",
                                 "http://",
                                 "http:///path",
                                 "http://user:pw@h/",
                                 "http://h:0/",
                                 "http://h:65536/",
                                 "http://h:99999999999999999999/",
                                 "http://h:x/",
                                 "http://h:80x",
                                 "http://h/a b",
                                 "http://h/%zz",
                                 "http://h/\r\nX: y"}) {
    const auto url = ParseUrl(text);
    ASSERT_FALSE(url.has_value()) << text;
    EXPECT_EQ(url.error().code, base::ErrorCode::kInvalidArgument);
    EXPECT_NE(url.error().message.find("is not an http or https URL"), std::string::npos);
  }
}

TEST(Target, IsSplitAndDecoded) {
  const Target target = SplitTarget("/api/v2/dags/a%2Fb%20c/?tag=x+y&tag=z%3D&empty&&n=");
  EXPECT_EQ(target.segments, (std::vector<std::string>{"api", "v2", "dags", "a/b c"}));
  EXPECT_EQ(target.Param("tag"), "x y");
  EXPECT_EQ(target.query[1].second, "z=");
  EXPECT_EQ(target.Param("empty"), "");
  EXPECT_EQ(target.Param("n"), "");
  EXPECT_EQ(target.Param("absent"), std::nullopt);
  EXPECT_EQ(target.query.size(), 4u);
  EXPECT_TRUE(SplitTarget("/").segments.empty());
  EXPECT_EQ(SplitTarget("/a//b").segments, (std::vector<std::string>{"a", "", "b"}));
}

TEST(Percent, RoundTripsAnyBytes) {
  std::string bytes;
  for (int c = 0; c < 256; ++c)
    bytes += static_cast<char>(c);
  EXPECT_EQ(PercentDecode(PercentEncode(bytes)), bytes);
  EXPECT_EQ(PercentEncode("a/b c~"), "a%2Fb%20c~");
  EXPECT_EQ(PercentDecode("%4g%4%"), "%4g%4%");
}

TEST(HttpDate, IsReadBackAndNothingElseIs) {
  EXPECT_EQ(ParseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT"), base::FromMicros(784111777'000000));
  EXPECT_EQ(ParseHttpDate(FormatHttpDate(base::FromMicros(0))), base::FromMicros(0));
  for (const char* text : {"",
                           "Sunday, 06-Nov-94 08:49:37 GMT",
                           "Sun, 06 Nov 1994 08:49:37 +01",
                           "Sun, 06 Nvo 1994 08:49:37 GMT",
                           "Sun, 36 Nov 1994 08:49:37 GMT"})
    EXPECT_FALSE(ParseHttpDate(text).has_value()) << text;
}

TEST(HttpDate, HasTheFormOfTheRfc) {
  EXPECT_EQ(FormatHttpDate(base::FromMicros(784111777'000000)), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(ErrorResponse, QuotesItsDetail) {
  const Response response = ErrorResponse(404, "no \"x\"");
  EXPECT_EQ(response.body, R"({"detail":"no \"x\""})");
  EXPECT_EQ(response.headers.Get("content-type"), "application/json");
}

TEST(RequestParser, TakesChunksByteByByte) {
  for (const std::string body : {"0\r\n\r\n", "2\r\nhi\r\n0\r\nA: b\r\n\r\n"}) {
    RequestParser parser({.header = 100, .body = 100});
    std::string input = "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    EXPECT_EQ(parser.Put(input), ParseState::kIncomplete);
    for (size_t i = 0; i + 1 < body.size(); ++i) {
      input += body[i];
      EXPECT_EQ(parser.Put(input), ParseState::kIncomplete);
    }
    input += body.back();
    EXPECT_EQ(parser.Put(input), ParseState::kDone);
    EXPECT_EQ(parser.Take().body, body.starts_with('0') ? "" : "hi");
    EXPECT_EQ(input, "");
  }
}

// As some clients send one after a POST; TCP may cut it in two.
TEST(RequestParser, SkipsAnEmptyLineThatArrivesInHalves) {
  RequestParser parser({.header = 100, .body = 100});
  std::string input = "\r";
  EXPECT_EQ(parser.Put(input), ParseState::kIncomplete);
  EXPECT_FALSE(parser.Started());
  input += "\nGET / HTTP/1.1\r\nHost: h\r\n\r\n";
  EXPECT_EQ(parser.Put(input), ParseState::kDone);
  EXPECT_EQ(input, "");
}

TEST(Loop, RunsTimersInTheOrderOfTheirDelays) {
  Loop loop;
  std::string order;
  const Timer late = loop.After(milliseconds(20), [&] {
    order += "late";
    loop.Stop();
  });
  const Timer early = loop.After(milliseconds(1), [&] { order += "early,"; });
  loop.Run();
  EXPECT_EQ(order, "early,late");
}

TEST(Loop, NeverRunsACancelledTimer) {
  Loop loop;
  int runs = 0;
  Timer cancelled = loop.After(milliseconds(0), [&] { ++runs; });
  Timer replaced = loop.After(milliseconds(0), [&] { ++runs; });
  {
    const Timer destroyed = loop.After(milliseconds(0), [&] { ++runs; });
  }
  cancelled.Cancel();
  replaced = loop.After(milliseconds(5), [&] { loop.Stop(); });
  loop.Run();
  EXPECT_EQ(runs, 0);
}

TEST(Loop, LetsATimerReplaceItself) {
  Loop loop;
  Timer timer;
  int runs = 0;
  std::function<void()> tick = [&] {
    if (++runs == 3)
      loop.Stop();
    else
      timer = loop.After(milliseconds(0), tick);
  };
  timer = loop.After(milliseconds(0), tick);
  loop.Run();
  EXPECT_EQ(runs, 3);
}

TEST(Loop, LetsTimersOutliveItAndDropsTheirActions) {
  Timer timer;
  bool ran = false;
  auto held = std::make_shared<int>(0);
  {
    Loop loop;
    timer = loop.After(base::milliseconds(0), [&ran, held] { ran = true; });
  }
  EXPECT_EQ(held.use_count(), 1);
  timer.Cancel();
  EXPECT_FALSE(ran);
}

TEST(Loop, TakesWorkFromOtherThreadsAndRunsAgain) {
  Loop loop;
  for (int round = 0; round < 2; ++round) {
    int sum = 0;
    std::thread other([&] {
      for (int i = 1; i <= 100; ++i)
        loop.Post([&sum, i] { sum += i; });
      loop.Stop();
    });
    loop.Run();
    other.join();
    EXPECT_EQ(sum, 5050);
  }
}

TEST(Loop, DeliversEverySignal) {
  Loop loop;
  std::vector<int> got;
  loop.OnSignal([&](int number) {
    got.push_back(number);
    if (got.size() == 2)
      loop.Stop();
    else
      kill(getpid(), SIGINT);
  });
  kill(getpid(), SIGTERM);
  loop.Run();
  EXPECT_EQ(got, (std::vector<int>{SIGTERM, SIGINT}));
}

}  // namespace
}  // namespace http
