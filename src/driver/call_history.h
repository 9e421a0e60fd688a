#pragma once

// Calls to EMR by minute of world time, action and source, over the last day: what a chart shows.
// It is in memory, and begins with the process. A minute without calls has no entry.
//
// Thread rule: none; one thread at a time.

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "driver/budget.h"

namespace driver {

// What made a call.
enum class CallSource {
  kLaunch,  // and the look-up of launches whose reply was lost
  kTerminate,
  kSweep,  // over all clusters
  kLook,   // at one cluster of which an event, a sweep or its own look told something
  kAudit,  // of nodes, in turn
};
std::string_view ToString(CallSource source);  // "sweep"
CallSource SourceOf(std::string_view action, Priority priority);

class CallHistory {
 public:
  static constexpr base::Duration kKept = base::hours(24);

  struct Counts {
    int64_t made = 0;
    int64_t throttled = 0;
  };
  using Calls = std::map<std::pair<std::string, CallSource>, Counts>;
  struct Minute {
    base::Time start;
    Calls calls;
  };
  using Minutes = std::deque<Minute>;

  void OnSent(const std::string& action, Priority priority, base::Time now);
  // Its reply came: it counts at the time of the reply.
  void OnThrottled(const std::string& action, Priority priority, base::Time now);

  // In order of time.
  const Minutes& minutes() const { return minutes_; }

 private:
  Counts& CountsAt(const std::string& action, Priority priority, base::Time now);

  Minutes minutes_;
};

}  // namespace driver
