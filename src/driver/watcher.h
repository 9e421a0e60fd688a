#pragma once

// Watching all clusters at once: one paged ListClusters sweep for all of them, and a closer look
// (DescribeCluster, ListSteps) only where the sweep says that something changed.
//
// A cluster that is missing from a sweep is asked for, never presumed ended: ListClusters is
// unsorted, lags, and may miss clusters that change meanwhile.
//
// The parts: sweep.h lists, looks.h looks closer, audit.h says whose nodes are next. What they
// learn is posted as ClusterSeen; the engine alone judges what is news.

#include <optional>
#include <set>
#include <vector>

#include "driver/audit.h"
#include "driver/context.h"
#include "driver/looks.h"
#include "driver/reaper.h"
#include "driver/sweep.h"
#include "driver/watch.h"

namespace driver {

class Watcher {
 public:
  Watcher(Context& context, Reaper& reaper);

  // Rows were loaded or changed: look at the list of live clusters again.
  void OnStateChanged() { changed_ = true; }
  void Plan();
  std::optional<base::Time> NextWake() const { return wake_; }

 private:
  // What the sweep under way has shown so far.
  struct Found {
    std::set<model::ClusterId> seen;
    std::vector<model::LaunchesLookedUp::Found> launches;
    std::optional<Reaper::Pass> pass;  // a sweep of the whole account
  };

  void StartSweep();
  void OnSummary(const emr::ClusterSummary& cluster, base::Time sent_at);
  void FinishSweep();

  // Watches follow the rows.
  void Refresh();
  void PlanLooks();
  void WantStepsWhereOverdue(const model::ClusterRow& cluster, Watch& watch);

  Context& context_;
  Reaper& reaper_;
  Watches watches_;
  Looks looks_;
  Audit audit_;
  Sweep sweep_;
  Found found_;
  base::Time next_sweep_{};
  std::optional<base::Time> wake_;
  bool changed_ = true;
};

}  // namespace driver
