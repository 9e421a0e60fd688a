#include "engine/past_runs.h"

#include <algorithm>
#include <utility>

#include "engine/groups.h"
#include "engine/names.h"

namespace engine {

namespace {

using model::UpstreamWait;
using Place = std::pair<Time, model::RunId>;

bool LetsOn(JobState state) {
  return state == JobState::kSuccess || state == JobState::kSkipped;
}

bool Counts(const model::Dag& dag, model::RunType type) {
  return !dag.catchup || !IsAskedFor(type);
}

// The latest of all, or of those that are not manual.
bool IsLatest(const PastRuns& past, const Place& place) {
  const auto is_not_manual = [](const auto& run) { return !IsAskedFor(run.second.type); };
  const auto latest = std::find_if(past.by_date.rbegin(), past.by_date.rend(), is_not_manual);
  return past.by_date.rbegin()->first == place ||
         (latest != past.by_date.rend() && latest->first == place);
}

bool IsKnown(const PastRuns& past, const Place& place, const PastRun& run, Time forget_before) {
  return !run.ended_at || *run.ended_at >= forget_before || IsLatest(past, place);
}

struct Previous {
  Place place;
  base::Interval data_interval;
};

std::optional<Previous> FindInMemory(const State& state, const model::Dag& dag, Time date) {
  std::optional<Previous> found;
  for (auto it = state.runs.lower_bound({dag.id, model::RunId()});
       it != state.runs.end() && it->first.dag == dag.id;
       ++it) {
    const model::RunRow& row = it->second.row;
    if (!row.logical_date || *row.logical_date >= date || !Counts(dag, row.type))
      continue;
    const Place place(*row.logical_date, row.key.run);
    if (!found || place > found->place)
      found = {place, row.data_interval};
  }
  return found;
}

std::optional<Previous> FindInPast(const State& state,
                                   const model::Dag& dag,
                                   Time date,
                                   Time forget_before) {
  const auto past = state.past.find(dag.id);
  if (past == state.past.end())
    return std::nullopt;
  const auto& by_date = past->second.by_date;
  for (auto run = std::make_reverse_iterator(by_date.lower_bound({date, model::RunId()}));
       run != by_date.rend();
       ++run) {
    if (Counts(dag, run->second.type) &&
        IsKnown(past->second, run->first, run->second, forget_before))
      return Previous{run->first, run->second.data_interval};
  }
  return std::nullopt;
}

std::optional<Previous> FindPrevious(const Turn& turn, const Run& run) {
  if (!run.row.logical_date)
    return std::nullopt;
  const model::Dag& dag = *run.plan->dag;
  const Time date = *run.row.logical_date;
  auto previous = FindInMemory(turn.state, dag, date);
  const auto past = FindInPast(turn.state, dag, date, turn.now - turn.options.completed_for);
  if (past && (!previous || past->place > previous->place))
    previous = past;
  return previous;
}

// In the order of the DAG's file, lanes together.
void AddLane(std::vector<UpstreamWait>& waits, UpstreamWait wait, const model::Job& of) {
  const auto same = std::ranges::find(waits, of.id, &UpstreamWait::job);
  if (same != waits.end()) {
    same->lanes.push_back(of.lane);
    return;
  }
  wait.job = of.id;
  wait.lanes = {of.lane};
  waits.push_back(std::move(wait));
}

bool WaitsFor(const UpstreamWait& wait, const model::RunKey& run) {
  return wait.dag == run.dag && wait.run == run.run;
}

bool IsAwaited(const State& state, const model::RunKey& run) {
  return !WaitersForRun(state, run).empty();
}

void AddNotDone(const State& state, PastRun& run, JobRef job) {
  const JobRef name = PresentName(state, std::move(job));
  run.not_done.insert({name.job, name.lane});
}

// Those that nobody can ask for any more.
void Prune(State& state, const model::DagId& dag, Time forget_before) {
  PastRuns& past = state.past.at(dag);
  for (auto run = past.by_date.begin(); run != past.by_date.end();) {
    const model::RunId& id = run->first.second;
    if (IsKnown(past, run->first, run->second, forget_before) || IsAwaited(state, {dag, id})) {
      ++run;
      continue;
    }
    past.dates.erase(id);
    run = past.by_date.erase(run);
  }
}

}  // namespace

std::vector<UpstreamWait> WaitsForPast(const Turn& turn, const Run& run, const JobInstance& job) {
  std::vector<UpstreamWait> waits;
  if (!job.def->depends_on_past)
    return waits;
  const auto previous = FindPrevious(turn, run);
  if (!previous)
    return waits;
  const UpstreamWait wait{.dag = run.row.key.dag,
                          .job = {},
                          .lanes = {},
                          .interval = previous->data_interval,
                          .basis = model::WaitBasis::kPastRun,
                          .skips_holes = false,
                          .run = previous->place.second};
  AddLane(waits, wait, *job.def);
  if (!job.def->wait_for_downstream)
    return waits;
  for (int down : run.plan->downstream[static_cast<size_t>(job.index)])
    AddLane(waits, wait, run.plan->dag->jobs[static_cast<size_t>(down)]);
  return waits;
}

std::vector<model::LaneId> LanesNotDone(const State& state, const UpstreamWait& wait) {
  const auto live = state.runs.find({wait.dag, wait.run});
  const auto past = state.past.find(wait.dag);
  const PastRun* ended = nullptr;
  if (live == state.runs.end() && past != state.past.end()) {
    const auto date = past->second.dates.find(wait.run);
    if (date != past->second.dates.end())
      ended = &past->second.by_date.at({date->second, wait.run});
  }
  std::vector<model::LaneId> lanes;
  for (const model::LaneId& lane : wait.lanes) {
    const JobRef name = PresentName(state, {wait.dag, wait.job, lane});
    bool is_done = ended != nullptr && !ended->not_done.contains({name.job, name.lane});
    if (live != state.runs.end()) {
      const int place = PlaceOf(state, *live->second.plan, {wait.dag, wait.job, lane});
      is_done = place < 0 || LetsOn(EndSeenBy(live->second, place, -1));
    }
    if (!is_done)
      lanes.push_back(lane);
  }
  return lanes;
}

std::vector<model::JobKey> WaitersForRun(const State& state, const model::RunKey& run) {
  std::vector<model::JobKey> waiters;
  const model::RunKey first{run.dag, model::RunId()};
  for (auto key = state.waiting_elsewhere.lower_bound({first, model::JobId(), model::LaneId()});
       key != state.waiting_elsewhere.end() && key->run.dag == run.dag;
       ++key) {
    if (std::ranges::any_of(FindJob(state, *key)->row.waits_for,
                            [&](const UpstreamWait& wait) { return WaitsFor(wait, run); }))
      waiters.push_back(*key);
  }
  return waiters;
}

void RememberRun(State& state, const Run& run, Time forget_before) {
  if (!run.row.logical_date)
    return;
  PastRuns& past = state.past[run.row.key.dag];
  const auto [date, is_new] = past.dates.try_emplace(run.row.key.run, *run.row.logical_date);
  PastRun& kept = past.by_date[{date->second, date->first}];
  kept = {run.row.type, run.row.data_interval, run.row.end_date, {}};
  for (const JobInstance& job : run.jobs) {
    if (!LetsOn(job.state))
      AddNotDone(state, kept, {run.row.key.dag, job.def->id, job.def->lane});
  }
  Prune(state, run.row.key.dag, forget_before);
}

void RememberJob(State& state, const model::Snapshot::CompletedJob& job) {
  if (!job.is_of_whole_run || !job.logical_date || state.runs.contains(job.job.run))
    return;
  PastRuns& past = state.past[job.job.run.dag];
  past.dates[job.job.run.run] = *job.logical_date;
  PastRun& kept = past.by_date[{*job.logical_date, job.job.run.run}];
  kept.type = job.type;
  kept.data_interval = job.data_interval;
  kept.ended_at = job.ended_at;
  if (job.state != model::TaskState::kSuccess && job.state != model::TaskState::kSkipped)
    AddNotDone(state, kept, {job.job.run.dag, job.job.job, job.job.lane});
}

void ForgetRun(State& state, const model::RunKey& run) {
  const auto past = state.past.find(run.dag);
  if (past == state.past.end())
    return;
  const auto date = past->second.dates.find(run.run);
  if (date == past->second.dates.end())
    return;
  past->second.by_date.erase({date->second, run.run});
  past->second.dates.erase(date);
}

void RenamePast(State& state, const model::DagId& dag) {
  const auto past = state.past.find(dag);
  if (past == state.past.end())
    return;
  for (auto& [place, run] : past->second.by_date) {
    for (const auto& [job, lane] : std::exchange(run.not_done, {}))
      AddNotDone(state, run, {dag, job, lane});
  }
}

}  // namespace engine
