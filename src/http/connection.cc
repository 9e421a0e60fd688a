#include "http/connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/write.hpp>
#include <sys/socket.h>
#include <utility>
#include <vector>

#include "base/ip.h"
#include "base/text.h"
#include "http/tls_context.h"

namespace http {
namespace {

bool IsAddress(const std::string& host) {
  error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

// Without the zone of a link-local address.
std::string AddressOf(const asio::ip::tcp::endpoint& endpoint) {
  std::string text = endpoint.address().to_string();
  return text.substr(0, text.find('%'));
}

// "127.0.0.1:8080" with the port always written out.
std::string HostAndPort(const Url& url) {
  const bool ipv6 = url.host.find(':') != std::string::npos;
  return ipv6 ? base::Cat("[", url.host, "]:", url.port) : base::Cat(url.host, ":", url.port);
}

}  // namespace

Connection::Connection(asio::io_context& context,
                       asio::ssl::context* tls,
                       const Proxy* proxy,
                       std::string certificate,
                       Addresses addresses)
    : resolver_(context),
      socket_(context),
      proxy_(proxy),
      certificate_(std::move(certificate)),
      addresses_(addresses) {
  if (tls != nullptr)
    tls_.emplace(socket_, *tls);
}

void Connection::Connect(const Url& url, OnConnect done) {
  url_ = url;
  on_connect_ = std::move(done);
  // A proxy looks names up for itself: of those only what they are called is known here.
  if (addresses_ == Addresses::kOfOthers && proxy_ != nullptr) {
    if (const std::string_view why = WhyRefused(url_.host); !why.empty())
      return Refuse(base::Cat("'", url_.host, "' ", why), base::ErrorCode::kInvalidArgument);
  }
  error_code error;
  const auto address = asio::ip::make_address(Peer().host, error);
  if (!error) {
    // Without the resolver, and so without its thread.
    ConnectTo(tcp::resolver::results_type::create(tcp::endpoint(address, Peer().port), "", ""));
    return;
  }
  resolver_.async_resolve(
      Peer().host,
      std::to_string(Peer().port),
      [self = shared_from_this()](const error_code& failed,
                                  const tcp::resolver::results_type& found) {
        if (!self->on_connect_)
          return;
        if (failed) {
          self->Refuse(
              base::Cat("cannot resolve the host '", self->Peer().host, "': ", failed.message()));
          return;
        }
        self->ConnectTo(found);
      });
}

Connection::tcp::resolver::results_type Connection::Reachable(
    const tcp::resolver::results_type& found) {
  if (addresses_ == Addresses::kAll || proxy_ != nullptr)
    return found;
  std::vector<tcp::endpoint> kept;
  std::string refused;
  for (const auto& entry : found) {
    const std::string text = AddressOf(entry.endpoint());
    const auto address = base::ParseIpAddress(text);
    const std::string_view why = address ? WhyRefused(*address) : "cannot be judged";
    if (why.empty())
      kept.push_back(entry.endpoint());
    else if (refused.empty())
      refused = base::Cat(text, " ", why);
  }
  if (kept.empty())
    Refuse(base::Cat("no call goes to '", url_.host, "': ", refused),
           base::ErrorCode::kInvalidArgument);
  return tcp::resolver::results_type::create(kept.begin(), kept.end(), "", "");
}

void Connection::ConnectTo(const tcp::resolver::results_type& found) {
  const tcp::resolver::results_type endpoints = Reachable(found);
  if (endpoints.empty() && !found.empty())
    return;
  asio::async_connect(socket_,
                      endpoints,
                      [self = shared_from_this()](const error_code& failed, const tcp::endpoint&) {
                        if (failed) {
                          self->Refuse(base::Cat("cannot connect to ",
                                                 self->proxy_ == nullptr ? "" : "the proxy ",
                                                 HostAndPort(self->Peer()),
                                                 ": ",
                                                 failed.message()));
                          return;
                        }
                        error_code ignored;
                        self->socket_.set_option(tcp::no_delay(true), ignored);
                        if (self->tls_ && self->proxy_ != nullptr)
                          self->Tunnel();
                        else if (self->tls_)
                          self->Shake();
                        else
                          self->Done({});
                      });
}

void Connection::Tunnel() {
  const std::string host = HostAndPort(url_);
  tunnel_ = base::Cat("CONNECT ", host, " HTTP/1.1\r\nHost: ", host, "\r\n");
  if (!proxy_->authorization.empty())
    tunnel_ += base::Cat("Proxy-Authorization: ", proxy_->authorization, "\r\n");
  tunnel_ += "\r\n";
  asio::async_write(
      socket_,
      asio::buffer(tunnel_),
      [self = shared_from_this()](const error_code& failed, size_t) {
        if (failed)
          self->Refuse(base::Cat(
              "cannot write to the proxy ", HostAndPort(self->Peer()), ": ", failed.message()));
        else
          self->ReadTunnelReply();
      });
}

void Connection::ReadTunnelReply() {
  constexpr size_t kMaxTunnelReply = 16 << 10;
  tunnel_.clear();
  asio::async_read_until(
      socket_,
      asio::dynamic_buffer(tunnel_, kMaxTunnelReply),
      "\r\n\r\n",
      [self = shared_from_this()](const error_code& failed, size_t size) {
        if (failed) {
          self->Refuse(base::Cat(
              "no answer from the proxy ", HostAndPort(self->Peer()), ": ", failed.message()));
          return;
        }
        self->OnTunnelReply(std::string_view(self->tunnel_).substr(0, size));
      });
}

void Connection::OnTunnelReply(std::string_view head) {
  // "HTTP/1.1 200 Connection established"; in TLS the server waits for us, so nothing may follow.
  const std::string_view line = head.substr(0, head.find("\r\n"));
  const bool understood = line.starts_with("HTTP/1.") && line.size() >= 12;
  if (understood && line[9] == '2' && head.size() == tunnel_.size()) {
    tunnel_ = std::string();
    Shake();
    return;
  }
  const std::string_view status = understood ? line.substr(9) : "it speaks no HTTP";
  Refuse(base::Cat(
      "the proxy ",
      HostAndPort(Peer()),
      " made no tunnel to ",
      HostAndPort(url_),
      ": ",
      status,
      status.starts_with("407") ? " (user and password belong into the proxy's URL)" : ""));
}

void Connection::Refuse(std::string message, base::ErrorCode code) {
  Done(base::Fail(code, std::move(message)));
}

void Connection::UpgradeToTls(asio::ssl::context& context, OnConnect done) {
  on_connect_ = std::move(done);
  tls_.emplace(socket_, context);
  Shake();
}

std::string Connection::LocalAddress() const {
  error_code error;
  const tcp::endpoint local = socket_.local_endpoint(error);
  return error ? "" : AddressOf(local);
}

base::Status Connection::PrepareShake() {
  error_code error;
  tls_->set_verify_mode(asio::ssl::verify_peer, error);
  if (!error && certificate_.empty())
    tls_->set_verify_callback(asio::ssl::host_name_verification(url_.host), error);
  else if (!error)  // it is looked at after the handshake
    tls_->set_verify_callback([](bool, asio::ssl::verify_context&) { return true; }, error);
  // SNI names hosts, never addresses (RFC 6066, 3).
  const bool named = IsAddress(url_.host) ||
                     SSL_set_tlsext_host_name(tls_->native_handle(), url_.host.c_str()) == 1;
  if (error || !named)
    return base::Fail(base::ErrorCode::kInternal,
                      base::Cat("cannot prepare TLS for ", HostAndPort(url_)));
  return {};
}

void Connection::Shake() {
  if (auto prepared = PrepareShake(); !prepared)
    return Done(std::move(prepared));
  tls_->async_handshake(
      asio::ssl::stream_base::client,
      [self = shared_from_this()](const error_code& failed) { self->OnShaken(failed); });
}

void Connection::OnShaken(const error_code& failed) {
  SSL* const ssl = tls_->native_handle();
  std::string why;
  if (failed) {
    why = failed.message();
    const long verdict = SSL_get_verify_result(ssl);
    if (verdict != X509_V_OK)
      why += base::Cat(" (", X509_verify_cert_error_string(verdict), ")");
  } else if (!certificate_.empty() &&
             FingerprintOf(SSL_get0_peer_certificate(ssl)) != certificate_) {
    why = "its certificate is not the expected one";
  }
  if (why.empty())
    return Done({});
  Refuse(base::Cat("TLS handshake with ", HostAndPort(url_), " failed: ", why));
}

void Connection::Done(base::Status status) {
  if (auto done = std::exchange(on_connect_, nullptr))
    done(std::move(status));
}

void Connection::Write(asio::const_buffer bytes, OnIo done) {
  auto handler = [self = shared_from_this(), done = std::move(done)](
                     const error_code& error, size_t count) { done(error, count); };
  if (tls_)
    asio::async_write(*tls_, bytes, std::move(handler));
  else
    asio::async_write(socket_, bytes, std::move(handler));
}

void Connection::ReadSome(asio::mutable_buffer into, OnIo done) {
  auto handler = [self = shared_from_this(), done = std::move(done)](
                     const error_code& error, size_t count) { done(error, count); };
  if (tls_)
    tls_->async_read_some(into, std::move(handler));
  else
    socket_.async_read_some(into, std::move(handler));
}

void Connection::Close() {
  on_connect_ = nullptr;
  resolver_.cancel();
  error_code ignored;
  socket_.close(ignored);
}

bool Connection::IsQuiet() {
  char byte;
  const ssize_t count = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

}  // namespace http
