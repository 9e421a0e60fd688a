#include "base/clock.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "base/text.h"

namespace base {

Clock::Clock(Time world_epoch, double speed, Time wall_start)
    : plain_(false), world_epoch_(world_epoch), speed_(speed), wall_start_(wall_start) {}

Result<Clock> Clock::Parse(std::string_view setting) {
  if (Trim(setting).empty())
    return Clock();
  auto bad = [&](std::string_view why) {
    return Fail(
        ErrorCode::kInvalidArgument,
        Cat("SIGNALBOX_CLOCK='", setting, "': ", why, "; expected WORLD_EPOCH,SPEED,WALL_START"));
  };
  auto time = [](std::string_view text) -> Result<Time> {
    if (auto value = ParseDouble(text))
      return FromEpochSeconds(*value);
    return ParseTime(text);
  };
  std::vector<std::string> parts = Split(setting, ',');
  if (parts.size() != 3)
    return bad("three parts are needed");
  auto epoch = time(Trim(parts[0]));
  auto speed = ParseDouble(Trim(parts[1]));
  auto start = time(Trim(parts[2]));
  if (!epoch)
    return bad(epoch.error().message);
  if (!start)
    return bad(start.error().message);
  if (!speed || !(*speed > 0) || *speed > 1e6)
    return bad("SPEED must be a positive number up to 1000000");
  return Clock(*epoch, *speed, *start);
}

Result<Clock> Clock::FromEnvironment() {
  const char* setting = std::getenv("SIGNALBOX_CLOCK");
  return Parse(setting == nullptr ? "" : setting);
}

Clock Clock::StartingNow(Time world_epoch, double speed) {
  return Clock(world_epoch, speed, Wall());
}

Time Clock::Wall() {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

Time Clock::WorldAt(Time wall) const {
  if (plain_)
    return wall;
  return world_epoch_ +
         Duration(std::llround(static_cast<double>((wall - wall_start_).count()) * speed_));
}

Time Clock::WallAt(Time world) const {
  if (plain_)
    return world;
  return wall_start_ + ToWall(world - world_epoch_);
}

Duration Clock::ToWall(Duration world) const {
  return Duration(std::llround(static_cast<double>(world.count()) / speed_));
}

Duration Clock::ToWorld(Duration wall) const {
  return plain_ ? wall : Duration(std::llround(static_cast<double>(wall.count()) * speed_));
}

std::string Clock::Setting() const {
  if (plain_)
    return "";
  char speed[32];
  std::snprintf(speed, sizeof(speed), "%.15g", speed_);
  return Cat(FormatRfc3339(world_epoch_), ",", speed, ",", FormatRfc3339(wall_start_));
}

}  // namespace base
