#pragma once

// What a failed AWS call means for the caller: an HTTP reply (status, headers, body) becomes an
// AwsError whose class says whether anything can have happened. Pure. A call that got no reply is
// classed by the transport (src/aws) with the same classes.
//
// Facts: the JSON protocols carry the code in `__type` (a namespace before '#', a URL after ':'),
// or in the header x-amzn-errortype; the message is `message` or `Message`, both within one
// service. EMR throttles with 400, and says "no such cluster" as 400 InvalidRequestException with
// `ErrorCode`. A body that AWS did not write (a proxy's page) tells nothing about the request: it
// may have happened.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace wire {

enum class ErrorClass {
  kThrottled,        // refused for now: nothing happened
  kClean,            // refused for good (validation, limits of the request): nothing happened
  kPermission,       // the identity may not do it: nothing happened
  kCredentials,      // the identity was not accepted (unknown, expired, bad signature)
  kClockSkew,        // the signing time was not accepted: nothing happened
  kNotFound,         // what the request names does not exist
  kMayHaveHappened,  // 5xx, time-outs, a lost reply, no AWS body: look before doing it again
  kUnavailable,      // no connection: nothing was sent
};

// "throttled", "may-have-happened"…: for logs and metrics.
std::string_view ErrorClassName(ErrorClass error_class);

struct AwsError {
  ErrorClass error_class = ErrorClass::kMayHaveHappened;
  std::string code;     // "ThrottlingException"; "HTTP 502" where AWS gave none
  std::string reason;   // EMR's `ErrorCode` beside the code: "NoSuchCluster"; usually empty
  std::string message;  // without an AWS body: its first characters
  int http_status = 0;  // 0: there was no reply
  std::string request_id;
};

// The class of a code that AWS sent.
ErrorClass Classify(std::string_view code,
                    std::string_view reason,
                    std::string_view message,
                    int http_status);

// The first value of a reply header, whatever the case of its name.
using HeaderGetter = std::function<std::optional<std::string>(std::string_view name)>;

// REQUIRES: the reply is no success (its status is not 2xx).
AwsError ParseAwsError(int http_status, const HeaderGetter& header, std::string_view body);

}  // namespace wire
