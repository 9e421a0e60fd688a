#pragma once

// Time in the virtual world: EMR's clock, which is the truth, and our machine's, which may be set
// ahead of it or behind. Our process makes its world time of the latter, as the product does.
// Nothing ever waits: time jumps to whatever happens next.

#include <algorithm>

#include "base/time.h"
#include "driver/world_time.h"

namespace simulation {

class Clock {
 public:
  explicit Clock(base::Time start) : now_(start), start_(start) {}

  base::Time Now() const { return now_; }
  // What our process takes for the time.
  base::Time Ours() { return ours_.At({now_ + ahead_, now_ - start_}); }
  driver::WorldTime& ours() { return ours_; }
  // When our clock will show `ours`, as things stand.
  base::Time WhenOurs(base::Time ours) {
    Ours();
    return now_ + ours_.Until(ours);
  }
  // A new process begins to read the clocks.
  void Restart() { ours_ = driver::WorldTime(); }

  void AdvanceTo(base::Time time) { now_ = std::max(now_, time); }
  void SetAhead(base::Duration ahead) { ahead_ = ahead; }

 private:
  base::Time now_;
  const base::Time start_;
  driver::WorldTime ours_;
  base::Duration ahead_{0};
};

}  // namespace simulation
