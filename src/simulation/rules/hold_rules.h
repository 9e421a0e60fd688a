#pragma once

// I3, of holds: while one is in force no launch begins that it names, and all others may.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "model/dag.h"
#include "simulation/rules/checks.h"

namespace simulation {

// Whether the hold names the job. `file`: its DAG as the file says now. Either may not be known.
bool Names(const model::HoldRow& hold,
           const model::DagId& dag,
           const model::Job* job,
           const model::Dag* file);

class HoldRules : public Witness {
 public:
  explicit HoldRules(Checks& checks) : checks_(checks) {}

  // What the product would launch, while something is held.
  void AlsoAsk(std::function<const engine::Engine*()> engine) { engine_ = std::move(engine); }
  void OnCommitted(base::Time now, const std::vector<model::Change>& batch) override;
  void OnTailLost(base::Time now, const std::vector<Stored>& left, base::Time since) override;
  void OnTurn(base::Time now) override;

 private:
  void Apply(const std::vector<model::Change>& batch);
  bool IsHeld(const model::JobKey& job) const;
  const model::Job* DefOf(const model::JobKey& job) const;

  Checks& checks_;
  std::function<const engine::Engine*()> engine_ = [] { return nullptr; };
  std::map<int64_t, model::HoldRow> holds_;  // in force
  std::map<model::DagId, model::DagRow> dags_;
  std::map<model::RunKey, model::VersionId> runs_;
  std::set<model::JobKey> queued_;
  std::set<std::string, std::less<>> launches_;  // tokens
};

}  // namespace simulation
