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
  }
  return {};
}

bool Holds(const State& state,
           const model::HoldRow& hold,
           const model::DagId& dag,
           const model::PoolId& pool) {
  if (hold.released_at)
    return false;
  switch (hold.scope) {
    case HoldScope::kAll:
      return true;
    case HoldScope::kPool:
      return hold.target == pool.str();
    case HoldScope::kDag:
      return hold.target == dag.str();
    case HoldScope::kTag:
      return HasTag(state.dags.at(dag), hold.target);
  }
  return false;
}

}  // namespace

void PlaceHold(Turn& turn, const model::PlaceHold& event, Changes& changes) {
  changes.outcome = CheckTarget(turn.state, event.scope, event.target);
  if (!changes.outcome)
    return;
  for (const auto& [id, hold] : turn.state.holds) {
    if (hold.scope == event.scope && hold.target == event.target && hold.reason == event.reason) {
      changes.id = id;
      return;
    }
  }
  const int64_t id = ++turn.state.last_hold;
  model::HoldRow& hold = turn.state.holds[id];
  hold = {.id = id,
          .scope = event.scope,
          .target = event.target,
          .reason = event.reason,
          .since = turn.now,
          .placed_by = event.by.name,
          .released_at = {},
          .released_by = ""};
  turn.recorder.Put(hold);
  turn.recorder.History(turn.now,
                        model::HoldSubject(id),
                        "",
                        "in force",
                        Cat(model::WhatIsHeld(event.scope, event.target),
                            event.reason.empty() ? "" : ": ",
                            event.reason,
                            ", by ",
                            event.by.name));
  changes.id = id;
}

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
  found->second.released_at = turn.now;
  found->second.released_by = event.by.name;
  turn.recorder.Put(found->second);
  turn.recorder.History(
      turn.now, model::HoldSubject(event.id), "in force", "released", Cat("by ", event.by.name));
}

const model::HoldRow* HoldOn(const State& state,
                             const model::DagId& dag,
                             const model::PoolId& pool) {
  for (const auto& [id, hold] : state.holds) {
    if (Holds(state, hold, dag, pool))
      return &hold;
  }
  return nullptr;
}

}  // namespace engine
