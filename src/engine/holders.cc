#include "engine/holders.h"

#include "engine/order.h"

namespace engine {

namespace {

int CountOf(const auto& counts, const auto& key) {
  const auto found = counts.find(key);
  return found == counts.end() ? 0 : found->second;
}

Duration Times(Duration span, int slots) {
  return span * static_cast<int64_t>(slots);
}

}  // namespace

Time HeldSince(const JobInstance& job, Time now) {
  if (job.tasks.front().start_date)
    return *job.tasks.front().start_date;
  return job.attempt ? job.attempt->started_at : now;
}

Holders::Holders(const State& state, Time now) : state_(state) {
  for (const auto& [dag, row] : state.pool_times) {
    if (const auto entry = state.dags.find(dag); entry != state.dags.end())
      use_[&entry->second] = Decayed(row.held, now - row.at);
  }
  for (const auto& [key, holder] : state.holding) {
    CountLimits(*holder.job);
    use_[holder.dag] +=
        Times(now - HeldSince(*holder.job, now) + kLookAhead, holder.job->def->capacity.pool_slots);
  }
}

void Holders::Add(const Queued& queued) {
  const Holder holder{queued.job, queued.run, queued.dag};
  CountLimits(*queued.job);
  use_[queued.dag] += Times(kLookAhead, queued.slots);
  added_.push_back(holder);
  if (counts_)
    CountIn(*counts_, holder);
}

void Holders::CountLimits(const JobInstance& job) {
  for (const LimitUse& use : job.limits)
    ++of_limit_[KeyOf(use)];
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
      return Bar{Bar::Kind::kTasksOfRun, held, *max};
  }
  if (const auto& max = capacity.max_active_tis_per_dag) {
    if (const int held = CountOf(Counted().of_job, job); held >= *max)
      return Bar{Bar::Kind::kInstancesInDag, held, *max};
  }
  if (const auto& max = capacity.max_active_tis_per_dagrun) {
    if (const int held = CountOf(Counted().of_job_in_run, std::pair(queued.run, job)); held >= *max)
      return Bar{Bar::Kind::kInstancesInRun, held, *max};
  }
  for (const LimitUse& use : queued.job->limits) {
    if (const int held = CountOf(of_limit_, KeyOf(use)); held >= use.limit.max)
      return Bar{Bar::Kind::kLimit, held, use.limit.max, &use};
  }
  return std::nullopt;
}

Duration Holders::UseOf(const DagEntry& dag) const {
  const auto found = use_.find(&dag);
  return found == use_.end() ? Duration(0) : found->second;
}

Holders::Limit Holders::KeyOf(const LimitUse& use) {
  return {use.scope.str(), use.limit.by, use.limit.tag, use.value};
}

}  // namespace engine
