// The server's TLS, against OpenSSL's own client.

#include <future>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <string>

#include "base/clock.h"
#include "http/client.h"
#include "http/test_util.h"
#include "http/tls.h"
#include "http/tls_context.h"
#include "http/tls_test_util.h"

namespace http {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kClosing[] = "GET /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

// Answers with what it saw.
void Echo(Request request, const Responder& responder) {
  responder.Send({.body = base::Cat(request.scheme, " ", request.target, " ", request.body, ";")});
}

std::shared_ptr<const TlsIdentity> IdentityOf(const Certificate& certificate) {
  auto identity = TlsIdentity::Load(certificate.path(), certificate.key_path());
  EXPECT_TRUE(identity.has_value()) << identity.error().message;
  return identity.value_or(nullptr);
}

// A blocking client that verifies nothing.
class TlsClient {
 public:
  explicit TlsClient(uint16_t port)
      : context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free),
        ssl_(nullptr, SSL_free),
        socket_(RawSocket::ConnectTo(port)) {
    SSL_CTX_set_security_level(context_.get(), 0);
  }

  SSL_CTX* context() { return context_.get(); }
  RawSocket& socket() { return socket_; }
  SSL* ssl() { return ssl_.get(); }

  // "" or the reason for which it failed.
  std::string Shake() {
    ERR_clear_error();
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), socket_.fd());
    if (SSL_connect(ssl_.get()) == 1)
      return "";
    const char* reason = ERR_reason_error_string(ERR_peek_error());
    return reason == nullptr ? "no reason" : reason;
  }
  void Send(std::string_view bytes) {
    SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
  }
  std::string ReadUntil(std::string_view end) {
    std::string got;
    char buffer[4096];
    while (end.empty() || !got.ends_with(end)) {
      const int count = SSL_read(ssl_.get(), buffer, sizeof(buffer));
      if (count <= 0) {
        was_told_the_end_ = SSL_get_error(ssl_.get(), count) == SSL_ERROR_ZERO_RETURN;
        return got;
      }
      got.append(buffer, static_cast<size_t>(count));
    }
    return got;
  }
  // The peer has ended the stream itself: nobody in between has cut it.
  bool was_told_the_end() const { return was_told_the_end_; }

 private:
  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
  std::unique_ptr<SSL, void (*)(SSL*)> ssl_;
  RawSocket socket_;
  bool was_told_the_end_ = false;
};

ServerCounts CountsOf(ServerThread& server) {
  std::promise<ServerCounts> counts;
  server.loop().Post([&] { counts.set_value(server.server().counts()); });
  return counts.get_future().get();
}

ServerOptions Patience(base::Duration wall) {
  ServerOptions options;
  options.read_timeout = wall;
  return options;
}

TEST(TlsServer, ServesOurClientAndKeepsTheConnection) {
  const Certificate certificate;
  ServerThread server(Echo, {}, IdentityOf(certificate));
  Loop loop;
  Client client(loop, {.ca_file = certificate.path()});
  const std::string large(1 << 20, 'x');
  for (const std::string& body : {std::string("one"), large, std::string("three")}) {
    Url url{.scheme = "https", .host = "localhost", .port = server.port(), .path = "/y"};
    client.Send(url, {.method = "POST", .body = body}, {}, [&](auto outcome) {
      ASSERT_TRUE(outcome.has_value()) << outcome.error().error.message;
      EXPECT_EQ(outcome->body, "https /y " + body + ";");
      loop.Stop();
    });
    loop.Run();
  }
  EXPECT_EQ(CountsOf(server).accepted, 1);
}

