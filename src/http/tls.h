#pragma once

// Who a server is to clients over TLS: its certificate, the chain behind it, and its key, read from
// PEM files. Immutable; a renewed certificate is a new identity (Server::UseTls).
//
// TLS 1.2 with forward secrecy and AEAD ciphers, or TLS 1.3; HTTP/1.1 alone is offered (ALPN). Not
// here: certificates of clients, stapled OCSP answers, several names with a certificate each.
//
// Thread rule: any thread may load and read; see server.h for its use.

#include <memory>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace http {

class TlsIdentity {
 public:
  // Errors name the file and the fix: kNotFound, kPermission, or kInvalidArgument for what is no
  // certificate or key, or for a key of another certificate. Whether the certificate is valid today
  // is not judged.
  static base::Result<std::shared_ptr<const TlsIdentity>> Load(const std::string& certificate_file,
                                                               const std::string& key_file);
  ~TlsIdentity();
  TlsIdentity(const TlsIdentity&) = delete;
  TlsIdentity& operator=(const TlsIdentity&) = delete;

  base::Time valid_from() const { return valid_from_; }
  base::Time valid_until() const { return valid_until_; }
  // SHA-256 of the certificate in hexadecimal digits (ClientOptions::certificate).
  const std::string& fingerprint() const { return fingerprint_; }

  class Impl;  // tls.cc
  Impl& impl() const { return *impl_; }

 private:
  explicit TlsIdentity(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
  base::Time valid_from_;
  base::Time valid_until_;
  std::string fingerprint_;
};

}  // namespace http
