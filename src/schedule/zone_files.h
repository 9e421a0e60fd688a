#pragma once

// For tests only: reads compiled zones from the system's tzdata.

#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "base/check.h"
#include "schedule/time_zone.h"

namespace schedule {

inline std::string ReadZoneFile(const std::string& name) {
  std::ifstream in("/usr/share/zoneinfo/" + name, std::ios::binary);
  CHECK(in.good());
  return {std::istreambuf_iterator<char>(in), {}};
}

inline std::shared_ptr<const TimeZone> LoadZone(const std::string& name) {
  auto zone = TimeZone::Parse(name, ReadZoneFile(name));
  CHECK(zone.has_value());
  return std::make_shared<const TimeZone>(*std::move(zone));
}

}  // namespace schedule
