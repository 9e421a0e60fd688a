#include "engine/holders.h"

#include <algorithm>

#include "engine/holds.h"
#include "engine/order.h"

namespace engine {

namespace {

auto CountOf(const auto& counts, const auto& key) {
  const auto found = counts.find(key);
  return found == counts.end() ? 0 : found->second;
}

std::optional<model::Vcpus> FindVcpus(const Run& run, const DagEntry& dag, const JobInstance& job) {
  if (const auto& own = run.plan->vcpus[static_cast<size_t>(job.index)])
    return own;
  const auto now = dag.plan->index.find({job.def->id, job.def->lane});
  return now == dag.plan->index.end() ? std::nullopt
                                      : dag.plan->vcpus[static_cast<size_t>(now->second)];
}

bool HasVcpuLimit(const JobInstance& job) {
  return std::ranges::any_of(job.limits,
                             [](const LimitUse& use) { return use.limit.max_vcpus > 0; });
}

// A strict order of all queued jobs.
bool WaitsLonger(const Queued* a, const Queued* b) {
  return std::tie(a->since, a->job->index, a->job->row.key) <
         std::tie(b->since, b->job->index, b->job->row.key);
}

Duration Times(Duration span, int slots) {
  return span * static_cast<int64_t>(slots);
}

}  // namespace

std::optional<model::Vcpus> VcpusOf(const Queued& queued) {
  return FindVcpus(*queued.run, *queued.dag, *queued.job);
}

Time HeldSince(const JobInstance& job, Time now) {
  return job.row.slots_since.value_or(now);
}

Holders::Holders(const State& state, Time now) : state_(state) {
  for (const auto& [dag, row] : state.pool_times) {
    if (const auto entry = state.dags.find(dag); entry != state.dags.end())
      use_[&entry->second] = Decayed(row.held, now - row.at);
  }
  for (const auto& [key, holder] : state.holding) {
    CountLimits(holder);
    use_[holder.dag] +=
        Times(now - HeldSince(*holder.job, now) + kLookAhead, holder.job->def->capacity.pool_slots);
  }
  KeepVcpus();
}

void Holders::Add(const Queued& queued) {
  const Holder holder{queued.job, queued.run, queued.dag};
  CountLimits(holder);
  for (const LimitUse& use : queued.job->limits) {
    Held& held = of_limit_[KeyOf(use)];
    if (held.kept_for != nullptr && held.kept_for->job == queued.job)
      held.kept_for = nullptr;
  }
  use_[queued.dag] += Times(kLookAhead, queued.slots);
  added_.push_back(holder);
  if (counts_)
    CountIn(*counts_, holder);
}

void Holders::CountLimits(const Holder& holder) {
  for (const LimitUse& use : holder.job->limits) {
    Held& held = of_limit_[KeyOf(use)];
    ++held.jobs;
    if (use.limit.max_vcpus == 0)
      continue;
    // Of two that live beside each other each has its own.
    if (const auto vcpus = FindVcpus(*holder.run, *holder.dag, *holder.job))
      held.vcpus += vcpus->Of(use.limit.market) * std::max(holder.job->live, 1);
  }
}

void Holders::KeepVcpus() {
  std::vector<const Queued*> overdue;
  for (const auto& [id, pool] : state_.pools) {
    for (const Queued& queued : pool.queue) {
      if (IsOverdue(state_.now - queued.since) && HasVcpuLimit(*queued.job) &&
          queued.slots <= pool.row.slots && !IsStopped(state_, queued))
        overdue.push_back(&queued);
    }
  }
  std::ranges::sort(overdue, WaitsLonger);
  for (const Queued* queued : overdue) {
    const std::optional<Bar> bar = BarOf(*queued);
    if (bar && (bar->kind != Bar::Kind::kVcpus || bar->needed > bar->max))
      continue;
    for (const LimitUse& use : queued->job->limits) {
      Held& held = of_limit_[KeyOf(use)];
      if (use.limit.max_vcpus > 0 && held.kept_for == nullptr)
        held.kept_for = queued;
    }
  }
}

void Holders::CountIn(Counts& counts, const Holder& holder) {
  const Job job{holder.dag, holder.job->def->id.str()};
  ++counts.of_run[holder.run];
  ++counts.of_job[job];
  ++counts.of_job_in_run[{holder.run, job}];
}

const Holders::Counts& Holders::Counted() const {
  if (counts_)
    return *counts_;
  counts_.emplace();
  for (const auto& [key, holder] : state_.holding)
    CountIn(*counts_, holder);
  for (const Holder& holder : added_)
    CountIn(*counts_, holder);
  return *counts_;
}

std::optional<Bar> Holders::BarOf(const Queued& queued) const {
  const model::Capacity& capacity = queued.job->def->capacity;
  const Job job{queued.dag, queued.job->def->id.str()};
  if (const auto& max = queued.dag->plan->dag->max_active_tasks) {
    if (const int held = CountOf(Counted().of_run, queued.run); held >= *max)
      return Bar{.kind = Bar::Kind::kTasksOfRun, .held = held, .max = *max};
  }
  if (const auto& max = capacity.max_active_tis_per_dag) {
    if (const int held = CountOf(Counted().of_job, job); held >= *max)
      return Bar{.kind = Bar::Kind::kInstancesInDag, .held = held, .max = *max};
  }
  if (const auto& max = capacity.max_active_tis_per_dagrun) {
    if (const int held = CountOf(Counted().of_job_in_run, std::pair(queued.run, job)); held >= *max)
      return Bar{.kind = Bar::Kind::kInstancesInRun, .held = held, .max = *max};
  }
  for (const LimitUse& use : queued.job->limits) {
    const auto found = of_limit_.find(KeyOf(use));
    const int held = found == of_limit_.end() ? 0 : found->second.jobs;
    if (use.limit.max > 0 && held >= use.limit.max)
      return Bar{.kind = Bar::Kind::kLimit, .held = held, .max = use.limit.max, .limit = &use};
  }
  if (const std::optional<Bar> bar = SpendBarOf(queued))
    return bar;
  return VcpuBarOf(queued);
}

std::optional<Bar> Holders::SpendBarOf(const Queued& queued) const {
  const model::SpendCap& cap = queued.dag->plan->dag->spend_cap;
  const auto& of_project = state_.spend_rules.cap_per_day;
  if (!cap.IsSet() && !of_project)
    return std::nullopt;
  if (!spent_)
    spent_ = CountSpent(state_);
  const auto bar = [](Bar::Kind kind, int64_t spent, const auto& max) {
    return max && spent >= *max ? std::optional(Bar{.kind = kind, .held = spent, .max = *max})
                                : std::nullopt;
  };
  if (auto found =
          bar(Bar::Kind::kSpendOfRun, CountOf(spent_->of_run, queued.run->row.key), cap.per_run))
    return found;
  if (auto found =
          bar(Bar::Kind::kSpendOfDag, CountOf(spent_->of_dag, queued.dag->row.dag), cap.per_day))
    return found;
  return bar(Bar::Kind::kSpendOfProject, spent_->today, of_project);
}

int64_t Holders::KeptFrom(const Queued& queued, const Held& held, model::Market market) {
  const bool is_kept = held.kept_for != nullptr && held.kept_for->job != queued.job &&
                       !WaitsLonger(&queued, held.kept_for);
  return is_kept ? VcpusOf(*held.kept_for)->Of(market) : 0;
}

std::optional<Bar> Holders::VcpuBarOf(const Queued& queued) const {
  if (!HasVcpuLimit(*queued.job))
    return std::nullopt;
  const std::optional<model::Vcpus> vcpus = VcpusOf(queued);
  if (!vcpus)
    return Bar{.kind = Bar::Kind::kVcpusUnknown};
  for (const LimitUse& use : queued.job->limits) {
    const auto found = of_limit_.find(KeyOf(use));
    const Held held = found == of_limit_.end() ? Held() : found->second;
    const int64_t needed = vcpus->Of(use.limit.market);
    if (use.limit.max_vcpus == 0 || needed == 0)
      continue;
    const int64_t left = use.limit.max_vcpus - held.vcpus;
    if (needed <= left - KeptFrom(queued, held, use.limit.market))
      continue;
    return Bar{.kind = Bar::Kind::kVcpus,
               .held = held.vcpus,
               .max = use.limit.max_vcpus,
               .limit = &use,
               .needed = needed,
               .kept_for = needed <= left ? held.kept_for->job : nullptr};
  }
  return std::nullopt;
}

Duration Holders::UseOf(const DagEntry& dag) const {
  const auto found = use_.find(&dag);
  return found == use_.end() ? Duration(0) : found->second;
}

Holders::Limit Holders::KeyOf(const LimitUse& use) {
  return {use.scope.str(), use.limit.by, use.limit.tag, use.value, use.limit.market};
}

}  // namespace engine
