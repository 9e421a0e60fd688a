#include "engine/due.h"

#include <algorithm>

#include "engine/schedules.h"

namespace engine {

namespace {

constexpr base::Duration kInstant{1};

// The ticks of a period that count are later than this.
Time CountsAfter(const DagEntry& entry, const SchedulePeriod& period) {
  if (period.since > entry.row.first_seen)
    return period.since;
  const model::Dag& dag = *entry.plan->dag;
  return dag.catchup && dag.start_date ? *dag.start_date - kInstant
                                       : entry.row.first_seen - kInstant;
}

std::optional<schedule::Fire> LatestFire(const DagEntry& entry, Time by) {
  const schedule::Window window = WindowOf(entry);
  for (auto period = entry.periods.rbegin(); period != entry.periods.rend(); ++period) {
    if (period->timetable) {
      auto fire = period->timetable->LatestIn(window, by);
      if (fire && fire->run_after > CountsAfter(entry, *period))
        return fire;
    }
    by = std::min(by, period->since);
  }
  return std::nullopt;
}

}  // namespace

std::optional<base::Interval> LatestDue(const DagEntry& entry, Time by) {
  const auto fire = LatestFire(entry, by);
  return fire ? std::optional(fire->data_interval) : std::nullopt;
}

std::optional<base::Interval> FirstDue(const DagEntry& entry) {
  const schedule::Window window = WindowOf(entry);
  for (size_t i = 0; i < entry.periods.size(); ++i) {
    const SchedulePeriod& period = entry.periods[i];
    if (!period.timetable)
      continue;
    const auto fire = period.timetable->NextIn(window, CountsAfter(entry, period));
    const bool is_last = i + 1 == entry.periods.size();
    if (fire && (is_last || fire->run_after <= entry.periods[i + 1].since))
      return fire->data_interval;
  }
  return std::nullopt;
}

std::vector<schedule::Fire> FiresInside(const DagEntry& entry,
                                        const base::Interval& ticks,
                                        std::optional<Time> until,
                                        size_t most) {
  std::vector<schedule::Fire> inside;
  auto fire = LatestFire(entry, ticks.end);
  while (fire && fire->run_after >= ticks.start && inside.size() < most) {
    if (!until || fire->logical_date <= *until)
      inside.push_back(*fire);
    fire = LatestFire(entry, fire->run_after - kInstant);
  }
  std::reverse(inside.begin(), inside.end());
  return inside;
}

std::vector<base::Interval> DueInside(const DagEntry& entry,
                                      const base::Interval& interval,
                                      size_t most) {
  std::vector<base::Interval> inside;
  auto fire = LatestFire(entry, interval.end);
  // The first interval after an edit may begin long before those of the schedule before it.
  while (fire && fire->run_after > interval.start && inside.size() < most) {
    if (fire->data_interval.start >= interval.start)
      inside.push_back(fire->data_interval);
    fire = LatestFire(entry, fire->run_after - kInstant);
  }
  std::reverse(inside.begin(), inside.end());
  return inside;
}

}  // namespace engine
