#pragma once

// What the driver's parts share. Each part (launcher, watcher, terminator) is a state machine that
// looks at the engine's state, submits calls and posts what it learnt as events.

#include <functional>

#include "driver/caller.h"
#include "driver/options.h"
#include "engine/engine.h"
#include "engine/state.h"
#include "model/event.h"
#include "work/kinds.h"

namespace driver {

struct Context {
  const Options& options;
  World& world;
  Caller& caller;
  // The engine is replaced when memory is dropped: ask again each time.
  std::function<const engine::Engine&()> engine;
  std::function<void(decltype(model::Event::body))> post;
  // The store has a row of it, also where it has ended and left memory.
  std::function<bool(const model::ClusterId&)> is_stored;

  base::Time Now() const { return world.Now(); }
  // When a read that failed is asked for again.
  base::Time RetryAt(const Reply& reply) const {
    const bool is_busy = reply.error->error_class == wire::ErrorClass::kThrottled ||
                         reply.error->error_class == wire::ErrorClass::kMayHaveHappened;
    return Now() + (is_busy ? options.throttle_pause : options.trouble_pause);
  }
  const engine::State& state() const { return engine().state(); }
  const work::EmrState& emr() const { return work::EmrOf(engine()); }
  // Whether a launch may claim this cluster, which a list shows under its name: one that memory
  // does not have, nor the store. What had ended as an orphan stays what it was when its launch,
  // lost with the database's last commits, is made again under the same token.
  bool IsClaimable(const model::ClusterId& cluster, const model::LaunchToken& token) const {
    return !emr().clusters.contains(cluster) &&
           !(emr().launches.contains(token) && is_stored(cluster));
  }
};

// The earlier of two times that may be absent.
inline void Earlier(std::optional<base::Time>& wake, std::optional<base::Time> at) {
  if (at && (!wake || *at < *wake))
    wake = at;
}

}  // namespace driver
