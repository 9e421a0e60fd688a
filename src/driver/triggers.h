#pragma once

// Takes jobs that trigger runs forward: reads whether the store has such a run, and posts it as an
// event. The engine decides, and never asks the store.
//
// A few jobs in each pump, so that the loop goes on between them. What was posted is worth nothing
// once something else has happened; then it is read again.

#include <optional>

#include "driver/context.h"
#include "store/store.h"

namespace driver {

class Triggers {
 public:
  Triggers(Context& context, store::Store& store) : context_(context), store_(store) {}

  // While it is held (the store refuses to write) nothing is posted.
  void Hold(bool is_held) { is_held_ = is_held; }
  // The commit of what was posted may have failed: the next try waits a moment.
  void OnMemoryDropped();
  // True if something was posted. REQUIRES: all events that were posted before are committed, and
  // no other is queued.
  bool Plan();
  std::optional<base::Time> NextWake() const;

 private:
  base::Result<model::TriggersRead::Found> Read(const model::TriggerRow& wish);

  Context& context_;
  store::Store& store_;
  bool is_held_ = false;
  base::Time not_before_{};
};

}  // namespace driver
