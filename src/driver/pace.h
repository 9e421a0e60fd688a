#pragma once

// How long until the next sweep. Events make sweeps rarer, never needless: while they come, each
// quiet sweep doubles the interval, up to kStretchMax times the usual one; if none came for
// kWindow, or a sweep or a look found a change that no event reported, it is the usual one again.
//
// A sweep costs a call for each page of kPage clusters. With fewer clusters it is made more rarely,
// up to kSparse times: what it costs is shared by few. Pure.

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/time.h"

namespace driver {

class Pace {
 public:
  static constexpr int kStretchMax = 8;
  static constexpr base::Duration kWindow = base::minutes(30);
  // How late an event may be before it counts as lost.
  static constexpr base::Duration kPatience = base::minutes(1);
  static constexpr int64_t kPage = 50;
  // With 30 s a cluster's end is seen within 57 s: a minute is promised until the next launch.
  static constexpr double kSparse = 1.9;

  explicit Pace(base::Duration usual) : usual_(usual) {}

  // An event told something new.
  void OnEvent(base::Time now) { told_at_ = now; }
  // A change at `at`, of which an event should have told, was found otherwise.
  void OnFound(base::Time at, base::Time now);
  // A sweep of `clusters` begins; the interval to the next one. `is_calm`: no cluster is in a state
  // that events do not lead out of.
  base::Duration OnSweep(base::Time now, bool is_calm, size_t clusters);
  base::Duration interval() const { return std::max(usual_ * stretch_, sparse_); }
  // Events come, and reported all that was found since.
  bool IsTold(base::Time now) const {
    return told_at_ && now - *told_at_ < kWindow && (!missed_at_ || *told_at_ > *missed_at_);
  }

 private:
  const base::Duration usual_;
  int stretch_ = 1;
  base::Duration sparse_{};  // the least interval with so few clusters
  std::optional<base::Time> told_at_;
  std::optional<base::Time> missed_at_;
};

}  // namespace driver
