#pragma once

// Closer looks at one cluster: DescribeCluster, then ListSteps and its nodes where the phase has
// them; or its steps, or its nodes alone. A look is posted whole, as one ClusterSeen. A call of it
// that is throttled or fails is made again after a pause, so that a look ends under any pattern of
// failures that lets some calls through. A read error is never a job failure.

#include <functional>
#include <optional>
#include <string>

#include "driver/context.h"
#include "driver/token_bucket.h"
#include "driver/watch.h"

namespace driver {

inline constexpr std::string_view kListFleets = "ListInstanceFleets";
inline constexpr std::string_view kListGroups = "ListInstanceGroups";

class Looks {
 public:
  // What a whole look asks of a cluster that is RUNNING, beside its status.
  enum class Detail { kSteps, kNodes };
  // Is told what a look has seen, null where it failed.
  using OnEnd = std::function<void(const model::ClusterSeen* seen)>;

  Looks(Context& context, Watches& watches, OnEnd on_end);

  // REQUIRES (all): no look at it is under way.
  void Start(const model::ClusterId& id,
             Watch& watch,
             Priority priority,
             Detail detail = Detail::kSteps);
  void StartSteps(const model::ClusterId& id, Watch& watch, Priority priority);
  // When steps may be looked at that nothing but people waits for: one at a time, and only where
  // that leaves nearly all of the burst to verdicts. Nothing while one is under way.
  std::optional<base::Time> StepsPollReadyAt() const;
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
    Detail detail = Detail::kSteps;
    bool wants_nodes = false;
    bool polls_steps = false;
    TokenBucket* audit = nullptr;
    int failures = 0;  // of the call under way, in a row
  };

  void OnDescribed(Look look, const Reply& reply);
  void RequestSteps(const Look& look, const std::string& marker, base::Time not_before = {});
  void OnSteps(Look look, const std::string& marker, const Reply& reply);
  void OnStepsUnknown(Look look);
  bool StepsAreOld(const Look& look);
  bool NodesMayBeAsked(const Watch& watch);
  void RequestNodes(Look look, base::Time not_before = {});
  void OnNodes(Look look, bool has_groups, const Reply& reply);
  void Finish(Look look);
  // The look failed; a whole one is taken up after a pause.
  void Retry(const model::ClusterId& id, Priority priority, base::Duration pause);
  void OnUnknownToEmr(const model::ClusterId& id, base::Time source_at);

  Context& context_;
  Watches& watches_;
  const OnEnd on_end_;
  bool polls_steps_ = false;
};

}  // namespace driver
