#pragma once

// Time in the virtual world: EMR's clock, which is the truth, and ours, which may be ahead of it.
// Nothing ever waits: time jumps to whatever happens next.

#include <algorithm>

#include "base/time.h"

namespace simulation {

class Clock {
 public:
  explicit Clock(base::Time start) : now_(start), ours_(start) {}

  base::Time Now() const { return now_; }
  // What our process reads. Like driver::World's it never goes back: when it was ahead and is set
  // right, it stands still until the truth has caught up.
  base::Time Ours() {
    ours_ = std::max(ours_, now_ + ahead_);
    return ours_;
  }
  // When our clock will show `ours`, as things stand.
  base::Time WhenOurs(base::Time ours) const { return ours - ahead_; }

  void AdvanceTo(base::Time time) { now_ = std::max(now_, time); }
  void SetAhead(base::Duration ahead) { ahead_ = ahead; }

 private:
  base::Time now_;
  base::Time ours_;
  base::Duration ahead_{0};
};

}  // namespace simulation
