#pragma once

// What a cluster costs, and when: a function of its row. So nothing is added up that a crash, or a
// cluster that comes back, could count twice.

#include <optional>

#include "base/time.h"
#include "model/rows.h"

namespace model {

struct Expense {
  RunKey run;
  Time from;
  std::optional<Time> until;  // none: it goes on
  MicroUsd per_hour = 0;
  friend bool operator==(const Expense&, const Expense&) = default;
};

// From its creation until its end, as EMR says; if EMR does not say it, until it was seen terminal
// or LOST. Nothing for a cluster without a price, or of no attempt, or whose creation is not known
// yet.
std::optional<Expense> ExpenseOf(const ClusterRow& cluster);
// What falls into the interval, until now.
MicroUsd CostWithin(const Expense& expense, const base::Interval& interval, Time now);
MicroUsd CostOf(const Expense& expense, Time now);

}  // namespace model
