#include "simulation/rules/cluster_rules.h"

#include "base/text.h"

namespace simulation {

namespace {

int Rank(model::StepState state) {
  return IsTerminal(state) ? 2 : state == model::StepState::kPending ? 0 : 1;
}

}  // namespace

void ClusterRules::OnCluster(base::Time now, const model::ClusterRow& row) {
  const auto [found, is_new] = facts_.phases.try_emplace(row.id.str(), row.phase);
  const LedgerEntry* entry = facts_.ledger.Find(row.id.str());
  const bool may_be_lost = entry != nullptr && (facts_.IsOutOfBounds(*entry->cluster) ||
                                                facts_.lost_until(*entry->cluster));
  // A cluster that EMR denied for long may come back.
  const bool comes_back = may_be_lost && found->second == model::ClusterPhase::kLost;
  facts_.Check(comes_back || Rank(row.phase) >= Rank(found->second), now, [&] {
    return base::Cat("I5: cluster ", row.id.str(), " went back to ", ToString(row.phase));
  });
  found->second = row.phase;
  CheckSteps(now, row);
  if (!IsTerminal(row.phase) || (may_be_lost && row.phase == model::ClusterPhase::kLost))
    return;
  facts_.Check(entry == nullptr || entry->cluster->Terminal(), now, [&] {
    return base::Cat("I5: cluster ", row.id.str(), " is taken for ended, and lives");
  });
}

void ClusterRules::CheckSteps(base::Time now, const model::ClusterRow& row) {
  std::map<std::string, model::StepState>& steps = steps_[row.id.str()];
  for (const model::StepView& step : row.steps) {
    const auto [found, is_new] = steps.try_emplace(step.id, step.state);
    facts_.Check(Rank(step.state) >= Rank(found->second), now, [&] {
      return base::Cat("I5: step ", step.name, " of ", row.id.str(), " went back");
    });
    found->second = step.state;
  }
}

}  // namespace simulation
