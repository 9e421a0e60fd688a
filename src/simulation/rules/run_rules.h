#pragma once

// I15, a run keeps its version; I4, a run that has ended does not go on; I12, max_active_runs.
//
// Called with each batch before its rows, with each run that is committed, and at the end of each
// batch.

#include <map>
#include <set>
#include <vector>

#include "simulation/rules/facts.h"
#include "simulation/rules/fire_rules.h"

namespace simulation {

class RunRules {
 public:
  RunRules(Facts& facts, FireRules& fire_rules) : facts_(facts), fire_rules_(fire_rules) {}

  void OnBatch(const std::vector<model::Change>& batch);
  void OnRun(base::Time now, const model::RunRow& row);
  void OnBatchEnd(base::Time now);
  void Forget();  // what was committed

 private:
  using Run = Promises::Run;

  // The product's newest, by the DAG's rows: before the batch or within it.
  bool IsNewest(const model::RunRow& row) const;
  void OnOtherVersion(base::Time now, const model::RunRow& row, Run& run);

  Facts& facts_;
  FireRules& fire_rules_;
  std::map<model::DagId, std::set<model::RunKey>> running_;
  std::map<model::DagId, int> begun_;  // in this batch: max_active_runs
  // The version before the batch, and those within it.
  std::map<model::DagId, std::vector<model::VersionId>> newest_;
};

}  // namespace simulation
