#pragma once

// Terminates: I6, by a committed intent alone; I16, never of somebody else's cluster; I2, of an
// open attempt's cluster for a reason alone; I8, again and again until it has ended; I11, at once.
//
// Called with each terminate that is committed, sent or done, and at each turn.

#include <string_view>

#include "simulation/rules/facts.h"
#include "simulation/witness.h"

namespace simulation {

class KillRules {
 public:
  explicit KillRules(Facts& facts) : facts_(facts) {}

  void OnCommand(base::Time now, const model::CommandRow& row);
  void OnDone(base::Time now, const model::CommandDone& done);
  void BeforeTerminate(const SeenCall& call);
  void OnTurn(base::Time now);

 private:
  using Kill = Promises::Kill;

  // The cluster of an open attempt is killed for a reason.
  void CheckCause(base::Time now, std::string_view cluster);

  Facts& facts_;
};

}  // namespace simulation
