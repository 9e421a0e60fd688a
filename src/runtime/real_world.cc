#include "runtime/real_world.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/text.h"

namespace runtime {

namespace {

// SQS holds a long poll for as long as this.
constexpr base::Duration kLongPoll = base::seconds(20);

std::string_view Mend(driver::Service service, wire::ErrorClass error_class) {
  using wire::ErrorClass;
  const bool is_emr = service == driver::Service::kEmr;
  switch (error_class) {
    case ErrorClass::kUnavailable:
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

}  // namespace

RealWorld::RealWorld(const Clients& clients,
                     const base::Clock& clock,
                     base::Duration timeout,
                     OnReply on_reply)
    : clients_(clients), clock_(clock), timeout_(timeout), on_reply_(std::move(on_reply)) {}

base::Time RealWorld::Now() {
  latest_ = std::max(latest_, clock_.World());
  return latest_;
}

void RealWorld::Submit(const driver::Call& call) {
  auto done =
      [this, call_id = call.id, service = call.service, action = call.action, sent_at = Now()](
          aws::CallOutcome outcome) {
        LogTrouble(service, action, outcome.error);
        // Keys may have been waited for: what counts for a launch is when it was signed.
        on_reply_(call_id,
                  {std::move(outcome.reply),
                   std::move(outcome.error),
                   std::max(sent_at, outcome.sent_at_world)});
      };
  const bool polls = call.service == driver::Service::kSqs;
  clients_.at(call.service)
      ->Call(call.action,
             call.body,
             {.timeout = polls ? timeout_ + kLongPoll : timeout_},
             std::move(done));
}

void RealWorld::LogTrouble(driver::Service service,
                           const std::string& action,
                           const std::optional<wire::AwsError>& error) {
  using wire::ErrorClass;
  // The driver deals with these as a matter of course.
  if (error && (error->error_class == ErrorClass::kThrottled ||
                (error->error_class == ErrorClass::kNotFound && service == driver::Service::kEmr)))
    return;
  if (!error) {
    if (trouble_.erase(action) > 0)
      base::LogInfo(base::Cat(ToString(service), "_call_works_again"), {{"action", action}});
    return;
  }
  auto [found, is_new] = trouble_.emplace(action, error->error_class);
  if (!is_new && found->second == error->error_class)
    return;
  found->second = error->error_class;
  base::LogWarning(base::Cat(ToString(service), "_call_failed"),
                   {{"action", action},
                    {"class", wire::ErrorClassName(error->error_class)},
                    {"code", error->code},
                    {"message", error->message},
                    {"mend", Mend(service, error->error_class)}});
}

}  // namespace runtime
