#pragma once

// The client's end of one byte stream: TCP, or TLS over it. Keeps itself alive while an operation
// is pending. Internal to this module; loop thread only.

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "http/address_rule.h"
#include "http/asio.h"
#include "http/message.h"
#include "http/proxy.h"

namespace http {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using OnConnect = std::function<void(base::Status)>;
  using OnIo = std::function<void(const error_code&, size_t)>;

  // TLS where `tls` is given, through `proxy` where there is one; both must outlive the connection.
  // `certificate` and `addresses`: see ClientOptions.
  Connection(asio::io_context& context,
             asio::ssl::context* tls,
             const Proxy* proxy,
             std::string certificate = "",
             Addresses addresses = Addresses::kAll);

  // Looks the host up, tries its addresses in turn, has the proxy make a tunnel for TLS, and shakes
  // hands. Nothing of a request has been sent when this fails.
  void Connect(const Url& url, OnConnect done);
  // TLS from now on, on a connection that has none: the protocol above has agreed on it. `context`
  // must outlive the connection.
  void UpgradeToTls(asio::ssl::context& context, OnConnect done);
  void Write(asio::const_buffer bytes, OnIo done);
  void ReadSome(asio::mutable_buffer into, OnIo done);
  // Pending operations end with an error.
  void Close();

  bool is_tls() const { return tls_.has_value(); }
  // Our end's address; "" where it is not connected.
  std::string LocalAddress() const;
  // Open, and the peer has neither closed it nor said anything since the last response.
  bool IsQuiet();

 private:
  using tcp = asio::ip::tcp;

  void ConnectTo(const tcp::resolver::results_type& found);
  // Those of `found` that may be reached; where that is none it is refused.
  tcp::resolver::results_type Reachable(const tcp::resolver::results_type& found);
  void Tunnel();
  void ReadTunnelReply();
  void OnTunnelReply(std::string_view head);
  void Shake();
  base::Status PrepareShake();
  void OnShaken(const error_code& failed);
  void Refuse(std::string message, base::ErrorCode code = base::ErrorCode::kUnavailable);
  // Whom the socket talks to.
  const Url& Peer() const { return proxy_ == nullptr ? url_ : proxy_->url; }
  void Done(base::Status status);

  tcp::resolver resolver_;
  tcp::socket socket_;
  std::optional<asio::ssl::stream<tcp::socket&>> tls_;
  const Proxy* const proxy_;
  const std::string certificate_;
  const Addresses addresses_;
  Url url_;
  std::string tunnel_;  // the CONNECT, then its answer
  OnConnect on_connect_;
};

}  // namespace http
