#pragma once

// What the causes of attempts must keep to, judged from outside: each is what logs say about this
// very attempt, which exists, stays as it was stored first, and has one line of history.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/event.h"
#include "simulation/rules/checks.h"
#include "simulation/witness.h"

namespace simulation {

class CauseRules : public Witness {
 public:
  explicit CauseRules(Checks& checks) : checks_(checks) {}

  // The logs tell so; it may be stored, or be too late.
  void OnTold(const model::CauseFound& found);
  void OnCommitted(base::Time now, const std::vector<model::Change>& batch) override;
  void OnTailLost(base::Time now, const std::vector<Stored>& left, base::Time since) override;

 private:
  void Take(const model::Change& change);
  void Judge(base::Time now, const model::CauseRow& row);

  Checks& checks_;
  std::set<std::pair<std::string, int64_t>> told_;  // text, and RunRow::deletions
  std::map<std::string, model::AttemptKey> about_;  // by text
  // As they are stored.
  std::map<model::RunKey, int64_t> runs_;  // and their deletions
  std::set<model::AttemptKey> attempts_;
  std::map<model::AttemptKey, std::string> causes_;
};

}  // namespace simulation
