#pragma once

// What deleting a run must keep to, judged from outside: nothing of it was live, somebody asked for
// it, no later launch has its tokens, and our process remembers nothing of it.

#include <functional>
#include <map>
#include <set>
#include <vector>

#include "engine/engine.h"
#include "simulation/rules/checks.h"
#include "simulation/witness.h"

namespace simulation {

class DeleteRules : public Witness {
 public:
  explicit DeleteRules(Checks& checks) : checks_(checks) {}

  // Null while our process is dead.
  void AlsoAsk(std::function<const engine::Engine*()> engine) { engine_ = std::move(engine); }
  void OnCommitted(base::Time now, const std::vector<model::Change>& batch) override;
  void OnTurn(base::Time now) override;

 private:
  void OnDeleted(base::Time now, const model::RunKey& run, const std::vector<model::Change>& batch);
  void OnLaunch(base::Time now, const model::LaunchRow& row);

  Checks& checks_;
  std::function<const engine::Engine*()> engine_ = [] { return nullptr; };
  // As they were committed last.
  std::map<model::RunKey, model::RunState> runs_;
  std::map<model::LaunchToken, model::RunKey> unsettled_;
  std::map<model::ClusterId, model::RunKey> live_;
  std::map<model::LaunchToken, model::RunKey> tokens_;
  std::set<model::LaunchToken> deleted_tokens_;
  std::set<model::RunKey> deleted_;  // and not made again
  bool is_asked_ = true;             // whether memory knows of them, since the last commit
};

}  // namespace simulation
