#pragma once

// What the driver's parts share. Each part (launcher, watcher, terminator) is a state machine that
// looks at the engine's state, submits calls and posts what it learnt as events.

#include <functional>

#include "driver/caller.h"
#include "driver/options.h"
#include "engine/engine.h"
#include "engine/state.h"
#include "model/event.h"

namespace driver {

struct Context {
  const Options& options;
  World& world;
  Caller& caller;
  // The engine is replaced when memory is dropped: ask anew each time.
  std::function<const engine::Engine&()> engine;
  std::function<void(decltype(model::Event::body))> post;

  base::Time Now() const { return world.Now(); }
  const engine::State& state() const { return engine().state(); }
};

// The earlier of two times that may be absent.
inline void Earlier(std::optional<base::Time>& wake, std::optional<base::Time> at) {
  if (at && (!wake || *at < *wake))
    wake = at;
}

}  // namespace driver
