#include "forwarder/runtime_api.h"

#include <utility>

#include "base/json.h"
#include "base/json_text.h"
#include "base/text.h"

namespace forwarder {

namespace {

constexpr std::string_view kBase = "/2018-06-01/runtime";
constexpr base::Duration kForever = std::chrono::days(3650);
constexpr base::Duration kConnect = base::seconds(10);  // it is this machine: a busy one at worst

base::Error Failed(std::string_view path, std::string_view why) {
  return {base::ErrorCode::kUnavailable, base::Cat("the Runtime API's ", path, " failed: ", why)};
}

std::string ErrorBody(std::string_view type, std::string_view why) {
  return base::Serialize(
      json::object{{"errorMessage", why}, {"errorType", type}, {"stackTrace", json::array()}});
}

base::Result<Invocation> ReadInvocation(http::Response response) {
  Invocation out{
      .request_id = response.headers.Get("Lambda-Runtime-Aws-Request-Id").value_or(""),
      .function_arn = response.headers.Get("Lambda-Runtime-Invoked-Function-Arn").value_or("")};
  if (response.status != 200)
    return base::Fail(Failed("/invocation/next", base::Cat("HTTP ", response.status)));
  if (out.request_id.empty())
    return base::Fail(Failed("/invocation/next", "the invocation has no request id"));
  std::optional<int64_t> deadline =
      base::ParseInt(response.headers.Get("Lambda-Runtime-Deadline-Ms").value_or(""));
  constexpr int64_t kLast = 253'402'300'799'000;  // the year 9999's
  if (deadline && *deadline > 0 && *deadline <= kLast)
    out.deadline = base::Time(base::milliseconds(*deadline));
  out.event = std::move(response.body);
  return out;
}

}  // namespace

std::string AccountOfArn(std::string_view arn) {
  constexpr size_t kAccount = 4;
  std::vector<std::string> parts = base::Split(arn, ':');
  return parts.size() > kAccount ? parts[kAccount] : "";
}

RuntimeApi::RuntimeApi(http::Loop& loop, http::Url api)
    : api_(std::move(api)), client_(loop, {.idle_timeout = kForever}) {}

void RuntimeApi::Next(OnInvocation done) {
  client_.Send(api_,
               {.method = "GET", .target = base::Cat(kBase, "/invocation/next")},
               {.timeout = kForever, .connect_timeout = kConnect},
               [done = std::move(done)](tl::expected<http::Response, http::ClientError> got) {
                 if (got)
                   done(ReadInvocation(std::move(*got)));
                 else
                   done(base::Fail(Failed("/invocation/next", got.error().error.message)));
               });
}

void RuntimeApi::Succeed(std::string_view request_id, std::string json, Done done) {
  Post(base::Cat("/invocation/", request_id, "/response"), "", std::move(json), std::move(done));
}

void RuntimeApi::Fail(std::string_view request_id,
                      std::string_view type,
                      std::string_view why,
                      Done done) {
  Post(
      base::Cat("/invocation/", request_id, "/error"), type, ErrorBody(type, why), std::move(done));
}

void RuntimeApi::FailInit(std::string_view type, std::string_view why, Done done) {
  Post("/init/error", type, ErrorBody(type, why), std::move(done));
}

void RuntimeApi::Post(std::string path, std::string_view error_type, std::string body, Done done) {
  http::Request request{
      .method = "POST", .target = base::Cat(kBase, path), .body = std::move(body)};
  request.headers.Set("Content-Type", "application/json");
  if (!error_type.empty())
    request.headers.Set("Lambda-Runtime-Function-Error-Type", std::string(error_type));
  client_.Send(api_,
               std::move(request),
               {.timeout = kConnect, .connect_timeout = kConnect},
               [done = std::move(done),
                path = std::move(path)](tl::expected<http::Response, http::ClientError> got) {
                 if (!got)
                   done(base::Fail(Failed(path, got.error().error.message)));
                 else if (got->status < 200 || got->status > 299)
                   done(base::Fail(Failed(path, base::Cat("HTTP ", got->status))));
                 else
                   done({});
               });
}

}  // namespace forwarder
