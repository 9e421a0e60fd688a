#pragma once

// I3, between jobs: what a job waits for, in its own run and in other DAGs. Trigger rules are
// judged by readiness_rules.h.
//
// Called with each launch that is sent (launch_rules.h).

#include <string>
#include <vector>

#include "simulation/rules/facts.h"
#include "simulation/rules/fire_rules.h"

namespace simulation {

class OrderRules {
 public:
  OrderRules(Facts& facts, const FireRules& fire_rules) : facts_(facts), fire_rules_(fire_rules) {}

  void OnLaunch(base::Time now, const model::JobKey& key, const model::Job& def);

 private:
  // `missing`: what it is not over for.
  bool IsOver(const Crossings::Edge& edge, const model::LaneId& mine, std::string& missing);
  bool HasSucceeded(const model::RunKey& run,
                    const std::vector<model::RunKey>& runs,
                    const Crossings::Edge& edge,
                    const model::LaneId& mine);

  Facts& facts_;
  const FireRules& fire_rules_;
};

}  // namespace simulation
