#include "engine/backfill_plan.h"

#include <algorithm>
#include <set>

#include "base/safe_text.h"
#include "base/text.h"
#include "engine/due.h"
#include "engine/holes.h"
#include "engine/schedules.h"

namespace engine {

namespace {

using base::Cat;
using model::BackfillTickRow;
using Ticks = base::Result<std::vector<BackfillTickRow>>;

tl::unexpected<base::Error> Refuse(std::string message) {
  return base::Fail(base::ErrorCode::kInvalidArgument, std::move(message));
}

tl::unexpected<base::Error> TooMany(std::string_view which) {
  return Refuse(Cat("a backfill takes at most ",
                    model::kBackfillTicksMax,
                    " ticks, and ",
                    which,
                    " more: ask for a shorter range, and for the rest after it"));
}

BackfillTickRow TickOf(const schedule::Fire& fire) {
  return {.logical_date = fire.logical_date,
          .run_after = fire.run_after,
          .data_interval = fire.data_interval};
}

std::string InWords(Time time) {
  return base::FormatRfc3339(time);
}

base::Status CheckRange(const model::CreateBackfill& asked, Time now) {
  if (!asked.fills_holes && asked.from.has_value() != asked.to.has_value())
    return Refuse("the range has one end only: give the first and the last date");
  if (asked.from && asked.to && *asked.from > *asked.to)
    return Refuse(Cat("the range ends at ",
                      InWords(*asked.to),
                      ", before it begins at ",
                      InWords(*asked.from),
                      ": the earlier date comes first, also to run backwards"));
  if (asked.from && *asked.from >= now)
    return Refuse("the range lies in the future: a backfill makes up for ticks that have passed");
  return {};
}

std::string Clipped(const DagEntry& entry, const model::CreateBackfill& asked) {
  const schedule::Window window = WindowOf(entry);
  std::vector<std::string> parts;
  if (window.start_date && asked.from && *asked.from < *window.start_date)
    parts.push_back(Cat("what is before its start_date ", InWords(*window.start_date)));
  if (window.end_date && asked.to && *asked.to > *window.end_date)
    parts.push_back(Cat("what is after its end_date ", InWords(*window.end_date)));
  return parts.empty() ? "" : Cat("of the range ", base::Join(parts, " and "), " is left out");
}

// The DAG's ticks with logical dates in the range, as its schedule is now.
Ticks OfRange(const DagEntry& entry, const model::CreateBackfill& asked, Time now) {
  const std::string& dag = entry.row.dag.str();
  if (!entry.timetable && entry.plan->dag->assets)
    return Refuse(
        Cat("the DAG '",
            dag,
            "' follows assets and has no ticks: create an event of them, or name the data "
            "intervals of its runs"));
  if (!entry.timetable)
    return Refuse(Cat("the DAG '", dag, "' has no schedule: name the data intervals of its runs"));
  if (!asked.from)
    return Refuse("no range is given: a backfill needs its first and its last date");
  schedule::Window window = WindowOf(entry);
  window.start_date = std::max(window.start_date.value_or(*asked.from), *asked.from);
  window.end_date = std::min(window.end_date.value_or(*asked.to), *asked.to);
  std::vector<BackfillTickRow> ticks;
  auto fire = entry.timetable->NextLogicalAtOrAfter(*window.start_date);
  for (; fire && fire->logical_date <= *window.end_date && fire->run_after <= now;
       fire = entry.timetable->Next(fire->run_after)) {
    if (ticks.size() == model::kBackfillTicksMax)
      return TooMany("the range has");
    ticks.push_back(TickOf(*fire));
  }
  if (ticks.empty())
    return Refuse(Cat("the schedule of '",
                      dag,
                      "' has no tick that has passed with a logical date from ",
                      InWords(*window.start_date),
                      " to ",
                      InWords(*window.end_date),
                      Clipped(entry, asked).empty() ? "" : ": ",
                      Clipped(entry, asked)));
  return ticks;
}

Ticks OfIntervals(const DagEntry& entry, const model::CreateBackfill& asked, Time now) {
  if (asked.intervals.size() > model::kBackfillTicksMax)
    return TooMany("the list names");
  const bool by_interval =
      entry.timetable && entry.timetable->kind() == model::Timetable::kDataInterval;
  std::vector<BackfillTickRow> ticks;
  std::set<Time> dates;
  for (const base::Interval& interval : asked.intervals) {
    const std::string name = Cat(InWords(interval.start), " to ", InWords(interval.end));
    if (interval.start > interval.end)
      return Refuse(Cat("the data interval ", name, " ends before it starts"));
    if (interval.end > now)
      return Refuse(Cat("the data interval ", name, " has not passed yet"));
    const Time date = by_interval ? interval.start : interval.end;
    if (!dates.insert(date).second)
      return Refuse(Cat("two of the data intervals have the logical date ", InWords(date)));
    ticks.push_back({.logical_date = date, .run_after = interval.end, .data_interval = interval});
  }
  std::ranges::sort(ticks, {}, &BackfillTickRow::logical_date);
  return ticks;
}

bool IsFilled(const model::HoleRow& hole, Time end) {
  return std::ranges::binary_search(hole.filled, end);
}

// Those of the DAG's holes that no run has filled, as the schedules were then.
Ticks OfHoles(const State& state, const DagEntry& entry, const model::CreateBackfill& asked) {
  std::vector<BackfillTickRow> ticks;
  std::set<Time> dates;
  const auto holes = state.holes.find(entry.row.dag);
  if (holes != state.holes.end()) {
    for (const auto& [first, hole] : holes->second) {
      // No logical date is later than its tick.
      const base::Interval bounds{std::max(hole.first.end, asked.from.value_or(hole.first.end)),
                                  hole.last.end};
      for (const schedule::Fire& fire :
           FiresInside(entry, bounds, asked.to, model::kBackfillTicksMax + 1)) {
        const bool is_asked = !asked.from || fire.logical_date >= *asked.from;
        if (is_asked && !IsFilled(hole, fire.run_after) && dates.insert(fire.logical_date).second)
          ticks.push_back(TickOf(fire));
      }
      if (ticks.size() > model::kBackfillTicksMax)
        return TooMany("the holes have");
    }
  }
  if (ticks.empty())
    return Refuse(
        Cat("the DAG '", entry.row.dag.str(), "' has no tick there that a run could fill"));
  std::ranges::sort(ticks, {}, &BackfillTickRow::logical_date);
  return ticks;
}

}  // namespace

Ticks PlanBackfill(const State& state, const model::CreateBackfill& asked, Time now) {
  const auto found = state.dags.find(asked.dag);
  if (found == state.dags.end())
    return base::Fail(base::ErrorCode::kNotFound,
                      Cat("there is no DAG '", base::Excerpt(asked.dag.str()), "'"));
  const DagEntry& entry = found->second;
  RETURN_IF_ERROR(CheckRange(asked, now));
  Ticks ticks = asked.fills_holes         ? OfHoles(state, entry, asked)
                : asked.intervals.empty() ? OfRange(entry, asked, now)
                                          : OfIntervals(entry, asked, now);
  if (!ticks)
    return ticks;
  if (asked.is_reversed)
    std::ranges::reverse(*ticks);
  for (size_t i = 0; i < ticks->size(); ++i)
    (*ticks)[i].number = static_cast<int>(i);
  return ticks;
}

std::string WhatIsClipped(const State& state, const model::CreateBackfill& asked) {
  const auto found = state.dags.find(asked.dag);
  const bool is_range = !asked.fills_holes && asked.intervals.empty();
  return found == state.dags.end() || !is_range ? "" : Clipped(found->second, asked);
}

model::TickOutcome LeftOut(const State& state,
                           const DagEntry& entry,
                           bool fills_holes,
                           const BackfillTickRow& tick) {
  if (entry.timetable && entry.row.scheduled_until && tick.run_after > *entry.row.scheduled_until)
    return model::TickOutcome::kToSchedule;
  const model::HoleRow* hole =
      fills_holes ? FindHole(state, entry.row.dag, tick.data_interval) : nullptr;
  if (hole != nullptr && IsFilled(*hole, tick.data_interval.end))
    return model::TickOutcome::kFilled;
  return model::TickOutcome::kPending;
}

}  // namespace engine
