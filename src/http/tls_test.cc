// The client's TLS, against a bare TLS server with a certificate made on the spot.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

#include "http/client.h"
#include "http/test_util.h"
#include "http/tls_test_util.h"

namespace http {
namespace {

using ::testing::HasSubstr;

tl::expected<Response, ClientError> CallOnce(const Url& url, ClientOptions options, int times = 1) {
  Loop loop;
  Client client(loop, std::move(options));
  tl::expected<Response, ClientError> result;
  for (int i = 0; i < times; ++i) {
    client.Send(url, {.method = "GET"}, {}, [&](tl::expected<Response, ClientError> outcome) {
      result = std::move(outcome);
      loop.Stop();
    });
    loop.Run();
  }
  return result;
}

TEST(Tls, TalksToATrustedServerAndKeepsTheConnection) {
  const Certificate certificate;
  const TlsServer server(certificate);  // accepts once
  const auto outcome =
      CallOnce(server.UrlFor("localhost"), {.ca_file = certificate.path()}, /*times=*/3);
  ASSERT_TRUE(outcome.has_value()) << outcome.error().error.message;
  EXPECT_EQ(outcome->body, "secret");
}

TEST(Tls, RefusesAnUntrustedCertificateBeforeSendingAnything) {
  const Certificate certificate;
  const TlsServer server(certificate);
  const auto outcome = CallOnce(server.UrlFor("localhost"), {});
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().sent, Sent::kNo);
  EXPECT_THAT(outcome.error().error.message, HasSubstr("self-signed certificate"));
}

TEST(Tls, RefusesACertificateForAnotherHost) {
  const Certificate certificate;
  const TlsServer server(certificate);
  const auto outcome = CallOnce(server.UrlFor("127.0.0.1"), {.ca_file = certificate.path()});
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().sent, Sent::kNo);
  EXPECT_THAT(outcome.error().error.message, HasSubstr("TLS handshake with 127.0.0.1:"));
}

TEST(Tls, NamesACertificateFileThatIsMissing) {
  const auto outcome = CallOnce({.scheme = "https", .host = "localhost", .port = 1},
                                {.ca_file = "/nonexistent/ca.pem"});
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().error.code, base::ErrorCode::kInvalidArgument);
  EXPECT_THAT(outcome.error().error.message, HasSubstr("/nonexistent/ca.pem"));
}

}  // namespace
}  // namespace http
