#pragma once

// I13: what only a person can have done is stored together with a line of history that names who
// it was.
//
// Called with each commit, before the other families.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/rules/facts.h"

namespace simulation {

class AuditRules {
 public:
  explicit AuditRules(Facts& facts) : facts_(facts) {}

  void OnBatch(base::Time now, const std::vector<model::Change>& batch);

 private:
  using Attempt = Promises::Attempt;

  // DAGs that the batch deactivates.
  void CheckDeactivated(
      const std::vector<model::Change>& batch,
      const std::function<void(const std::string&, std::string_view)>& demand) const;
  bool EndsAttemptOf(const std::vector<model::Change>& batch, std::string_view cluster) const;
  bool IsEndedByPerson(const model::AttemptRow& row) const;

  Facts& facts_;
};

}  // namespace simulation
