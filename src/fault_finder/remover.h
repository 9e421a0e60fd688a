#pragma once

// Somebody who has a run, deletes it once it has ended, and has another one under its id. It asks
// again until it is answered, as people do whose server has died.

#include <functional>
#include <optional>
#include <vector>

#include "fault_finder/plan.h"
#include "simulation/machine.h"
#include "simulation/people.h"

namespace fault_finder {

class Remover : public simulation::Actor {
 public:
  Remover(simulation::Machine& machine, const Plan& plan);
  std::optional<base::Time> NextDue() const override;
  void OnTime(base::Time now) override;
  void OnDeath() override;
  bool IsDone() const;
  // Hears of a run that it ends by hand, before it asks.
  void OnAborts(std::function<void(const simulation::People::Granted&)> listener) {
    on_aborts_ = std::move(listener);
  }

 private:
  using Body = decltype(model::Event::body);
  struct Errand {
    const RunsDeleted* asked = nullptr;
    model::RunKey run;
    base::Time due;
    base::Time patient_until;  // then it ends the run by hand
    int64_t left = 0;          // how often it deletes
    bool is_there = false;     // the run, as far as it knows
    bool is_asked = false;     // … something, in this life
  };

  // Nothing where it has to wait.
  std::optional<Body> BodyOf(Errand& errand, base::Time now);
  Body DeleteOf(const Errand& errand) const;

  simulation::Machine& machine_;
  base::Time gives_up_at_;
  std::vector<Errand> errands_;
  std::function<void(const simulation::People::Granted&)> on_aborts_ =
      [](const simulation::People::Granted&) {};
};

}  // namespace fault_finder
