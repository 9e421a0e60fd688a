#pragma once

// I3 and I12, of backfills: each tick that was asked for ends as one run or with a reason that
// holds; no more runs than were asked for are active; a backfill ends.
//
// What is committed is judged, batch by batch: what was so before, what is so after.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "simulation/rules/checks.h"

namespace simulation {

class BackfillRules : public Witness {
 public:
  explicit BackfillRules(Checks& checks) : checks_(checks) {}

  void OnCommitted(base::Time now, const std::vector<model::Change>& batch) override;
  void OnTailLost(base::Time now, const std::vector<Stored>& left, base::Time since) override;
  // At rest.
  void AtEnd(base::Time now);

 private:
  struct Backfill {
    model::BackfillRow row;
    std::vector<model::BackfillTickRow> ticks;
  };
  using Tick = model::BackfillTickRow;
  struct Known {  // what is stored
    std::map<model::DagId, model::DagRow> dags;
    std::map<std::pair<model::DagId, base::Time>, model::HoleRow> holes;  // by the first tick
    std::map<model::RunKey, model::RunRow> runs;
    std::map<int64_t, Backfill> backfills;
  };

  static void Apply(const std::vector<model::Change>& batch, Known& known);
  void JudgeTick(base::Time now, const Known& before, const Tick& tick);
  std::string WhyWrong(const Known& before, const Backfill& backfill, const Tick& tick) const;
  std::string WhyNoNewRun(const Known& before, const Backfill& backfill, const Tick& tick) const;
  std::string WhyNotAgain(const Known& before, const Backfill& backfill, const Tick& tick) const;
  std::string WhyNotLeft(const Known& before, const Backfill& backfill, const Tick& tick) const;
  void JudgeTurn(base::Time now, const Known& before, const Backfill& backfill);
  void JudgeList(base::Time now, const Backfill& backfill);
  void JudgeRuns(base::Time now, const Known& before);
  static std::pair<int, int> Active(const Known& known, int64_t backfill);
  static bool HasRunAt(const Known& known, const model::DagId& dag, base::Time logical_date);
  // The run that the tick names, or null.
  static const model::RunRow* RunOf(const Known& known, const model::DagId& dag, const Tick& tick);
  static bool IsFilled(const Known& known, const Backfill& backfill, const Tick& tick);

  Checks& checks_;
  Known now_;
  std::set<model::RunKey> begun_again_;  // in the batch
};

}  // namespace simulation
