#include "schedule/blackouts.h"

#include <algorithm>
#include <chrono>

namespace schedule {

namespace {

using base::Time;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr base::Duration kLongest = base::hours(24 * 366);

// The next one begins at a midnight, or where an interval does.
Time NextStart(const Filter& blackouts, Time at, Time until, const TimeZone& zone) {
  Time start = until;
  for (const base::Interval& interval : blackouts.closed) {
    if (interval.start > at)
      start = std::min(start, interval.start);
  }
  if (blackouts.never.empty())
    return start;
  const auto local = std::chrono::floor<std::chrono::days>(zone.ToLocal(at));
  for (sys_days day(local.time_since_epoch() + std::chrono::days(1));;
       day += std::chrono::days(1)) {
    const Time midnight = zone.StartOfDay(year_month_day(day));
    if (midnight >= start)
      return start;
    if (!blackouts.Allows(midnight, zone))
      return midnight;
  }
}

}  // namespace

std::optional<base::Interval> BlackoutFrom(const Filter& filter,
                                           Time at,
                                           Time until,
                                           const TimeZone& zone) {
  const Filter blackouts{.only = std::nullopt, .never = filter.never, .closed = filter.closed};
  if (blackouts.IsEmpty())
    return std::nullopt;
  Time start = at;
  if (blackouts.Allows(at, zone)) {
    start = NextStart(blackouts, at, until, zone);
    if (start >= until)
      return std::nullopt;
  }
  // One may follow another.
  Time end = start;
  while (end < start + kLongest && !blackouts.Allows(end, zone)) {
    const auto resume = blackouts.Resume(end, zone);
    if (!resume)
      break;
    end = *resume;
  }
  while (start > end - kLongest && !blackouts.Allows(start - base::Duration(1), zone)) {
    const auto before = blackouts.ResumeBefore(start - base::Duration(1), zone);
    if (!before)
      break;
    start = *before;
  }
  return base::Interval{start, end};
}

}  // namespace schedule
