#pragma once

// I3, of what Signalbox stops by itself: a DAG is paused by nobody exactly when so many of its runs
// have failed in a row, and lanes are held exactly after a configuration failure that the others
// would meet.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/dag.h"
#include "simulation/rules/checks.h"

namespace simulation {

class BreakerRules : public Witness {
 public:
  explicit BreakerRules(Checks& checks) : checks_(checks) {}

  void OnCommitted(base::Time now, const std::vector<model::Change>& batch) override;
  void OnTailLost(base::Time now, const std::vector<Stored>& left, base::Time since) override;

 private:
  struct Row {
    int failed = 0;          // one after another
    bool is_unsure = false;  // a person's deed may have ended a run
    bool is_paused = false;
    model::VersionId version;
  };

  void Take(base::Time now, const model::HistoryRow& row);
  void Take(const model::Change& change);
  void CheckPaused(base::Time now);
  void CheckHolds(base::Time now,
                  const std::vector<model::Change>& batch,
                  const std::multiset<std::string>& held_before);
  const model::Dag* DagOf(const Row& row) const { return checks_.versions().Find(row.version); }
  const model::Job* DefOf(const model::JobKey& job) const;
  bool IsMistakeForOthers(const model::HistoryRow& line, const std::set<model::JobKey>& wrong);
  // The jobs whose lanes ought to be held, because one of these has failed in the batch, and are
  // not.
  std::set<std::string> NotHeld(const std::vector<model::Change>& batch,
                                const std::set<model::JobKey>& wrong,
                                std::multiset<std::string> held);
  std::multiset<std::string> HeldTargets() const;  // by the breaker

  Checks& checks_;
  std::map<model::DagId, Row> dags_;
  std::map<model::RunKey, model::RunRow> runs_;
  std::map<model::JobKey, model::TaskState> jobs_;  // of the first task
  std::map<int64_t, model::HoldRow> holds_;         // in force
};

}  // namespace simulation
