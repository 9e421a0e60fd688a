#pragma once

// Who keeps records in a trial: writes and drops a few of them, some of them at the same moment as
// others do, and expects what is so or what is not. Asks once, whatever comes of it.

#include <utility>
#include <vector>

#include "fault_finder/plan.h"
#include "simulation/machine.h"
#include "simulation/rules/record_rules.h"

namespace fault_finder {

class Clerk : public simulation::Actor {
 public:
  // All are borrowed.
  Clerk(simulation::Machine& machine, simulation::RecordRules& rules, const Plan& plan);
  std::optional<base::Time> NextDue() const override;
  void OnTime(base::Time now) override;

 private:
  model::ChangeRecords EventOf(const RecordChange& change) const;
  model::ChangeRecords::One OneOf(const RecordChange& change, int64_t record) const;
  int64_t RevisionOf(const model::RecordKey& record) const;

  simulation::Machine& machine_;
  simulation::RecordRules& rules_;
  std::vector<std::pair<base::Time, const RecordChange*>> errands_;  // by time
  size_t next_ = 0;
};

}  // namespace fault_finder
