#include "simulation/rules/capacity_rules.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "base/text.h"
#include "simulation/rules/instances.h"

namespace simulation {

namespace {

using base::Cat;

constexpr double kDay = 86'400;
constexpr double kAhead = 30 * 60;  // that a slot is held for yet
constexpr double kOverdue = 4 * 3600;
constexpr double kStep = 30 * 60;  // of the raise
constexpr double kTolerance = 5;   // seconds of slot-time

double Seconds(base::Duration span) {
  return static_cast<double>(span.count()) / 1e6;
}

double Left(double held, base::Duration age) {
  return age <= base::Duration(0) ? held : held * std::pow(0.5, Seconds(age) / kDay);
}

}  // namespace

void CapacityRules::OnCommitted(base::Time now, const std::vector<model::Change>& batch) {
  std::vector<CapacityShadow::Turn> turns;
  std::vector<CapacityShadow::Returned> returned;
  const auto times = shadow_.times();
  std::map<model::JobKey, std::string> wrong;
  shadow_.TakeBatch(batch, turns, returned, wrong);
  if (is_replaying_)
    return;
  for (const auto& [key, what] : wrong)
    checks_.Breach(now, Cat("I12: ", ToString(key), " ", what));
  JudgeTimes(now, times, returned);
  if (!turns.empty())
    JudgeTurns(now, turns);
}

void CapacityRules::OnTailLost(base::Time, const std::vector<Stored>& left, base::Time) {
  shadow_ = CapacityShadow(checks_.versions());
  is_replaying_ = true;
  for (const Stored& commit : left)
    OnCommitted(commit.at, commit.batch);
  is_replaying_ = false;
}

// What is stored of a DAG's pool time is what it was, halved each day, and what was held since.
void CapacityRules::JudgeTimes(base::Time now,
                               const std::map<model::DagId, model::PoolTimeRow>& before,
                               const std::vector<CapacityShadow::Returned>& returned) {
  std::set<model::DagId> dags;
  for (const auto& [dag, row] : shadow_.times()) {
    const auto old = before.find(dag);
    if (old == before.end() || old->second != row)
      dags.insert(dag);
  }
  for (const CapacityShadow::Returned& each : returned)
    dags.insert(each.dag);
  for (const model::DagId& dag : dags) {
    const auto row = shadow_.times().find(dag);
    if (row == shadow_.times().end()) {
      checks_.Breach(now, Cat("I12: slots of ", dag.str(), " came back, and no pool time says so"));
      continue;
    }
    const auto old = before.find(dag);
    const base::Time at = row->second.at;
    double due = old == before.end() ? 0 : Left(Seconds(old->second.held), at - old->second.at);
    for (const CapacityShadow::Returned& each : returned) {
      if (each.dag == dag)
        due += each.slots * Seconds(at - each.since);
    }
    const double held = Seconds(row->second.held);
    if (std::abs(held - due) > kTolerance)
      checks_.Breach(now,
                     Cat("I12: the pool time of ",
                         dag.str(),
                         " is ",
                         static_cast<int64_t>(held),
                         " s, and it held slots for ",
                         static_cast<int64_t>(due),
                         " s"));
  }
}

void CapacityRules::JudgeTurns(base::Time now, const std::vector<CapacityShadow::Turn>& turns) {
  const base::Time at = turns.front().at;
  Held held = Count(at, turns);
  std::vector<Rank> ranks = RankAll(at, turns);
  const std::vector<Rank> all = ranks;
  std::vector<Kept> kept{KeepVcpus(held, all, Sure::kNotReached),
                         KeepVcpus(held, all, Sure::kReached)};
  for (const CapacityShadow::Turn& given : turns) {
    const model::JobKey& key = given.job;
    const auto own =
        std::ranges::find_if(ranks, [&](const Rank& rank) { return *rank.key == key; });
    if (own == ranks.end())
      continue;
    const Rank turn = *own;
    ranks.erase(own);
    const int size =
        shadow_.pools().contains(turn.def->pool) ? shadow_.pools().at(turn.def->pool) : 0;
    if (held.slots[turn.def->pool] + turn.def->capacity.pool_slots > size)
      checks_.Breach(now, Cat("I12: ", ToString(key), " takes more slots than its pool has free"));
    std::string bar = BarOf(held, key, *turn.def, Sure::kReached);
    if (bar.empty())
      bar = VcpuBarOf(held, turn, kept.front());
    if (!bar.empty())
      checks_.Breach(now, Cat("I12: ", ToString(key), " has a turn beyond ", bar));
    JudgeOrder(now, held, turn, ranks, kept);
    Add(held, key, *turn.def);
    for (Kept& each : kept)
      std::erase_if(each, [&](const auto& item) { return *item.second->key == key; });
    const double ahead = kAhead * turn.def->capacity.pool_slots;
    held.use[key.run.dag] += ahead;
  }
}

void CapacityRules::JudgeOrder(base::Time now,
                               const Held& held,
                               const Rank& first,
                               const std::vector<Rank>& others,
                               const std::vector<Kept>& kept) {
  const auto pool = shadow_.pools().find(first.def->pool);
  if (pool == shadow_.pools().end())
    return;
  const auto used = held.slots.find(first.def->pool);
  const int free = pool->second - (used == held.slots.end() ? 0 : used->second);
  for (const Rank& other : others) {
    const int slots = other.def->capacity.pool_slots;
    // For one that is overdue slots are kept until there are enough.
    const bool could_have = slots <= free || (other.is_overdue && slots <= pool->second);
    // Calls to EMR are counted: one that needs none may go before one that waits for them.
    const bool is_alike = KindOf(other.def->work).is_local == KindOf(first.def->work).is_local;
    if (other.def->pool != first.def->pool || !is_alike || !could_have ||
        !IsBetter(held, other, first) ||
        !BarOf(held, *other.key, *other.def, Sure::kNotReached).empty() ||
        std::ranges::any_of(
            kept, [&](const Kept& each) { return !VcpuBarOf(held, other, each).empty(); }))
      continue;
    checks_.Breach(
        now,
        Cat("I12: ",
            ToString(*first.key),
            " has its turn before ",
            ToString(*other.key),
            other.is_overdue ? ", which has waited for more than 4 hours" : ", which comes first"));
    return;
  }
}

CapacityRules::Held CapacityRules::Count(base::Time at,
                                         const std::vector<CapacityShadow::Turn>& turns) const {
  Held held;
  std::set<std::string> new_tokens;
  for (const CapacityShadow::Turn& turn : turns)
    new_tokens.insert(turn.what);
  for (const auto& [dag, row] : shadow_.times())
    held.use[dag] = Left(Seconds(row.held), at - row.at);
  held.spent = shadow_.CountSpent(at);
  for (const auto& [key, job] : shadow_.jobs()) {
    const model::Job* def = shadow_.DefOf(key);
    const int64_t held_before = std::ranges::count_if(
        job.live, [&](const std::string& what) { return !new_tokens.contains(what); });
    if (def == nullptr || held_before == 0)
      continue;
    Add(held, key, *def, held_before);
    const double slots = def->capacity.pool_slots;
    held.use[key.run.dag] += slots * (Seconds(at - job.slots_since.value_or(at)) + kAhead);
  }
  return held;
}

void CapacityRules::Add(Held& held,
                        const model::JobKey& key,
                        const model::Job& def,
                        int64_t times) const {
  held.slots[def.pool] += def.capacity.pool_slots;
  ++held.of_run[key.run];
  ++held.of_job[Cat(key.run.dag.str(), "/", key.job.str())];
  for (const auto& [limit, most] : shadow_.LimitsOf(key)) {
    ++held.of_limit[limit];
    held.vcpus[limit] += times * CountVcpus(def, most.market);
  }
}

std::string CapacityRules::BarOf(const Held& held,
                                 const model::JobKey& key,
                                 const model::Job& def,
                                 Sure sure) const {
  const auto count = [](const auto& counts, const auto& name) {
    const auto found = counts.find(name);
    return found == counts.end() ? 0 : found->second;
  };
  const model::Dag* dag = shadow_.CurrentOf(key.run.dag);
  if (dag != nullptr && dag->max_active_tasks &&
      count(held.of_run, key.run) >= *dag->max_active_tasks)
    return "max_active_tasks";
  if (def.capacity.max_active_tis_per_dag &&
      count(held.of_job, Cat(key.run.dag.str(), "/", key.job.str())) >=
          *def.capacity.max_active_tis_per_dag)
    return "max_active_tis_per_dag";
  for (const auto& [limit, most] : shadow_.LimitsOf(key)) {
    if (most.jobs > 0 && count(held.of_limit, limit) >= most.jobs)
      return Cat("the limit ", limit);
  }
  return CapOf(shadow_, held.spent, key, sure);
}

std::string CapacityRules::CapOf(const CapacityShadow& shadow,
                                 const CapacityShadow::Spent& spent,
                                 const model::JobKey& key,
                                 Sure sure) {
  constexpr double kUnsure = 0.05;  // USD
  const double margin = sure == Sure::kReached ? kUnsure : -kUnsure;
  const auto of = [](const auto& sums, const auto& name) {
    const auto found = sums.find(name);
    return found == sums.end() ? 0.0 : found->second;
  };
  const auto usd = [](model::MicroUsd amount) { return static_cast<double>(amount) / 1e6; };
  const model::Dag* dag = shadow.CurrentOf(key.run.dag);
  if (dag != nullptr && dag->spend_cap.per_run &&
      of(spent.of_run, key.run) >= usd(*dag->spend_cap.per_run) + margin)
    return "the spend cap of its run";
  if (dag != nullptr && dag->spend_cap.per_day &&
      of(spent.of_dag, key.run.dag) >= usd(*dag->spend_cap.per_day) + margin)
    return "its DAG's spend cap";
  if (const auto cap = shadow.CapPerDay(); cap && spent.of_all >= *cap + margin)
    return "the project's spend cap";
  return "";
}

namespace {

// A strict order.
bool WaitsLonger(const auto& a, const auto& b) {
  return std::tie(a.since, a.place, *a.key) < std::tie(b.since, b.place, *b.key);
}

}  // namespace

CapacityRules::Kept CapacityRules::KeepVcpus(const Held& held,
                                             const std::vector<Rank>& ranks,
                                             Sure sure) const {
  std::vector<const Rank*> overdue;
  for (const Rank& rank : ranks) {
    const auto pool = shadow_.pools().find(rank.def->pool);
    if (rank.is_overdue && pool != shadow_.pools().end() &&
        rank.def->capacity.pool_slots <= pool->second &&
        BarOf(held, *rank.key, *rank.def, sure).empty())
      overdue.push_back(&rank);
  }
  std::ranges::sort(overdue, [](const Rank* a, const Rank* b) { return WaitsLonger(*a, *b); });
  Kept kept;
  for (const Rank* rank : overdue) {
    const auto limits = shadow_.LimitsOf(*rank->key);
    const bool can_fit = std::ranges::all_of(limits, [&](const auto& item) {
      return item.second.vcpus == 0 ||
             CountVcpus(*rank->def, item.second.market) <= item.second.vcpus;
    });
    for (const auto& [limit, most] : limits) {
      if (most.vcpus > 0 && can_fit)
        kept.emplace(limit, rank);
    }
  }
  return kept;
}

std::string CapacityRules::VcpuBarOf(const Held& held, const Rank& rank, const Kept& kept) const {
  for (const auto& [limit, most] : shadow_.LimitsOf(*rank.key)) {
    const int64_t needed = CountVcpus(*rank.def, most.market);
    if (most.vcpus == 0 || needed == 0)
      continue;
    const auto now = held.vcpus.find(limit);
    const int64_t left = most.vcpus - (now == held.vcpus.end() ? 0 : now->second);
    const auto other = kept.find(limit);
    const bool is_kept = other != kept.end() && *other->second->key != *rank.key &&
                         !WaitsLonger(rank, *other->second);
    if (needed > left)
      return Cat("the vCPUs of the limit ", limit);
    if (is_kept && needed + CountVcpus(*other->second->def, most.market) > left)
      return Cat(
          "the vCPUs of the limit ", limit, ", which are kept for ", ToString(*other->second->key));
  }
  return "";
}

// Those that had been queued when the turns were given.
std::vector<CapacityRules::Rank> CapacityRules::RankAll(
    base::Time at, const std::vector<CapacityShadow::Turn>& turns) const {
  std::vector<Rank> ranks;
  std::map<model::PoolId, double> strongest;
  for (const auto& [key, job] : shadow_.jobs()) {
    const bool is_launched =
        std::ranges::any_of(turns, [&, &own = key](const auto& turn) { return turn.job == own; });
    const model::Job* def = shadow_.DefOf(key);
    if (def == nullptr || !(is_launched || shadow_.IsQueued(job)) || shadow_.IsStopped(key) ||
        !job.tasks.at(0).queued_at)
      continue;
    const int place = shadow_.PlaceOf(key);
    const CapacityShadow::Ranks& dag = *shadow_.RanksOf(key.run);
    ranks.push_back({.key = &key,
                     .def = def,
                     .since = *job.tasks.at(0).queued_at,
                     .is_overdue = Seconds(at - *job.tasks.at(0).queued_at) >= kOverdue,
                     .is_backfill = shadow_.run(key.run).is_backfill,
                     .weight = static_cast<double>(dag.weights[static_cast<size_t>(place)]),
                     .way = shadow_.WayOf(key),
                     .place = place});
    const auto [known, is_new] = strongest.try_emplace(def->pool, ranks.back().weight);
    known->second = std::max(known->second, ranks.back().weight);
  }
  for (Rank& rank : ranks) {
    const double steps = std::clamp(std::floor(Seconds(at - rank.since) / kStep), 0.0, 8.0);
    rank.weight += std::floor((strongest[rank.def->pool] - rank.weight) * steps / 8);
  }
  return ranks;
}

// Surely so: what DAGs have used is computed with a tolerance.
bool CapacityRules::IsBetter(const Held& held, const Rank& a, const Rank& b) const {
  if (a.is_overdue != b.is_overdue)
    return a.is_overdue;
  if (a.is_overdue && a.since != b.since)
    return a.since < b.since;
  if (a.weight != b.weight)
    return a.weight > b.weight;
  if (a.is_backfill != b.is_backfill)
    return b.is_backfill;
  if (a.key->run.dag != b.key->run.dag) {
    const auto use_of = [&](const Rank& rank) {
      const auto found = held.use.find(rank.key->run.dag);
      return found == held.use.end() ? 0 : found->second;
    };
    const double of_a = use_of(a), of_b = use_of(b);
    if (of_a != 0 || of_b != 0)
      return of_a + kTolerance < of_b;
  }
  constexpr double kLeastDifference = 5e-7;  // durations are whole microseconds
  if (std::abs(a.way - b.way) > kLeastDifference)
    return a.way > b.way;
  if (a.since != b.since)
    return a.since < b.since;
  if (a.place != b.place || a.key->run != b.key->run)
    return a.place < b.place;
  return a.key->index < b.key->index;  // instances of one job
}

}  // namespace simulation
