// Which calls go through a proxy, and the client's tunnels and absolute targets, against a proxy of
// our own on loopback.

#include "http/proxy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/client.h"
#include "http/test_util.h"
#include "http/tls_test_util.h"

namespace http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(ParseProxy, TakesUserAndPasswordOutOfTheUrl) {
  const auto proxy = ParseProxy("http://us%40er:p%3Aw@proxy.example:3128/");
  ASSERT_TRUE(proxy.has_value()) << proxy.error().message;
  EXPECT_EQ(proxy->url.HostHeader(), "proxy.example:3128");
  EXPECT_EQ(proxy->authorization, "Basic dXNAZXI6cDp3");
}

TEST(ParseProxy, DoesWithoutAScheme) {
  EXPECT_EQ(ParseProxy("proxy.example:3128")->url.HostHeader(), "proxy.example:3128");
  EXPECT_EQ(ParseProxy("proxy.example:3128")->authorization, "");
}

TEST(ParseProxy, NeverRepeatsThePassword) {
  for (const char* text :
       {"https://u:hush@proxy.example:1", "ftp://u:hush@h", "u:hush@h:99999999"}) {
    const auto proxy = ParseProxy(text);
    ASSERT_FALSE(proxy.has_value()) << text;
    EXPECT_THAT(proxy.error().message, Not(HasSubstr("hush")));
  }
}

bool GoesThrough(std::string_view except, std::string_view url) {
  ProxyRules rules;
  rules.for_http = rules.for_https = *ParseProxy("http://proxy.example:3128");
  rules.except = base::Split(except, ',');
  return rules.For(*ParseUrl(url)) != nullptr;
}

// As urllib.request.proxy_bypass_environment answers.
TEST(ProxyRules, FollowNoProxy) {
  EXPECT_TRUE(GoesThrough("", "http://127.0.0.1:1/"));
  EXPECT_FALSE(GoesThrough("*", "http://a.example/"));
  EXPECT_FALSE(GoesThrough("a.example", "http://a.example/"));
  EXPECT_FALSE(GoesThrough(" .Example , x", "https://a.example/"));
  EXPECT_FALSE(GoesThrough("example", "https://deep.a.example/"));
  EXPECT_TRUE(GoesThrough("ample", "https://a.example/"));
  EXPECT_FALSE(GoesThrough("a.example:8080", "http://a.example:8080/"));
  EXPECT_TRUE(GoesThrough("a.example:8080", "http://a.example:8081/"));
  EXPECT_FALSE(GoesThrough("::1", "http://[::1]:8081/"));
  EXPECT_TRUE(GoesThrough("127.0.0.2", "http://127.0.0.1/"));
}

TEST(ProxyRules, KeepTheSchemesApart) {
  ProxyRules rules;
  rules.for_https = *ParseProxy("http://proxy.example:3128");
  EXPECT_EQ(rules.For(*ParseUrl("http://127.0.0.1:1/")), nullptr);
  EXPECT_NE(rules.For(*ParseUrl("https://127.0.0.1:1/")), nullptr);
}

tl::expected<Response, ClientError> CallThrough(uint16_t proxy_port,
                                                const Url& url,
                                                ClientOptions options = {}) {
  const std::string proxy = base::Cat("http://me:hush@127.0.0.1:", proxy_port);
  options.proxies.for_http = options.proxies.for_https = *ParseProxy(proxy);
  Loop loop;
  Client client(loop, std::move(options));
  tl::expected<Response, ClientError> result;
  client.Send(url, {.method = "GET"}, {}, [&](tl::expected<Response, ClientError> outcome) {
    result = std::move(outcome);
    loop.Stop();
  });
  loop.Run();
  return result;
}

TEST(Proxy, TunnelsTlsAndChecksTheServersCertificate) {
  const Certificate certificate;
  const TlsServer server(certificate);
  TunnelProxy proxy(server.port());
  const auto outcome = CallThrough(
      proxy.port(), server.UrlFor("localhost"), {.ca_file = certificate.path(), .proxies = {}});
  ASSERT_TRUE(outcome.has_value()) << outcome.error().error.message;
  EXPECT_EQ(outcome->body, "secret");
  const std::string host = base::Cat("localhost:", server.port());
  EXPECT_EQ(proxy.Asked(),
            base::Cat("CONNECT ",
                      host,
                      " HTTP/1.1\r\nHost: ",
                      host,
                      "\r\nProxy-Authorization: Basic bWU6aHVzaA==\r\n\r\n"));
}

TEST(Proxy, HandsPlainRequestsOverWhole) {
  std::string asked;
  {
    const RawServer proxy([&](const RawServer::Accept& accept) {
      RawSocket inside = accept();
      asked = inside.ReadUntil("\r\n\r\n");
      inside.Send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    });
    const auto outcome = CallThrough(proxy.port(), *ParseUrl("http://a.example/path?x=1"));
    ASSERT_TRUE(outcome.has_value()) << outcome.error().error.message;
    EXPECT_EQ(outcome->body, "ok");
  }
  EXPECT_THAT(asked, StartsWith("GET http://a.example/path?x=1 HTTP/1.1\r\nHost: a.example\r\n"));
  EXPECT_THAT(asked, HasSubstr("Proxy-Authorization: Basic bWU6aHVzaA==\r\n"));
}

TEST(Proxy, ARefusedTunnelHasSentNothing) {
  const RawServer proxy([](const RawServer::Accept& accept) {
    RawSocket inside = accept();
    inside.ReadUntil("\r\n\r\n");
    inside.Send("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
  });
  const auto outcome = CallThrough(proxy.port(), *ParseUrl("https://a.example/"));
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().sent, Sent::kNo);
  EXPECT_THAT(outcome.error().error.message, HasSubstr("407 Proxy Authentication Required"));
  EXPECT_THAT(outcome.error().error.message, Not(HasSubstr("hush")));
}

TEST(Proxy, BytesThatFollowTheTunnelsReplyAreRefused) {
  const RawServer proxy([](const RawServer::Accept& accept) {
    RawSocket inside = accept();
    inside.ReadUntil("\r\n\r\n");
    inside.Send("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    inside.ReadToEnd();
  });
  const auto outcome = CallThrough(proxy.port(), *ParseUrl("https://a.example/"));
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().sent, Sent::kNo);
}

TEST(Proxy, NamesAProxyThatIsNotThere) {
  const auto outcome = CallThrough(1, *ParseUrl("https://a.example/"));
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().sent, Sent::kNo);
  EXPECT_THAT(outcome.error().error.message, HasSubstr("the proxy 127.0.0.1:1"));
}

}  // namespace
}  // namespace http
