#pragma once

// World time that goes on whatever is done to the wall clock: it follows the wall clock, at once
// where that was set forward, but never goes back. While the wall clock is behind, world time goes
// on at nine tenths of its speed, until the wall clock has caught up: nothing stalls, and nothing
// happens twice.
//
// Pure: both clocks are read by the caller. All times and spans are world time; `steady` is from a
// clock that nobody sets.

#include <deque>
#include <optional>

#include "base/time.h"

namespace driver {

class WorldTime {
 public:
  struct Reading {
    base::Time wall;
    base::Duration steady{0};  // since some moment, the same for all readings
  };
  // The wall clock was set back, by a step or more in all.
  struct SetBack {
    base::Time since;      // when it was noticed
    base::Duration by{0};  // the most that world time has been ahead since
  };

  // A smaller difference than `step` is a machine that was busy between two readings, or a clock's
  // daily care.
  explicit WorldTime(base::Duration step = base::minutes(1)) : step_(step) {}

  base::Time At(const Reading& reading);
  // What is stored has seen this time: an earlier one would stall what waits for later ones.
  void StartNoEarlierThan(base::Time floor);

  // As of the latest reading: how far world time is ahead of the wall clock.
  base::Duration Ahead() const { return now_ - latest_.wall; }
  const std::optional<SetBack>& set_back() const { return set_back_; }
  // How long it takes from the latest reading until world time is `due`, if nobody sets a clock.
  base::Duration Until(base::Time due) const;
  // By how much the wall clock was set forward within the last `span`: that much of it did not
  // pass.
  base::Duration Skipped(base::Duration span) const;

 private:
  struct Step {
    base::Duration at{0};  // steady
    base::Duration by{0};
  };

  void NoteForward(base::Duration by, base::Duration steady);
  void NoteBehind();

  base::Duration step_;
  bool has_read_ = false;
  Reading latest_;
  base::Time now_ = base::Time::min();
  // While the wall clock is behind, world time counts from here.
  base::Time anchor_ = base::Time::min();
  base::Duration anchor_steady_{0};
  std::optional<SetBack> set_back_;
  std::deque<Step> forward_;
};

}  // namespace driver
