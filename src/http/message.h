#pragma once

// What travels over HTTP, as plain data: headers, requests, responses, URLs and targets. Pure: no
// socket, no clock. Framing (Content-Length, Transfer-Encoding, Connection) is not the business of
// these types: client.h and server.h write those headers themselves.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace http {

// Names compare without regard to case and keep the spelling and the order they were given.
class Headers {
 public:
  // Replaces every header of this name.
  void Set(std::string_view name, std::string value);
  void Add(std::string_view name, std::string value);
  void Remove(std::string_view name);
  // The first one's value.
  std::optional<std::string> Get(std::string_view name) const;
  bool Has(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& all() const { return all_; }

 private:
  std::vector<std::pair<std::string, std::string>> all_;
};

struct Request {
  std::string method;
  std::string target;  // "/path?query" as on the wire
  Headers headers;
  std::string body;
  // Set by the server. Behind a proxy that it trusts they are what that proxy says of its client,
  // as is the header Host.
  std::string peer;             // the client's address
  std::string scheme = "http";  // or "https": how the client speaks
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
};

// {"detail": detail}, the body of every error.
Response ErrorResponse(int status, std::string_view detail);

struct Url {
  std::string scheme;  // "http" or "https"
  std::string host;    // lower case; an IPv6 address without brackets
  uint16_t port = 0;
  std::string path = "/";  // percent-encoded, at least "/"
  std::string query;       // percent-encoded, without "?"

  // "host", or "host:port" where the port is not the scheme's default.
  std::string HostHeader() const;
  // "/path?query", for Request::target.
  std::string Target() const;
};

// An absolute http or https URL. User information is refused, a fragment is dropped.
base::Result<Url> ParseUrl(std::string_view text);

// "%2F" becomes "/"; an escape that is not two hexadecimal digits stays as it is.
std::string PercentDecode(std::string_view text);
// Everything but RFC 3986's unreserved characters is escaped, as one path segment or query value
// needs it.
std::string PercentEncode(std::string_view text);

struct Target {
  std::vector<std::string> segments;  // "/a/b%2Fc/" is {"a", "b/c"}: one final slash adds nothing
  std::vector<std::pair<std::string, std::string>> query;  // in order; "+" is a space

  // The first query parameter of this name.
  std::optional<std::string> Param(std::string_view name) const;
};

Target SplitTarget(std::string_view target);

// "Sun, 06 Nov 1994 08:49:37 GMT", as the Date header wants it (RFC 9110, 5.6.7).
std::string FormatHttpDate(base::Time time);
// That form alone, which all of today's servers send.
std::optional<base::Time> ParseHttpDate(std::string_view text);

}  // namespace http
