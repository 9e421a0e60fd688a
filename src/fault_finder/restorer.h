#pragma once

// Puts an older copy of our rows back: our process dies, and its last commits are lost. Or somebody
// deletes the file under it, and all that it commits from then on is.

#include <functional>

#include "fault_finder/meddlers.h"
#include "simulation/archive.h"
#include "simulation/disk.h"

namespace fault_finder {

class Restorer : public simulation::Actor {
 public:
  Restorer(simulation::Clock& clock,
           simulation::Archive& rows,
           simulation::Disk& disk,
           simulation::Witness& witness,
           const Plan& plan);
  // Who lives on is told since when everything is lost.
  void OnLost(std::function<void(base::Time since)> listener) { on_lost_ = std::move(listener); }
  std::optional<base::Time> NextDue() const override;
  void OnTime(base::Time now) override;
  void OnDeath() override;

 private:
  simulation::Clock& clock_;
  simulation::Archive& rows_;
  simulation::Disk& disk_;
  simulation::Witness& witness_;
  Agenda agenda_;
  size_t due_ = 0;                     // commits that are to be lost
  std::optional<size_t> kept_;         // commits that were there when the file was deleted
  std::optional<base::Time> back_at_;  // when it is put back
  std::function<void(base::Time)> on_lost_ = [](base::Time) {};
};

}  // namespace fault_finder
