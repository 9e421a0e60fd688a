#pragma once

// calendars/NAME.yaml, and the keys `calendar` and `blackout` of a DAG: which days and times its
// schedule leaves out. What they name is resolved here; the DAG keeps the days, not the name. Only
// for this folder.

#include <map>
#include <string>

#include "schedule/filter.h"
#include "yaml/reader.h"

namespace dagfile {

struct Calendar {
  schedule::DaySet days;
  bool broken = false;  // by a mistake that is told in its file
};
using Calendars = std::map<std::string, Calendar>;  // by the file's name without its ending

schedule::DaySet ReadCalendar(const yaml::Node& root, yaml::Diagnostics* errors);

struct Blackouts {
  schedule::Filter filter;
  bool is_broken = false;  // a calendar that is named is
};
// Reads `calendar` and `blackout` of a DAG.
Blackouts ReadFilter(yaml::MapReader& dag,
                     yaml::Diagnostics* errors,
                     const schedule::TimeZone& zone,
                     const Calendars& calendars);

}  // namespace dagfile
