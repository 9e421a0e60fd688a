#pragma once

// Whose nodes are looked at next. ListClusters tells nothing of nodes, so each cluster in service
// is looked at by itself, as often as its risk asks for (emr/node_looks.h), within half of the
// quotas of ListInstanceFleets and ListInstanceGroups; what is overdue longest comes first.
// Suspects jump the queue.

#include <optional>
#include <vector>

#include "driver/context.h"
#include "driver/looks.h"
#include "driver/token_bucket.h"
#include "driver/watch.h"

namespace driver {

class Audit {
 public:
  struct Due {
    base::Time at;
    const model::ClusterId* id;
    Watch* watch;
  };
  // What decides the risk of all clusters alike.
  struct Outlook {
    bool events_come = false;
    // When somebody's Spot instance was last said to end in two minutes.
    std::optional<base::Time> spot_warned_at;
  };

  Audit(Context& context, Looks& looks);

  // Nodes were lost.
  void OnLoss(base::Time now) { lost_at_ = now; }
  // REQUIRES: the cluster has been seen in service.
  base::Time DueAt(const model::ClusterRow& cluster,
                   const Watch& watch,
                   const Outlook& outlook) const;
  // Begins as many as the halved quotas allow; `wake` is when there is room for more.
  void Start(std::vector<Due> due, std::optional<base::Time>& wake);

 private:
  Context& context_;
  Looks& looks_;
  TokenBucket fleets_;
  TokenBucket groups_;
  std::optional<base::Time> lost_at_;
};

}  // namespace driver
