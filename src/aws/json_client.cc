#include "aws/json_client.h"

#include <utility>

#include "base/text.h"
#include "wire/sigv4.h"

namespace aws {
namespace {

wire::AwsError ErrorWithoutReply(wire::ErrorClass error_class,
                                 std::string code,
                                 std::string message) {
  return {.error_class = error_class, .code = std::move(code), .message = std::move(message)};
}

wire::AwsError FromTransport(const http::ClientError& failure) {
  if (failure.sent == http::Sent::kNo) {
    return ErrorWithoutReply(wire::ErrorClass::kUnavailable, "NotSent", failure.error.message);
  }
  return ErrorWithoutReply(wire::ErrorClass::kMayHaveHappened, "ReplyLost", failure.error.message);
}

wire::AwsError ErrorOf(const http::Response& response) {
  return wire::ParseAwsError(
      response.status,
      [&response](std::string_view name) { return response.headers.Get(name); },
      response.body);
}

void ReadReply(const http::Response& response, const base::Clock&, CallOutcome& outcome) {
  outcome.request_id = response.headers.Get("x-amzn-requestid").value_or("");
  if (response.status < 200 || response.status > 299) {
    outcome.error = ErrorOf(response);
    return;
  }
  // Operations without output may answer without a body.
  base::Result<json::value> parsed = base::ParseJson(response.body.empty() ? "{}" : response.body);
  if (parsed && parsed->is_object()) {
    outcome.reply = std::move(*parsed);
    return;
  }
  outcome.error = ErrorWithoutReply(
      wire::ErrorClass::kMayHaveHappened,
      "UnreadableReply",
      parsed ? "the reply is not a JSON object" : base::Cat("the reply: ", parsed.error().message));
  outcome.error->http_status = response.status;
  outcome.error->request_id = outcome.request_id;
}

http::Request SignedRequest(const JsonClient::Target& target,
                            std::string_view action,
                            const std::string& body,
                            const wire::Credentials& credentials,
                            base::Time now) {
  http::Request request{
      .method = "POST", .target = target.endpoint.Target(), .headers = {}, .body = {}};
  request.headers.Set("Host", target.endpoint.HostHeader());
  request.headers.Set("Content-Type",
                      base::Cat("application/x-amz-json-", target.service.json_version));
  request.headers.Set("X-Amz-Target", base::Cat(target.service.target_prefix, '.', action));
  request.headers.Set("User-Agent", kUserAgent);

  wire::SigningRequest signing{.method = request.method,
                               .target = request.target,
                               .headers = request.headers.all(),
                               .body = body};
  wire::SigningScope scope{.region = target.region,
                           .service = std::string(target.service.signing_name)};
  for (auto& [name, value] : wire::Sign(signing, credentials, scope, now))
    request.headers.Set(name, std::move(value));
  request.body = std::move(signing.body);
  return request;
}

}  // namespace

const Protocol& JsonProtocol() {
  static constexpr Protocol kProtocol{&SignedRequest, &ReadReply, &ErrorOf};
  return kProtocol;
}

struct JsonClient::Pending {
  std::string action;
  std::string body;
  base::Duration timeout;
  Done done;
  CallOutcome outcome;
  SigningClock::Reading signed_with;
  http::Timer patience;  // while the keys are waited for
  bool waiting = true;
};

JsonClient::JsonClient(http::Loop& loop,
                       Fetcher& fetcher,
                       CredentialSource& credentials,
                       SigningClock& signing_clock,
                       const base::Clock& clock,
                       Target target)
    : loop_(loop),
      fetcher_(fetcher),
      credentials_(credentials),
      signing_clock_(signing_clock),
      clock_(clock),
      target_(std::make_shared<const Target>(std::move(target))) {}

void JsonClient::Call(std::string_view action,
                      std::string body,
                      const CallOptions& options,
                      Done done) {
  auto call = std::make_shared<Pending>(Pending{.action = std::string(action),
                                                .body = std::move(body),
                                                .timeout = options.timeout,
                                                .done = std::move(done),
                                                .outcome = {.sent_at_world = clock_.World()},
                                                .signed_with = {},
                                                .patience = {}});
  std::weak_ptr<const bool> alive = alive_;
  credentials_.Get([this, alive, call](const base::Result<wire::Credentials>& keys) {
    if (alive.expired() || !std::exchange(call->waiting, false))
      return;
    call->patience.Cancel();
    if (keys)
      Send(call, *keys);
    else
      GiveUp(call, keys.error().message);
  });
  if (!call->waiting)
    return;
  call->patience = loop_.After(options.timeout, [this, alive, call] {
    if (alive.expired() || !std::exchange(call->waiting, false))
      return;
    GiveUp(call, "no AWS credentials within " + base::FormatDuration(call->timeout));
  });
}

void JsonClient::GiveUp(const std::shared_ptr<Pending>& call, std::string why) {
  call->outcome.error =
      ErrorWithoutReply(wire::ErrorClass::kCredentials, "NoCredentials", std::move(why));
  loop_.Post([alive = std::weak_ptr(alive_), call] {
    if (!alive.expired())
      call->done(std::move(call->outcome));
  });
}

void JsonClient::Send(const std::shared_ptr<Pending>& call, const wire::Credentials& keys) {
  auto make = [call, keys, target = target_, &signing_clock = signing_clock_, &clock = clock_] {
    call->outcome.sent_at_world = clock.World();
    call->signed_with = signing_clock.Read();
    return target->protocol.make(*target, call->action, call->body, keys, call->signed_with.at);
  };
  // A definite refusal on the signature's grounds, and nothing else, is sent again.
  auto again =
      [call, target = target_, &signing_clock = signing_clock_](const http::Response& response) {
        return response.status >= 400 && response.status < 500 &&
               IsAboutSignature(target->protocol.error_of(response).code) &&
               signing_clock.LearnFrom(response, call->signed_with);
      };
  fetcher_.Start({.url = target_->endpoint,
                  .make = std::move(make),
                  .timeout = call->timeout,
                  .tries = 2,
                  .pause = {},
                  .again = std::move(again)},
                 [alive = std::weak_ptr(alive_), call, target = target_, &clock = clock_](
                     tl::expected<http::Response, http::ClientError> result) {
                   if (alive.expired())
                     return;
                   if (result)
                     target->protocol.read(*result, clock, call->outcome);
                   else
                     call->outcome.error = FromTransport(result.error());
                   call->done(std::move(call->outcome));
                 });
}

}  // namespace aws
