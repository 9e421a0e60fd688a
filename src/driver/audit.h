#pragma once

// Whose nodes are looked at next. ListClusters tells nothing of nodes, so an audit of them rotates
// over all clusters in service, the longest unseen first, within half of the quotas of
// ListInstanceFleets and ListInstanceGroups. Suspects jump the queue.

#include <optional>
#include <utility>
#include <vector>

#include "driver/context.h"
#include "driver/looks.h"
#include "driver/token_bucket.h"
#include "driver/watch.h"

namespace driver {

class Audit {
 public:
  using Due = std::pair<const model::ClusterId*, Watch*>;

  Audit(Context& context, Looks& looks);

  // Lost nodes are likely: its audit does not wait for its turn.
  bool IsSuspect(const model::ClusterRow& cluster, const Watch& watch) const;
  // REQUIRES: the cluster has been seen in service.
  // `warned_at`: when somebody's Spot instance was last said to end in two minutes.
  base::Time DueAt(const model::ClusterRow& cluster,
                   const Watch& watch,
                   std::optional<base::Time> warned_at) const;
  // Begins as many as the halved quotas allow; `wake` is when there is room for more.
  void Start(std::vector<Due> due, std::optional<base::Time>& wake);

 private:
  Context& context_;
  Looks& looks_;
  TokenBucket fleets_;
  TokenBucket groups_;
};

}  // namespace driver
