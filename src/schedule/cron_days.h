#pragma once

// The days of a cron expression that are another date in each month, by Quartz's letters:
//
//   day of month   L      the last day              day of week   5L, FRIL    the month's last
//   Friday
//                  L-3    three days before it                    L5          the same, as croniter
//                  15W    the weekday nearest                     5#2, FRI#2  its second Friday
//                         to the 15th
//                  LW     the month's last weekday
//
// A weekday (W) is Monday to Friday. The nearest one is in the same month: 1W is the 3rd if the 1st
// is a Saturday. 31W in a month of 30 days is that of the 30th. Each form may stand in a list.
// Weekdays count from Sunday as 0, not from 1 as in Quartz. croniter has neither `L-3` nor `LW` nor
// `5L`, and no `15W` in a list; beside a restricted day of month it finds nothing for `5#2` and
// `L5`, and beside `15W` it ignores the day of week. Here all of them are days like any other, so
// either field is enough (cron.h).
// Pure.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace schedule {

struct DatesOfMonth {
  uint32_t before_last = 0;      // bit n: n days before the last one
  uint32_t near = 0;             // bit n: nW
  bool is_last_weekday = false;  // LW

  bool Has(std::chrono::local_days day) const;
  // In a month that may have so many days.
  bool CanMatch(unsigned days) const;
  friend bool operator==(const DatesOfMonth&, const DatesOfMonth&) = default;
};

struct WeekdaysOfMonth {
  uint64_t nth = 0;  // bit 7·k + w: the k-th weekday w, Sunday is 0; k = 0 is the last

  bool Has(std::chrono::local_days day) const;
  friend bool operator==(const WeekdaysOfMonth&, const WeekdaysOfMonth&) = default;
};

// `item` is one entry of a list in capitals. False: it is no such form. An error says what is wrong
// with one, without its place.
base::Result<bool> TakeDate(std::string_view item, DatesOfMonth& to);

// `5L` is {"5", 0}, `FRI#2` is {"FRI", 2}: the weekday is for the caller to read. Nothing: `item`
// is no such form.
struct NthWeekday {
  std::string_view weekday;
  unsigned nth;  // 0: the last
};
base::Result<std::optional<NthWeekday>> ReadNthWeekday(std::string_view item);

}  // namespace schedule
