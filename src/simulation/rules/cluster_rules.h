#pragma once

// I5: what is stored of a cluster and its steps only goes forward, and it is not taken for ended
// while it lives.
//
// Called with each cluster that is committed.

#include <map>
#include <string>

#include "simulation/rules/facts.h"

namespace simulation {

class ClusterRules {
 public:
  explicit ClusterRules(Facts& facts) : facts_(facts) {}

  void OnCluster(base::Time now, const model::ClusterRow& row);
  void Forget() { steps_.clear(); }  // what was committed

 private:
  void CheckSteps(base::Time now, const model::ClusterRow& row);

  Facts& facts_;
  std::map<std::string, std::map<std::string, model::StepState>, std::less<>> steps_;
};

}  // namespace simulation
