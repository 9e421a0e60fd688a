#pragma once

// What is left at the end: I1, no cluster of ours; I3, every run has ended, and failed for a cause;
// I9, what EMR's own means end after our death has ended.
//
// Called at the end, of our life or of the workload.

#include <set>
#include <string>

#include "simulation/rules/facts.h"
#include "simulation/rules/fire_rules.h"

namespace simulation {

class EndRules {
 public:
  EndRules(Facts& facts, const FireRules& fire_rules) : facts_(facts), fire_rules_(fire_rules) {}

  // `kept`: clusters that are left by right.
  void AtEnd(base::Time now, const std::set<std::string>& kept);
  // All of us are dead and a day has passed.
  void AtNightfall();

 private:
  bool HasCauseToFail(const model::RunKey& run) const;
  // What it waits for upstream failed or is not: it waits on, by design.
  bool MayStayQueued(const model::RunKey& key) const;
  bool WaitsForTriggered(const model::RunKey& key) const;
  bool MayWaitForEver(const model::RunKey& run) const;
  bool MaySucceedWithout(const model::RunKey& run) const;
  bool WaitsForWhatIsNot(const model::RunKey& run, const model::Dag& dag) const;
  // What EMR alone cannot end: a hung step without a cap, a cluster that somebody protects, one
  // that waits for capacity for ever.
  bool MayOutliveUs(const LedgerEntry& entry) const;

  Facts& facts_;
  const FireRules& fire_rules_;
};

}  // namespace simulation
