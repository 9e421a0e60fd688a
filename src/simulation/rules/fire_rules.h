#pragma once

// I3, of schedules: which ticks fire, and what becomes of those that do not.
//
// Called with each DAG, hole and scheduled run that is committed, and at the end.

#include <map>
#include <set>
#include <utility>

#include "simulation/rules/facts.h"

namespace simulation {

class FireRules {
 public:
  explicit FireRules(Facts& facts) : facts_(facts) {}

  void OnDag(base::Time now, const model::DagRow& row);
  void OnHole(base::Time now, const model::HoleRow& row);
  // REQUIRES: a new run, scheduled, with a logical date.
  void OnFire(base::Time now, const model::RunRow& row);
  // Each tick that counts has its run or stands in a hole, but for the last ones of a DAG that
  // cannot fire.
  void AtEnd(base::Time now);
  void Forget();  // what was committed

  bool IsInHole(const model::DagId& dag, const base::Interval& interval) const;
  bool IsFull(const model::DagId& dag) const;  // max_active_runs

 private:
  void CheckTick(base::Time now, const model::RunRow& row);
  void CheckFilled(base::Time now, const model::DagId& dag);

  Facts& facts_;
  std::set<model::DagId> ever_paused_;
  std::map<std::pair<model::DagId, base::Time>, model::RunKey> fires_;  // by logical date
  std::map<std::pair<model::DagId, base::Time>, model::RunKey> ticks_;
  std::map<model::DagId, std::map<base::Time, model::HoleRow>> holes_;
};

}  // namespace simulation
