#include "aws/sts.h"

#include <memory>

#include "aws/endpoint.h"
#include "base/text.h"

namespace aws {
namespace {

using base::ErrorCode;

std::string Get(const FlatXml& xml, const std::string& path) {
  auto found = xml.find(path);
  return found == xml.end() ? "" : found->second;
}

std::string ErrorCodeOf(const http::Response& response) {
  auto xml = ReadXml(response.body);
  return xml ? Get(*xml, "ErrorResponse.Error.Code") : "";
}

std::string Form(const std::string& action, const Sts::Parameters& parameters) {
  std::string body = base::Cat("Action=", action, "&Version=2011-06-15");
  for (const auto& [name, value] : parameters)
    body += base::Cat("&", name, "=", http::PercentEncode(value));
  return body;
}

base::Result<FlatXml> ReadReply(const std::string& action, const http::Response& response) {
  auto xml = ReadXml(response.body);
  if (response.status != 200) {
    const std::string code = xml ? Get(*xml, "ErrorResponse.Error.Code") : "";
    return base::Fail(IsServersTrouble(response) ? ErrorCode::kUnavailable : ErrorCode::kPermission,
                      base::Cat("STS refused ",
                                action,
                                ": ",
                                code.empty() ? base::Cat("HTTP ", response.status) : code,
                                code.empty() ? "" : ": ",
                                xml ? Get(*xml, "ErrorResponse.Error.Message") : ""));
  }
  if (!xml)
    return base::Fail(ErrorCode::kUnavailable,
                      base::Cat("STS' reply to ", action, ": ", xml.error().message));
  FlatXml result;
  const std::string prefix = base::Cat(action, "Response.", action, "Result.");
  for (const auto& [path, value] : *xml) {
    if (path.starts_with(prefix))
      result.emplace(path.substr(prefix.size()), value);
  }
  return result;
}

}  // namespace

void Sts::Call(const std::string& action,
               Parameters parameters,
               const std::optional<wire::Credentials>& keys,
               OnReply done) const {
  auto endpoint = ResolveEndpoint(context_.config, kSts, context_.region);
  if (!endpoint) {
    done(base::Fail(endpoint.error()));
    return;
  }
  auto signed_with = std::make_shared<SigningClock::Reading>();
  auto make =
      [context = context_, url = *endpoint, keys, signed_with, body = Form(action, parameters)] {
        http::Request request{
            .method = "POST", .target = url.Target(), .headers = {}, .body = body};
        request.headers.Set("Host", url.HostHeader());
        request.headers.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
        *signed_with = context.clock.Read();
        if (keys) {
          const wire::SigningRequest signing{.method = request.method,
                                             .target = request.target,
                                             .headers = request.headers.all(),
                                             .body = request.body};
          const wire::SigningScope scope{.region = context.region,
                                         .service = std::string(kSts.signing_name)};
          for (auto& [name, value] : wire::Sign(signing, *keys, scope, signed_with->at))
            request.headers.Set(name, std::move(value));
        }
        return request;
      };
  auto again = [&clock = context_.clock, signed_with](const http::Response& response) {
    const std::string code = response.status == 200 ? "" : ErrorCodeOf(response);
    return IsServersTrouble(response) || code == "IDPCommunicationError" || code == "Throttling" ||
           (IsAboutSignature(code) && clock.LearnFrom(response, *signed_with));
  };
  context_.outside.Start(
      {.url = *endpoint,
       .make = std::move(make),
       .timeout = base::seconds(10),
       .tries = 3,
       .pause = base::milliseconds(500),
       .again = std::move(again),
       .again_without_reply = true},
      [action, done = std::move(done)](tl::expected<http::Response, http::ClientError> result) {
        if (result)
          done(ReadReply(action, *result));
        else
          done(base::Fail(ErrorCode::kUnavailable,
                          base::Cat("STS was not reached: ", result.error().error.message)));
      });
}

base::Result<Found> KeysFromReply(const FlatXml& reply) {
  Found found{.keys = {.access_key = Get(reply, "Credentials.AccessKeyId"),
                       .secret_key = Get(reply, "Credentials.SecretAccessKey"),
                       .session_token = Get(reply, "Credentials.SessionToken")},
              .expires = {},
              .source = "",
              .detail = ""};
  auto expires = base::ParseTime(Get(reply, "Credentials.Expiration"));
  if (found.keys.access_key.empty() || found.keys.secret_key.empty() || !expires)
    return base::Fail(ErrorCode::kUnavailable, "STS' reply holds no keys");
  found.expires = *expires;
  return found;
}

std::string DefaultSessionName(base::Time now) {
  return base::Cat("signalbox-", base::ToMicros(now) / 1'000'000);
}

}  // namespace aws
