#pragma once

// The HTTP/1.1 client. Each Send() is exactly one attempt: no redirects, no repeats. A caller whose
// request must not happen twice reads ClientError::sent.
//
// Connections are kept alive and reused. An idle connection that the peer has closed meanwhile is
// replaced silently, as long as no byte of the request has been written to it; afterwards nothing
// is ever repeated.
//
// Thread rule: the loop thread. `done` is called there exactly once, never from inside Send(); the
// exception is a destroyed Client, which drops its calls without a word.

#include <functional>
#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "base/result.h"
#include "base/time.h"
#include "http/address_rule.h"
#include "http/loop.h"
#include "http/message.h"
#include "http/proxy.h"

namespace http {

// On failure: whether any byte of the request may have reached the peer.
enum class Sent { kNo, kMaybe };

// With Sent::kMaybe the code is kTimeoutUnknown, whatever went wrong; with Sent::kNo kUnavailable
// (trying again may help) or kInvalidArgument (it will not).
struct ClientError {
  base::Error error;
  Sent sent = Sent::kNo;
};

struct CallOptions {
  base::Duration timeout = base::seconds(10);         // of the whole call
  base::Duration connect_timeout = base::seconds(3);  // its part before the first byte is sent
  size_t max_body = 64 << 20;                         // of the response
  // The status says all: a response whose body is broken, too long or late is one, with what there
  // is of the body.
  bool head_is_enough = false;
};

struct ClientOptions {
  size_t max_idle_per_host = 32;                    // connections kept alive
  base::Duration idle_timeout = base::seconds(20);  // an older idle connection is not reused
  std::string ca_file;  // PEM certificates to trust for https; "": the system's
  // The one certificate that a server may have, by its SHA-256 in hexadecimal digits; neither its
  // names nor its CA count then. "": it is verified.
  std::string certificate;
  ProxyRules proxies;  // none: every call goes straight to its host
  // Judged by the address that is connected to. Of a call through a proxy the host as it is
  // written is judged, because the proxy looks it up; the proxy's own address counts for nothing.
  Addresses addresses = Addresses::kAll;
};

class Client {
 public:
  using Done = std::function<void(tl::expected<Response, ClientError>)>;

  explicit Client(Loop& loop, ClientOptions options = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // An empty request.target means the URL's. Host is set unless the request has one;
  // Content-Length, Transfer-Encoding and Connection are the client's own.
  void Send(const Url& url, Request request, const CallOptions& options, Done done);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// For programs without a loop: one call, waited for.
base::Result<Response> Fetch(const Url& url,
                             Request request,
                             const CallOptions& options = {},
                             ClientOptions client_options = {});

}  // namespace http
