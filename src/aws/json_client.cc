#include "aws/json_client.h"

#include <utility>

#include "base/text.h"
#include "wire/sigv4.h"

namespace aws {
namespace {

constexpr char kUserAgent[] = "signalbox/" SIGNALBOX_VERSION;

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

void ReadReply(const http::Response& response, CallOutcome& outcome) {
  outcome.request_id = response.headers.Get("x-amzn-requestid").value_or("");
  if (response.status < 200 || response.status > 299) {
    outcome.error = wire::ParseAwsError(
        response.status,
        [&response](std::string_view name) { return response.headers.Get(name); },
        response.body);
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

}  // namespace

JsonClient::JsonClient(http::Loop& loop,
                       http::Client& http,
                       const CredentialSource& credentials,
                       const base::Clock& clock,
                       Target target)
    : loop_(loop),
      http_(http),
      credentials_(credentials),
      clock_(clock),
      target_(std::move(target)) {}

http::Request JsonClient::SignedRequest(std::string_view action,
                                        std::string body,
                                        const wire::Credentials& credentials) const {
  http::Request request{.method = "POST", .target = target_.endpoint.Target(), .body = {}};
  request.headers.Set("Host", target_.endpoint.HostHeader());
  request.headers.Set("Content-Type",
                      base::Cat("application/x-amz-json-", target_.service.json_version));
  request.headers.Set("X-Amz-Target", base::Cat(target_.service.target_prefix, '.', action));
  request.headers.Set("User-Agent", kUserAgent);

  wire::SigningRequest signing{.method = request.method,
                               .target = request.target,
                               .headers = request.headers.all(),
                               .body = std::move(body)};
  wire::SigningScope scope{.region = target_.region,
                           .service = std::string(target_.service.signing_name)};
  for (auto& [name, value] : wire::Sign(signing, credentials, scope, base::Clock::Wall()))
    request.headers.Set(name, std::move(value));
  request.body = std::move(signing.body);
  return request;
}

void JsonClient::Call(std::string_view action,
                      std::string body,
                      const CallOptions& options,
                      Done done) {
  CallOutcome outcome{.sent_at_world = clock_.World()};
  std::weak_ptr<const bool> alive = alive_;
  base::Result<wire::Credentials> credentials = credentials_.Current();
  if (!credentials) {
    outcome.error = ErrorWithoutReply(
        wire::ErrorClass::kCredentials, "NoCredentials", credentials.error().message);
    loop_.Post([alive, outcome = std::move(outcome), done = std::move(done)]() mutable {
      if (!alive.expired())
        done(std::move(outcome));
    });
    return;
  }
  http_.Send(target_.endpoint,
             SignedRequest(action, std::move(body), *credentials),
             {.timeout = options.timeout},
             [alive, outcome = std::move(outcome), done = std::move(done)](
                 tl::expected<http::Response, http::ClientError> result) mutable {
               if (alive.expired())
                 return;
               if (result)
                 ReadReply(*result, outcome);
               else
                 outcome.error = FromTransport(result.error());
               done(std::move(outcome));
             });
}

}  // namespace aws
