#pragma once

// Kill until dead: a terminate that was decided is issued again and again until the cluster is
// *seen* terminal. TerminateJobFlows answers OK long before anything happens, and one bad or
// protected id may spoil a whole batch.

#include <map>
#include <optional>
#include <vector>

#include "driver/context.h"

namespace driver {

class Terminator {
 public:
  explicit Terminator(Context& context) : context_(context) {}

  void Plan();
  std::optional<base::Time> NextWake();

 private:
  struct Kill {
    base::Time due{};
    bool in_flight = false;
    bool alone = false;  // a batch with it failed
  };

  void Forget();
  void Send(std::vector<model::ClusterId> clusters);
  void OnReply(const std::vector<model::ClusterId>& clusters, const Reply& reply);
  // Termination protection is allowed in templates and lifted before our own terminate.
  void LiftProtection(const model::ClusterId& cluster);

  Context& context_;
  std::map<model::ClusterId, Kill> kills_;
};

}  // namespace driver
