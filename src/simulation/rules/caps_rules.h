#pragma once

// I12, of vCPUs and money, from EMR's side: at no moment the clusters that EMR has made hold more
// vCPUs than a limit allows, launches whose reply was lost among them; what the rows say a cluster
// costs is what it cost; and what the product gives as the reason for which a job waits is so.

#include <functional>
#include <vector>

#include "engine/engine.h"
#include "simulation/rules/capacity_rules.h"
#include "simulation/rules/checks.h"

namespace simulation {

class CapsRules : public Witness {
 public:
  struct Options {
    // Nobody sets our clock, and nothing that was stored is lost: times agree with EMR's.
    bool times_agree = true;
  };
  // All are borrowed. `capacity` learns what happens before this does.
  CapsRules(Checks& checks, const Ledger& ledger, const CapacityRules& capacity, Options options)
      : checks_(checks), ledger_(ledger), capacity_(capacity), options_(options) {}

  void AlsoAsk(std::function<const engine::Engine*()> engine) { engine_ = std::move(engine); }
  void OnCommitted(base::Time now, const std::vector<model::Change>& batch) override;
  void OnTurn(base::Time now) override;

 private:
  void JudgeRow(base::Time now, const model::ClusterRow& row);
  void CountVcpusOfEmr(base::Time now);
  void AskWhy(base::Time now);

  Checks& checks_;
  const Ledger& ledger_;
  const CapacityRules& capacity_;
  Options options_;
  std::function<const engine::Engine*()> engine_ = [] { return nullptr; };
  size_t counted_ = 0;  // clusters of the ledger
  int turns_ = 0;
};

}  // namespace simulation
