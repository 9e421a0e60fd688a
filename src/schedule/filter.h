#pragma once

// Which days and times a schedule leaves out: a calendar and blackouts, as one text behind that of
// the rule (rule.h):
//
//   0 2 * * * only mon,tue,wed,thu,fri -2026-01-01 -2026-04-23..2026-04-25
//   0 2 * * * only +2026-03-31 +2026-06-30 not +2026-12-24..2026-12-26
//   0 * * * * not 2026-11-27T00:00:00Z/2026-12-01T00:00:00Z
//
// Days are those of the DAG's zone; an instant is closed from its first time on, before its second.
// The DAG reader writes it from `calendar:` and `blackout:`. Pure.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "schedule/time_zone.h"

namespace schedule {

struct DayRange {
  std::chrono::sys_days first, last;  // both are in it
  friend auto operator<=>(const DayRange&, const DayRange&) = default;
};

// Days of a calendar: its weekdays and dates, without some.
struct DaySet {
  unsigned weekdays = 0;  // bit 0: Sunday
  std::vector<DayRange> dates, without;

  bool Contains(std::chrono::sys_days day) const;
  bool IsEmpty() const;  // no day is in it, ever
  // Nothing in it is before (after) this day; Time's ends where weekdays are in it.
  std::chrono::sys_days First() const;
  std::chrono::sys_days Last() const;
  friend bool operator==(const DaySet&, const DaySet&) = default;
};

struct Filter {
  std::optional<DaySet> only;
  std::vector<DaySet> never;
  std::vector<base::Interval> closed;

  bool IsEmpty() const { return !only && never.empty() && closed.empty(); }
  bool Allows(base::Time tick, const TimeZone& zone) const;
  // REQUIRES: the tick is not allowed. No tick is from it until this time, and none is from this
  // time until it; nothing where none ever follows (precedes) it.
  std::optional<base::Time> Resume(base::Time tick, const TimeZone& zone) const;
  std::optional<base::Time> ResumeBefore(base::Time tick, const TimeZone& zone) const;
};

// "" for an empty one; else it begins with a space.
std::string FilterText(const Filter& filter);
// The text of the rule, and that of its filter ("" for none).
std::pair<std::string_view, std::string_view> SplitFilter(std::string_view text);
base::Result<Filter> ParseFilter(std::string_view text);

// "mon" to "sun", by C's number of the day; nothing for another word.
std::optional<unsigned> ParseWeekday(std::string_view word);

}  // namespace schedule
