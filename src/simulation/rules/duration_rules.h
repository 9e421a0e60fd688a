#pragma once

// What is kept of how long jobs took: exactly the attempts that ended by their work, the latest of
// them, as counted from the attempts that were committed.
//
// Called with each row that is committed, and at the end of each batch.

#include <map>
#include <set>
#include <tuple>
#include <vector>

#include "simulation/rules/facts.h"

namespace simulation {

class DurationRules {
 public:
  explicit DurationRules(Facts& facts) : facts_(facts) {}

  void OnAttempt(const model::AttemptRow& row);
  void OnDurations(const model::DurationsRow& row);
  void OnBatchEnd(base::Time now);
  void ForgetRun(const model::RunKey& run);  // it is deleted
  void Forget();

 private:
  using Which = std::tuple<model::DagId, model::JobId, model::LaneId>;

  Facts& facts_;
  std::map<Which, std::vector<model::PastAttempt>> past_;  // all that count, the oldest first
  std::map<Which, std::vector<model::PastAttempt>> kept_;  // as the product keeps them
  std::set<model::AttemptKey> closed_;
  std::set<Which> changed_;  // in this batch
};

}  // namespace simulation
