#pragma once

// Who reads logs in a trial, and tells why attempts failed: at once, and then those of the job's
// other lanes and instances, one by one; or some time after they were read. At times it tells
// twice, each time after the answer. Whatever comes of it, it goes on.

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
  void OnDeath() override { is_telling_ = false; }

 private:
  struct Errand {
    base::Time due;
    const CauseTold* told = nullptr;
    std::optional<model::CauseFound> found;  // once the logs were read
    int64_t left = 0;                        // so often it is told
  };

  // What the logs tell; nothing where no attempt has failed yet.
  std::optional<model::CauseFound> ReadLogs(const CauseTold& told);
  void GoRound(const Errand& first);
  void Tell(Errand& errand);

  simulation::Machine& machine_;
  simulation::CauseRules& rules_;
  // What is asked of one ended run is done one after the other, and people do not wait for this.
  const bool has_people_;
  std::vector<Errand> errands_;
  std::vector<Errand> more_;  // they join the others after a turn
  bool is_telling_ = false;   // an answer is awaited, in this life
  int64_t texts_ = 0;
};

}  // namespace fault_finder
