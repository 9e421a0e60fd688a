#pragma once

// Closer looks at one cluster: DescribeCluster, then ListSteps and its nodes where the phase has
// them; or its nodes alone. A look is posted whole, as one ClusterSeen; one that failed is wanted
// again after a pause. A read error is never a job failure.

#include <functional>
#include <string>

#include "driver/context.h"
#include "driver/token_bucket.h"
#include "driver/watch.h"

namespace driver {

inline constexpr std::string_view kListFleets = "ListInstanceFleets";
inline constexpr std::string_view kListGroups = "ListInstanceGroups";

class Looks {
 public:
  // `on_end` is called when any look has ended.
  Looks(Context& context, Watches& watches, std::function<void()> on_end);

  // REQUIRES (both): no look at it is under way.
  void Start(const model::ClusterId& id, Watch& watch, Priority priority);
  // The nodes alone. Where some are missing, a whole look follows. `audit`, where it is given, is
  // told when the call has ended.
  void StartNodes(const model::ClusterId& id,
                  Watch& watch,
                  Priority priority,
                  TokenBucket* audit = nullptr);

 private:
  struct Look {
    model::ClusterSeen seen;
    Priority priority = Priority::kPoll;
    bool wants_nodes = false;
    TokenBucket* audit = nullptr;
  };

  void OnDescribed(const model::ClusterId& id, Priority priority, const Reply& reply);
  void RequestSteps(Look look, std::string marker);
  void OnSteps(Look look, const Reply& reply);
  bool StepsAreOld(const Look& look);
  void RequestNodes(Look look);
  void OnNodes(Look look, bool has_groups, const Reply& reply);
  void Finish(Look look);
  // The look failed; a whole one is taken up after a pause.
  void Retry(const model::ClusterId& id, Priority priority, base::Duration pause);
  void OnUnknownToEmr(const model::ClusterId& id, base::Time source_at);

  Context& context_;
  Watches& watches_;
  const std::function<void()> on_end_;
};

}  // namespace driver
