#include "driver/caller.h"

#include <set>
#include <utility>

namespace driver {

namespace {
// What stays in the account's bucket for calls that matter more.
double ReserveOf(size_t priority) {
  constexpr std::array<double, 4> kReserve{0, 2, 4, 5};
  return kReserve[priority];
}
}  // namespace

void Caller::Request(Priority priority, std::string action, json::object body, Done done) {
  waiting_[static_cast<size_t>(priority)].push_back(
      {std::move(action), json::serialize(body), std::move(done)});
}

void Caller::SubmitPaid(std::string action, std::string body, Done done) {
  Submit(std::move(action), std::move(body), std::move(done));
}

void Caller::Submit(std::string action, std::string body, Done done) {
  Call call{next_id_++, std::move(action), std::move(body)};
  ++counts_[call.action].made;
  in_flight_[call.id] = {call.action, std::move(done)};
  world_.Submit(call);
}

void Caller::OnReply(uint64_t id, const Reply& reply) {
  auto found = in_flight_.find(id);
  if (found == in_flight_.end())
    return;
  InFlight call = std::move(found->second);
  in_flight_.erase(found);
  if (reply.error) {
    bool throttled = reply.error->error_class == wire::ErrorClass::kThrottled;
    ++(throttled ? counts_[call.action].throttled : counts_[call.action].failed);
    if (throttled)
      budget_.Drain(call.action, world_.Now());
  }
  call.done(reply);
}

void Caller::Pump() {
  for (size_t priority = 0; priority < waiting_.size(); ++priority) {
    std::deque<Waiting>& queue = waiting_[priority];
    // An action without budget must not hold up the others; its own calls stay in order.
    std::set<std::string> blocked;
    for (auto it = queue.begin(); it != queue.end();) {
      base::Time now = world_.Now();
      if (blocked.contains(it->action) ||
          budget_.Available(it->action, now, ReserveOf(priority)) == 0) {
        blocked.insert(it->action);
        ++it;
        continue;
      }
      budget_.Take(it->action, now);
      Waiting call = std::move(*it);
      it = queue.erase(it);
      Submit(std::move(call.action), std::move(call.body), std::move(call.done));
    }
  }
}

std::optional<base::Time> Caller::NextWake() {
  std::optional<base::Time> wake;
  base::Time now = world_.Now();
  for (size_t priority = 0; priority < waiting_.size(); ++priority) {
    std::set<std::string> actions;
    for (const Waiting& call : waiting_[priority]) {
      if (!actions.insert(call.action).second)
        continue;
      base::Time at = budget_.ReadyAt(call.action, now, ReserveOf(priority));
      if (!wake || at < *wake)
        wake = at;
    }
  }
  return wake;
}

}  // namespace driver
