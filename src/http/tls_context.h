#pragma once

// The OpenSSL side of a TlsIdentity, and what both ends of TLS share. Internal to this module.

#include <boost/asio/ssl/context.hpp>
#include <openssl/x509.h>
#include <string>

#include "base/result.h"
#include "http/asio.h"
#include "http/tls.h"

namespace http {

class TlsIdentity::Impl {
 public:
  explicit Impl(SSL_CTX* owned) : context(owned) {}
  asio::ssl::context context;
};

// For the client's end, TLS 1.2 and later. `ca_file`: PEM certificates to trust; "": the system's.
base::Result<asio::ssl::context> TlsOfClients(const std::string& ca_file);

// SHA-256 of the certificate's bytes, in hexadecimal digits; "" where there is none.
std::string FingerprintOf(X509* certificate);

}  // namespace http
