#pragma once

// I15, a run keeps its version; I4, a run that has ended does not go on; I12, max_active_runs.
//
// Called with each run that is committed, and at the end of each batch.

#include <map>
#include <set>

#include "simulation/rules/facts.h"
#include "simulation/rules/fire_rules.h"

namespace simulation {

class RunRules {
 public:
  RunRules(Facts& facts, FireRules& fire_rules) : facts_(facts), fire_rules_(fire_rules) {}

  void OnRun(base::Time now, const model::RunRow& row);
  void OnBatchEnd(base::Time now);
  void Forget() { running_.clear(); }  // what was committed

 private:
  using Run = Promises::Run;

  void OnOtherVersion(base::Time now, const model::RunRow& row, Run& run);

  Facts& facts_;
  FireRules& fire_rules_;
  std::map<model::DagId, std::set<model::RunKey>> running_;
  std::map<model::DagId, int> begun_;  // in this batch: max_active_runs
};

}  // namespace simulation
