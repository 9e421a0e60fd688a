#pragma once

// People who ask for past runs and who hold launches. Each asks again until it is answered, as
// people do whose server has died; a backfill that is paused goes on later, and a hold is released.

#include <optional>
#include <vector>

#include "fault_finder/plan.h"
#include "simulation/machine.h"

namespace fault_finder {

class Asker : public simulation::Actor {
 public:
  Asker(simulation::Machine& machine, const Plan& plan);
  std::optional<base::Time> NextDue() const override;
  void OnTime(base::Time now) override;
  void OnDeath() override;
  // What was granted may be lost: it asks for everything again.
  void StartOver();
  bool IsDone() const;

 private:
  using Body = decltype(model::Event::body);
  enum class Stage { kBegins, kPauses, kGoesOn, kCancels, kIsOver };
  struct Errand {
    const PastRuns* runs = nullptr;  // or
    const LaunchHold* hold = nullptr;
    Stage stage = Stage::kBegins;
    base::Time due;
    bool is_asked = false;
    int64_t id = 0;  // of the backfill or the hold
  };

  Body BodyOf(const Errand& errand, base::Time now) const;
  Body BackfillOf(const PastRuns& runs, base::Time now) const;
  Body HoldOf(const LaunchHold& hold) const;
  void Answer(Errand& errand, const driver::Outcome& outcome, base::Time now);
  void GoOn(Errand& errand) const;
  base::Time DueOf(const Errand& errand) const;
  int64_t OpenBackfill(const PastRuns& runs) const;  // 0: there is none
  const simulation::DagSpec& DagOf(int64_t place) const;

  simulation::Machine& machine_;
  const Plan& plan_;
  std::vector<Errand> errands_;
};

}  // namespace fault_finder
