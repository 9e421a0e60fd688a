#include "base/check.h"
#include "http/parser.h"
#include "targets.h"

namespace fuzz {
namespace {

constexpr http::ParserLimits kLimits{.header = 1024, .body = 4096};

// How the bytes come in. What a message says must not depend on it; when a bad one is refused may.
enum class Arrival { kAtOnce, kByteByByte };

template <typename Parser>
http::ParseState Feed(Parser& parser, std::string_view bytes, Arrival arrival, std::string* rest) {
  const size_t piece = arrival == Arrival::kAtOnce ? bytes.size() : 1;
  http::ParseState state = http::ParseState::kIncomplete;
  while (state == http::ParseState::kIncomplete && !bytes.empty()) {
    *rest += bytes.substr(0, piece);
    bytes.remove_prefix(piece);
    state = parser.Put(*rest);
  }
  *rest += bytes;
  if (state == http::ParseState::kFailed) {
    CHECK(parser.failure().status >= 400 && parser.failure().status < 600);
    CHECK(!parser.failure().reason.empty());
  }
  return state;
}

// Whether there was a response when the server had closed the connection behind `bytes`.
bool FeedToEnd(http::ResponseParser& parser,
               std::string_view bytes,
               Arrival arrival,
               std::string* rest) {
  http::ParseState state = Feed(parser, bytes, arrival, rest);
  if (state == http::ParseState::kIncomplete)
    state = parser.PutEof();
  return state == http::ParseState::kDone;
}

}  // namespace

void FuzzHttpRequest(std::string_view bytes) {
  http::RequestParser parser(kLimits), slow_parser(kLimits);
  std::string rest, slow_rest;
  const http::ParseState state = Feed(parser, bytes, Arrival::kAtOnce, &rest);
  const http::ParseState slow_state = Feed(slow_parser, bytes, Arrival::kByteByByte, &slow_rest);
  const bool is_done = state == http::ParseState::kDone;
  CHECK((slow_state == http::ParseState::kDone) == is_done);
  if (!is_done)
    return;
  CHECK(rest == slow_rest && bytes.ends_with(rest));
  CHECK(parser.KeepAlive() == slow_parser.KeepAlive());
  const http::Request request = parser.Take(), slow = slow_parser.Take();
  CHECK(request.method == slow.method && request.target == slow.target);
  CHECK(request.headers.all() == slow.headers.all() && request.body == slow.body);
  CHECK(request.body.size() <= kLimits.body);
  http::SplitTarget(request.target);
}

void FuzzHttpResponse(std::string_view bytes) {
  for (auto body : {http::ResponseParser::Body::kNormal, http::ResponseParser::Body::kNone}) {
    http::ResponseParser parser(kLimits, body), slow_parser(kLimits, body);
    std::string rest, slow_rest;
    const bool is_done = FeedToEnd(parser, bytes, Arrival::kAtOnce, &rest);
    CHECK(FeedToEnd(slow_parser, bytes, Arrival::kByteByByte, &slow_rest) == is_done);
    if (!is_done)
      continue;
    CHECK(rest == slow_rest && bytes.ends_with(rest));
    const http::Response response = parser.Take(), slow = slow_parser.Take();
    CHECK(response.status == slow.status && response.body == slow.body);
    CHECK(response.headers.all() == slow.headers.all());
  }
}

}  // namespace fuzz
