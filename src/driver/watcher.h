#pragma once

// Watching all clusters at once: one paged ListClusters sweep for all of them, and a closer look
// (DescribeCluster, ListSteps) only where the sweep says that something changed.
//
// ListClusters tells nothing of nodes, so an audit of them (ListInstanceFleets or -Groups) rotates
// over all clusters in service, the longest unseen first, within half of that action's quota.
// Suspects jump the queue; what has ended or waits goes before what works.
//
// A cluster that is missing from a sweep is asked for, never presumed ended: ListClusters is
// unsorted, lags, and may miss clusters that change meanwhile. A read error is never a job failure.

#include <map>
#include <optional>
#include <set>
#include <string>

#include "driver/context.h"
#include "driver/reaper.h"
#include "driver/token_bucket.h"
#include "emr/replies.h"

namespace driver {

class Watcher {
 public:
  Watcher(Context& context, Reaper& reaper);

  // Rows were loaded or changed: look at the list of live clusters again.
  void OnStateChanged() { changed_ = true; }
  void Plan();
  std::optional<base::Time> NextWake() const { return wake_; }

 private:
  struct Watch {
    std::optional<Priority> wanted;  // a closer look is due
    bool looking = false;            // and under way
    bool has_groups = false;         // instance groups instead of fleets
    base::Time not_before{};
    base::Time nodes_at{};       // the latest look at its fleets or groups
    bool nodes_missing = false;  // at that look
    bool step_due_known = false;
    std::optional<base::Time> step_due;  // when the engine wants to see its steps
    int unknown_to_emr = 0;              // answers in a row
    std::optional<base::Time> ended_seen_at;
  };
  struct Sweep {
    base::Time began_at;
    std::set<model::ClusterId> seen;
    std::vector<model::LaunchesLookedUp::Found> found;
    std::optional<Reaper::Pass> pass;  // a sweep of the whole account
  };
  struct Look {
    model::ClusterSeen seen;
    Priority priority = Priority::kPoll;
    bool wants_nodes = false;
    bool is_audit = false;  // holds a token of its audit
  };
  using Due = std::pair<const model::ClusterId*, Watch*>;

  void StartSweep();
  void RequestPage(std::string marker, base::Time created_after);
  void OnPage(const Reply& reply, base::Time created_after);
  void OnSummary(const emr::ClusterSummary& cluster, base::Time sent_at);
  void FinishSweep();

  static void Want(Watch& watch, Priority priority);
  // Watches follow the rows.
  void Refresh();
  void PlanLooks();
  void WantStepsWhereOverdue(const model::ClusterRow& cluster, Watch& watch);
  void PlanAudit(std::vector<Due> due);
  // Lost nodes are likely: its audit does not wait for its turn.
  bool IsSuspect(const model::ClusterRow& cluster) const;
  base::Time NodesDueAt(const model::ClusterRow& cluster, const Watch& watch) const;
  // DescribeCluster, then steps and nodes where the phase has them.
  void StartLook(const model::ClusterId& id, Watch& watch, Priority priority);
  // The nodes alone. Where some are missing, a whole look follows.
  void StartNodesLook(const model::ClusterId& id, Watch& watch, bool is_audit);
  void OnDescribed(const model::ClusterId& id, Priority priority, const Reply& reply);
  void RequestSteps(Look look, std::string marker);
  bool StepsAreOld(const Look& look);
  void RequestNodes(Look look);
  void OnNodes(Look look, bool has_groups, const Reply& reply);
  void FinishLook(Look look);
  // The look failed; a whole one is taken up after a pause.
  void Retry(const model::ClusterId& id, Priority priority, base::Duration pause);
  void OnUnknownToEmr(const model::ClusterId& id, base::Time source_at);

  Context& context_;
  Reaper& reaper_;
  std::map<model::ClusterId, Watch> watches_;
  std::optional<Sweep> sweep_;
  // Half of the quotas of ListInstanceFleets and ListInstanceGroups.
  TokenBucket fleet_audit_;
  TokenBucket group_audit_;
  base::Time next_sweep_{};
  std::optional<base::Time> wake_;
  bool changed_ = true;
};

}  // namespace driver
