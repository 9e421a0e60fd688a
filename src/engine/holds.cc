#include "engine/holds.h"

#include <algorithm>

#include "base/safe_text.h"
#include "base/text.h"

namespace engine {

namespace {

using base::Cat;
using model::HoldScope;

tl::unexpected<base::Error> Absent(std::string_view what, std::string_view name) {
  return base::Fail(base::ErrorCode::kNotFound,
                    Cat("there is no ", what, " '", base::Excerpt(name), "' to hold"));
}

bool HasTag(const DagEntry& entry, std::string_view tag) {
  return std::ranges::find(entry.plan->dag->tags, tag) != entry.plan->dag->tags.end();
}

base::Status CheckJob(const State& state, const std::string& target) {
  const size_t slash = target.find('/');
  const auto dag = state.dags.find(model::DagId(target.substr(0, slash)));
  const bool is_known =
      slash != std::string::npos && dag != state.dags.end() &&
      std::ranges::any_of(dag->second.plan->dag->jobs, [&](const model::Job& job) {
        return job.id.str() == std::string_view(target).substr(slash + 1);
      });
  if (!is_known)
    return Absent("job (DAG/JOB)", target);
  return {};
}

base::Status CheckTarget(const State& state, HoldScope scope, const std::string& target) {
  switch (scope) {
    case HoldScope::kAll:
      if (!target.empty())
        return base::Fail(base::ErrorCode::kInvalidArgument,
                          "a hold of all launches names nothing: leave the target out");
      return {};
    case HoldScope::kPool:
      if (!state.pools.contains(model::PoolId(target)))
        return Absent("pool", target);
      return {};
    case HoldScope::kDag:
      if (!state.dags.contains(model::DagId(target)))
        return Absent("DAG", target);
      return {};
    case HoldScope::kTag:
      if (std::ranges::none_of(state.dags,
                               [&](const auto& dag) { return HasTag(dag.second, target); }))
        return Absent("DAG with the tag", target);
      return {};
    case HoldScope::kJob:
      return CheckJob(state, target);
  }
  return {};
}

std::string NameOf(const model::DagId& dag, const model::JobId& job) {
  return Cat(dag.str(), "/", job.str());
}

bool Holds(const State& state,
           const model::HoldRow& hold,
           const model::DagId& dag,
           const model::Job& job) {
  if (hold.released_at)
    return false;
  switch (hold.scope) {
    case HoldScope::kAll:
      return true;
    case HoldScope::kPool:
      return hold.target == job.pool.str();
    case HoldScope::kDag:
      return hold.target == dag.str();
    case HoldScope::kTag:
      return HasTag(state.dags.at(dag), hold.target);
    case HoldScope::kJob:
      return hold.target == NameOf(dag, job.id);
  }
  return false;
}

// One that is in force already, for the same reason, is not placed twice.
int64_t Place(Turn& turn,
              HoldScope scope,
              const std::string& target,
              const std::string& reason,
              std::string_view by) {
  for (const auto& [id, hold] : turn.state.holds) {
    if (hold.scope == scope && hold.target == target && hold.reason == reason)
      return id;
  }
  const int64_t id = ++turn.state.last_hold;
  model::HoldRow& hold = turn.state.holds[id];
  hold = {.id = id,
          .scope = scope,
          .target = target,
          .reason = reason,
          .since = turn.now,
          .placed_by = std::string(by),
          .released_at = {},
          .released_by = ""};
  turn.recorder.Put(hold);
  turn.recorder.History(
      turn.now,
      model::HoldSubject(id),
      "",
      "in force",
      Cat(model::WhatIsHeld(scope, target), reason.empty() ? "" : ": ", reason, ", by ", by));
  return id;
}

}  // namespace

void PlaceHold(Turn& turn, const model::PlaceHold& event, Changes& changes) {
  changes.outcome = CheckTarget(turn.state, event.scope, event.target);
  if (changes.outcome)
    changes.id = Place(turn, event.scope, event.target, event.reason, event.by.name);
}

void HoldLanes(Turn& turn, const Run& run, const JobInstance& failed) {
  const std::string target = NameOf(run.row.key.dag, failed.def->id);
  const bool is_held = std::ranges::any_of(turn.state.holds, [&](const auto& item) {
    return item.second.scope == HoldScope::kJob && item.second.target == target &&
           item.second.placed_by == model::kBreaker && !item.second.released_at;
  });
  if (!failed.def->hold_on_configuration_failure || is_held)
    return;
  // One that is being launched may be thrown back, and one whose old cluster is ending is launched
  // again; only of those that work already nothing is saved.
  bool saves_some = false;
  ForEachJob(run, [&](const JobInstance& job) {
    saves_some |= job.def->id == failed.def->id && &job != &failed && !IsEnded(job.state) &&
                  job.state != JobState::kWorking && job.state != JobState::kMapped;
  });
  if (!saves_some)
    return;
  Place(turn,
        HoldScope::kJob,
        target,
        Cat(DisplayName(failed.def->id, failed.def->lane),
            " of the run ",
            run.row.key.run.str(),
            " failed by its configuration: ",
            failed.attempt ? failed.attempt->reason : ""),
        model::kBreaker);
}

namespace {

void Release(Turn& turn, model::HoldRow& hold, const std::string& by) {
  hold.released_at = turn.now;
  hold.released_by = by;
  turn.recorder.Put(hold);
  turn.recorder.History(
      turn.now, model::HoldSubject(hold.id), "in force", "released", Cat("by ", by));
}

}  // namespace

void ReleaseHold(Turn& turn, const model::ReleaseHold& event, Changes& changes) {
  const auto found = turn.state.holds.find(event.id);
  changes.id = event.id;
  if (found == turn.state.holds.end()) {
    // One that was released before needs nothing more.
    if (event.id < 1 || event.id > turn.state.last_hold)
      changes.outcome =
          base::Fail(base::ErrorCode::kNotFound,
                     Cat("there is no hold ", event.id, ": `signalbox holds list` names them"));
    return;
  }
  Release(turn, found->second, event.by.name);
}

void ReleaseHoldsOf(Turn& turn, const model::DagId& dag, const model::Principal& by) {
  const std::string jobs = Cat(dag.str(), "/");
  for (auto& [id, hold] : turn.state.holds) {
    const bool is_of_dag = (hold.scope == HoldScope::kDag && hold.target == dag.str()) ||
                           (hold.scope == HoldScope::kJob && hold.target.starts_with(jobs));
    if (is_of_dag && !hold.released_at)
      Release(turn, hold, by.name);
  }
}

const model::HoldRow* HoldOn(const State& state, const model::DagId& dag, const model::Job& job) {
  for (const auto& [id, hold] : state.holds) {
    if (Holds(state, hold, dag, job))
      return &hold;
  }
  return nullptr;
}

bool IsStopped(const State& state, const Queued& queued) {
  return queued.dag->row.is_paused ||
         HoldOn(state, queued.dag->row.dag, *queued.job->def) != nullptr;
}

}  // namespace engine
