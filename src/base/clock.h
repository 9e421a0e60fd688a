#pragma once

// The two clocks. Off limits to every pure module: they get time in their events.
//
// Wall: TLS, SigV4, the Date header, HTTP time-outs, log lines.
// World: every timestamp in bodies and rows; schedules, delays, quotas, budgets, settle times.
//     world = world_epoch + (wall - wall_start) * speed
// With no setting world = wall. Processes of one demo agree, and a restart does not jump, because
// all of them read the same setting from SIGNALBOX_CLOCK=WORLD_EPOCH,X,WALL_START (epoch seconds or
// RFC 3339 times; X is a positive number).
//
// Thread rule: immutable after construction; any thread may read.

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace base {

class Clock {
 public:
  // World = wall.
  Clock() = default;
  Clock(Time world_epoch, double speed, Time wall_start);

  // SIGNALBOX_CLOCK's value; an empty text is the plain clock.
  static Result<Clock> Parse(std::string_view setting);
  // Parse(getenv("SIGNALBOX_CLOCK")).
  static Result<Clock> FromEnvironment();
  // World time starts at `world_epoch` now and passes `speed` times as fast as the wall.
  static Clock StartingNow(Time world_epoch, double speed);

  static Time Wall();
  Time World() const { return WorldAt(Wall()); }
  Time WorldAt(Time wall) const;
  Time WallAt(Time world) const;
  double speed() const { return speed_; }
  // A world span in wall time, e.g. for a timer; and back.
  Duration ToWall(Duration world) const;
  Duration ToWorld(Duration wall) const;

  // What SIGNALBOX_CLOCK must be for another process to agree; "" for the plain clock.
  std::string Setting() const;

 private:
  bool plain_ = true;
  Time world_epoch_{};
  double speed_ = 1;
  Time wall_start_{};
};

}  // namespace base
