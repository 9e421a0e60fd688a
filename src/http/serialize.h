#pragma once

// Messages to bytes, and what keeps a header's value from becoming another message. Pure but for
// the Date header (wall time). Internal to this module.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/message.h"

namespace http {

// What would be another request, or none, on the wire is refused before anything is sent.
base::Status CheckRequest(const Request& request);

std::string Serialize(const Url& url, const Request& request);

// False for a handler's bug: a status that is none, a header that would end early.
bool IsSafe(const Response& response);

struct ResponseFraming {
  enum class Body { kSent, kLeftOut /* the answer to HEAD */ };
  Body body = Body::kSent;
  std::string_view connection;  // the Connection header's value; "": no such header
  // Of a body that follows in pieces: it stands in for the response's own.
  enum class Pieces {
    kNone,
    kCounted,  // `length` bytes
    kChunked,
    kToTheEnd,  // of the connection, for HTTP/1.0
  };
  Pieces pieces = Pieces::kNone;
  uint64_t length = 0;
  // What every answer has, unless it has its own of that name; null: nothing.
  const Headers* usual = nullptr;
  const Headers* usual_over_tls = nullptr;
};

std::string Serialize(const Response& response, const ResponseFraming& framing);

// One piece of a chunked body; "" is its end.
std::string Chunk(std::string_view piece);

}  // namespace http