TEST(TlsServer, EndsTheStreamItselfWhileTheClientStillSends) {
  const Certificate certificate;
  ServerThread server(Echo, {}, IdentityOf(certificate));
  TlsClient client(server.port());
  ASSERT_EQ(client.Shake(), "");
  client.Send(kClosing);
  client.Send(std::string(100'000, 'z'));
  EXPECT_THAT(client.ReadUntil(""), EndsWith("https /x ;"));
  EXPECT_TRUE(client.was_told_the_end());
}

TEST(TlsServer, AnswersPipelinedRequestsInTheirOrder) {
  const Certificate certificate;
  ServerThread server(Echo, {}, IdentityOf(certificate));
  TlsClient client(server.port());
  ASSERT_EQ(client.Shake(), "");
  client.Send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(client.ReadUntil("/1 ;"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(client.ReadUntil("/2 ;"), StartsWith("HTTP/1.1 200"));
}

TEST(TlsServer, StreamsAnAnswer) {
  const Certificate certificate;
  ServerThread server(
      [](const Request&, const Responder& responder) {
        const Stream stream = responder.SendStream({});
        for (int i = 0; i < 100; ++i)
          stream.Write(std::string(1000, 'a'));
        stream.End();
      },
      {},
      IdentityOf(certificate));
  TlsClient client(server.port());
  ASSERT_EQ(client.Shake(), "");
  client.Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_GT(client.ReadUntil("0\r\n\r\n").size(), 100'000U);
}

TEST(TlsServer, RefusesOldVersionsAndWeakCiphers) {
  const Certificate certificate;
  ServerThread server(Echo, {}, IdentityOf(certificate));
  for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) {
    TlsClient client(server.port());
    SSL_CTX_set_min_proto_version(client.context(), version);
    SSL_CTX_set_max_proto_version(client.context(), version);
    EXPECT_THAT(client.Shake(), HasSubstr("protocol version"));
  }
  for (const char* ciphers :
       {"ECDHE-ECDSA-AES256-SHA384", "ECDHE-ECDSA-AES128-SHA", "AES128-SHA", "eNULL", "aNULL"}) {
    TlsClient client(server.port());
    SSL_CTX_set_max_proto_version(client.context(), TLS1_2_VERSION);
    ASSERT_EQ(SSL_CTX_set_cipher_list(client.context(), ciphers), 1) << ciphers;
    EXPECT_THAT(client.Shake(), HasSubstr("handshake failure")) << ciphers;
  }
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient client(server.port());
    SSL_CTX_set_max_proto_version(client.context(), version);
    EXPECT_EQ(client.Shake(), "");
    EXPECT_EQ(SSL_version(client.ssl()), version);
  }
}

TEST(TlsServer, OffersHttp11Alone) {
  const Certificate certificate;
  ServerThread server(Echo, {}, IdentityOf(certificate));
  const auto offer = [&](TlsClient& client, std::string_view names) {
    SSL_CTX_set_alpn_protos(client.context(),
                            reinterpret_cast<const unsigned char*>(names.data()),
                            static_cast<unsigned int>(names.size()));
    return client.Shake();
  };
  TlsClient both(server.port());
  EXPECT_EQ(offer(both, "\x02h2\x08http/1.1"), "");
  const unsigned char* chosen = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(both.ssl(), &chosen, &size);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(chosen), size), "http/1.1");
  TlsClient newer(server.port());
  EXPECT_THAT(offer(newer, "\x02h2"), HasSubstr("no application protocol"));
}

TEST(TlsServer, TellsWhoSpeaksPlainHttpToUseTls) {
  const Certificate certificate;
  ServerThread server(Echo, {}, IdentityOf(certificate));
  const std::string got = server.Ask(kClosing);
  EXPECT_THAT(got, StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(got, HasSubstr("ask https:// instead of http://"));
}

TEST(TlsServer, ClosesOnWhatIsNoHandshake) {
  const Certificate certificate;
  ServerThread server(Echo, {}, IdentityOf(certificate));
  RawSocket socket = RawSocket::ConnectTo(server.port());
  socket.Send(std::string("\x16\x03\x01\x00\x05", 5) + std::string(200, '\xff'));
  socket.FinishSending();
  socket.ReadToEnd();
  EXPECT_EQ(CountsOf(server).failed_handshakes, 1);
}

TEST(TlsServer, AHandshakeThatDribblesEndsInTime) {
  const Certificate certificate;
  ServerThread server(Echo, Patience(base::milliseconds(300)), IdentityOf(certificate));
  const RawSocket silent = RawSocket::ConnectTo(server.port());
  RawSocket slow = RawSocket::ConnectTo(server.port());
  // The beginning of a record of 16 KiB, and some of it: each byte is news, but none of them helps.
  slow.Send(std::string("\x16\x03\x01\x40\x00", 5));
  for (int sent = 0; CountsOf(server).timed_out < 2; ++sent) {
    if (sent < 1000)
      slow.TrySend("\x01");
  }
  EXPECT_EQ(CountsOf(server).failed_handshakes, 0);
  EXPECT_EQ(CountsOf(server).strangers, 0U);
}

TEST(TlsServer, HandshakesAreStrangersAndMakeRoom) {
  const Certificate certificate;
  ServerOptions options;
  options.max_strangers = 3;
  ServerThread server(Echo, options, IdentityOf(certificate));
  std::vector<RawSocket> silent;
  for (int i = 0; i < 3; ++i)
    silent.push_back(RawSocket::ConnectTo(server.port()));
  TlsClient client(server.port());
  ASSERT_EQ(client.Shake(), "");
  client.Send(kClosing);
  EXPECT_THAT(client.ReadUntil(""), EndsWith("https /x ;"));
  EXPECT_GE(CountsOf(server).evicted, 1);
}

TEST(TlsServer, ANewCertificateLeavesOldConnectionsAlone) {
  const Certificate first, second;
  ServerThread server(Echo, {}, IdentityOf(first));
  const auto fingerprint_of = [](TlsClient& client) {
    return FingerprintOf(SSL_get0_peer_certificate(client.ssl()));
  };
  TlsClient old(server.port());
  ASSERT_EQ(old.Shake(), "");
  std::promise<void> renewed;
  server.loop().Post([&] {
    server.server().UseTls(IdentityOf(second));
    renewed.set_value();
  });
  renewed.get_future().wait();
  TlsClient fresh(server.port());
  ASSERT_EQ(fresh.Shake(), "");
  EXPECT_EQ(fingerprint_of(old), IdentityOf(first)->fingerprint());
  EXPECT_EQ(fingerprint_of(fresh), IdentityOf(second)->fingerprint());
  for (TlsClient* client : {&old, &fresh}) {
    client->Send(kClosing);
    EXPECT_THAT(client->ReadUntil(""), EndsWith("https /x ;"));
  }
}

TEST(TlsServer, SendsWhatEveryAnswerHas) {
  const Certificate certificate;
  ServerOptions options;
  options.headers.Add("X-A", "1");
  options.headers.Add("Cache-Control", "no-store");
  options.headers_over_tls.Add("X-B", "2");
  const auto handler = [](const Request&, const Responder& responder) {
    Response response;
    response.headers.Add("cache-control", "max-age=1");
    responder.Send(response);
  };
  ServerThread server(handler, options, IdentityOf(certificate));
  TlsClient client(server.port());
  ASSERT_EQ(client.Shake(), "");
  client.Send(kClosing);
  const std::string got = client.ReadUntil("");
  EXPECT_THAT(got, HasSubstr("cache-control: max-age=1\r\n"));
  EXPECT_THAT(got, ::testing::Not(HasSubstr("no-store")));
  EXPECT_THAT(got, HasSubstr("X-A: 1\r\nX-B: 2\r\n"));
  // Without TLS, and in the server's own errors.
  const std::string plain = server.Ask(kClosing);
  EXPECT_THAT(plain, HasSubstr("X-A: 1\r\nCache-Control: no-store\r\n"));
  EXPECT_THAT(plain, ::testing::Not(HasSubstr("X-B")));
}

TEST(TlsServer, OurClientMayKnowTheOneCertificate) {
  const Certificate certificate, other;
  ServerThread server(Echo, {}, IdentityOf(certificate));
  const Url url{.scheme = "https", .host = "127.0.0.1", .port = server.port()};
  const auto ask = [&](const Certificate& expected) {
    return Fetch(url, {.method = "GET"}, {}, {.certificate = IdentityOf(expected)->fingerprint()});
  };
  const auto answer = ask(certificate);
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->body, "https / ;");
  const auto refused = ask(other);
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message, HasSubstr("not the expected one"));
}

