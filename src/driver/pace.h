#pragma once

// How long until the next sweep. Events make sweeps rarer, never needless: while they come, each
// quiet sweep doubles the interval, up to kStretchMax times the usual one; where none came for
// kWindow, or a sweep or a look found a change that none told of, it is the usual one again. Pure.

#include <optional>

#include "base/time.h"

namespace driver {

class Pace {
 public:
  static constexpr int kStretchMax = 8;
  static constexpr base::Duration kWindow = base::minutes(30);
  // How late an event may be before it counts as lost.
  static constexpr base::Duration kPatience = base::minutes(1);

  explicit Pace(base::Duration usual) : usual_(usual) {}

  // An event told something new.
  void OnEvent(base::Time now) { told_at_ = now; }
  // A change at `at`, of which an event should have told, was found otherwise.
  void OnFound(base::Time at, base::Time now);
  // A sweep begins; the interval to the next one. `is_calm`: no cluster is in a state that events
  // do not lead out of.
  base::Duration OnSweep(base::Time now, bool is_calm);
  base::Duration interval() const { return usual_ * stretch_; }

 private:
  const base::Duration usual_;
  int stretch_ = 1;
  std::optional<base::Time> told_at_;
  std::optional<base::Time> missed_at_;
};

}  // namespace driver
