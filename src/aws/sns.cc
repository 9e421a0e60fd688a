#include "aws/sns.h"

#include "aws/xml.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "wire/sigv4.h"

namespace aws {
namespace {

std::string Get(const base::Result<FlatXml>& xml, const char* path) {
  if (!xml)
    return "";
  const auto found = xml->find(path);
  return found == xml->end() ? "" : found->second;
}

http::Request MakeRequest(const JsonClient::Target& target,
                          std::string_view,
                          const std::string& body,
                          const wire::Credentials& keys,
                          base::Time now) {
  http::Request request{
      .method = "POST", .target = target.endpoint.Target(), .headers = {}, .body = body};
  request.headers.Set("Host", target.endpoint.HostHeader());
  request.headers.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
  request.headers.Set("User-Agent", kUserAgent);
  const wire::SigningRequest signing{.method = request.method,
                                     .target = request.target,
                                     .headers = request.headers.all(),
                                     .body = request.body};
  const wire::SigningScope scope{.region = target.region,
                                 .service = std::string(target.service.signing_name)};
  for (auto& [name, value] : wire::Sign(signing, keys, scope, now))
    request.headers.Set(name, std::move(value));
  return request;
}

wire::AwsError ErrorOf(const http::Response& response) {
  wire::AwsError error{.http_status = response.status};
  error.request_id = response.headers.Get("x-amzn-requestid").value_or("");
  const base::Result<FlatXml> xml = ReadXml(response.body);
  error.code = Get(xml, "ErrorResponse.Error.Code");
  error.message = Get(xml, "ErrorResponse.Error.Message");
  if (error.code.empty()) {
    error.error_class = wire::ErrorClass::kMayHaveHappened;
    error.code = base::Cat("HTTP ", response.status);
    error.message = base::Excerpt(response.body);
    return error;
  }
  error.error_class = wire::Classify(error.code, "", error.message, response.status);
  return error;
}

void ReadReply(const http::Response& response, const base::Clock&, CallOutcome& outcome) {
  outcome.request_id = response.headers.Get("x-amzn-requestid").value_or("");
  if (response.status != 200) {
    outcome.error = ErrorOf(response);
    return;
  }
  // Whatever it says: it was obeyed.
  outcome.reply = json::object{
      {"MessageId", Get(ReadXml(response.body), "PublishResponse.PublishResult.MessageId")}};
}

}  // namespace

const Protocol& SnsProtocol() {
  static constexpr Protocol kProtocol{&MakeRequest, &ReadReply, &ErrorOf};
  return kProtocol;
}

std::string SnsBody(std::string_view action,
                    const std::vector<std::pair<std::string, std::string>>& parameters) {
  std::string body = base::Cat("Action=", action, "&Version=2010-03-31");
  for (const auto& [name, value] : parameters)
    body += base::Cat("&", name, "=", http::PercentEncode(value));
  return body;
}

}  // namespace aws
