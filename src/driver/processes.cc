#include "driver/processes.h"

#include <algorithm>

#include "base/json_text.h"
#include "base/log.h"
#include "base/text.h"

namespace driver {

namespace {

using Kind = model::ProcessSeen::Kind;

// So many begin in one step: it bounds the burst, not how many there are.
constexpr int kMostAtOnce = 16;

std::optional<base::Time> TimeOf(const json::object& body, std::string_view key) {
  const auto time = base::ParseTime(base::GetString(body, key));
  return time ? std::optional(*time) : std::nullopt;
}

std::optional<int> NumberOf(const json::object& body, std::string_view key) {
  const json::value* value = base::Find(body, key);
  return value != nullptr && value->is_int64() ? std::optional(static_cast<int>(value->get_int64()))
                                               : std::nullopt;
}

// {"End": "ended" | "refused" | "not_begun" | "lost", "ExitCode", "Signal", "TimedOut", "Text",
// "Outputs", "OutputsTooLarge", "BeganAt", "EndedAt"}; what is not known is absent.
model::ProcessSeen ReadEnd(const json::object& body) {
  const std::string end = base::GetString(body, "End");
  model::ProcessSeen seen{.token = {}, .kind = Kind::kLost};
  if (end == "ended")
    seen.kind = Kind::kEnded;
  else if (end == "refused")
    seen.kind = Kind::kRefused;
  else if (end == "not_begun")
    seen.kind = Kind::kNotBegun;
  seen.exit_code = NumberOf(body, "ExitCode");
  seen.signal = NumberOf(body, "Signal");
  seen.timed_out = base::GetBool(body, "TimedOut");
  seen.text = base::GetString(body, "Text");
  if (base::Find(body, "Outputs") != nullptr)
    seen.outputs = base::GetString(body, "Outputs");
  seen.outputs_too_large = base::GetBool(body, "OutputsTooLarge");
  seen.began_at = TimeOf(body, "BeganAt");
  seen.ended_at = TimeOf(body, "EndedAt");
  return seen;
}

json::object BodyOf(const model::ProcessToken& token) {
  return {{"Token", token.str()}};
}

json::object RequestOf(const model::ProcessRow& row) {
  return base::ParseJson(row.request)->as_object();  // written by us
}

}  // namespace

int Processes::TakeTurn() const {
  return is_held_ ? 0 : context_.engine().StartableHere(kMostAtOnce);
}

void Processes::LookForStrays() {
  if (!looks_for_strays_ || is_listing_ || list_due_ > context_.Now())
    return;
  is_listing_ = true;
  looks_for_strays_ = false;
  context_.caller.Request(
      Service::kMachine, "ListProcesses", {}, [this](const Reply& reply) { OnListed(reply); });
}

void Processes::OnListed(const Reply& reply) {
  is_listing_ = false;
  if (!reply.body || !reply.body->is_object()) {
    looks_for_strays_ = true;
    list_due_ = context_.RetryAt(reply);
    return;
  }
  const work::Processes& processes = work::ProcessesOf(context_.engine());
  for (const json::value& each : base::GetArray(reply.body->get_object(), "Tokens")) {
    const model::ProcessToken token{std::string(std::string_view(each.as_string()))};
    if (processes.jobs.contains(token))
      continue;
    base::LogWarning("stray_process",
                     {{"process", token.str()},
                      {"fix",
                       "none is needed: it is "
                       "told to end"}});
    context_.caller.Request(
        Service::kMachine, "StopProcess", BodyOf(token), [this](const Reply& stopped) {
          looks_for_strays_ = looks_for_strays_ || !stopped.body;
        });
  }
}

void Processes::Plan() {
  LookForStrays();
  const work::Processes& processes = work::ProcessesOf(context_.engine());
  std::erase_if(asked_, [&](const auto& item) {
    const Asked& asked = item.second;
    return !processes.jobs.contains(item.first) && !asked.starts && !asked.awaits && !asked.stops;
  });
  for (const auto& [job, row] : processes.live)
    Ask(row, asked_[row.token]);
}

void Processes::Ask(const model::ProcessRow& row, Asked& asked) {
  if (asked.due > context_.Now())
    return;
  const model::ProcessToken& token = row.token;
  if (row.stop_requested_at && !asked.is_stopped && !asked.stops) {
    asked.stops = true;
    context_.caller.Request(
        Service::kMachine, "StopProcess", BodyOf(token), [this, token](const Reply& reply) {
          OnStopped(token, reply);
        });
  }
  if (row.state == model::ProcessState::kWanted && !row.stop_requested_at) {
    if (asked.starts || asked.start_due > context_.Now())
      return;
    asked.starts = true;
    json::object body = BodyOf(token);
    body["Request"] = RequestOf(row);
    context_.caller.Request(
        Service::kMachine, "StartProcess", std::move(body), [this, token](const Reply& reply) {
          OnStarted(token, reply);
        });
    return;
  }
  // Of one that is to stop before it was seen to begin, the machine must know first that it is not
  // to begin.
  const bool may_begin = row.state == model::ProcessState::kWanted && !asked.is_stopped;
  if (asked.awaits || may_begin)
    return;
  asked.awaits = true;
  json::object body = BodyOf(token);
  body["Outputs"] = base::GetString(RequestOf(row), "outputs");
  context_.caller.Request(
      Service::kMachine, "AwaitProcess", std::move(body), [this, token](const Reply& reply) {
        OnOver(token, reply);
      });
}

void Processes::OnStarted(const model::ProcessToken& token, const Reply& reply) {
  Asked& asked = asked_[token];
  asked.starts = false;
  model::ProcessSeen seen{.token = token};
  if (reply.body && reply.body->is_object()) {
    seen.began_at = TimeOf(reply.body->get_object(), "BeganAt");
    // If the store does not take it, it is asked for again, and not at once.
    asked.start_due = context_.Now() + context_.options.throttle_pause;
    context_.post(std::move(seen));
    return;
  }
  switch (reply.error->error_class) {
    case wire::ErrorClass::kClean:
    case wire::ErrorClass::kPermission:
    case wire::ErrorClass::kNotFound:
      seen.kind = Kind::kRefused;
      seen.text = reply.error->message;
      context_.post(std::move(seen));
      return;
    case wire::ErrorClass::kThrottled:
    case wire::ErrorClass::kCredentials:
    case wire::ErrorClass::kClockSkew:
    case wire::ErrorClass::kMayHaveHappened:
    case wire::ErrorClass::kUnavailable:
      asked.due = context_.RetryAt(reply);
      return;
  }
}

void Processes::OnOver(const model::ProcessToken& token, const Reply& reply) {
  Asked& asked = asked_[token];
  asked.awaits = false;
  if (!reply.body || !reply.body->is_object()) {
    asked.due = context_.RetryAt(reply);
    return;
  }
  model::ProcessSeen seen = ReadEnd(reply.body->get_object());
  seen.token = token;
  asked.due = context_.Now() + context_.options.throttle_pause;
  context_.post(std::move(seen));
}

void Processes::OnStopped(const model::ProcessToken& token, const Reply& reply) {
  Asked& asked = asked_[token];
  asked.stops = false;
  asked.is_stopped = reply.body.has_value();
  if (!asked.is_stopped)
    asked.due = context_.RetryAt(reply);
}

std::optional<base::Time> Processes::NextWake() const {
  std::optional<base::Time> wake;
  if (looks_for_strays_ && !is_listing_)
    Earlier(wake, list_due_);
  // What a step left over, and those that wait after trouble.
  if (!is_held_ && context_.engine().StartableHere(1) > 0)
    Earlier(wake, context_.Now());
  for (const auto& [token, asked] : asked_) {
    for (const base::Time due : {asked.due, asked.start_due}) {
      if (due > context_.Now())
        Earlier(wake, due);
    }
  }
  return wake;
}

}  // namespace driver
