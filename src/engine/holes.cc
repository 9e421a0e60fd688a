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
    case model::HoleReason::kCatchup:
      return "catchup takes only the latest";
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

// The ends of the intervals inside the hole that runs have done already.
std::vector<Time> DoneInside(const State& state, const model::HoleRow& hole) {
  std::vector<Time> done;
  const auto known = state.run_successes.find(hole.dag);
  if (known == state.run_successes.end())
    return done;
  for (const auto& [interval, runs] : known->second) {
    if (interval.start >= hole.first.start && interval.end >= hole.first.end &&
        interval.end <= hole.last.end)
      done.insert(done.end(), runs.size(), interval.end);
  }
  return done;
}

void ForgetRunSuccess(State& state, const model::RunRow& run) {
  Successes& known = state.run_successes[run.key.dag];
  const auto runs = known.find(run.data_interval);
  if (runs == known.end())
    return;
  runs->second.erase(run.key.run);
  if (runs->second.empty())
    known.erase(runs);
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
  hole.filled = DoneInside(turn.state, hole);
  turn.recorder.History(
      turn.now,
      model::SubjectOf(entry.row.dag),
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

void RememberRunSuccess(State& state,
                        const model::RunKey& run,
                        const base::Interval& interval,
                        Time forget_before) {
  Successes& known = state.run_successes[run.dag];
  while (!known.empty() && known.begin()->first.end < forget_before)
    known.erase(known.begin());
  known[interval].insert(run.run);
}

void NoteFilled(Turn& turn, const Run& run, bool is_filled) {
  if (is_filled)
    RememberRunSuccess(
        turn.state, run.row.key, run.row.data_interval, turn.now - turn.options.completed_for);
  else
    ForgetRunSuccess(turn.state, run.row);
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
