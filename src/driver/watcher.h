#pragma once

// Watching all clusters at once: one paged ListClusters sweep for all of them, and a closer look
// (DescribeCluster, ListSteps, ListInstanceFleets) only where the sweep or the clock says so.
//
// A cluster that is missing from a sweep is asked for, never presumed ended: ListClusters is
// unsorted, lags, and may miss clusters that change meanwhile. A read error is never a job failure.

#include <map>
#include <optional>
#include <set>
#include <string>

#include "driver/context.h"
#include "emr/replies.h"

namespace driver {

class Watcher {
 public:
  explicit Watcher(Context& context) : context_(context) {}

  // Rows were loaded or changed: look at the list of live clusters again.
  void OnStateChanged() { changed_ = true; }
  void Plan();
  std::optional<base::Time> NextWake() const { return wake_; }

 private:
  struct Watch {
    bool wanted = false;      // a closer look is due
    bool looking = false;     // and under way
    bool has_groups = false;  // instance groups: no fleets to list
    base::Time not_before{};
    base::Time fleets_at{};  // the latest look at its fleets
    int unknown_to_emr = 0;  // answers in a row
  };
  struct Sweep {
    base::Time began_at;
    std::set<model::ClusterId> seen;
    std::vector<model::LaunchesLookedUp::Found> found;
  };
  struct Look {
    model::ClusterSeen seen;
    bool wants_fleets = false;
  };

  void StartSweep();
  void RequestPage(std::string marker, base::Time created_after);
  void OnPage(const Reply& reply, base::Time created_after);
  void OnSummary(const emr::ClusterSummary& cluster);
  void FinishSweep();

  void PlanLooks();
  bool FleetsDue(const model::ClusterRow& cluster, const Watch& watch) const;
  base::Time FleetsDueAt(const model::ClusterRow& cluster, const Watch& watch) const;
  // DescribeCluster, then steps and fleets where the phase has them.
  void StartLook(const model::ClusterId& id, Watch& watch);
  // ListInstanceFleets alone: the regular look at a cluster in service. Where nodes are missing, a
  // whole look follows.
  void StartFleetLook(const model::ClusterId& id, Watch& watch);
  void OnDescribed(const model::ClusterId& id, const Reply& reply);
  void RequestSteps(Look look, std::string marker);
  void RequestFleets(Look look);
  void FinishLook(Look look);
  // The look failed; it is taken up again after a pause.
  void Retry(const model::ClusterId& id, base::Duration pause);
  void OnUnknownToEmr(const model::ClusterId& id, base::Time source_at);

  Context& context_;
  std::map<model::ClusterId, Watch> watches_;
  std::optional<Sweep> sweep_;
  base::Time next_sweep_{};
  std::optional<base::Time> wake_;
  bool changed_ = true;
};

}  // namespace driver
