#include "http/serialize.h"

#include <algorithm>
#include <boost/beast/http/status.hpp>

#include "base/clock.h"
#include "base/text.h"

namespace http {
namespace {

bool IsFraming(std::string_view name) {
  const std::string lower = base::ToLower(name);
  return lower == "content-length" || lower == "transfer-encoding" || lower == "connection";
}

bool IsToken(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
    return c > ' ' && c < 0x7f &&
           std::string_view("\"(),/:;<=>?@[\\]{}").find(c) == std::string::npos;
  });
}

// How long the body is; "" where it has none.
std::string LengthHeader(const Response& response, const ResponseFraming& framing) {
  switch (framing.pieces) {
    case ResponseFraming::Pieces::kNone:
      return base::Cat("Content-Length: ", response.body.size(), "\r\n");
    case ResponseFraming::Pieces::kCounted:
      return base::Cat("Content-Length: ", framing.length, "\r\n");
    case ResponseFraming::Pieces::kChunked:
      return "Transfer-Encoding: chunked\r\n";
    case ResponseFraming::Pieces::kToTheEnd:
      return "";
  }
  return "";
}

bool IsOneLine(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

}  // namespace

base::Status CheckRequest(const Request& request) {
  auto bad = [](std::string_view what, std::string_view text) {
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat("cannot send this request: bad ", what, " '", text, "'"));
  };
  if (!IsToken(request.method))
    return bad("method", request.method);
  const bool printable =
      std::ranges::all_of(request.target, [](unsigned char c) { return c > ' ' && c != 0x7f; });
  if (!request.target.starts_with('/') || !printable)
    return bad("target", request.target);
  for (const auto& [name, value] : request.headers.all()) {
    if (!IsToken(name))
      return bad("header name", name);
    if (!IsOneLine(value))
      return bad("value of the header", name);
  }
  return {};
}

std::string Serialize(const Url& url, const Request& request) {
  std::string out = base::Cat(request.method, " ", request.target, " HTTP/1.1\r\n");
  if (!request.headers.Get("Host"))
    out += base::Cat("Host: ", url.HostHeader(), "\r\n");
  for (const auto& [name, value] : request.headers.all()) {
    if (!IsFraming(name))
      out += base::Cat(name, ": ", value, "\r\n");
  }
  const bool bodiless = request.method == "GET" || request.method == "HEAD";
  if (!bodiless || !request.body.empty())
    out += base::Cat("Content-Length: ", request.body.size(), "\r\n");
  out += "\r\n";
  out += request.body;
  return out;
}

bool IsSafe(const Response& response) {
  return response.status >= 200 && response.status <= 999 &&
         std::ranges::all_of(response.headers.all(), [](const auto& header) {
           return IsToken(header.first) && IsOneLine(header.second);
         });
}

namespace {

void AddMissing(const Headers& usual, const Headers& own, std::string& out) {
  for (const auto& [name, value] : usual.all()) {
    if (!own.Has(name))
      out += base::Cat(name, ": ", value, "\r\n");
  }
}

}  // namespace

std::string Serialize(const Response& response, const ResponseFraming& framing) {
  const auto reason =
      boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(response.status));
  std::string out = base::Cat(
      "HTTP/1.1 ", response.status, " ", std::string_view(reason.data(), reason.size()), "\r\n");
  if (!response.headers.Get("Date"))
    out += base::Cat("Date: ", FormatHttpDate(base::Clock::Wall()), "\r\n");
  for (const auto& [name, value] : response.headers.all()) {
    if (!IsFraming(name))
      out += base::Cat(name, ": ", value, "\r\n");
  }
  for (const Headers* usual : {framing.usual, framing.usual_over_tls}) {
    if (usual != nullptr)
      AddMissing(*usual, response.headers, out);
  }
  // These two have no body by definition, and so no length (RFC 9110, 8.6).
  const bool bodiless = response.status == 204 || response.status == 304;
  if (!bodiless)
    out += LengthHeader(response, framing);
  if (!framing.connection.empty())
    out += base::Cat("Connection: ", framing.connection, "\r\n");
  out += "\r\n";
  const bool has_own_body = framing.pieces == ResponseFraming::Pieces::kNone && !bodiless;
  if (framing.body == ResponseFraming::Body::kSent && has_own_body)
    out += response.body;
  return out;
}

std::string Chunk(std::string_view piece) {
  if (piece.empty())
    return "0\r\n\r\n";
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string size;
  for (size_t rest = piece.size(); rest > 0; rest /= 16)
    size.insert(size.begin(), kDigits[rest % 16]);
  return base::Cat(size, "\r\n", piece, "\r\n");
}

}  // namespace http
