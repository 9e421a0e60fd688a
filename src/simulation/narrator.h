#pragma once

// Tells what happens, a line each, for a person who looks for the cause of a breach: every change
// of state that was committed, every call, every death.

#include <ostream>
#include <set>
#include <string>

#include "emulator/emulator.h"
#include "simulation/witness.h"

namespace simulation {

class Narrator : public Witness {
 public:
  Narrator(std::ostream& out, const emulator::Emulator& emr) : out_(out), emr_(emr) {}

  void OnCommitted(base::Time now, const std::vector<model::Change>& batch) override;
  void OnCall(const SeenCall& call) override;
  void OnOpened(base::Time now, Opener opener, int64_t epoch) override;
  void OnTailLost(base::Time now, const std::vector<Stored>& left, base::Time since) override;
  void OnDetached(base::Time now) override;
  void OnDeath(base::Time now) override;
  void OnBirth(base::Time now) override;
  void OnTurn(base::Time now) override;

 private:
  std::ostream& Line(base::Time now, std::string_view who);

  std::ostream& out_;
  const emulator::Emulator& emr_;
  std::vector<emulator::ClusterState> told_;  // by the clusters' order of arrival
};

}  // namespace simulation
