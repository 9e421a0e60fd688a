#include "runtime/real_world.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace runtime {

namespace {

std::string_view Mend(wire::ErrorClass error_class) {
  using wire::ErrorClass;
  switch (error_class) {
    case ErrorClass::kUnavailable:
      return "check AWS_ENDPOINT_URL_EMR, AWS_REGION, HTTPS_PROXY and the network";
    case ErrorClass::kCredentials:
      return "see whose keys are used with `signalbox aws whoami`";
    case ErrorClass::kPermission:
      return "allow the action in the identity's IAM policy";
    case ErrorClass::kClockSkew:
      return "set this machine's clock";
    case ErrorClass::kThrottled:
    case ErrorClass::kClean:
    case ErrorClass::kNotFound:
    case ErrorClass::kMayHaveHappened:
      return "";
  }
  return "";
}

}  // namespace

RealWorld::RealWorld(aws::JsonClient& client,
                     const base::Clock& clock,
                     base::Duration timeout,
                     OnReply on_reply)
    : client_(client), clock_(clock), timeout_(timeout), on_reply_(std::move(on_reply)) {}

base::Time RealWorld::Now() {
  latest_ = std::max(latest_, clock_.World());
  return latest_;
}

void RealWorld::Submit(const driver::Call& call) {
  auto done =
      [this, id = call.id, action = call.action, sent_at = Now()](aws::CallOutcome outcome) {
        LogTrouble(action, outcome.error);
        // Keys may have been waited for: what counts for a launch is when it was signed.
        on_reply_(id,
                  {std::move(outcome.reply),
                   std::move(outcome.error),
                   std::max(sent_at, outcome.sent_at_world)});
      };
  client_.Call(call.action, call.body, {.timeout = timeout_}, std::move(done));
}

void RealWorld::LogTrouble(const std::string& action, const std::optional<wire::AwsError>& error) {
  using wire::ErrorClass;
  // The driver deals with these as a matter of course.
  if (error &&
      (error->error_class == ErrorClass::kThrottled || error->error_class == ErrorClass::kNotFound))
    return;
  if (!error) {
    if (trouble_.erase(action) > 0)
      base::LogInfo("emr_call_works_again", {{"action", action}});
    return;
  }
  auto [found, is_new] = trouble_.emplace(action, error->error_class);
  if (!is_new && found->second == error->error_class)
    return;
  found->second = error->error_class;
  base::LogWarning("emr_call_failed",
                   {{"action", action},
                    {"class", wire::ErrorClassName(error->error_class)},
                    {"code", error->code},
                    {"message", error->message},
                    {"mend", Mend(error->error_class)}});
}

}  // namespace runtime
