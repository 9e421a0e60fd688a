#pragma once

// The instants at which a cron expression fires in a time zone. Pure, immutable, any thread.
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
#include "schedule/cron.h"
#include "schedule/time_zone.h"

namespace schedule {

class CronTicks {
 public:
  // REQUIRES: zone is not null.
  CronTicks(Cron cron, std::shared_ptr<const TimeZone> zone);

  std::optional<base::Time> First(base::Time from) const;  // at or after
  std::optional<base::Time> Last(base::Time until) const;  // strictly before

 private:
  std::optional<base::Time> FirstTickIn(const Span& span, base::Time from, base::Time until) const;
  std::optional<base::Time> LastTickIn(const Span& span, base::Time from, base::Time until) const;
  struct Change;
  Change ChangeAtBeginOf(const Span& span) const;

  Cron cron_;
  std::shared_ptr<const TimeZone> zone_;
};

}  // namespace schedule
