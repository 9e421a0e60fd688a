#pragma once

// Five-field cron expressions: minute hour day-of-month month day-of-week.
//
// A field is a list ("1,15") of `*`, numbers, ranges ("1-5") and steps ("*/5", "1-10/2"); months
// and weekdays may be named (JAN, mon), Sunday is 0 or 7, and a weekday range may end on Sunday
// ("FRI-SUN"). L, W and # name days that are another date in each month (cron_days.h). Presets:
// @hourly @daily (@midnight) @weekly @monthly @quarterly @yearly (@annually). Where both day fields
// are restricted, that is neither is just `*`, a day that satisfies either of them matches; so
// crontab(5) and croniter (Airflow's). "0 0 1,15 * MON": the 1st, the 15th and every Monday. What
// the fields match here are local dates and times; cron_ticks.h knows zones. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "schedule/cron_days.h"
#include "schedule/time_zone.h"

namespace schedule {

struct CronField {
  uint64_t bits = 0;              // bit n: the value n is in it
  bool is_star = false;           // it is just `*`, or `*/1`, which is the same
  bool begins_with_star = false;  // `*`, `*/5`

  bool Has(unsigned value) const { return bits >> value & 1; }
  friend bool operator==(const CronField&, const CronField&) = default;
};

struct Cron {
  std::string text;  // as it was written
  CronField minute;
  CronField hour;
  CronField day_of_month;
  CronField month;
  CronField day_of_week;     // Sunday is bit 0
  DatesOfMonth dates;        // more of day_of_month
  WeekdaysOfMonth weekdays;  // more of day_of_week

  // A job of the clock's rhythm rather than of a certain time, to Debian's cron: see cron_ticks.h.
  bool IsWildcard() const { return minute.begins_with_star || hour.begins_with_star; }
  bool MatchesDay(std::chrono::local_days day) const;
};

// An error names the field, the text in it, its column (from 1) and what was expected. An
// expression that can never match, such as "0 0 30 2 *", is one too.
base::Result<Cron> ParseCron(std::string_view text);

// The earliest and the latest local minute in [from, until) that matches.
std::optional<LocalTime> FirstMatch(const Cron& cron, LocalTime from, LocalTime until);
std::optional<LocalTime> LastMatch(const Cron& cron, LocalTime from, LocalTime until);

}  // namespace schedule
