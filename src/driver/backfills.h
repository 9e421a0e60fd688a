#pragma once

// Takes backfills forward: reads what the store has for their next ticks, and posts it as an event.
// The engine decides, and never asks the store.
//
// One backfill and a few ticks in each pump, so that the loop goes on between them. What was posted
// is worth nothing once something else has happened; then it is read again.

#include <optional>

#include "driver/context.h"
#include "store/store.h"

namespace driver {

class Backfills {
 public:
  Backfills(Context& context, store::Store& store) : context_(context), store_(store) {}

  // While it is held (the store refuses to write) nothing is posted.
  void Hold(bool is_held) { is_held_ = is_held; }
  // The commit of what was posted may have failed: the next try waits a moment.
  void OnMemoryDropped();
  // REQUIRES: all events that were posted before are committed, and no other is queued.
  void Plan();
  std::optional<base::Time> NextWake() const;

 private:
  const engine::Backfill* NextToTake() const;
  base::Result<model::BackfillTicksRead> Read(const engine::Backfill& backfill);

  Context& context_;
  store::Store& store_;
  bool is_held_ = false;
  base::Time not_before_{};
  int64_t latest_ = 0;  // backfill that was taken forward: the next one has its turn
};

}  // namespace driver
