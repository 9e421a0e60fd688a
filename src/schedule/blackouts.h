#pragma once

// When the blackouts of a schedule leave its ticks out, for people. Which ticks there are is
// timetable.h's to say. Pure.

#include <optional>

#include "schedule/filter.h"

namespace schedule {

// The time around `at` at which blackouts are on, or else the next such time that begins before
// `until`; one that goes on for more than a year is cut. Days that a calendar has not are no
// blackout. Nothing where there is none.
std::optional<base::Interval> BlackoutFrom(const Filter& filter,
                                           base::Time at,
                                           base::Time until,
                                           const TimeZone& zone);

}  // namespace schedule
