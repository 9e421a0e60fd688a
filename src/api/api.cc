#include "api/api.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "api/exchange.h"
#include "api/guard.h"
#include "api/router.h"
#include "base/json_text.h"
#include "base/log.h"
#include "base/safe_text.h"
#include "base/text.h"

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

http::Response ToResponse(std::string page) {
  http::Response response{.status = 200, .body = base::ValidUtf8(std::move(page))};
  response.headers.Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  response.headers.Set("Cache-Control", "no-store");
  return response;
}

http::Response ToResponse(const base::Result<json::object>& result) {
  http::Response response;
  if (result) {
    // Whatever EMR, files or an older database said: what leaves is UTF-8.
    response = {.status = 200, .body = base::ValidUtf8(base::Serialize(*result))};
    response.headers.Set("Content-Type", "application/json");
  } else {
    response = http::ErrorResponse(StatusOf(result.error().code), result.error().message);
    if (response.status >= 500)
      base::LogError("api_error", {{"message", result.error().message}});
  }
  response.headers.Set("Cache-Control", "no-store");
  response.headers.Set("X-Content-Type-Options", "nosniff");
  return response;
}

// A part of a path that names nothing, and that others on the way may read differently: a proxy
// resolves "..", a log is cut at a NUL, a file name at "/".
bool IsSegment(const std::string& text) {
  return !text.empty() && text != "." && text != ".." && base::IsUtf8(text) &&
         std::none_of(text.begin(), text.end(), [](unsigned char c) {
           return c < 0x20 || c == 0x7f || c == '/' || c == '\\';
         });
}

std::optional<http::Response> CheckPath(const http::Target& target) {
  for (const std::string& segment : target.segments) {
    if (!IsSegment(segment))
      return http::ErrorResponse(
          400, base::Cat("'", base::Excerpt(segment), "' is no part of a path here"));
  }
  return std::nullopt;
}

http::Response NotServed(const Match& match, const std::string& target) {
  if (match.methods.empty())
    return http::ErrorResponse(
        404, base::Cat("there is nothing at ", base::Excerpt(target.substr(0, target.find('?')))));
  http::Response response = http::ErrorResponse(405, "Method Not Allowed");
  response.headers.Set("Allow", base::Join({match.methods.begin(), match.methods.end()}, ", "));
  return response;
}

// Who asks to change what. Events of EMR are nobody's action.
json::object NoteOf(const http::Request& request, Access access) {
  if (access != Access::kToken || !base::IsLogged(base::LogLevel::kInfo))
    return {};
  const std::string path = request.target.substr(0, request.target.find('?'));
  // One token stands for one person; the address tells where from.
  return {{"who", "token"}, {"from", request.peer}, {"what", base::Cat(request.method, " ", path)}};
}

void LogAction(json::object note, int status) {
  if (note.empty())
    return;
  note["status"] = status;
  base::LogInfo("action", note);
}

}  // namespace

struct Api::Impl {
  Impl(runtime::Runtime& runtime, ApiOptions from)
      : options(std::move(from)), context(runtime, options.version) {}

  // What can be said of a request by its header alone.
  std::optional<http::Response> Refusal(const http::Request& request,
                                        const http::Target& target,
                                        const Match& match) const;

  const ApiOptions options;
  Context context;
};

http::ServerOptions ServerBounds() {
  return {.max_body = size_t{1} << 20, .max_strangers = 256, .max_strangers_per_peer = 128};
}

std::optional<http::Response> Api::Impl::Refusal(const http::Request& request,
                                                 const http::Target& target,
                                                 const Match& match) const {
  if (match.route != nullptr && match.route->access == Access::kWebhook) {
    if (auto refusal = CheckWebhook(request, context.runtime.webhook_token()))
      return refusal;
    return CheckContentType(request);
  }
  if (auto refusal = CheckHost(request, options.allowed_hosts))
    return refusal;
  // Without a token nobody learns which paths there are.
  if (match.route == nullptr || match.route->access == Access::kToken) {
    if (auto refusal = CheckToken(request, options.token))
      return refusal;
  }
  if (auto refusal = CheckPath(target))
    return refusal;
  if (match.route == nullptr)
    return NotServed(match, request.target);
  if (std::holds_alternative<Change>(match.route->handler))
    return CheckContentType(request);
  return std::nullopt;
}

Api::Api(runtime::Runtime& runtime, ApiOptions options)
    : impl_(std::make_unique<Impl>(runtime, std::move(options))) {}
Api::~Api() = default;

std::optional<http::Response> Api::Admit(const http::Request& head) const {
  const http::Target target = http::SplitTarget(head.target);
  return impl_->Refusal(head, target, FindRoute(Routes(), head.method, target.segments));
}

void Api::Observe(const http::Server& server) {
  impl_->context.server = &server;
}

void Api::Handle(http::Request request, http::Responder responder) {
  Exchange exchange{.request = std::move(request), .target = {}, .args = {}};
  exchange.target = http::SplitTarget(exchange.request.target);
  Match match = FindRoute(Routes(), exchange.request.method, exchange.target.segments);
  if (auto refusal = impl_->Refusal(exchange.request, exchange.target, match)) {
    responder.Send(std::move(*refusal));
    return;
  }
  if (match.route->access != Access::kOpen)
    responder.Trust();
  if (const Page* page = std::get_if<Page>(&match.route->handler)) {
    responder.Send(ToResponse((*page)(impl_->context)));
    return;
  }
  exchange.args = std::move(match.args);
  exchange.has_token = !CheckToken(exchange.request, impl_->options.token);
  if (const Query* query = std::get_if<Query>(&match.route->handler)) {
    responder.Send(ToResponse((*query)(impl_->context, exchange)));
    return;
  }
  std::get<Change>(match.route->handler)(
      impl_->context,
      exchange,
      [responder, action = NoteOf(exchange.request, match.route->access)](
          const base::Result<json::object>& result) {
        http::Response response = ToResponse(result);
        LogAction(action, response.status);
        responder.Send(std::move(response));
      });
}

}  // namespace api
