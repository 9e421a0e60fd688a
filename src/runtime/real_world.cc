#include "runtime/real_world.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "emr/secret_places.h"

namespace runtime {

namespace {

// SQS holds a long poll for as long as this.
constexpr base::Duration kLongPoll = base::seconds(20);

base::Duration WholeSeconds(base::Duration span) {
  return std::chrono::duration_cast<base::seconds>(span);
}

}  // namespace

RealWorld::RealWorld(const Clients& clients,
                     http::Loop& loop,
                     const base::Clock& clock,
                     base::Duration timeout,
                     SecretFiller& filler,
                     MachineCalls& machine,
                     OnReply on_reply)
    : clients_(clients),
      loop_(loop),
      clock_(clock),
      timeout_(timeout),
      filler_(filler),
      machine_(machine),
      on_reply_(std::move(on_reply)),
      time_(std::max<base::Duration>(base::minutes(1), clock.ToWorld(base::seconds(1)))) {
  for (const auto& [service, client] : clients)
    health_.emplace(service, service);
  health_.emplace(driver::Service::kMachine, driver::Service::kMachine);
}

base::Time RealWorld::Now() {
  // The steady clock first: a pause between the two is a step forward, which is followed.
  const auto steady =
      std::chrono::duration_cast<base::Duration>(std::chrono::steady_clock::now() - started_);
  const bool was_set_back = set_back().has_value();
  const base::Time now = time_.At({clock_.World(), clock_.ToWorld(steady)});
  if (set_back().has_value() != was_set_back)
    LogClock();
  if (const base::Duration skipped = time_.Skipped(base::Duration(0)); skipped.count() > 0)
    base::LogWarning("clock_set_forward", {{"by", base::FormatDuration(WholeSeconds(skipped))}});
  return now;
}

base::Duration RealWorld::WaitFor(base::Time due) {
  Now();
  return clock_.ToWall(time_.Until(due));
}

void RealWorld::LogClock() const {
  if (set_back())
    base::LogWarning("clock_set_back",
                     {{"by", base::FormatDuration(WholeSeconds(set_back()->by))},
                      {"fix",
                       "set this machine's clock; scheduling and watching go on meanwhile, at "
                       "nine tenths of their speed"}});
  else
    base::LogInfo("clock_caught_up");
}

void RealWorld::Refuse(uint64_t call, std::string message) {
  const base::Time now = Now();
  loop_.Post([this, call, now, message = std::move(message), alive = std::weak_ptr(alive_)] {
    if (alive.expired())
      return;
    wire::AwsError error;
    error.error_class = wire::ErrorClass::kClean;
    error.code = "Secret";
    error.message = message;
    on_reply_(call, {.body = {}, .error = std::move(error), .sent_at = now});
  });
}

void RealWorld::SubmitHere(const driver::Call& call) {
  machine_.Submit(call,
                  [this, call_id = call.id, action = call.action, sent_at = Now()](
                      std::optional<json::value> body, std::optional<wire::AwsError> error) {
                    LogTrouble(driver::Service::kMachine, action, error);
                    health_.at(driver::Service::kMachine).OnReply(action, error, Now());
                    on_reply_(call_id, {std::move(body), std::move(error), sent_at});
                  });
}

void RealWorld::Submit(const driver::Call& call) {
  if (call.service == driver::Service::kMachine)
    return SubmitHere(call);
  const auto body = call.service == driver::Service::kEmr
                        ? filler_.Fill(call.body, &emr::MayHoldSecret)
                        : call.body;
  if (!body)
    return Refuse(call.id, body.error().message);
  auto done = [this,
               call_id = call.id,
               service = call.service,
               action = call.action,
               sent_at = Now(),
               ahead = Ahead()](aws::CallOutcome outcome) {
    if (outcome.reply && service == driver::Service::kEmr)
      filler_.Mask(*outcome.reply);
    if (outcome.error)
      outcome.error->message = filler_.Masked(std::move(outcome.error->message));
    LogTrouble(service, action, outcome.error);
    health_.at(service).OnReply(action, outcome.error, Now());
    // Keys may have been waited for: what counts for a launch is when it was signed.
    on_reply_(call_id,
              {std::move(outcome.reply),
               std::move(outcome.error),
               std::clamp(outcome.sent_at_world + ahead, sent_at, std::max(sent_at, Now()))});
  };
  const bool polls = call.service == driver::Service::kSqs;
  clients_.at(call.service)
      ->Call(call.action,
             *body,
             {.timeout = polls ? timeout_ + kLongPoll : timeout_},
             std::move(done));
}

void RealWorld::LogTrouble(driver::Service service,
                           const std::string& action,
                           const std::optional<wire::AwsError>& error) {
  using wire::ErrorClass;
  // The driver deals with these as a matter of course.
  if (error && (error->error_class == ErrorClass::kThrottled ||
                (error->error_class == ErrorClass::kNotFound &&
                 (service == driver::Service::kEmr || service == driver::Service::kS3))))
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
                    {"fix", FixFor(service, error->error_class)}});
}

}  // namespace runtime
