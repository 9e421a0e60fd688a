#include "runtime/call_health.h"

#include "base/text.h"

namespace runtime {

namespace {

using wire::ErrorClass;

// Being throttled now and then is normal.
constexpr base::Duration kThrottledLong = base::minutes(5);
// An action that is not asked for any more tells nothing.
constexpr base::Duration kForgotten = base::minutes(30);
// One lost answer, or one error of the service's own, too.
constexpr int kOften = 2;

std::string_view NameOf(driver::Service service) {
  switch (service) {
    case driver::Service::kEmr:
      return "EMR";
    case driver::Service::kDynamoDb:
      return "DynamoDB";
    case driver::Service::kSqs:
      return "SQS";
    case driver::Service::kS3:
      return "S3";
    case driver::Service::kMachine:
      return "this machine";
  }
  return "";
}

// The way to the service, not the action, is at fault: one good answer clears it for all actions.
bool IsOfTheWay(const wire::AwsError& error) {
  return error.http_status == 0 || error.error_class == ErrorClass::kUnavailable ||
         error.error_class == ErrorClass::kCredentials ||
         error.error_class == ErrorClass::kClockSkew;
}

std::string_view WhatFails(ErrorClass error_class) {
  switch (error_class) {
    case ErrorClass::kThrottled:
      return "throttles";
    case ErrorClass::kCredentials:
      return "is not asked, for there are no good credentials for";
    case ErrorClass::kPermission:
      return "denies";
    case ErrorClass::kClockSkew:
      return "refuses, because of this machine's clock,";
    case ErrorClass::kUnavailable:
    case ErrorClass::kMayHaveHappened:
    case ErrorClass::kClean:
    case ErrorClass::kNotFound:
      return "does not answer";
  }
  return "";
}

}  // namespace

std::string_view FixFor(driver::Service service, ErrorClass error_class) {
  const bool is_emr = service == driver::Service::kEmr;
  switch (error_class) {
    case ErrorClass::kUnavailable:
      if (service == driver::Service::kMachine)
        return "free space on the project's disk, and see `ulimit -u` and `ulimit -n`";
      return is_emr ? "check AWS_ENDPOINT_URL_EMR, AWS_REGION, HTTPS_PROXY and the network"
                    : "check AWS_ENDPOINT_URL, AWS_REGION, HTTPS_PROXY and the network";
    case ErrorClass::kCredentials:
      return "see whose keys are used with `signalbox aws whoami`";
    case ErrorClass::kPermission:
      return "allow the action in the identity's IAM policy";
    case ErrorClass::kClockSkew:
      return "set this machine's clock";
    case ErrorClass::kNotFound:
      return is_emr ? "" : "check `sources` in signalbox.yaml, and the region";
    case ErrorClass::kThrottled:
    case ErrorClass::kClean:
    case ErrorClass::kMayHaveHappened:
      return "";
  }
  return "";
}

void CallHealth::OnReply(const std::string& action,
                         const std::optional<wire::AwsError>& error,
                         base::Time now) {
  const bool is_answer = !error || error->error_class == ErrorClass::kClean ||
                         (error->error_class == ErrorClass::kNotFound &&
                          (service_ == driver::Service::kEmr || service_ == driver::Service::kS3));
  if (is_answer) {
    last_good_ = now;
    failing_.erase(action);
    std::erase_if(failing_, [](const auto& item) { return IsOfTheWay(item.second.error); });
    return;
  }
  Failing& failing = failing_.try_emplace(action, Failing{*error, now, now}).first->second;
  failing.error = *error;
  failing.last = now;
  ++failing.times;
}

bool CallHealth::Counts(const Failing& failing, base::Time now) const {
  if (now - failing.last >= kForgotten)
    return false;
  switch (failing.error.error_class) {
    case ErrorClass::kThrottled:
      return now - failing.since >= kThrottledLong &&
             (!last_good_ || now - *last_good_ >= kThrottledLong);
    case ErrorClass::kMayHaveHappened:
      return failing.times >= kOften;
    case ErrorClass::kUnavailable:
    case ErrorClass::kCredentials:
    case ErrorClass::kPermission:
    case ErrorClass::kClockSkew:
    case ErrorClass::kClean:
    case ErrorClass::kNotFound:
      return true;
  }
  return true;
}

std::string CallHealth::Trouble(base::Time now) const {
  const std::pair<const std::string, Failing>* first = nullptr;
  for (const auto& item : failing_) {
    if (Counts(item.second, now) && (first == nullptr || item.second.since < first->second.since))
      first = &item;
  }
  if (first == nullptr)
    return "";
  const Failing& failing = first->second;
  const std::string_view fix = FixFor(service_, failing.error.error_class);
  return base::Cat(NameOf(service_),
                   " ",
                   WhatFails(failing.error.error_class),
                   " ",
                   first->first,
                   " since ",
                   base::FormatRfc3339(failing.since),
                   " (",
                   failing.error.code.empty() ? std::string_view("no reply")
                                              : std::string_view(failing.error.code),
                   failing.error.message.empty() ? "" : ": ",
                   failing.error.message.substr(0, 200),
                   "); last good answer: ",
                   last_good_ ? base::FormatRfc3339(*last_good_) : "none in this life",
                   fix.empty() ? "" : ". Fix: ",
                   fix);
}

}  // namespace runtime
