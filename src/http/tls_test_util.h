#pragma once

// For tests: a certificate made on the spot, and a bare TLS server that has it.

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <string>
#include <unistd.h>
#include <utility>

#include "base/text.h"
#include "http/test_util.h"

namespace http {

// A self-signed certificate for "localhost" and its key, their PEM files removed at the end.
class Certificate {
 public:
  Certificate() : key_(EVP_EC_gen("P-256"), EVP_PKEY_free), certificate_(X509_new(), X509_free) {
    X509* x = certificate_.get();
    X509_set_version(x, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    X509_set_pubkey(x, key_.get());
    X509_NAME* name = X509_get_subject_name(x);
    const auto* cn = reinterpret_cast<const unsigned char*>("localhost");
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, cn, -1, -1, 0);
    X509_set_issuer_name(x, name);
    X509_EXTENSION* names =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost");
    X509_add_ext(x, names, -1);
    X509_EXTENSION_free(names);
    X509_sign(x, key_.get(), EVP_sha256());

    path_ = Write([&](FILE* file) { PEM_write_X509(file, x); });
    key_path_ = Write([&](FILE* file) {
      PEM_write_PrivateKey(file, key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
  }
  ~Certificate() {
    ::unlink(path_.c_str());
    ::unlink(key_path_.c_str());
  }

  const std::string& path() const { return path_; }
  const std::string& key_path() const { return key_path_; }
  EVP_PKEY* key() const { return key_.get(); }
  X509* x509() const { return certificate_.get(); }

  // A new file with what `write` puts into it.
  template <typename Writer>
  static std::string Write(Writer write) {
    const char* folder = std::getenv("TMPDIR");
    std::string path = base::Cat(folder == nullptr ? "/tmp" : folder, "/http_tls_test.XXXXXX");
    FILE* file = ::fdopen(::mkstemp(path.data()), "w");
    write(file);
    std::fclose(file);
    return path;
  }

 private:
  std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key_;
  std::unique_ptr<X509, void (*)(X509*)> certificate_;
  std::string path_, key_path_;
};

// Shakes hands on one connection and answers each request on it with `body` until it ends.
class TlsServer {
 public:
  explicit TlsServer(const Certificate& certificate, std::string body = "secret")
      : server_([&certificate, body = std::move(body)](const RawServer::Accept& accept) {
          RawSocket socket = accept();
          SSL_CTX* context = SSL_CTX_new(TLS_server_method());
          SSL_CTX_use_certificate(context, certificate.x509());
          SSL_CTX_use_PrivateKey(context, certificate.key());
          SSL* ssl = SSL_new(context);
          SSL_set_fd(ssl, socket.fd());
          if (SSL_accept(ssl) == 1) {
            char buffer[4096];
            while (SSL_read(ssl, buffer, sizeof(buffer)) > 0) {
              const std::string answer =
                  base::Cat("HTTP/1.1 200 OK\r\nContent-Length: ", body.size(), "\r\n\r\n", body);
              SSL_write(ssl, answer.data(), static_cast<int>(answer.size()));
            }
          }
          SSL_free(ssl);
          SSL_CTX_free(context);
        }) {}
  uint16_t port() const { return server_.port(); }
  Url UrlFor(std::string host) const {
    return {.scheme = "https", .host = std::move(host), .port = server_.port()};
  }

 private:
  RawServer server_;
};

// A proxy that makes one tunnel, always to the same port here, and remembers what it was asked.
class TunnelProxy {
 public:
  explicit TunnelProxy(uint16_t to)
      : server_(std::make_unique<RawServer>([this, to](const RawServer::Accept& accept) {
          const RawSocket inside = Open(accept());
          const RawSocket outside = RawSocket::ConnectTo(to);
          Pump(inside, outside);
        })) {}
  uint16_t port() const { return server_->port(); }
  // The request; waits until the tunnel has ended.
  const std::string& Asked() {
    server_.reset();
    return asked_;
  }

 private:
  RawSocket Open(RawSocket inside) {
    asked_ = inside.ReadUntil("\r\n\r\n");
    inside.Send("HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n");
    return inside;
  }
  // Carries bytes until one side ends.
  static void Pump(const RawSocket& a, const RawSocket& b) {
    pollfd ends[2] = {{a.fd(), POLLIN, 0}, {b.fd(), POLLIN, 0}};
    while (::poll(ends, 2, 20'000) > 0) {
      for (int i = 0; i < 2; ++i) {
        if (ends[i].revents == 0)
          continue;
        char buffer[4096];
        const ssize_t got = ::recv(ends[i].fd, buffer, sizeof(buffer), 0);
        if (got <= 0 ||
            ::send(ends[1 - i].fd, buffer, static_cast<size_t>(got), MSG_NOSIGNAL) != got)
          return;
      }
    }
  }

  std::string asked_;
  std::unique_ptr<RawServer> server_;
};

}  // namespace http
