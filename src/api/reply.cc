#include "api/reply.h"

#include <utility>

#include "base/json_text.h"
#include "base/log.h"
#include "base/safe_text.h"

namespace api {

namespace {

int StatusOf(base::ErrorCode code) {
  switch (code) {
    case base::ErrorCode::kInvalidArgument:
      return 422;
    case base::ErrorCode::kNotFound:
      return 404;
    case base::ErrorCode::kConflict:
    case base::ErrorCode::kStale:
      return 409;
    case base::ErrorCode::kThrottled:
      return 429;
    case base::ErrorCode::kUnavailable:
    case base::ErrorCode::kTimeoutUnknown:
      return 503;
    case base::ErrorCode::kPermission:
      return 403;
    case base::ErrorCode::kCorrupt:
    case base::ErrorCode::kInternal:
      return 500;
  }
  return 500;
}

http::Response ErrorReply(const base::Error& error) {
  http::Response response = http::ErrorResponse(StatusOf(error.code), error.message);
  if (response.status == 429)
    response.headers.Set("Retry-After", "1");
  if (response.status >= 500)
    base::LogError("api_error", {{"message", error.message}});
  return response;
}

struct Finisher {
  Outgoing operator()(json::object object) const {
    // Whatever EMR, files or an older database said: what leaves is UTF-8.
    http::Response response{.status = 200, .body = base::ValidUtf8(base::Serialize(object))};
    response.headers.Set("Content-Type", "application/json");
    return response;
  }
  template <typename Whole>  // Response, FileReply, StreamReply
  Outgoing operator()(Whole reply) const {
    return reply;
  }
};

}  // namespace

http::Response NoContent() {
  return {.status = 204};
}

Outgoing Finish(Answer answer) {
  if (!answer)
    answer = ErrorReply(answer.error());
  return std::visit(Finisher{}, *std::move(answer));
}

int StatusOf(const Outgoing& outgoing) {
  if (const auto* response = std::get_if<http::Response>(&outgoing))
    return response->status;
  if (const auto* file = std::get_if<FileReply>(&outgoing))
    return file->head.status;
  return std::get<StreamReply>(outgoing).head.status;
}

}  // namespace api
