#include "simulation/rules/delete_rules.h"

#include <algorithm>

#include "base/text.h"
#include "engine/state.h"
#include "engine/turn.h"

namespace simulation {

namespace {

bool IsSigned(const std::vector<model::Change>& batch, const model::RunKey& run) {
  return std::ranges::any_of(batch, [&](const model::Change& change) {
    const auto* line = std::get_if<model::HistoryRow>(&change);
    return line != nullptr && line->subject.kind == model::EntityKind::kRun &&
           line->subject.dag == run.dag && line->subject.run == run.run && line->to == "deleted" &&
           !line->by.name.empty();
  });
}

bool IsAnyOf(const auto& items, const model::RunKey& run) {
  return std::ranges::any_of(items, [&](const auto& item) { return item.second == run; });
}

// Of a map by interval.
bool Has(const auto& by_interval, const model::RunId& run) {
  return std::ranges::any_of(by_interval,
                             [&](const auto& item) { return item.second.contains(run); });
}

bool IsWaitedFor(const engine::State& state, const model::RunKey& run) {
  return std::ranges::any_of(state.waiting_elsewhere, [&](const model::JobKey& key) {
    const engine::JobInstance* job = engine::FindJob(state, key);
    return job != nullptr && std::ranges::any_of(job->row.waits_for, [&](const auto& wait) {
             return wait.dag == run.dag && wait.run == run.run;
           });
  });
}

// What memory still has of it; "" for nothing.
std::string_view Remembered(const engine::State& state, const model::RunKey& run) {
  if (state.runs.contains(run))
    return "the run itself";
  for (const auto& [ref, ends] : state.successes) {
    if (ref.dag == run.dag && Has(ends, run.run))
      return "a success of it";
  }
  for (const auto& [ref, ends] : state.other_ends) {
    if (ref.dag == run.dag && Has(ends, run.run))
      return "an end in it";
  }
  const auto successes = state.run_successes.find(run.dag);
  if (successes != state.run_successes.end() && Has(successes->second, run.run))
    return "its interval as done";
  const auto past = state.past.find(run.dag);
  if (past != state.past.end() && past->second.dates.contains(run.run))
    return "it as a previous run";
  return IsWaitedFor(state, run) ? "a job that waits for it" : "";
}

}  // namespace

void DeleteRules::OnCommitted(base::Time now, const std::vector<model::Change>& batch) {
  is_asked_ = false;
  for (const model::Change& change : batch) {
    if (const auto* run = std::get_if<model::RunRow>(&change)) {
      runs_[run->key] = run->state;
      deleted_.erase(run->key);
    } else if (const auto* launch = std::get_if<base::Boxed<model::LaunchRow>>(&change)) {
      OnLaunch(now, **launch);
    } else if (const auto* cluster = std::get_if<base::Boxed<model::ClusterRow>>(&change)) {
      const model::ClusterRow& row = **cluster;
      if (row.attempt && !IsTerminal(row.phase))
        live_[row.id] = row.attempt->job.run;
      else
        live_.erase(row.id);
    } else if (const auto* deleted = std::get_if<model::Deleted>(&change)) {
      OnDeleted(now, {deleted->dag, deleted->run}, batch);
    }
  }
}

void DeleteRules::OnLaunch(base::Time now, const model::LaunchRow& row) {
  const model::RunKey& run = row.attempt.job.run;
  if (deleted_tokens_.contains(row.token))
    checks_.Breach(now,
                   base::Cat("I2: ",
                             ToString(row.attempt.job),
                             " is launched under the token of a run that is deleted"));
  tokens_.emplace(row.token, run);
  if (row.state == model::LaunchState::kIntent || row.state == model::LaunchState::kUnknown)
    unsettled_[row.token] = run;
  else
    unsettled_.erase(row.token);
}

void DeleteRules::OnDeleted(base::Time now,
                            const model::RunKey& run,
                            const std::vector<model::Change>& batch) {
  const auto known = runs_.find(run);
  if (known == runs_.end() || !IsTerminal(known->second))
    checks_.Breach(now, base::Cat("I4: ", ToString(run), " is deleted, and had not ended"));
  if (IsAnyOf(live_, run) || IsAnyOf(unsettled_, run))
    checks_.Breach(now, base::Cat("I1: ", ToString(run), " is deleted while something lives"));
  if (!IsSigned(batch, run))
    checks_.Breach(now, base::Cat("I13: ", ToString(run), " is deleted by nobody"));
  runs_.erase(run);
  deleted_.insert(run);
  for (const auto& [token, owner] : tokens_) {
    if (owner == run)
      deleted_tokens_.insert(token);
  }
}

void DeleteRules::OnTurn(base::Time now) {
  const engine::Engine* engine = is_asked_ || deleted_.empty() ? nullptr : engine_();
  if (engine == nullptr)
    return;
  is_asked_ = true;
  for (const model::RunKey& run : deleted_) {
    if (const std::string_view what = Remembered(engine->state(), run); !what.empty())
      checks_.Breach(now, base::Cat("I3: ", ToString(run), " is deleted, and memory has ", what));
  }
}

}  // namespace simulation
