#pragma once

// A second process on our rows: it opens the store as any start does, which fences us, and dies at
// once, or when it has committed what is due. None of its calls gets out: what it meant to send is
// in doubt for the next process.

#include "fault_finder/meddlers.h"
#include "simulation/effects.h"
#include "store/store.h"

namespace fault_finder {

class Usurper : public simulation::Actor {
 public:
  // All references are borrowed; `rows` are those of our own disk.
  Usurper(simulation::Clock& clock,
          store::Store& rows,
          simulation::Witness& witness,
          const schedule::ZoneSet& zones,
          const Editor& editor,
          const Plan& plan);
  std::optional<base::Time> NextDue() const override { return agenda_.NextDue(); }
  void OnTime(base::Time now) override;

 private:
  simulation::Clock& clock_;
  store::Store& rows_;
  simulation::Witness& witness_;
  const schedule::ZoneSet& zones_;
  const Editor& editor_;
  const driver::Options options_;
  simulation::Effects effects_;  // nothing kills it before its time
  Agenda agenda_;
};

}  // namespace fault_finder
