#pragma once

// Watching all clusters at once, by one of two policies.
//
//   adaptive   one paged ListClusters sweep for all of them, a closer look only where the sweep or
//              a hint says that something changed, and a rotating audit of nodes. Hints make it
//              quick and sweeps rare (pace.h); the sweep stays the truth.
//   sampled    one look per cluster and poke_interval, at the table or at EMR, as drawn by weight.
//              ListClusters only for launches that are looked up and for the reaper.
//
// A cluster that is missing from a sweep is asked for, never presumed ended: ListClusters is
// unsorted, lags, and may miss clusters that change meanwhile.
//
// The parts: cluster_list.h lists, looks.h looks closer, audit.h says whose nodes are next; hints.h
// takes what others say, from queue.h, table.h and Driver::TakeEvent. All they learn is posted as
// ClusterSeen with the source's time; the engine alone judges what is news.

#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "driver/audit.h"
#include "driver/cluster_list.h"
#include "driver/context.h"
#include "driver/hints.h"
#include "driver/looks.h"
#include "driver/pace.h"
#include "driver/queue.h"
#include "driver/reaper.h"
#include "driver/table.h"
#include "driver/watch.h"

namespace driver {

class Watcher {
 public:
  Watcher(Context& context, Reaper& reaper);

  // Rows were loaded or changed: look at the list of live clusters again.
  void OnStateChanged() { changed_ = true; }
  void OnMemoryDropped() { queue_.OnMemoryDropped(); }
  HintOutcome TakeEvent(HintSource source, std::string_view event);
  void Plan();
  std::optional<base::Time> NextWake() const;

  const Hints& hints() const { return hints_; }
  base::Duration sweep_interval() const;

 private:
  // What the sweep under way has shown so far.
  struct Found {
    std::set<model::ClusterId> seen;
    std::vector<model::LaunchesLookedUp::Found> launches;
    std::optional<Reaper::Pass> pass;  // a sweep of the whole account
  };

  bool IsSampled() const { return context_.options.sources.policy == WatchPolicy::kSampled; }
  base::Time SweepDue() const;
  void StartSweep();
  void OnSummary(const emr::ClusterSummary& cluster, base::Time sent_at);
  void OnListedEnd(const model::ClusterRow& row,
                   const model::ClusterStatus& status,
                   base::Time sent_at);
  void WantWhatChanged(const model::ClusterRow& row,
                       const model::ClusterStatus& status,
                       base::Time sent_at);
  void FinishSweep();

  // Watches follow the rows.
  void Refresh();
  Watch::Launched ReadLaunch(const model::ClusterRow& cluster) const;
  // Once every poke_interval: who is looked at where.
  void Poke();
  bool DrawsTable(const model::ClusterId& id, const Watch& watch, int64_t round) const;
  void PlanLooks();
  void PlanLook(const model::ClusterRow& cluster,
                Watch& watch,
                const Audit::Outlook& outlook,
                std::vector<Audit::Due>& audit);
  void PlanWhole(const model::ClusterId& id, Watch& watch);
  bool PlanSteps(const model::ClusterId& id, Watch& watch);
  void PlanNodes(const model::ClusterRow& cluster,
                 Watch& watch,
                 const Audit::Outlook& outlook,
                 std::vector<Audit::Due>& audit);
  void RequestWhatTheEngineNeeds(const model::ClusterRow& cluster, Watch& watch);
  void OnLookEnd(const model::ClusterSeen* seen);

  Context& context_;
  Reaper& reaper_;
  Watches watches_;
  Pace pace_;
  Hints hints_;
  Looks looks_;
  Audit audit_;
  ClusterList sweep_;
  Table table_;
  Queue queue_;
  Found found_;
  base::Time next_sweep_{};
  int64_t poked_;  // the number of the latest poke_interval that was begun
  std::optional<base::Time> wake_;
  bool changed_ = true;
};

}  // namespace driver
