#pragma once

// Kill until dead: a terminate that was decided is issued again and again until the cluster is
// *seen* terminal. TerminateJobFlows answers OK long before anything happens, and one bad or
// protected id may spoil a whole batch.
//
// Never launch what you cannot kill: once EMR denies a terminate, launching is held until one is
// granted. The denied one is asked for again each minute, even where its cluster has ended by
// itself.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "driver/context.h"

namespace driver {

class Terminator {
 public:
  explicit Terminator(Context& context) : context_(context) {}

  void Plan();
  std::optional<base::Time> NextWake();

  // Set while EMR denies us to terminate: a sentence that says how to fix it.
  const std::optional<std::string>& denied() const { return denied_; }

 private:
  struct Kill {
    base::Time due{};
    bool in_flight = false;
    bool alone = false;  // a batch with it failed
  };

  void Forget();
  void Send(std::vector<model::ClusterId> clusters);
  void OnReply(const std::vector<model::ClusterId>& clusters, const Reply& reply);
  void OnDenied(std::string_view action, const model::ClusterId& cluster, const Reply& reply);
  void OnGranted();
  // Whether the denial that holds launching was of this action.
  bool IsDenied(std::string_view action) const { return denied_ && denied_action_ == action; }
  // Termination protection is allowed in templates and lifted before our own terminate.
  void LiftProtection(const model::ClusterId& cluster);

  Context& context_;
  std::map<model::ClusterId, Kill> kills_;
  int calls_ = 0;  // of TerminateJobFlows: under way, or in the queue
  std::optional<std::string> denied_;
  std::string denied_action_;
  model::ClusterId denied_cluster_;
};

}  // namespace driver
