#include "aws/s3.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "aws/xml.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "wire/sigv4.h"

namespace aws {
namespace {

// What HTTP dates leave out.
constexpr base::Duration kDateSlack = base::seconds(1);

std::string PathOf(std::string_view endpoint_path, std::string_view bucket, std::string_view key) {
  std::string path(endpoint_path.substr(0, endpoint_path.find_last_not_of('/') + 1));
  path += base::Cat('/', http::PercentEncode(bucket));
  for (const std::string& segment : base::Split(key, '/'))
    path += base::Cat('/', http::PercentEncode(segment));
  return path;
}

http::Request MakeRequest(const JsonClient::Target& target,
                          std::string_view,
                          const std::string& body,
                          const wire::Credentials& keys,
                          base::Time now) {
  const base::Result<json::value> parsed = base::ParseJson(body);
  const json::object input = parsed && parsed->is_object() ? parsed->get_object() : json::object();
  http::Request request{
      .method = "GET",
      .target = PathOf(
          target.endpoint.path, base::GetString(input, "Bucket"), base::GetString(input, "Key")),
      .headers = {},
      .body = {}};
  request.headers.Set("Host", target.endpoint.HostHeader());
  request.headers.Set("Range", base::GetString(input, "Range"));
  request.headers.Set("X-Amz-Content-Sha256", base::Sha256Hex(""));
  request.headers.Set("User-Agent", kUserAgent);
  const wire::SigningRequest signing{.method = request.method,
                                     .target = request.target,
                                     .headers = request.headers.all(),
                                     .body = ""};
  const wire::SigningScope scope{.region = target.region,
                                 .service = std::string(target.service.signing_name),
                                 .path_rule = wire::PathRule::kS3};
  for (auto& [name, value] : wire::Sign(signing, keys, scope, now))
    request.headers.Set(name, std::move(value));
  return request;
}

wire::AwsError ErrorOf(const http::Response& response) {
  wire::AwsError error{.http_status = response.status};
  error.request_id = response.headers.Get("x-amz-request-id").value_or("");
  const base::Result<FlatXml> xml = ReadXml(response.body);
  auto get = [&](const char* path) {
    const auto found = xml ? xml->find(path) : FlatXml::const_iterator();
    return xml && found != xml->end() ? found->second : std::string();
  };
  error.code = get("Error.Code");
  error.message = get("Error.Message");
  if (error.code.empty()) {
    // A body that S3 did not write, a proxy's page say, tells nothing of the object.
    error.error_class = wire::ErrorClass::kMayHaveHappened;
    error.code = base::Cat("HTTP ", response.status);
    error.message = base::Excerpt(response.body);
    return error;
  }
  if (auto region = response.headers.Get("x-amz-bucket-region");
      region && (response.status == 301 || response.status == 400))
    error.message = base::Cat("the bucket is in ", base::Excerpt(*region), ": ", error.message);
  error.error_class = response.status / 100 == 3
                          ? wire::ErrorClass::kClean
                          : wire::Classify(error.code, "", error.message, response.status);
  return error;
}

void ReadReply(const http::Response& response, const base::Clock& clock, CallOutcome& outcome) {
  outcome.request_id = response.headers.Get("x-amz-request-id").value_or("");
  if (response.status != 200 && response.status != 206) {
    outcome.error = ErrorOf(response);
    return;
  }
  json::object reply{{"Body", response.body}};
  if (auto written = http::ParseHttpDate(response.headers.Get("Last-Modified").value_or("")))
    reply["WrittenBy"] = base::FormatRfc3339(clock.WorldAt(*written + kDateSlack));
  outcome.reply = std::move(reply);
}

}  // namespace

const Protocol& S3Protocol() {
  static constexpr Protocol kProtocol{&MakeRequest, &ReadReply, &ErrorOf};
  return kProtocol;
}

}  // namespace aws
