#include "simulation/rules/caps_rules.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "base/text.h"
#include "engine/blockers.h"
#include "engine/state.h"
#include "simulation/rules/instances.h"

namespace simulation {

namespace {

using base::Cat;

constexpr int kAskEvery = 50;  // turns

// What the product looks for before it looks at the money.
bool HasOtherBounds(const engine::State& state, const engine::JobInstance& job) {
  const model::Capacity& capacity = job.def->capacity;
  return !job.limits.empty() || capacity.max_active_tis_per_dag ||
         capacity.max_active_tis_per_dagrun ||
         state.dags.at(job.row.key.run.dag).plan->dag->max_active_tasks;
}

}  // namespace

void CapsRules::OnCommitted(base::Time now, const std::vector<model::Change>& batch) {
  for (const model::Change& change : batch) {
    if (const auto* row = std::get_if<base::Boxed<model::ClusterRow>>(&change))
      JudgeRow(now, **row);
  }
}

// What an hour costs, and from when to when it counts.
void CapsRules::JudgeRow(base::Time now, const model::ClusterRow& row) {
  const LedgerEntry* entry = ledger_.Find(row.id.str());
  if (entry == nullptr || !entry->ours || !row.attempt)
    return;
  const emulator::Cluster& cluster = *entry->cluster;
  const std::vector<model::Price>& prices = capacity_.shadow().spend_rules().prices;
  if (!prices.empty()) {
    const auto hour =
        static_cast<int64_t>(std::llround(HourOf(InstancesOf(cluster.request), prices) * 1e6));
    // After a lost commit one token may have had two requests: our row goes by the one that it has.
    const auto is_twin = [&](const LedgerEntry& other) {
      return other.name.head == entry->name.head && other.cluster != entry->cluster;
    };
    if (const int64_t told = row.micro_usd_per_hour.value_or(-1);
        hour != told && std::ranges::none_of(ledger_.entries(), is_twin))
      checks_.Breach(now,
                     Cat("I12: an hour of ",
                         cluster.name,
                         " costs ",
                         hour,
                         " millionths of a USD, and its row says ",
                         told));
  }
  if (!options_.times_agree || checks_.IsOutOfBounds(cluster))
    return;
  // What EMR gives has whole milliseconds.
  const auto is_near = [](base::Time a, base::Time b) {
    return std::chrono::abs(a - b) <= base::milliseconds(1);
  };
  const bool begins_well = !row.created_at || is_near(*row.created_at, cluster.created_at);
  const bool ends_well = row.phase == model::ClusterPhase::kLost || !IsTerminal(row.phase) ||
                         (row.created_at && row.ended_at && cluster.ended_at &&
                          is_near(*row.ended_at, *cluster.ended_at));
  if (!begins_well || !ends_well)
    checks_.Breach(now, Cat("I12: the times of ", cluster.name, " are not EMR's"));
}

void CapsRules::OnTurn(base::Time now) {
  if (ledger_.entries().size() > counted_) {
    counted_ = ledger_.entries().size();
    CountVcpusOfEmr(now);
  }
  if (++turns_ % kAskEvery == 0)
    AskWhy(now);
}

void CapsRules::CountVcpusOfEmr(base::Time now) {
  const CapacityShadow& shadow = capacity_.shadow();
  struct Sum {
    int64_t vcpus = 0, most = 0;
  };
  std::map<std::string, Sum> sums;
  for (const size_t place : ledger_.live()) {
    const LedgerEntry& entry = ledger_.entries()[place];
    if (!entry.ours || checks_.IsOutOfBounds(*entry.cluster))
      continue;
    const model::JobKey* job = shadow.JobOfToken(entry.name.head.substr(ledger_.prefix().size()));
    if (job == nullptr)
      continue;
    for (const auto& [limit, bound] : shadow.LimitsOf(*job)) {
      if (bound.vcpus == 0)
        continue;
      Sum& sum = sums[limit];
      sum.vcpus += CountVcpus(InstancesOf(entry.cluster->request), bound.market);
      sum.most = bound.vcpus;
    }
  }
  for (const auto& [limit, sum] : sums) {
    if (sum.vcpus > sum.most)
      checks_.Breach(now,
                     Cat("I12: EMR's clusters have ",
                         sum.vcpus,
                         " vCPUs, and the limit ",
                         limit,
                         " allows ",
                         sum.most));
  }
}

// A job that waits for money waits because it is spent, and one for which it is spent says so.
void CapsRules::AskWhy(base::Time now) {
  const engine::Engine* engine = engine_();
  const CapacityShadow& shadow = capacity_.shadow();
  if (engine == nullptr)
    return;
  const CapacityShadow::Spent spent = shadow.CountSpent(engine->state().now);
  for (const auto& [key, job] : shadow.jobs()) {
    const engine::JobInstance* instance = engine::FindJob(engine->state(), key);
    if (!shadow.IsQueued(job) || instance == nullptr || instance->queue_place < 0)
      continue;
    std::string told, all;
    bool is_stopped = false;  // a person holds it back: money is not asked for
    for (const engine::Blocker& blocker : engine::BlockersOf(*engine, key)) {
      using enum engine::BlockerKind;
      if (blocker.kind == kSpendCap)
        told = blocker.sentence;
      all += Cat("; ", blocker.sentence);
      is_stopped = is_stopped || blocker.kind == kHold || blocker.kind == kPaused;
    }
    using Sure = CapacityRules::Sure;
    if (!told.empty() && CapacityRules::CapOf(shadow, spent, key, Sure::kNotReached).empty())
      checks_.Breach(now,
                     Cat("I12: ", ToString(key), " waits for money that is not spent: ", told));
    const std::string cap = CapacityRules::CapOf(shadow, spent, key, Sure::kReached);
    if (told.empty() && !cap.empty() && !is_stopped && !HasOtherBounds(engine->state(), *instance))
      checks_.Breach(now,
                     Cat("I12: ", ToString(key), " does not say that ", cap, " is reached", all));
  }
}

}  // namespace simulation
