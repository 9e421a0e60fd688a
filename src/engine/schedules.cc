#include "engine/schedules.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "engine/continuous.h"
#include "engine/holes.h"

namespace engine {

namespace {

constexpr base::Duration kInstant{1};
// Further ones are forgotten: edges then look no further back.
constexpr size_t kMostPeriods = 8;

// No two scheduled runs of a DAG have one logical date, also where the schedule was edited.
schedule::Window UntakenWindow(const DagEntry& entry) {
  schedule::Window window = WindowOf(entry);
  if (entry.row.last_logical_date) {
    const Time later = *entry.row.last_logical_date + kInstant;
    window.start_date = std::max(window.start_date.value_or(later), later);
  }
  return window;
}

base::Result<std::optional<schedule::Timetable>> MakeTimetable(const model::Schedule& wanted,
                                                               const std::string& timezone,
                                                               const schedule::ZoneSet& zones) {
  if (wanted.cron.empty() || wanted.cron == schedule::kContinuous)
    return std::nullopt;
  auto rule = schedule::ParseRule(wanted.cron);
  if (!rule)
    return base::Fail(rule.error());
  std::shared_ptr<const schedule::TimeZone> zone = zones.Find(timezone);
  if (zone == nullptr)
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat("the time zone '", timezone, "' is not known"));
  return schedule::Timetable(std::move(*rule), std::move(zone), wanted.timetable);
}

// How many of the ticks that have passed fire; none: all.
std::optional<int> MostLate(const model::Dag& dag) {
  return dag.catchup ? dag.catchup_max : 1;
}

// Of the ticks from `first` to now, the first that fires.
schedule::Fire FirstToFire(const schedule::Timetable& timetable,
                           const schedule::Window& window,
                           const schedule::Fire& first,
                           Time now,
                           int most) {
  auto fire = timetable.LatestIn(window, now);
  for (int left = most - 1; left > 0 && fire && fire->run_after > first.run_after; --left)
    fire = timetable.LatestIn(window, fire->run_after - kInstant);
  return fire.value_or(first);
}

// Why the ticks before this fire are left out.
model::HoleReason ReasonOfSkipped(const DagEntry& entry) {
  const model::DagRow& row = entry.row;
  const auto first = entry.timetable->NextIn(WindowOf(entry), *row.scheduled_until);
  if (first && row.last_logical_date && first->logical_date <= *row.last_logical_date)
    return model::HoleReason::kEdited;
  const model::Dag& dag = *entry.plan->dag;
  if (dag.catchup && dag.catchup_max && !row.last_logical_date)
    return model::HoleReason::kCatchup;
  return entry.missed_because;
}

// The ticks in (after, until] are a hole.
void SkipTicks(Turn& turn, DagEntry& entry, Time after, Time until, model::HoleReason reason) {
  const schedule::Window window = WindowOf(entry);
  const auto first = entry.timetable->NextIn(window, after);
  if (!first || first->run_after > until)
    return;
  const auto last = entry.timetable->LatestIn(window, until);
  AddHole(turn, entry, *first, *last, reason);
}

}  // namespace

schedule::Window WindowOf(const DagEntry& entry) {
  const model::Dag& dag = *entry.plan->dag;
  return {.start_date = dag.start_date, .end_date = dag.end_date};
}

base::Result<std::optional<schedule::Timetable>> TimetableOf(const model::Dag& dag,
                                                             const schedule::ZoneSet& zones) {
  auto timetable = MakeTimetable(dag.schedule, dag.timezone, zones);
  if (!timetable)
    return base::Fail(timetable.error().code,
                      base::Cat("DAG '", dag.id.str(), "': ", timetable.error().message));
  return timetable;
}

base::Status LoadSchedules(DagEntry& entry, const schedule::ZoneSet& zones) {
  const model::Dag& dag = *entry.plan->dag;
  model::DagRow& row = entry.row;
  ASSIGN_OR_RETURN(entry.timetable, TimetableOf(dag, zones));
  entry.zone = zones.Find(dag.timezone);
  if (row.schedules.empty())  // from before schema 3
    row.schedules.push_back({dag.schedule, dag.timezone, row.first_seen});
  if (!row.is_paused && !row.scheduled_until)
    row.scheduled_until = row.first_seen - kInstant;
  for (const model::SchedulePeriod& period : row.schedules) {
    auto timetable = MakeTimetable(period.schedule, period.timezone, zones);
    // A zone that is not known any more: the past is not judged by it.
    entry.periods.push_back({timetable ? *timetable : std::nullopt, period.since});
  }
  return {};
}

