#include "driver/call_history.h"

#include <algorithm>

namespace driver {

namespace {

base::Time MinuteOf(base::Time at) {
  return std::chrono::floor<std::chrono::minutes>(at);
}

}  // namespace

std::string_view ToString(CallSource source) {
  switch (source) {
    case CallSource::kLaunch:
      return "launch";
    case CallSource::kTerminate:
      return "terminate";
    case CallSource::kSweep:
      return "sweep";
    case CallSource::kLook:
      return "look";
    case CallSource::kAudit:
      return "audit";
  }
  return "";
}

CallSource SourceOf(std::string_view action, Priority priority) {
  if (priority == Priority::kLaunch)
    return CallSource::kLaunch;
  if (priority == Priority::kTerminate)
    return CallSource::kTerminate;
  if (action == "ListClusters")
    return CallSource::kSweep;
  const bool is_of_nodes = action == "ListInstanceFleets" || action == "ListInstanceGroups";
  return priority == Priority::kPoll && is_of_nodes ? CallSource::kAudit : CallSource::kLook;
}

CallHistory::Counts& CallHistory::CountsAt(const std::string& action,
                                           Priority priority,
                                           base::Time now) {
  base::Time minute = MinuteOf(now);
  // A clock that was set back writes into the latest minute, so that they stay in order.
  if (!minutes_.empty())
    minute = std::max(minute, minutes_.back().start);
  if (minutes_.empty() || minutes_.back().start < minute)
    minutes_.push_back({minute, {}});
  while (minutes_.front().start + kKept < minute)
    minutes_.pop_front();
  return minutes_.back().calls[{action, SourceOf(action, priority)}];
}

void CallHistory::OnSent(const std::string& action, Priority priority, base::Time now) {
  ++CountsAt(action, priority, now).made;
}

void CallHistory::OnThrottled(const std::string& action, Priority priority, base::Time now) {
  ++CountsAt(action, priority, now).throttled;
}

}  // namespace driver
