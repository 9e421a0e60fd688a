#include "fault_finder/restorer.h"

#include <utility>

#include "simulation/effects.h"

namespace fault_finder {

Restorer::Restorer(simulation::Clock& clock,
                   simulation::Archive& rows,
                   simulation::Witness& witness,
                   const Plan& plan)
    : clock_(clock),
      rows_(rows),
      witness_(witness),
      agenda_(plan, {Disturbance::Kind::kLostTail}) {}

void Restorer::OnTime(base::Time now) {
  if (const Disturbance* loss = agenda_.Take(now)) {
    due_ = static_cast<size_t>(loss->n);
    throw simulation::Crash{};
  }
}

void Restorer::OnDeath() {
  if (const size_t count = std::exchange(due_, 0); count > 0) {
    const base::Time since = rows_.Lose(count);
    witness_.OnTailLost(clock_.Now(), rows_.commits(), since);
    on_lost_(since);
  }
}

}  // namespace fault_finder
