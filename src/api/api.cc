#include "api/api.h"

#include <optional>
#include <utility>

#include "api/exchange.h"
#include "api/guard.h"
#include "api/metrics.h"
#include "api/router.h"
#include "base/log.h"
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

http::Response ToResponse(const base::Result<json::object>& result) {
  http::Response response;
  if (result) {
    response = {.status = 200, .body = json::serialize(*result)};
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

http::Response NotServed(const Match& match, const std::string& target) {
  if (match.methods.empty())
    return http::ErrorResponse(
        404, base::Cat("there is nothing at ", target.substr(0, target.find('?'))));
  http::Response response = http::ErrorResponse(405, "Method Not Allowed");
  response.headers.Set("Allow", base::Join({match.methods.begin(), match.methods.end()}, ", "));
  return response;
}

}  // namespace

struct Api::Impl {
  Impl(runtime::Runtime& runtime, ApiOptions from)
      : options(std::move(from)), context(runtime, options.version) {}

  std::optional<http::Response> Refusal(const http::Request& request, const Match& match) const;
  // GET /metrics, where Prometheus looks: text, not a resource of the API.
  http::Response Metrics(const http::Request& request);

  const ApiOptions options;
  Context context;
};

std::optional<http::Response> Api::Impl::Refusal(const http::Request& request,
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
  if (match.route == nullptr)
    return NotServed(match, request.target);
  if (std::holds_alternative<Change>(match.route->handler))
    return CheckContentType(request);
  return std::nullopt;
}

Api::Api(runtime::Runtime& runtime, ApiOptions options)
    : impl_(std::make_unique<Impl>(runtime, std::move(options))) {}
Api::~Api() = default;

http::Response Api::Impl::Metrics(const http::Request& request) {
  if (auto refusal = CheckHost(request, options.allowed_hosts))
    return *refusal;
  if (auto refusal = CheckToken(request, options.token))
    return *refusal;
  http::Response response{.status = 200, .body = MetricsPage(context)};
  response.headers.Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  response.headers.Set("Cache-Control", "no-store");
  return response;
}

void Api::Handle(http::Request request, http::Responder responder) {
  Exchange exchange{.request = std::move(request), .target = {}, .args = {}};
  exchange.target = http::SplitTarget(exchange.request.target);
  if (exchange.request.method == "GET" &&
      exchange.target.segments == std::vector<std::string>{"metrics"}) {
    responder.Send(impl_->Metrics(exchange.request));
    return;
  }
  Match match = FindRoute(Routes(), exchange.request.method, exchange.target.segments);
  if (auto refusal = impl_->Refusal(exchange.request, match)) {
    responder.Send(std::move(*refusal));
    return;
  }
  exchange.args = std::move(match.args);
  if (const Query* query = std::get_if<Query>(&match.route->handler)) {
    responder.Send(ToResponse((*query)(impl_->context, exchange)));
    return;
  }
  std::get<Change>(match.route->handler)(
      impl_->context, exchange, [responder](const base::Result<json::object>& result) {
        responder.Send(ToResponse(result));
      });
}

}  // namespace api
