#pragma once

#include <string>

#include "base/time.h"
#include "emr/defaults.h"

namespace work {

// The brakes of the reaper: see orphans.h.
struct ReaperOptions {
  bool armed = false;
  base::Duration grace = emr::kReaperGrace;
  int max_per_pass = emr::kReaperMaxPerPass;
  double max_ratio = emr::kReaperMaxRatio;
};

struct EmrOptions {
  std::string region;
  // A launch whose outcome is unknown is given up when a look-up that began this much later than
  // it can have been signed does not find it (settle: how late AWS may accept a signed request;
  // lag: how long ListClusters may hide a cluster).
  base::Duration launch_settle = emr::kLaunchSettle;
  base::Duration list_lag_max = emr::kListLagMax;
  // How long a cluster that has reached RUNNING may be short of nodes before that counts, and how
  // far apart two looks must be to confirm it.
  base::Duration fleet_grace = emr::kFleetGrace;
  base::Duration fleet_confirm = base::seconds(30);
  // A cluster in WAITING without a running step is killed after this, and a running step is flagged
  // when it has taken its expected duration times the factor.
  base::Duration idle_timeout = emr::kIdleTimeout;
  double overdue_factor = emr::kOverdueFactor;
  ReaperOptions reaper;
  // OpenLineage's namespace of our jobs, which Spark jobs are told as that of their parents; "":
  // they are told nothing.
  std::string lineage_space;
};

}  // namespace work
