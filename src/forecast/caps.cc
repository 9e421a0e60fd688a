#include "forecast/caps.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "engine/limits.h"

namespace forecast {

namespace {

using base::Cat;

bool IsByRun(const model::JobLimit& limit) {
  return limit.by.find("run_id") != std::string::npos;
}

}  // namespace

CapBook::CapBook(const Estate& estate, Network& network) : estate_(estate), network_(network) {
  for (const auto& [key, row] : estate.state.limits)
    is_same_for_all_runs_ = is_same_for_all_runs_ && !IsByRun(row.limit);
  for (const auto& [id, entry] : estate.state.dags)
    is_same_for_all_runs_ =
        is_same_for_all_runs_ && std::ranges::none_of(entry.plan->dag->limits, IsByRun);
}

void CapBook::Add(Job& job, const model::RunRow& run, const engine::Plan& plan, int index) {
  if (job.pool < 0)
    return;
  Uses uses;
  UseMaxActive(uses, run, plan.dag->jobs[static_cast<size_t>(index)]);
  UseLimits(uses, run, plan, index);
  job.caps = std::move(uses.caps);
  if (job.stuck.empty() && !job.holds_slot)
    job.stuck = std::move(uses.stuck);
}

void CapBook::Use(Uses& uses, const std::string& name, int64_t room, int64_t amount) {
  const auto [place, is_new] = caps_.try_emplace(name, static_cast<int>(network_.caps.size()));
  if (is_new)
    network_.caps.push_back({room});
  uses.caps.push_back({place->second, amount});
}

void CapBook::UseMaxActive(Uses& uses, const model::RunRow& run, const model::Job& job) {
  const model::Capacity& capacity = job.capacity;
  const std::string name = Cat(run.key.dag.str(), "/", job.id.str());
  if (const auto& max = estate_.state.dags.at(run.key.dag).plan->dag->max_active_tasks)
    Use(uses, Cat("run ", ToString(run.key)), *max, 1);
  if (const auto& max = capacity.max_active_tis_per_dag)
    Use(uses, Cat("job ", name), *max, 1);
  if (const auto& max = capacity.max_active_tis_per_dagrun)
    Use(uses, Cat("job ", name, " of ", run.key.run.str()), *max, 1);
}

void CapBook::UseLimits(Uses& uses, const model::RunRow& run, const engine::Plan& plan, int index) {
  const model::Dag& now = *estate_.state.dags.at(run.key.dag).plan->dag;
  if (estate_.state.limits.empty() && now.limits.empty())
    return;
  const model::Job& job = plan.dag->jobs[static_cast<size_t>(index)];
  const bool is_shared = is_same_for_all_runs_ && (run.conf.empty() || run.conf == "{}");
  const auto known = is_shared ? of_limits_.find(&job) : of_limits_.end();
  Uses found;
  if (known != of_limits_.end()) {
    found = known->second;
  } else {
    for (const engine::LimitUse& use :
         engine::LimitsOf(estate_.state, run, *plan.dag, job, nullptr)) {
      const std::string name = Cat(use.scope.str(), " ", Describe(use), " ", use.value);
      if (use.limit.max > 0)
        Use(found, Cat("places ", name), use.limit.max, 1);
      if (use.limit.max_vcpus == 0)
        continue;
      const auto& vcpus = plan.vcpus[static_cast<size_t>(index)];
      if (!vcpus) {
        found.stuck = Cat(Describe(use), " counts vCPUs, and those of the job are not known");
        continue;
      }
      const int64_t needed = vcpus->Of(use.limit.market);
      Use(found, Cat("vcpus ", name), use.limit.max_vcpus, needed);
      if (needed > use.limit.max_vcpus)
        found.stuck =
            Cat(Describe(use), " is smaller than the job, which takes ", needed, " vCPUs");
    }
    if (is_shared)
      of_limits_[&job] = found;
  }
  uses.caps.insert(uses.caps.end(), found.caps.begin(), found.caps.end());
  uses.stuck = std::move(found.stuck);
}

}  // namespace forecast
