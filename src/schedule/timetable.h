#pragma once

// When a DAG fires: a cron expression in a time zone, as ticks (UTC instants) with logical dates
// and data intervals. Pure, immutable, any thread; the caller brings the clock and decides about
// catch-up.
//
// A day with a change of clocks follows Debian's cron (cron(8), package cron 3.0pl1-162, "NOTES"):
// "Special considerations exist when the clock is changed by less than 3 hours [...]. If the time
// has moved forwards, those jobs which would have run in the time that was skipped will be run soon
// after the change. Conversely, if the time has moved backwards by less than 3 hours, those jobs
// that fall into the repeated time will not be re-run. Only jobs that run at a particular time (not
// specified as @hourly, nor with '*' in the hour or minute specifier) are affected. Jobs which are
// specified with wildcards are run based on the new time immediately. Clock changes of more than 3
// hours are considered to be corrections to the clock, and the new time is used immediately."
//
// Exactly:
// - Fixed times (neither minute nor hour begins with `*`): the matches in a skipped stretch fire
//   once, at the instant of the change; in a repeated stretch only the first occurrence fires.
// - Wildcards (minute or hour begins with `*`) follow the wall clock: a skipped local time never
//   fires, a repeated one fires twice.
// - A change of 3 hours or more (a zone that crossed the date line) is a correction: the new time
//   counts at once, for fixed times too.
// - Two matches at the same instant are one tick.

#include <memory>
#include <optional>

#include "base/time.h"
#include "model/states.h"
#include "schedule/cron.h"
#include "schedule/time_zone.h"

namespace schedule {

struct Fire {
  base::Time run_after;  // the tick, which is the end of the data interval
  base::Time logical_date;
  base::Interval data_interval;  // [previous tick, this tick)
  friend bool operator==(const Fire&, const Fire&) = default;
};

// The part of a timetable that a DAG uses.
struct Window {
  std::optional<base::Time> start_date;  // no logical date before it
  std::optional<base::Time> end_date;    // no logical date after it
};

class Timetable {
 public:
  // REQUIRES: zone is not null.
  Timetable(Cron cron, std::shared_ptr<const TimeZone> zone, model::Timetable kind);

  // By run_after. Nothing only outside the years 1 to 9999.
  std::optional<Fire> Next(base::Time after) const;  // strictly later
  std::optional<Fire> NextAtOrAfter(base::Time time) const;
  std::optional<Fire> Prev(base::Time before) const;  // strictly earlier
  std::optional<Fire> PrevAtOrBefore(base::Time time) const;

  // By logical_date.
  std::optional<Fire> NextLogicalAtOrAfter(base::Time date) const;
  std::optional<Fire> PrevLogicalAtOrBefore(base::Time date) const;

  // The first fire of the window later than `after`, and its latest until then, by run_after.
  std::optional<Fire> NextIn(const Window& window, base::Time after) const;
  std::optional<Fire> LatestIn(const Window& window, base::Time until) const;

  const Cron& cron() const { return cron_; }
  const TimeZone& zone() const { return *zone_; }
  model::Timetable kind() const { return kind_; }

 private:
  std::optional<base::Time> FirstTick(base::Time from) const;  // at or after
  std::optional<base::Time> LastTick(base::Time until) const;  // strictly before
  std::optional<base::Time> FirstTickIn(const Span& span, base::Time from, base::Time until) const;
  std::optional<base::Time> LastTickIn(const Span& span, base::Time from, base::Time until) const;
  struct Change;
  Change ChangeAtBeginOf(const Span& span) const;
  std::optional<Fire> FireAt(std::optional<base::Time> tick) const;

  Cron cron_;
  std::shared_ptr<const TimeZone> zone_;
  model::Timetable kind_;
};

}  // namespace schedule
