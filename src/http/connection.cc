#include "http/connection.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/write.hpp>
#include <sys/socket.h>
#include <utility>

#include "base/text.h"

namespace http {
namespace {

bool IsAddress(const std::string& host) {
  error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

// "127.0.0.1:8080" with the port always written out.
std::string HostAndPort(const Url& url) {
  const bool ipv6 = url.host.find(':') != std::string::npos;
  return ipv6 ? base::Cat("[", url.host, "]:", url.port) : base::Cat(url.host, ":", url.port);
}

}  // namespace

Connection::Connection(asio::io_context& context, asio::ssl::context* tls)
    : resolver_(context), socket_(context) {
  if (tls != nullptr)
    tls_.emplace(socket_, *tls);
}

void Connection::Connect(const Url& url, OnConnect done) {
  url_ = url;
  on_connect_ = std::move(done);
  error_code error;
  const auto address = asio::ip::make_address(url.host, error);
  if (!error) {
    // Without the resolver, and so without its thread.
    ConnectTo(tcp::resolver::results_type::create(tcp::endpoint(address, url.port), "", ""));
    return;
  }
  resolver_.async_resolve(
      url.host,
      std::to_string(url.port),
      [self = shared_from_this()](const error_code& failed,
                                  const tcp::resolver::results_type& found) {
        if (!self->on_connect_)
          return;
        if (failed) {
          self->Done(base::Fail(
              base::ErrorCode::kUnavailable,
              base::Cat("cannot resolve the host '", self->url_.host, "': ", failed.message())));
          return;
        }
        self->ConnectTo(found);
      });
}

void Connection::ConnectTo(const tcp::resolver::results_type& endpoints) {
  asio::async_connect(
      socket_,
      endpoints,
      [self = shared_from_this()](const error_code& failed, const tcp::endpoint&) {
        if (failed) {
          self->Done(base::Fail(
              base::ErrorCode::kUnavailable,
              base::Cat("cannot connect to ", HostAndPort(self->url_), ": ", failed.message())));
          return;
        }
        error_code ignored;
        self->socket_.set_option(tcp::no_delay(true), ignored);
        if (self->tls_)
          self->Shake();
        else
          self->Done({});
      });
}

void Connection::Shake() {
  error_code error;
  tls_->set_verify_mode(asio::ssl::verify_peer, error);
  if (!error)
    tls_->set_verify_callback(asio::ssl::host_name_verification(url_.host), error);
  // SNI names hosts, never addresses (RFC 6066, 3).
  const bool named = IsAddress(url_.host) ||
                     SSL_set_tlsext_host_name(tls_->native_handle(), url_.host.c_str()) == 1;
  if (error || !named) {
    Done(base::Fail(base::ErrorCode::kInternal,
                    base::Cat("cannot prepare TLS for ", HostAndPort(url_))));
    return;
  }
  tls_->async_handshake(
      asio::ssl::stream_base::client, [self = shared_from_this()](const error_code& failed) {
        if (!failed) {
          self->Done({});
          return;
        }
        std::string why = failed.message();
        const long verdict = SSL_get_verify_result(self->tls_->native_handle());
        if (verdict != X509_V_OK)
          why += base::Cat(" (", X509_verify_cert_error_string(verdict), ")");
        self->Done(base::Fail(
            base::ErrorCode::kUnavailable,
            base::Cat("TLS handshake with ", HostAndPort(self->url_), " failed: ", why)));
      });
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
