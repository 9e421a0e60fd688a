#include "driver/caller.h"

#include <algorithm>
#include <utility>

#include "base/json_text.h"

namespace driver {

std::string_view ToString(Service service) {
  switch (service) {
    case Service::kEmr:
      return "emr";
    case Service::kDynamoDb:
      return "dynamodb";
    case Service::kSqs:
      return "sqs";
    case Service::kS3:
      return "s3";
    case Service::kMachine:
      return "machine";
  }
  return "";
}

CallCounts& Caller::CountsOf(const std::string& action, Priority priority) {
  return counts_[action][static_cast<size_t>(priority)];
}

void Caller::Request(Priority priority, std::string action, json::object body, Done done) {
  ++CountsOf(action, priority).waiting;
  queues_[static_cast<size_t>(priority)][std::move(action)].push_back(
      {next_number_++, world_.Now(), base::Serialize(body), std::move(done)});
}

void Caller::RequestAt(
    base::Time not_before, Priority priority, std::string action, json::object body, Done done) {
  later_.emplace(not_before, Later{priority, std::move(action), std::move(body), std::move(done)});
}

void Caller::Request(Service service, std::string action, json::object body, Done done) {
  Call call{next_id_++, std::move(action), base::Serialize(body), service};
  ++other_counts_[{service, call.action}].made;
  in_flight_[call.id] = {service, call.action, Priority::kPoll, std::move(done)};
  world_.Submit(call);
}

void Caller::SubmitPaid(std::string action, std::string body, Done done) {
  Submit(Priority::kLaunch, std::move(action), std::move(body), std::move(done));
}

void Caller::Submit(Priority priority, std::string action, std::string body, Done done) {
  Call call{next_id_++, std::move(action), std::move(body), Service::kEmr};
  ++CountsOf(call.action, priority).made;
  history_.OnSent(call.action, priority, world_.Now());
  in_flight_[call.id] = {Service::kEmr, call.action, priority, std::move(done)};
  world_.Submit(call);
}

void Caller::OnReply(uint64_t id, const Reply& reply) {
  auto found = in_flight_.find(id);
  if (found == in_flight_.end())
    return;
  InFlight call = std::move(found->second);
  in_flight_.erase(found);
  const base::Time now = world_.Now();
  const bool is_emr = call.service == Service::kEmr;
  if (is_emr)
    budget_.End(call.action, now);
  if (reply.error) {
    CallCounts& counts =
        is_emr ? CountsOf(call.action, call.priority) : other_counts_[{call.service, call.action}];
    bool throttled = reply.error->error_class == wire::ErrorClass::kThrottled;
    ++(throttled ? counts.throttled : counts.failed);
    if (throttled && is_emr) {
      history_.OnThrottled(call.action, call.priority, now);
      budget_.OnThrottled(call.action, now, reply.sent_at);
    }
  }
  call.done(reply);
}

// The action that has budget and whose call has waited longest.
Caller::Queues::iterator Caller::NextReady(Priority priority) {
  Queues& queues = queues_[static_cast<size_t>(priority)];
  auto next = queues.end();
  for (auto it = queues.begin(); it != queues.end(); ++it) {
    if ((next == queues.end() || it->second.front().number < next->second.front().number) &&
        budget_.Available(it->first, world_.Now(), priority) > 0)
      next = it;
  }
  return next;
}

void Caller::Pump() {
  while (!later_.empty() && later_.begin()->first <= world_.Now()) {
    Later due = std::move(later_.extract(later_.begin()).mapped());
    Request(due.priority, std::move(due.action), std::move(due.body), std::move(due.done));
  }
  for (Priority priority :
       {Priority::kTerminate, Priority::kLaunch, Priority::kInspect, Priority::kPoll}) {
    Queues& queues = queues_[static_cast<size_t>(priority)];
    for (auto it = NextReady(priority); it != queues.end(); it = NextReady(priority)) {
      const std::string action = it->first;
      Waiting call = std::move(it->second.front());
      it->second.pop_front();
      if (it->second.empty())
        queues.erase(it);
      const base::Time now = world_.Now();
      budget_.Take(action, now);
      CallCounts& counts = CountsOf(action, priority);
      --counts.waiting;
      counts.waited += now - call.since;
      counts.longest_wait = std::max(counts.longest_wait, now - call.since);
      Submit(priority, action, std::move(call.body), std::move(call.done));
    }
  }
}

std::optional<base::Time> Caller::NextWake() {
  std::optional<base::Time> wake;
  if (!later_.empty())
    wake = later_.begin()->first;
  const base::Time now = world_.Now();
  for (size_t i = 0; i < kPriorities; ++i) {
    for (const auto& [action, queue] : queues_[i]) {
      const auto at = budget_.ReadyAt(action, now, static_cast<Priority>(i));
      if (at && (!wake || *at < *wake))
        wake = at;
    }
  }
  return wake;
}

}  // namespace driver
