#include "driver/world_time.h"

#include <algorithm>

namespace driver {

namespace {

// Older steps than the latest so many matter to nobody.
constexpr size_t kMostSteps = 100;

base::Duration Slowed(base::Duration span) {
  return span - span / 10;
}
// Its inverse, rounded up.
base::Duration Unslowed(base::Duration span) {
  return span + span / 9 + base::Duration(1);
}

}  // namespace

base::Time WorldTime::At(const Reading& reading) {
  if (!has_read_) {
    has_read_ = true;
    now_ = std::max(now_, reading.wall);
    anchor_ = now_;
    anchor_steady_ = reading.steady;
  } else {
    const base::Duration passed = std::max(base::Duration(0), reading.steady - latest_.steady);
    NoteForward(reading.wall - (now_ + passed), reading.steady);
    if (reading.steady < latest_.steady) {  // it should not: nothing is known to have passed
      anchor_ = now_;
      anchor_steady_ = reading.steady;
    }
    const base::Time slow = anchor_ + Slowed(reading.steady - anchor_steady_);
    now_ = std::max({now_, slow, reading.wall});
    if (reading.wall >= slow) {
      anchor_ = now_;
      anchor_steady_ = reading.steady;
    }
  }
  latest_ = reading;
  NoteBehind();
  return now_;
}

void WorldTime::StartNoEarlierThan(base::Time floor) {
  if (floor <= now_)
    return;
  now_ = anchor_ = floor;
  anchor_steady_ = latest_.steady;
  if (has_read_)
    NoteBehind();
}

base::Duration WorldTime::Until(base::Time due) const {
  const base::Duration by_wall = due - latest_.wall;
  const base::Duration slowly = Unslowed(due - anchor_) - (latest_.steady - anchor_steady_);
  return std::max(base::Duration(0), std::min(by_wall, slowly));
}

base::Duration WorldTime::Skipped(base::Duration span) const {
  base::Duration skipped{0};
  for (const Step& step : forward_) {
    if (latest_.steady - step.at <= span)
      skipped += step.by;
  }
  return skipped;
}

void WorldTime::NoteForward(base::Duration by, base::Duration steady) {
  if (by < step_)
    return;
  forward_.push_back({steady, by});
  if (forward_.size() > kMostSteps)
    forward_.pop_front();
}

void WorldTime::NoteBehind() {
  const base::Duration ahead = Ahead();
  if (set_back_ && ahead < step_ / 2)
    set_back_ = std::nullopt;
  else if (set_back_)
    set_back_->by = std::max(set_back_->by, ahead);
  else if (ahead >= step_)
    set_back_ = SetBack{now_, ahead};
}

}  // namespace driver