void TakeSchedule(Turn& turn, DagEntry& entry) {
  const model::Dag& dag = *entry.plan->dag;
  model::DagRow& row = entry.row;
  entry.zone = turn.zones.Find(dag.timezone);
  if (!row.schedules.empty() && row.schedules.back().schedule == dag.schedule &&
      row.schedules.back().timezone == dag.timezone)
    return;
  if (row.scheduled_until) {
    if (entry.timetable)
      SkipTicks(turn, entry, *row.scheduled_until, turn.now, model::HoleReason::kEdited);
    row.scheduled_until = std::max(*row.scheduled_until, turn.now);
  } else {  // nothing has counted yet
    row.schedules.clear();
    entry.periods.clear();
  }
  auto timetable = TimetableOf(dag, turn.zones);
  // The DAG reader has checked both.
  CHECK(timetable.has_value());
  entry.timetable = std::move(*timetable);
  const Time since = row.schedules.empty() ? row.first_seen : turn.now;
  row.schedules.push_back({dag.schedule, dag.timezone, since});
  entry.periods.push_back({entry.timetable, since});
  if (row.schedules.size() > kMostPeriods) {
    row.schedules.erase(row.schedules.begin());
    entry.periods.erase(entry.periods.begin());
  }
  turn.recorder.Put(row);
}

void BeginSchedule(Turn& turn, DagEntry& entry) {
  const model::Dag& dag = *entry.plan->dag;
  if (entry.row.scheduled_until)
    return;
  if (dag.catchup && dag.start_date) {
    entry.row.scheduled_until = *dag.start_date - kInstant;
    return;
  }
  // A tick of this very moment counts.
  const Time before = turn.now - kInstant;
  if (entry.timetable)
    SkipTicks(turn, entry, entry.row.first_seen - kInstant, before, model::HoleReason::kPaused);
  entry.row.scheduled_until = before;
}

void RefreshFire(State& state, DagEntry& entry) {
  if (entry.next_fire)
    state.fires.erase({entry.next_fire->run_after, entry.row.dag});
  entry.next_fire = std::nullopt;
  if (!entry.row.is_active || entry.row.is_paused)
    return;
  const bool has_room = entry.queued_runs + entry.running_runs < entry.plan->dag->max_active_runs;
  if (IsContinuous(*entry.plan->dag) && has_room) {
    entry.next_fire = NextContinuous(entry, state.now);
    if (entry.next_fire)
      state.fires.insert({entry.next_fire->run_after, entry.row.dag});
  }
  if (!entry.timetable)
    return;
  const schedule::Window window = UntakenWindow(entry);
  entry.next_fire = entry.timetable->NextIn(window, *entry.row.scheduled_until);
  if (!entry.next_fire)
    return;
  const std::optional<int> most = MostLate(*entry.plan->dag);
  if (most && entry.next_fire->run_after <= state.now)
    entry.next_fire = FirstToFire(*entry.timetable, window, *entry.next_fire, state.now, *most);
  if (has_room)
    state.fires.insert({entry.next_fire->run_after, entry.row.dag});
  else
    entry.missed_because = model::HoleReason::kNoRoom;
}

void ReserveDate(Turn& turn, DagEntry& entry, Time logical_date) {
  std::optional<Time>& last = entry.row.last_logical_date;
  // An earlier fire that is still to come keeps its date; later ones come after both.
  const bool is_passed = entry.next_fire && entry.next_fire->logical_date < logical_date;
  if (is_passed || (last && *last >= logical_date))
    return;
  last = logical_date;
  turn.recorder.Put(entry.row);
  RefreshFire(turn.state, entry);
}

void TakeFire(Turn& turn, DagEntry& entry, const schedule::Fire& fire) {
  model::DagRow& row = entry.row;
  const std::optional<schedule::Fire> before =
      entry.timetable ? entry.timetable->Prev(fire.run_after) : std::nullopt;
  if (before)
    SkipTicks(turn, entry, *row.scheduled_until, before->run_after, ReasonOfSkipped(entry));
  entry.missed_because = model::HoleReason::kMissed;
  row.scheduled_until = fire.run_after;
  row.last_logical_date = fire.logical_date;
  turn.recorder.Put(row);
}

}  // namespace engine
