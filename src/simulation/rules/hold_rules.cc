#include "simulation/rules/hold_rules.h"

#include <algorithm>

#include "base/text.h"
#include "engine/state.h"
#include "engine/turn.h"

namespace simulation {

void HoldRules::Apply(const std::vector<model::Change>& batch) {
  for (const model::Change& change : batch) {
    if (const auto* dag = std::get_if<model::DagRow>(&change)) {
      dags_[dag->dag] = *dag;
    } else if (const auto* run = std::get_if<model::RunRow>(&change)) {
      runs_[run->key] = run->version;
    } else if (const auto* task = std::get_if<model::TaskRow>(&change); task && task->task == 0) {
      if (task->state == model::TaskState::kQueued)
        queued_.insert(task->job);
      else
        queued_.erase(task->job);
    } else if (const auto* hold = std::get_if<model::HoldRow>(&change)) {
      holds_.erase(hold->id);
      if (!hold->released_at)
        holds_[hold->id] = *hold;
    }
  }
}

// Turns come last in a batch: what is in force at its end was so for all its launches.
void HoldRules::OnCommitted(base::Time now, const std::vector<model::Change>& batch) {
  Apply(batch);
  for (const model::Change& change : batch) {
    if (const auto* process = std::get_if<model::ProcessRow>(&change);
        process != nullptr && launches_.insert(process->token.str()).second &&
        IsHeld(process->key.job))
      checks_.Breach(now,
                     base::Cat("I3: ", ToString(process->key.job), " begins while it is held"));
    const auto* launch = std::get_if<base::Boxed<model::LaunchRow>>(&change);
    if (launch == nullptr || !launches_.insert((*launch)->token.str()).second)
      continue;
    if (IsHeld((*launch)->attempt.job))
      checks_.Breach(
          now,
          base::Cat("I3: ", ToString((*launch)->attempt.job), " is launched while it is held"));
  }
}

void HoldRules::OnTailLost(base::Time, const std::vector<Stored>& left, base::Time) {
  holds_.clear();
  dags_.clear();
  runs_.clear();
  queued_.clear();
  launches_.clear();
  for (const Stored& stored : left) {
    Apply(stored.batch);
    for (const model::Change& change : stored.batch) {
      if (const auto* launch = std::get_if<base::Boxed<model::LaunchRow>>(&change))
        launches_.insert((*launch)->token.str());
      if (const auto* process = std::get_if<model::ProcessRow>(&change))
        launches_.insert(process->token.str());
    }
  }
}

const model::Job* HoldRules::DefOf(const model::JobKey& job) const {
  const auto run = runs_.find(job.run);
  return run == runs_.end() ? nullptr
                            : FindJob(checks_.versions().Find(run->second), job.job, job.lane);
}

bool Names(const model::HoldRow& hold,
           const model::DagId& dag,
           const model::Job* job,
           const model::Dag* file) {
  switch (hold.scope) {
    case model::HoldScope::kAll:
      return true;
    case model::HoldScope::kPool:
      return job != nullptr && job->pool.str() == hold.target;
    case model::HoldScope::kTag:
      return file != nullptr && std::ranges::count(file->tags, hold.target) > 0;
    case model::HoldScope::kDag:
      return dag.str() == hold.target;
    case model::HoldScope::kJob:
      return job != nullptr && hold.target == dag.str() + "/" + job->id.str();
  }
  return false;
}

bool HoldRules::IsHeld(const model::JobKey& job) const {
  const model::Job* def = DefOf(job);
  const model::Dag* file = checks_.versions().Find(dags_.at(job.run.dag).version);
  return std::ranges::any_of(
      holds_, [&](const auto& item) { return Names(item.second, job.run.dag, def, file); });
}

namespace {

// Nothing but a hold could keep it from a turn: no limit, no cap, and a slot for anybody in its
// pool.
bool IsFree(const engine::State& state, const engine::JobInstance& job) {
  const model::Job& def = *job.def;
  const auto pool = state.pools.find(def.pool);
  const bool has_caps = !state.capped.empty() || state.spend_rules.cap_per_day;
  if (has_caps || pool == state.pools.end() || !job.limits.empty() ||
      def.capacity.max_active_tis_per_dag || def.capacity.max_active_tis_per_dagrun ||
      state.dags.at(job.row.key.run.dag).plan->dag->max_active_tasks)
    return false;
  const int free = pool->second.row.slots - pool->second.used;
  return std::ranges::all_of(pool->second.queue,
                             [&](const engine::Queued& queued) { return queued.slots <= free; });
}

}  // namespace

// A job that no hold names, and whose pool has room, would be launched.
void HoldRules::OnTurn(base::Time now) {
  const engine::Engine* engine = holds_.empty() ? nullptr : engine_();
  if (engine == nullptr || engine->Startable(1) > 0 || engine->StartableHere(1) > 0)
    return;
  for (const model::JobKey& job : queued_) {
    const model::Job* def = DefOf(job);
    if (def == nullptr || dags_.at(job.run.dag).is_paused || IsHeld(job))
      continue;
    const engine::JobInstance* instance = engine::FindJob(engine->state(), job);
    if (instance != nullptr && IsFree(engine->state(), *instance)) {
      checks_.Breach(now, base::Cat("I10: ", ToString(job), " is held by nobody, and waits"));
      return;
    }
  }
}

}  // namespace simulation
