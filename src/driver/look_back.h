#pragma once

// From when on ListClusters is asked for clusters that we launched at some time. Clusters are dated
// by EMR's clock, launches by ours. The two may be a day apart (aws/signing_clock.h follows no
// larger difference, and AWS refuses our calls then), and world time may be ahead of ours. What a
// list shows of another day is one page; what it lacks is launched twice.

#include "driver/world.h"

namespace driver {

inline base::Time LookBackTo(base::Time launched_at, World& world) {
  constexpr base::Duration kClocksApart = base::hours(25);
  return launched_at - kClocksApart - world.Ahead();
}

}  // namespace driver
