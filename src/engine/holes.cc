#include "engine/holes.h"

#include <algorithm>

#include "base/text.h"

namespace engine {

namespace {

std::string_view InWords(model::HoleReason reason) {
  switch (reason) {
    case model::HoleReason::kPaused:
      return "the DAG was paused";
    case model::HoleReason::kMissed:
      return "Signalbox was not running, or could store nothing";
    case model::HoleReason::kNoRoom:
      return "max_active_runs runs were active";
    case model::HoleReason::kEdited:
      return "the schedule was edited";
  }
  return "";
}

int64_t CountTicks(const schedule::Timetable& timetable,
                   const schedule::Fire& first,
                   const schedule::Fire& last) {
  int64_t ticks = 1;
  for (auto fire = timetable.Next(first.run_after);
       fire && fire->run_after <= last.run_after && ticks < model::kMostTicksCounted;
       fire = timetable.Next(fire->run_after))
    ++ticks;
  return ticks;
}

}  // namespace

void AddHole(Turn& turn,
             DagEntry& entry,
             const schedule::Fire& first,
             const schedule::Fire& last,
             model::HoleReason reason) {
  model::HoleRow& hole = turn.state.holes[entry.row.dag][first.run_after];
  hole.dag = entry.row.dag;
  hole.first = first.data_interval;
  hole.last = last.data_interval;
  hole.ticks = CountTicks(*entry.timetable, first, last);
  hole.reason = reason;
  hole.recorded_at = turn.now;
  turn.recorder.History(
      turn.now,
      base::Cat("dag ", entry.row.dag.str()),
      base::FormatRfc3339(first.run_after),
      base::FormatRfc3339(last.run_after),
      base::Cat(
          hole.ticks, hole.ticks == 1 ? " tick" : " ticks", " did not fire: ", InWords(reason)));
  turn.recorder.Put(hole);
  turn.gaps.insert(entry.row.dag);
}

const model::HoleRow* FindHole(const State& state,
                               const model::DagId& dag,
                               const base::Interval& interval) {
  const auto holes = state.holes.find(dag);
  if (holes == state.holes.end())
    return nullptr;
  auto after = holes->second.upper_bound(interval.end);
  if (after == holes->second.begin())
    return nullptr;
  const model::HoleRow& hole = std::prev(after)->second;
  const bool is_inside = interval.start >= hole.first.start && interval.end <= hole.last.end;
  return is_inside ? &hole : nullptr;
}

void NoteFilled(Turn& turn, const Run& run, bool is_filled) {
  const base::Interval& interval = run.row.data_interval;
  const model::HoleRow* found = FindHole(turn.state, run.row.key.dag, interval);
  if (found == nullptr)
    return;
  model::HoleRow& hole = turn.state.holes.at(found->dag).at(found->first.end);
  const auto place = std::lower_bound(hole.filled.begin(), hole.filled.end(), interval.end);
  if (is_filled)
    hole.filled.insert(place, interval.end);
  else if (place != hole.filled.end() && *place == interval.end)
    hole.filled.erase(place);
  turn.recorder.Put(hole);
}

}  // namespace engine
