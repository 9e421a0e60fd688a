#include "engine/cross_dag.h"

#include <algorithm>

#include "engine/due.h"
#include "engine/holes.h"
#include "engine/past_runs.h"

namespace engine {

namespace {

using model::UpstreamWait;
using model::WaitBasis;

// The dagfile module refuses edges that want half of this of every run; a run that is triggered
// with a long data interval wants one run of the upstream DAG with the same.
constexpr size_t kMostWaits = 20'000;

// `dag/job` means the same lane where both have it, else all lanes.
std::vector<model::LaneId> LanesOf(const model::Dag& dag,
                                   const model::CrossDependency& edge,
                                   const model::LaneId& mine) {
  std::vector<model::LaneId> all;
  for (const model::Job& job : dag.jobs) {
    if (job.id == edge.job)
      all.push_back(job.lane);
  }
  const model::LaneId& wanted = edge.lane ? *edge.lane : mine;
  if (edge.lane || all.empty() || std::find(all.begin(), all.end(), wanted) != all.end())
    return {wanted};
  return all;
}

// The intervals that the edge's window names.
std::vector<base::Interval> Matches(const DagEntry& upstream,
                                    model::Window window,
                                    const base::Interval& mine) {
  if (window == model::Window::kCovers)
    return DueInside(upstream, mine, kMostWaits + 1);
  const std::optional<base::Interval> latest = LatestDue(upstream, mine.end);
  if (!latest || (window == model::Window::kSameInterval && *latest != mine))
    return {};
  return {*latest};
}

bool IsScheduled(const DagEntry& entry) {
  return std::any_of(entry.periods.begin(), entry.periods.end(), [](const SchedulePeriod& period) {
    return period.timetable.has_value();
  });
}

// Where the window names none.
std::optional<UpstreamWait> WithoutMatch(const DagEntry& upstream,
                                         const model::CrossDependency& edge,
                                         const base::Interval& mine,
                                         UpstreamWait wait) {
  if (edge.window == model::Window::kLatestDue && !IsScheduled(upstream)) {
    wait.basis = WaitBasis::kUnscheduled;
    return wait;
  }
  const std::optional<base::Interval> first = FirstDue(upstream);
  if (first && first->end > mine.end) {
    wait.basis = WaitBasis::kNotBegun;
    wait.interval = first;
    return wait;
  }
  if (edge.window == model::Window::kCovers && edge.missing == model::Missing::kSkip)
    return std::nullopt;
  wait.basis = WaitBasis::kNoMatch;
  wait.interval = mine;
  return wait;
}

void ResolveEdge(const State& state,
                 const model::Job& job,
                 const model::CrossDependency& edge,
                 const base::Interval& mine,
                 std::vector<UpstreamWait>& waits) {
  UpstreamWait wait{.dag = edge.dag, .job = edge.job, .lanes = {}, .interval = {}};
  wait.skips_holes = edge.missing == model::Missing::kSkip;
  const auto upstream = state.dags.find(edge.dag);
  if (upstream == state.dags.end()) {
    wait.lanes = {edge.lane.value_or(job.lane)};
    wait.basis = WaitBasis::kUnknownDag;
    waits.push_back(std::move(wait));
    return;
  }
  const DagEntry& entry = upstream->second;
  wait.lanes = LanesOf(*entry.plan->dag, edge, job.lane);
  const std::vector<base::Interval> matches = Matches(entry, edge.window, mine);
  if (matches.size() > kMostWaits) {
    wait.basis = WaitBasis::kNoMatch;
    wait.interval = mine;
    waits.push_back(std::move(wait));
    return;
  }
  for (const base::Interval& interval : matches) {
    wait.interval = interval;
    waits.push_back(wait);
  }
  if (!matches.empty())
    return;
  if (auto instead = WithoutMatch(entry, edge, mine, std::move(wait)))
    waits.push_back(std::move(*instead));
}

bool Names(const UpstreamWait& wait, const JobRef& ref) {
  return wait.dag == ref.dag && wait.job == ref.job;
}

}  // namespace

std::vector<UpstreamWait> ResolveWaits(const State& state,
                                       const model::Job& job,
                                       const base::Interval& interval) {
  std::vector<UpstreamWait> waits;
  for (const model::CrossDependency& edge : job.cross)
    ResolveEdge(state, job, edge, interval, waits);
  return waits;
}

std::vector<model::JobKey> ResolveAnew(Turn& turn, const std::set<model::DagId>& known_now) {
  std::vector<model::JobKey> resolved;
  for (const model::JobKey& key : turn.state.waiting_elsewhere) {
    JobInstance& job = *FindJob(turn.state, key);
    const auto& waits = job.row.waits_for;
    const bool concerns = std::any_of(waits.begin(), waits.end(), [&](const UpstreamWait& wait) {
      return wait.basis == WaitBasis::kUnknownDag && known_now.contains(wait.dag);
    });
    if (!concerns)
      continue;
    std::vector<UpstreamWait> now =
        ResolveWaits(turn.state, *job.def, FindRun(turn.state, key.run)->row.data_interval);
    // What it waits for of its own DAG's past is decided.
    std::ranges::copy_if(waits, std::back_inserter(now), [](const UpstreamWait& wait) {
      return wait.basis == WaitBasis::kPastRun;
    });
    job.row.waits_for = std::move(now);
    turn.recorder.Put(job.row);
    resolved.push_back(key);
  }
  return resolved;
}

void UpgradeWait(const State& state, UpstreamWait& wait) {
  if (wait.basis != WaitBasis::kLogicalDate)
    return;
  const Time date = wait.interval->end;
  wait.basis = WaitBasis::kNoMatch;
  const auto upstream = state.dags.find(wait.dag);
  if (upstream == state.dags.end() || !upstream->second.timetable)
    return;
  const auto fire = upstream->second.timetable->NextLogicalAtOrAfter(date);
  if (!fire || fire->logical_date != date)
    return;
  wait.basis = WaitBasis::kDue;
  wait.interval = fire->data_interval;
}

std::vector<model::LaneId> MissingLanes(const State& state, const UpstreamWait& wait) {
  if (wait.basis == WaitBasis::kPastRun)
    return LanesNotDone(state, wait);
  std::vector<model::LaneId> missing;
  for (const model::LaneId& lane : wait.lanes) {
    const auto found = state.successes.find({wait.dag, wait.job, lane});
    const bool any = found != state.successes.end() && !found->second.empty();
    const bool is_there = wait.interval ? any && found->second.contains(*wait.interval)
                                        : any && wait.basis == WaitBasis::kUnscheduled;
    if (!is_there)
      missing.push_back(lane);
  }
  return missing;
}

bool IsOver(const State& state, const UpstreamWait& wait) {
  if (wait.skips_holes && wait.interval && FindHole(state, wait.dag, *wait.interval) != nullptr)
    return true;
  return MissingLanes(state, wait).empty();
}

bool WaitsAreOver(const State& state, const JobInstance& job) {
  const auto& waits = job.row.waits_for;
  return std::all_of(
      waits.begin(), waits.end(), [&](const UpstreamWait& wait) { return IsOver(state, wait); });
}

void BeginWaiting(State& state, JobInstance& job) {
  job.upstream_elsewhere = !job.row.waits_for.empty();
  if (job.upstream_elsewhere)
    state.waiting_elsewhere.insert(job.row.key);
}

void StopWaiting(State& state, JobInstance& job) {
  if (job.upstream_elsewhere)
    state.waiting_elsewhere.erase(job.row.key);
  job.upstream_elsewhere = false;
}

std::vector<model::JobKey> ThoseThatSkip(const State& state, const std::set<model::DagId>& dags) {
  std::vector<model::JobKey> keys;
  for (const model::JobKey& key : state.waiting_elsewhere) {
    const auto& waits = FindJob(state, key)->row.waits_for;
    if (std::any_of(waits.begin(), waits.end(), [&](const UpstreamWait& wait) {
          return wait.skips_holes && dags.contains(wait.dag);
        }))
      keys.push_back(key);
  }
  return keys;
}

void RememberSuccess(State& state, const model::JobKey& job, const base::Interval& interval) {
  state.successes[{job.run.dag, job.job, job.lane}][interval].insert(job.run.run);
}

void ForgetSuccess(State& state, const Run& run, const JobInstance& job) {
  const auto found = state.successes.find({run.row.key.dag, job.def->id, job.def->lane});
  if (found == state.successes.end())
    return;
  const auto runs = found->second.find(run.row.data_interval);
  if (runs == found->second.end())
    return;
  runs->second.erase(run.row.key.run);
  if (runs->second.empty())
    found->second.erase(runs);
}

std::vector<model::JobKey> NoteSuccess(State& state,
                                       const Run& run,
                                       const JobInstance& job,
                                       Time forget_before) {
  const JobRef ref{run.row.key.dag, job.def->id, job.def->lane};
  Successes& known = state.successes[ref];
  // Before the new one is noted: a job that waits for it finds it, however old its interval.
  while (known.size() > 1 && known.begin()->first.end < forget_before)
    known.erase(known.begin());
  known[run.row.data_interval].insert(run.row.key.run);
  std::vector<model::JobKey> concerned;
  for (const model::JobKey& key : state.waiting_elsewhere) {
    const auto& waits = FindJob(state, key)->row.waits_for;
    if (std::any_of(
            waits.begin(), waits.end(), [&](const UpstreamWait& wait) { return Names(wait, ref); }))
      concerned.push_back(key);
  }
  return concerned;
}

}  // namespace engine
