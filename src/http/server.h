#pragma once

// The HTTP/1.1 server: keep-alive, pipelined requests one after the other, strict framing. It knows
// no routes: one handler gets every request, with a Responder that it may keep and use later.
//
// What it answers by itself, as {"detail": ...}: malformed requests (400), oversized ones (413,
// 431), slow ones (408), HTTP versions and encodings that it does not speak (505, 501). No TLS: a
// proxy stands in front where that is needed.
//
// Thread rule: the loop thread. Destroy the Server before its Loop; Responders may outlive both.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "http/loop.h"
#include "http/message.h"

namespace http {

struct ServerOptions {
  size_t max_header = 32 << 10;
  size_t max_body = 8 << 20;
  base::Duration idle_timeout = base::seconds(60);  // between requests, and for writing a response
  base::Duration read_timeout = base::seconds(15);  // from a request's first byte to its last
  size_t max_connections = 512;                     // more wait in the listen queue
};

// The right to answer one request; copies share it. The first Send() or Drop() counts, everything
// later is a no-op, as is everything once the client or the server has gone. If the last copy is
// destroyed unused, the client is answered 500.
class Responder {
 public:
  using Answer = std::function<void(std::optional<Response>)>;  // nothing: drop

  explicit Responder(Answer answer);

  // Date is added unless it is set; Content-Length and Connection are the server's own.
  void Send(Response response) const;
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

  // `address` is an IP address or "localhost". Port 0 picks one; the answer is the port in use.
  base::Result<uint16_t> Listen(const std::string& address, uint16_t port);

  // Stops listening and closes every connection; held replies are lost.
  void Close();

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace http
