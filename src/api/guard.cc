#include "api/guard.h"

#include <algorithm>
#include <string_view>

#include "base/hash.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace api {

namespace {

// "localhost:8080" → "localhost", "[::1]:8080" → "[::1]".
std::string_view WithoutPort(std::string_view host) {
  size_t colon = host.rfind(':');
  size_t bracket = host.rfind(']');
  if (colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket))
    return host;
  return host.substr(0, colon);
}

bool IsServed(const std::string& host, const std::vector<std::string>& allowed_hosts) {
  std::string_view name = WithoutPort(host);
  if (name == "127.0.0.1" || name == "localhost" || name == "[::1]")
    return true;
  return std::any_of(allowed_hosts.begin(), allowed_hosts.end(), [&](const std::string& allowed) {
    std::string lower = base::ToLower(allowed);
    return lower == host || lower == name;
  });
}

// Where the request says to go, or came from, without the port that its scheme has anyway.
std::string WithoutUsualPort(std::string origin) {
  for (const auto& [scheme, port] : {std::pair("http://", ":80"), std::pair("https://", ":443")}) {
    if (origin.starts_with(scheme) && origin.ends_with(port))
      origin.resize(origin.size() - std::string_view(port).size());
  }
  return origin;
}

// The page that asks is one of ours, by scheme, host and port: one that came in the clear may be
// anyone's work, and another port is another server's.
std::optional<http::Response> CheckSite(const http::Request& request, const std::string& host) {
  const std::string ours = WithoutUsualPort(base::Cat(request.scheme, "://", host));
  if (const auto origin = request.headers.Get("Origin");
      origin && WithoutUsualPort(base::ToLower(*origin)) != ours)
    return http::ErrorResponse(
        403,
        base::Cat(
            "requests from '",
            base::Excerpt(base::ToLower(*origin)),
            "' are not served: this is ",
            ours,
            "; behind a proxy that has TLS, name it in server.trusted_proxies, and let it set "
            "X-Forwarded-Proto"));
  // A link may lead here from anywhere.
  const std::string site = request.headers.Get("Sec-Fetch-Site").value_or("none");
  const bool is_safe = request.method == "GET" || request.method == "HEAD";
  if (!is_safe && site != "same-origin" && site != "none")
    return http::ErrorResponse(403, "changes from other sites are not taken");
  return std::nullopt;
}

}  // namespace

std::optional<http::Response> CheckHost(const http::Request& request,
                                        const std::vector<std::string>& allowed_hosts) {
  std::optional<std::string> given = request.headers.Get("Host");
  if (!given)
    return http::ErrorResponse(400, "the Host header is missing");
  std::string host = base::ToLower(*given);
  if (!IsServed(host, allowed_hosts))
    return http::ErrorResponse(
        403,
        base::Cat("the host '",
                  base::Excerpt(host),
                  "' is not served here: if it is this server's, add it to server.allowed_hosts"));
  return CheckSite(request, host);
}

std::optional<http::Response> CheckWebhook(const http::Request& request, const std::string& token) {
  if (token.empty())
    return http::ErrorResponse(404, "no events are taken here: set sources.webhook.token_env");
  constexpr std::string_view kHeader = "x-signalbox-token";
  const auto given = std::ranges::count_if(request.headers.all(), [&](const auto& header) {
    return base::ToLower(header.first) == kHeader;
  });
  if (given == 1 && base::SameSecret(*request.headers.Get(kHeader), token))
    return std::nullopt;
  return http::ErrorResponse(401, "X-Signalbox-Token is missing or not the token");
}

std::optional<http::Response> CheckContentType(const http::Request& request,
                                               std::string_view wanted) {
  // A small text may mean a large one; so nothing is unpacked here.
  const std::string coding = request.headers.Get("Content-Encoding").value_or("identity");
  if (base::ToLower(base::Trim(coding)) != "identity") {
    http::Response refusal = http::ErrorResponse(415, "the body must not be compressed");
    refusal.headers.Set("Accept-Encoding", "identity");
    return refusal;
  }
  const auto given = request.headers.Get("Content-Type");
  // Nothing has no type. Cookies alone change nothing either (gate.h).
  const bool is_empty = !request.headers.Get("Transfer-Encoding") &&
                        request.headers.Get("Content-Length").value_or("0") == "0";
  if (is_empty && !given)
    return std::nullopt;
  const std::string type = given.value_or("");
  std::string_view media = base::Trim(std::string_view(type).substr(0, type.find(';')));
  if (base::ToLower(media) == wanted)
    return std::nullopt;
  return http::ErrorResponse(415, base::Cat("the body must be ", wanted));
}

}  // namespace api
