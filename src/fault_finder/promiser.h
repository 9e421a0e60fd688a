#pragma once

// The forecast's part in a simulated life: it judges the deadlines of runs under way, as it
// pleases. Its judgement comes late, twice, of runs that have ended meanwhile, and with deadlines
// left out.

#include <map>
#include <optional>
#include <vector>

#include "fault_finder/plan.h"
#include "simulation/machine.h"

namespace fault_finder {

class Promiser : public simulation::Actor {
 public:
  Promiser(simulation::Machine& machine, const Plan& plan);
  std::optional<base::Time> NextDue() const override;
  void OnTime(base::Time now) override;

 private:
  void Judge(const Judgement& judgement, base::Time now);

  simulation::Machine& machine_;
  std::vector<std::pair<base::Time, const Judgement*>> errands_;  // by time
  size_t next_ = 0;
  std::map<model::DeadlineKey, base::Time> dues_;
  model::DeadlinesJudged last_;
};

}  // namespace fault_finder
