#include "driver/pace.h"

#include <algorithm>

namespace driver {

void Pace::OnFound(base::Time at, base::Time now) {
  if (now - at < kPatience)
    return;  // its event may be on the way
  missed_at_ = now;
  stretch_ = 1;
}

base::Duration Pace::OnSweep(base::Time now, bool is_calm) {
  const bool told =
      told_at_ && now - *told_at_ < kWindow && (!missed_at_ || *told_at_ > *missed_at_);
  stretch_ = told && is_calm ? std::min(2 * stretch_, kStretchMax) : 1;
  return interval();
}

}  // namespace driver
