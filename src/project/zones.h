#pragma once

// The system's time zones: every compiled zone below the zone directory ($TZDIR, else
// /usr/share/zoneinfo), read once. A run pins its DAG version, so zones are needed that no file of
// the project names any more: all of them are there from the start.

#include <string>

#include "base/result.h"
#include "schedule/time_zone.h"

namespace project {

// A file that is no zone is passed over. kNotFound where the directory has none.
base::Result<schedule::ZoneSet> LoadZones(const std::string& directory);

}  // namespace project
