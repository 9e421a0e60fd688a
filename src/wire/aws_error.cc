#include "wire/aws_error.h"

#include "base/json.h"
#include "base/text.h"

namespace wire {
namespace {

struct CodeRow {
  std::string_view code;
  ErrorClass error_class;
};

// Codes that decide alone. Throttling codes are the ones that botocore retries as throttling.
constexpr CodeRow kCodes[] = {
    {"Throttling", ErrorClass::kThrottled},
    {"ThrottlingException", ErrorClass::kThrottled},
    {"ThrottledException", ErrorClass::kThrottled},
    {"RequestThrottled", ErrorClass::kThrottled},
    {"RequestThrottledException", ErrorClass::kThrottled},
    {"TooManyRequestsException", ErrorClass::kThrottled},
    {"ProvisionedThroughputExceededException", ErrorClass::kThrottled},
    {"TransactionInProgressException", ErrorClass::kThrottled},
    {"RequestLimitExceeded", ErrorClass::kThrottled},
    {"BandwidthLimitExceeded", ErrorClass::kThrottled},
    {"LimitExceededException", ErrorClass::kThrottled},
    {"SlowDown", ErrorClass::kThrottled},
    {"PriorRequestNotComplete", ErrorClass::kThrottled},
    {"EC2ThrottledException", ErrorClass::kThrottled},

    {"AccessDenied", ErrorClass::kPermission},
    {"AccessDeniedException", ErrorClass::kPermission},
    {"NotAuthorized", ErrorClass::kPermission},
    {"UnauthorizedOperation", ErrorClass::kPermission},
    {"OptInRequired", ErrorClass::kPermission},

    {"UnrecognizedClientException", ErrorClass::kCredentials},
    {"InvalidClientTokenId", ErrorClass::kCredentials},
    {"ExpiredToken", ErrorClass::kCredentials},
    {"ExpiredTokenException", ErrorClass::kCredentials},
    {"AuthFailure", ErrorClass::kCredentials},
    {"InvalidSignatureException", ErrorClass::kCredentials},
    {"SignatureDoesNotMatch", ErrorClass::kCredentials},
    {"IncompleteSignature", ErrorClass::kCredentials},
    {"IncompleteSignatureException", ErrorClass::kCredentials},
    {"MissingAuthenticationToken", ErrorClass::kCredentials},
    {"MissingAuthenticationTokenException", ErrorClass::kCredentials},

    {"RequestTimeTooSkewed", ErrorClass::kClockSkew},
    {"RequestExpired", ErrorClass::kClockSkew},
    {"RequestInTheFuture", ErrorClass::kClockSkew},

    {"ClusterNotFound", ErrorClass::kNotFound},
    {"NoSuchKey", ErrorClass::kNotFound},
    {"NoSuchBucket", ErrorClass::kNotFound},
    {"ResourceNotFoundException", ErrorClass::kNotFound},
    {"QueueDoesNotExist", ErrorClass::kNotFound},
    {"AWS.SimpleQueueService.NonExistentQueue", ErrorClass::kNotFound},

    {"InternalFailure", ErrorClass::kMayHaveHappened},
    {"InternalServerError", ErrorClass::kMayHaveHappened},
    {"InternalServerException", ErrorClass::kMayHaveHappened},
    {"ServiceUnavailable", ErrorClass::kMayHaveHappened},
    {"ServiceUnavailableException", ErrorClass::kMayHaveHappened},
    {"RequestTimeout", ErrorClass::kMayHaveHappened},
    {"RequestTimeoutException", ErrorClass::kMayHaveHappened},
};

// "com.amazonaws.sqs#QueueDoesNotExist" and "ValidationException:http://…" → the bare code.
std::string BareCode(std::string_view type) {
  type = type.substr(0, type.find(':'));
  size_t hash = type.find('#');
  return std::string(hash == std::string_view::npos ? type : type.substr(hash + 1));
}

// Codes that the table does not have, and validation errors that say so by their text.
bool IsAboutThrottling(std::string_view code, std::string_view message) {
  const std::string text = base::ToLower(base::Cat(code, ' ', message));
  for (std::string_view word : {"throttl", "rate exceeded", "too many requests", "slow down"})
    if (text.find(word) != text.npos)
      return true;
  return text.find("requestlimitexceeded") != text.npos ||
         text.find("request limit exceeded") != text.npos;
}

// Some of a text of unknown origin, fit for logs and JSON.
std::string Excerpt(std::string_view body) {
  constexpr size_t kExcerptMax = 300;
  std::string out(base::Trim(body).substr(0, kExcerptMax));
  for (char& c : out) {
    if (c == '\n' || c == '\r' || c == '\t')
      c = ' ';
    else if (c < ' ' || c > '~')
      c = '?';
  }
  return out;
}

}  // namespace

std::string_view ErrorClassName(ErrorClass error_class) {
  switch (error_class) {
    case ErrorClass::kThrottled:
      return "throttled";
    case ErrorClass::kClean:
      return "clean";
    case ErrorClass::kPermission:
      return "permission";
    case ErrorClass::kCredentials:
      return "credentials";
    case ErrorClass::kClockSkew:
      return "clock-skew";
    case ErrorClass::kNotFound:
      return "not-found";
    case ErrorClass::kMayHaveHappened:
      return "may-have-happened";
    case ErrorClass::kUnavailable:
      return "unavailable";
  }
  return "";
}

ErrorClass Classify(std::string_view code,
                    std::string_view reason,
                    std::string_view message,
                    int http_status) {
  if (code == "InvalidRequestException" &&
      (reason == "NoSuchCluster" || base::GlobMatch("Cluster id * is not valid*", message)))
    return ErrorClass::kNotFound;
  for (const CodeRow& row : kCodes) {
    if (row.code != code)
      continue;
    bool about_time = message.starts_with("Signature expired") ||
                      message.starts_with("Signature not yet current");
    return row.error_class == ErrorClass::kCredentials && about_time ? ErrorClass::kClockSkew
                                                                     : row.error_class;
  }
  if (http_status == 429 || (http_status / 100 == 4 && IsAboutThrottling(code, message)))
    return ErrorClass::kThrottled;
  return http_status >= 400 && http_status < 500 ? ErrorClass::kClean
                                                 : ErrorClass::kMayHaveHappened;
}

AwsError ParseAwsError(int http_status, const HeaderGetter& header, std::string_view body) {
  AwsError error{.http_status = http_status, .request_id = header("x-amzn-requestid").value_or("")};
  base::Result<json::value> parsed = base::ParseJson(body);
  const json::object* object = parsed ? parsed->if_object() : nullptr;
  std::string type = object ? base::GetString(*object, "__type") : "";
  if (type.empty())
    type = header("x-amzn-errortype").value_or("");
  error.code = BareCode(type);
  if (object) {
    error.reason = base::GetString(*object, "ErrorCode");
    error.message = base::GetString(*object, "message", base::GetString(*object, "Message"));
  }
  if (!error.code.empty()) {
    error.error_class = Classify(error.code, error.reason, error.message, http_status);
    return error;
  }
  // Not AWS's words: only "too many requests" is understood to have kept the request out.
  error.code = base::Cat("HTTP ", http_status);
  error.error_class = http_status == 429 ? ErrorClass::kThrottled : ErrorClass::kMayHaveHappened;
  if (error.message.empty())
    error.message = Excerpt(body);
  return error;
}

}  // namespace wire
