#pragma once

// Who reads logs in a trial, and tells why attempts failed: some time after they were read, and at
// times twice. Tells once, whatever comes of it.

#include <optional>
#include <vector>

#include "fault_finder/plan.h"
#include "simulation/machine.h"
#include "simulation/rules/cause_rules.h"

namespace fault_finder {

class CauseTeller : public simulation::Actor {
 public:
  // All are borrowed.
  CauseTeller(simulation::Machine& machine, simulation::CauseRules& rules, const Plan& plan);
  std::optional<base::Time> NextDue() const override;
  void OnTime(base::Time now) override;

 private:
  struct Errand {
    base::Time due;
    const CauseTold* told = nullptr;
    std::optional<model::CauseFound> found;  // once the logs were read
  };

  // What the logs tell; nothing where no attempt has failed yet.
  std::optional<model::CauseFound> ReadLogs(const CauseTold& told);
  void Tell(const Errand& errand);

  simulation::Machine& machine_;
  simulation::CauseRules& rules_;
  std::vector<Errand> errands_;
  int64_t texts_ = 0;
};

}  // namespace fault_finder
