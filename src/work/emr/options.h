#pragma once

#include <string>

#include "base/time.h"

namespace work {

// The brakes of the reaper: see orphans.h.
struct ReaperOptions {
  bool armed = false;
  base::Duration grace = base::minutes(15);
  int max_per_pass = 5;
  double max_ratio = 0.5;
};

struct EmrOptions {
  std::string region;
  // A launch whose outcome is unknown is given up when a look-up that began this much later than
  // it can have been signed does not find it (settle: how late AWS may accept a signed request;
  // lag: how long ListClusters may hide a cluster).
  base::Duration launch_settle = base::minutes(15);
  base::Duration list_lag_max = base::minutes(3);
  // How long a cluster that has reached RUNNING may be short of nodes before that counts, and how
  // far apart two looks must be to confirm it.
  base::Duration fleet_grace = base::minutes(5);
  base::Duration fleet_confirm = base::seconds(30);
  // A cluster in WAITING without a running step is killed after this, and a running step is flagged
  // when it has taken its expected duration times the factor.
  base::Duration idle_timeout = base::minutes(10);
  double overdue_factor = 2;
  ReaperOptions reaper;
};

}  // namespace work
