#include "driver/pace.h"

#include <algorithm>

namespace driver {

void Pace::OnFound(base::Time at, base::Time now) {
  if (now - at < kPatience)
    return;  // its event may be on the way
  missed_at_ = now;
  stretch_ = 1;
}

base::Duration Pace::OnSweep(base::Time now, bool is_calm, size_t clusters) {
  stretch_ = IsTold(now) && is_calm ? std::min(2 * stretch_, kStretchMax) : 1;
  const double pages = static_cast<double>(clusters) / static_cast<double>(kPage);
  const double sparse = std::clamp(1 / std::max(pages, 1e-3), 1.0, kSparse);
  sparse_ = is_calm
                ? base::Duration(static_cast<int64_t>(sparse * static_cast<double>(usual_.count())))
                : usual_;
  return interval();
}

}  // namespace driver
