#pragma once

// The OpenSSL side of a TlsIdentity, and what both ends of TLS share. Internal to this module.

#include <boost/asio/ssl/context.hpp>
#include <openssl/x509.h>
#include <string>

#include "http/asio.h"
#include "http/tls.h"

namespace http {

class TlsIdentity::Impl {
 public:
  explicit Impl(SSL_CTX* owned) : context(owned) {}
  asio::ssl::context context;
};

// SHA-256 of the certificate's bytes, in hexadecimal digits; "" where there is none.
std::string FingerprintOf(X509* certificate);

}  // namespace http
