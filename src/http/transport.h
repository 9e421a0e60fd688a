#pragma once

// The server's end of one byte stream: TCP, or TLS over it. It keeps nobody alive: who starts an
// operation has to be there when it ends. Internal to this module; loop thread only.

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <optional>
#include <utility>

#include "http/asio.h"
#include "http/tls_context.h"

namespace http {

class Transport {
 public:
  using tcp = asio::ip::tcp;

  // TLS where `identity` is given; it need not outlive this.
  Transport(tcp::socket socket, const TlsIdentity* identity) : socket_(std::move(socket)) {
    if (identity != nullptr)
      tls_.emplace(socket_, identity->impl().context);
    error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
  }

  auto get_executor() { return socket_.get_executor(); }
  bool is_tls() const { return tls_.has_value(); }

  // done(error): a byte is there, or the end.
  template <typename Done>
  void AwaitBytes(Done done) {
    socket_.async_wait(tcp::socket::wait_read, std::move(done));
  }
  // What has arrived first is no beginning of TLS but a letter, as of "GET".
  bool StartsWithText();

  // done(error)
  template <typename Done>
  void Shake(Done done) {
    tls_->async_handshake(asio::ssl::stream_base::server, std::move(done));
  }
  // done(error, count)
  template <typename Done>
  void ReadSome(asio::mutable_buffer into, Done done) {
    if (tls_ && !is_raw_)
      tls_->async_read_some(into, std::move(done));
    else
      socket_.async_read_some(into, std::move(done));
  }
  template <typename Done>
  void Write(asio::const_buffer bytes, Done done) {
    if (tls_ && !is_raw_)
      asio::async_write(*tls_, bytes, std::move(done));
    else
      asio::async_write(socket_, bytes, std::move(done));
  }

  // The client is told that nothing follows; what it still sends is read as it comes, encrypted or
  // not. done()
  template <typename Done>
  void FinishWriting(Done done) {
    if (!tls_ || is_raw_) {
      FinishRaw();
      done();
      return;
    }
    tls_->async_shutdown([this, done = std::move(done)](const error_code&) {
      FinishRaw();
      done();
    });
  }
  // Without TLS from now on, in both directions.
  void GoRaw() { is_raw_ = true; }
  // Pending operations end with an error.
  void Close();

 private:
  void FinishRaw();

  tcp::socket socket_;
  std::optional<asio::ssl::stream<tcp::socket&>> tls_;
  bool is_raw_ = false;
};

}  // namespace http
