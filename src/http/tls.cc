#include "http/tls.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <string_view>

#include "base/hash.h"
#include "base/text.h"
#include "http/tls_context.h"

namespace http {

namespace {

using base::ErrorCode;
using ContextPtr = std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)>;
using KeyPtr = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;

// Of TLS 1.2: forward secrecy, and no cipher that needs a MAC of its own. Those of TLS 1.3 are all
// of that kind.
constexpr char kCiphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20";
// Larger ones cost the loop's thread a multiple, for each stranger that asks.
constexpr char kGroups[] = "X25519:P-256:P-384";
constexpr std::string_view kProtocol = "http/1.1";

// A client that speaks only what we do not learns it in the handshake.
int ChooseProtocol(SSL*,
                   const unsigned char** chosen,
                   unsigned char* chosen_size,
                   const unsigned char* offered,
                   unsigned int size,
                   void*) {
  for (unsigned int at = 0; at < size; at += offered[at] + 1U) {
    const unsigned char* name = offered + at + 1;
    if (offered[at] != kProtocol.size() || at + 1 + kProtocol.size() > size ||
        std::memcmp(name, kProtocol.data(), kProtocol.size()) != 0)
      continue;
    *chosen = name;
    *chosen_size = static_cast<unsigned char>(kProtocol.size());
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

ContextPtr NewContext() {
  ContextPtr context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!context)
    return context;
  const bool is_set = SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) == 1 &&
                      SSL_CTX_set_cipher_list(context.get(), kCiphers) == 1 &&
                      SSL_CTX_set1_groups_list(context.get(), kGroups) == 1;
  if (!is_set)
    return {nullptr, SSL_CTX_free};
  SSL_CTX_set_options(context.get(),
                      SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_SINGLE_ECDH_USE);
  // Sessions are resumed by tickets, which the client keeps: strangers fill no table of ours.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(context.get(), ChooseProtocol, nullptr);
  return context;
}

// The first reason that OpenSSL gave since the errors were cleared.
std::string Reason() {
  const char* reason = ERR_reason_error_string(ERR_peek_error());
  ERR_clear_error();
  return reason == nullptr ? "unknown" : reason;
}

// Opened here, for errors that say which file and why.
base::Result<std::unique_ptr<std::FILE, int (*)(std::FILE*)>> Open(const std::string& path,
                                                                   std::string_view what) {
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"), std::fclose);
  if (file)
    return file;
  const ErrorCode code = errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kPermission;
  return base::Fail(code, base::Cat("cannot read ", what, " ", path, ": ", std::strerror(errno)));
}

base::Status UseChain(SSL_CTX* context, const std::string& path) {
  RETURN_IF_ERROR(Open(path, "the TLS certificate"));
  if (SSL_CTX_use_certificate_chain_file(context, path.c_str()) == 1)
    return {};
  return base::Fail(ErrorCode::kInvalidArgument,
                    base::Cat("the TLS certificate ",
                              path,
                              " cannot be used (",
                              Reason(),
                              "): it must be PEM, the server's own certificate first, then those "
                              "that it is signed by"));
}

base::Status UseKey(SSL_CTX* context, const std::string& path) {
  ASSIGN_OR_RETURN(const auto file, Open(path, "the TLS key"));
  // Nobody can be asked for a pass phrase here.
  const auto no_passphrase = [](char*, int, int, void*) { return 0; };
  const KeyPtr key(PEM_read_PrivateKey(file.get(), nullptr, no_passphrase, nullptr), EVP_PKEY_free);
  if (!key)
    return base::Fail(ErrorCode::kInvalidArgument,
                      base::Cat("the TLS key ",
                                path,
                                " cannot be used (",
                                Reason(),
                                "): it must be PEM, without a pass phrase"));
  if (SSL_CTX_use_PrivateKey(context, key.get()) == 1 && SSL_CTX_check_private_key(context) == 1)
    return {};
  return base::Fail(
      ErrorCode::kInvalidArgument,
      base::Cat("the TLS key ", path, " is not that of the certificate (", Reason(), ")"));
}

base::Time TimeOf(const ASN1_TIME* time) {
  std::tm fields{};
  if (ASN1_TIME_to_tm(time, &fields) != 1)
    return {};
  return base::Time(base::seconds(::timegm(&fields)));
}

}  // namespace

base::Result<asio::ssl::context> TlsOfClients(const std::string& ca_file) {
  asio::ssl::context context(asio::ssl::context::tls_client);
  error_code error;
  if (ca_file.empty())
    context.set_default_verify_paths(error);
  else
    context.load_verify_file(ca_file, error);
  if (error)
    return base::Fail(ErrorCode::kInvalidArgument,
                      base::Cat("cannot load the trusted certificates from ",
                                ca_file.empty() ? "the system" : ca_file,
                                ": ",
                                error.message()));
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  return context;
}

std::string FingerprintOf(X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (certificate == nullptr || X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1)
    return "";
  return base::Hex(std::string_view(reinterpret_cast<const char*>(digest.data()), size));
}

TlsIdentity::TlsIdentity(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {
  X509* certificate = SSL_CTX_get0_certificate(impl_->context.native_handle());
  valid_from_ = TimeOf(X509_get0_notBefore(certificate));
  valid_until_ = TimeOf(X509_get0_notAfter(certificate));
  fingerprint_ = FingerprintOf(certificate);
}
TlsIdentity::~TlsIdentity() = default;

base::Result<std::shared_ptr<const TlsIdentity>> TlsIdentity::Load(
    const std::string& certificate_file, const std::string& key_file) {
  ERR_clear_error();
  ContextPtr context = NewContext();
  if (!context)
    return base::Fail(ErrorCode::kInternal, base::Cat("cannot prepare TLS: ", Reason()));
  RETURN_IF_ERROR(UseChain(context.get(), certificate_file));
  RETURN_IF_ERROR(UseKey(context.get(), key_file));
  return std::shared_ptr<const TlsIdentity>(
      new TlsIdentity(std::make_unique<Impl>(context.release())));
}

}  // namespace http
