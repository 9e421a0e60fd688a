#pragma once

// When a DAG fires, as ticks (UTC instants) with logical dates and data intervals. Pure, immutable,
// any thread; the caller brings the clock and decides about catch-up.
//
// Its ticks are by a rule: cron expressions (cron_ticks.h says what a change of clocks means), a
// span of time, or a list of dates (rule.h). Two ticks at the same instant are one. What the rule's
// filter leaves out is no tick: the data interval of the next one is longer by it.

#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "base/time.h"
#include "model/states.h"
#include "schedule/cron_ticks.h"
#include "schedule/rule.h"

namespace schedule {

struct Fire {
  base::Time run_after;  // the tick, which is the end of the data interval
  base::Time logical_date;
  // [previous tick, this tick). Of the first one of a list of dates, or of a calendar that has no
  // day before it: empty, at the tick.
  base::Interval data_interval;
  friend bool operator==(const Fire&, const Fire&) = default;
};

// The part of a timetable that a DAG uses.
struct Window {
  std::optional<base::Time> start_date;  // no logical date before it
  std::optional<base::Time> end_date;    // no logical date after it
};

class Timetable {
 public:
  // How far a tick is looked for that a filter allows.
  static constexpr std::chrono::years kMostYears{10};

  // REQUIRES: zone is not null.
  Timetable(Rule rule, std::shared_ptr<const TimeZone> zone, model::Timetable kind);
  Timetable(Cron cron, std::shared_ptr<const TimeZone> zone, model::Timetable kind);

  // By run_after. Nothing outside the years 1 to 9999, past the end of a list of dates, and where a
  // filter leaves nothing for kMostYears.
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

  const TimeZone& zone() const { return *zone_; }
  model::Timetable kind() const { return kind_; }

 private:
  std::optional<base::Time> FirstTick(base::Time from) const;  // at or after
  std::optional<base::Time> LastTick(base::Time until) const;  // strictly before
  std::optional<Fire> FireAt(std::optional<base::Time> tick) const;

  std::optional<base::Time> FirstOfRule(base::Time from) const;
  std::optional<base::Time> LastOfRule(base::Time until) const;

  std::variant<std::vector<CronTicks>, Every, Dates> ticks_;
  Filter filter_;
  std::shared_ptr<const TimeZone> zone_;
  model::Timetable kind_;
};

}  // namespace schedule
