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

json::object InputOf(const std::string& body) {
  const base::Result<json::value> parsed = base::ParseJson(body);
  return parsed && parsed->is_object() ? parsed->get_object() : json::object();
}

// Signed as it stands.
http::Request Get(const JsonClient::Target& target,
                  std::string path,
                  const std::string& range,
                  const wire::Credentials& keys,
                  base::Time now) {
  http::Request request{.method = "GET", .target = std::move(path), .headers = {}, .body = {}};
  request.headers.Set("Host", target.endpoint.HostHeader());
  if (!range.empty())
    request.headers.Set("Range", range);
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

http::Request MakeRequest(const JsonClient::Target& target,
                          std::string_view,
                          const std::string& body,
                          const wire::Credentials& keys,
                          base::Time now) {
  const json::object input = InputOf(body);
  return Get(
      target,
      PathOf(target.endpoint.path, base::GetString(input, "Bucket"), base::GetString(input, "Key")),
      base::GetString(input, "Range"),
      keys,
      now);
}

http::Request MakeList(const JsonClient::Target& target,
                       std::string_view,
                       const std::string& body,
                       const wire::Credentials& keys,
                       base::Time now) {
  const json::object input = InputOf(body);
  std::string path(target.endpoint.path.substr(0, target.endpoint.path.find_last_not_of('/') + 1));
  path += base::Cat('/',
                    http::PercentEncode(base::GetString(input, "Bucket")),
                    "?list-type=2&max-keys=",
                    base::GetInt(input, "MaxKeys", 200),
                    "&prefix=",
                    http::PercentEncode(base::GetString(input, "Prefix")));
  if (const std::string after = base::GetString(input, "StartAfter"); !after.empty())
    path += base::Cat("&start-after=", http::PercentEncode(after));
  return Get(target, std::move(path), "", keys, now);
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

void ReadList(const http::Response& response, const base::Clock&, CallOutcome& outcome) {
  outcome.request_id = response.headers.Get("x-amz-request-id").value_or("");
  const auto items = ReadXmlItems(response.body, "Contents");
  if (response.status != 200 || !items) {
    outcome.error = ErrorOf(response);
    return;
  }
  json::array contents;
  for (const FlatXml& item : *items) {
    const auto get = [&](const char* name) {
      const auto found = item.find(name);
      return found == item.end() ? std::string() : found->second;
    };
    contents.push_back(json::object{{"Key", get("Key")},
                                    {"Size", base::ParseInt(get("Size")).value_or(0)},
                                    {"LastModified", get("LastModified")}});
  }
  const bool is_cut = response.body.find("<IsTruncated>true<") != std::string::npos;
  outcome.reply = json::object{{"Contents", std::move(contents)}, {"IsTruncated", is_cut}};
}

}  // namespace

const Protocol& S3ListProtocol() {
  static constexpr Protocol kProtocol{&MakeList, &ReadList, &ErrorOf};
  return kProtocol;
}

const Protocol& S3Protocol() {
  static constexpr Protocol kProtocol{&MakeRequest, &ReadReply, &ErrorOf};
  return kProtocol;
}

}  // namespace aws