TEST(TlsIdentity, SaysWhichFileIsWrongAndWhy) {
  const Certificate certificate, other;
  const auto error_of = [](const std::string& file, const std::string& key) {
    const auto identity = TlsIdentity::Load(file, key);
    EXPECT_FALSE(identity.has_value());
    return identity ? "" : identity.error().message;
  };
  EXPECT_THAT(error_of("/nonexistent/c.pem", certificate.key_path()),
              HasSubstr("cannot read the TLS certificate /nonexistent/c.pem: No such file"));
  EXPECT_THAT(error_of(certificate.path(), "/nonexistent/k.pem"),
              HasSubstr("cannot read the TLS key /nonexistent/k.pem"));
  EXPECT_THAT(error_of(certificate.key_path(), certificate.key_path()),
              HasSubstr("it must be PEM, the server's own certificate first"));
  EXPECT_THAT(error_of(certificate.path(), certificate.path()),
              HasSubstr("it must be PEM, without"));
  EXPECT_THAT(error_of(certificate.path(), other.key_path()),
              HasSubstr("not that of the certificate"));
  const std::string sealed = Certificate::Write([&](FILE* file) {
    PEM_write_PrivateKey(file,
                         certificate.key(),
                         EVP_aes_256_cbc(),
                         reinterpret_cast<const unsigned char*>("secret"),
                         6,
                         nullptr,
                         nullptr);
  });
  EXPECT_THAT(error_of(certificate.path(), sealed), HasSubstr("without a pass phrase"));
  ::unlink(sealed.c_str());
}

TEST(TlsIdentity, KnowsWhenItEnds) {
  const Certificate certificate;
  const auto identity = IdentityOf(certificate);
  const base::Time now = base::Clock::Wall();
  EXPECT_LT(identity->valid_from(), now);
  EXPECT_GT(identity->valid_until(), now + base::minutes(50));
  EXPECT_LT(identity->valid_until(), now + base::minutes(70));
  EXPECT_EQ(identity->fingerprint(), FingerprintOf(certificate.x509()));
  EXPECT_EQ(identity->fingerprint().size(), 64U);
}

}  // namespace
}  // namespace http
