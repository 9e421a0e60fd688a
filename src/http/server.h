#pragma once

// The HTTP/1.1 server: keep-alive, pipelined requests one after the other, strict framing. It knows
// no routes: one handler gets every request, with a Responder that it may keep and use later.
//
// What it answers by itself, as {"detail": ...}: malformed requests (400), oversized ones (413,
// 414, 431), slow ones (408), HTTP versions and encodings that it does not speak (505, 501), and a
// request without TLS on a port that speaks it (400).
//
// Proxies are believed by their addresses alone (ServerOptions::trusted_proxies): then a Request's
// peer, scheme and Host are those of the proxy's client. Handlers never see the headers that say
// so.
//
// Strangers are connections that have not been trusted (Responder::Trust), from their first byte
// on: a TLS handshake is part of what they have read_timeout for. They are bounded, for each peer
// (but for a trusted proxy, which speaks for many) and in all. A new connection is always taken in:
// where a bound is reached, the stranger that has waited longest makes room, and where there is
// none a trusted connection that is idle. Answers of 401 are slowed down for each peer
// (login_brake.h), and logged.
//
// Thread rule: the loop thread. Destroy the Server before its Loop; Responders may outlive both.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ip.h"
#include "base/result.h"
#include "base/time.h"
#include "http/loop.h"
#include "http/message.h"
#include "http/stream.h"
#include "http/tls.h"

namespace http {

// The defaults are those of `server` in signalbox.yaml (dagfile/server.h; a test compares them).
struct ServerOptions {
  size_t max_header = 32 << 10;
  size_t max_body = 1 << 20;
  base::Duration idle_timeout = base::seconds(60);  // between requests, and for writing a response
  // From a request's first byte to the end of its header; a stranger has no longer for beginning.
  // A client that has closed its side waits no longer for an answer either.
  base::Duration read_timeout = base::seconds(15);
  // A body has read_timeout too, and a second more for each so many bytes that have arrived.
  size_t min_body_rate = 16 << 10;
  size_t max_connections = 512;
  size_t max_strangers = 256;
  size_t max_strangers_per_peer = 128;
  std::vector<base::IpNetwork> trusted_proxies;
  // Beyond loopback the trusted proxies alone are served: others would send their tokens in clear.
  bool proxies_alone = false;
  // What every answer has, unless it has its own of that name; the second where the client came by
  // TLS.
  Headers headers, headers_over_tls;
  // Sees a request before its body is read, and may refuse it.
  std::function<std::optional<Response>(const Request& head)> admit;
};

// For metrics; the totals only grow.
struct ServerCounts {
  size_t connections = 0;
  size_t strangers = 0;  // among them
  int64_t accepted = 0;
  int64_t evicted = 0;          // made room for others
  int64_t timed_out = 0;        // closed for being slow or idle
  int64_t refused_logins = 0;   // answers of 401
  int64_t accept_failures = 0;  // typically for want of file descriptors
  int64_t failed_handshakes = 0;
  int64_t turned_away = 0;  // beyond loopback, and no proxy
  std::optional<base::Time> certificate_ends;
};

struct Outgoing;  // body.h

// The right to answer one request; copies share it. The first answer or Drop() counts, everything
// later is a no-op, as is everything once the client or the server has gone. If the last copy is
// destroyed unused, the client is answered 500.
class Responder {
 public:
  using Answer = std::function<void(std::optional<Outgoing>)>;  // nothing: drop

  explicit Responder(Answer answer, std::function<void()> trust = nullptr);

  // The client has shown who it is: its connection is no stranger's from now on.
  void Trust() const;

  // Date is added unless it is set; Content-Length and Connection are the server's own.
  void Send(Response response) const;
  // The file's bytes after `head`, whose own body counts for nothing. Where the file cannot be read
  // (kNotFound, kPermission) nothing is sent, and the request still waits for its answer.
  base::Status SendFile(Response head, const std::string& path) const;
  // The body follows: `head` goes out at once, and what is written into the stream after it.
  Stream SendStream(Response head) const;
  // Closes the connection without an answer.
  void Drop() const;

 private:
  struct Ticket;
  std::shared_ptr<Ticket> ticket_;
};

using Handler = std::function<void(Request, Responder)>;

class Server {
 public:
  Server(Loop& loop, ServerOptions options, Handler handler);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // TLS for the connections that come from now on; those that are there keep what they have.
  void UseTls(std::shared_ptr<const TlsIdentity> identity);

  // May be called for several addresses. `address` is an IP address or "localhost"; of IPv6 it
  // takes no IPv4 connections. Port 0 picks one; the answer is the port in use.
  base::Result<uint16_t> Listen(const std::string& address, uint16_t port);

  // Stops listening and closes every connection; held replies are lost.
  void Close();

  ServerCounts counts() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace http
