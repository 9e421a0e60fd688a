#include "engine/cross_dag.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/due.h"
#include "engine/holes.h"
#include "engine/names.h"
#include "engine/past_runs.h"
#include "model/select.h"

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
  if (edge.job.empty())
    return {model::LaneId()};  // the whole run
  std::vector<model::LaneId> all;
  for (const model::Job& job : dag.jobs) {
    if (job.id == edge.job)
      all.push_back(job.lane);
  }
  if (edge.all_lanes && !all.empty())
    return all;
  const model::LaneId& wanted = edge.lane ? *edge.lane : mine;
  if (edge.lane || all.empty() || std::find(all.begin(), all.end(), wanted) != all.end())
    return {wanted};
  return all;
}

// Whole days by the calendar of the zone: 02:00 a day earlier is 02:00, whatever the clocks did in
// between. The rest of the offset is exact.
Time MoveBack(const schedule::TimeZone& zone, Time at, base::Duration offset) {
  const auto days = std::chrono::floor<std::chrono::days>(offset);
  const Time moved = days.count() == 0 ? at : zone.ToUtc(zone.ToLocal(at) - days);
  return moved - (offset - days);
}

// What the upstream DAG's intervals are compared with.
base::Interval Compared(const State& state,
                        const model::DagId& dag,
                        const model::CrossDependency& edge,
                        const base::Interval& mine) {
  const auto entry = state.dags.find(dag);
  if (edge.offset == base::Duration(0) || entry == state.dags.end() || !entry->second.zone)
    return mine;
  const schedule::TimeZone& zone = *entry->second.zone;
  return {MoveBack(zone, mine.start, edge.offset), MoveBack(zone, mine.end, edge.offset)};
}

// The intervals that the edge's window names.
std::vector<base::Interval> Matches(const DagEntry& upstream,
                                    const model::CrossDependency& edge,
                                    const base::Interval& mine) {
  if (edge.window == model::Window::kCovers)
    return DueInside(upstream, mine, kMostWaits + 1);
  std::optional<base::Interval> latest = LatestDue(upstream, mine.end);
  for (int back = edge.intervals_back; back > 0 && latest; --back)
    latest = LatestDue(upstream, latest->end - base::Duration(1));
  if (!latest || (edge.window == model::Window::kSameInterval && *latest != mine) ||
      (edge.window == model::Window::kWithin && latest->end <= mine.end - edge.within))
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
  // So many intervals earlier there was none yet: as for a job that comes too early.
  if (first && (first->end > mine.end || edge.intervals_back > 0)) {
    wait.basis = WaitBasis::kNotBegun;
    wait.interval = first;
    return wait;
  }
  const bool may_be_none =
      edge.window == model::Window::kCovers || edge.window == model::Window::kWithin;
  if (may_be_none && edge.missing == model::Missing::kSkip)
    return std::nullopt;
  const bool has_older =
      edge.window == model::Window::kWithin && LatestDue(upstream, mine.end).has_value();
  wait.basis = has_older ? WaitBasis::kTooOld : WaitBasis::kNoMatch;
  wait.interval = mine;
  return wait;
}

void ResolveEdge(const State& state,
                 const model::DagId& dag,
                 const model::Job& job,
                 int place,
                 const base::Interval& interval,
                 std::vector<UpstreamWait>& waits) {
  const model::CrossDependency& edge = job.cross[static_cast<size_t>(place)];
  UpstreamWait wait{.dag = edge.dag, .job = edge.job, .lanes = {}, .interval = {}};
  wait.skips_holes = edge.missing == model::Missing::kSkip;
  if (edge.IsRuled()) {
    wait.edge = place;
    wait.rule = edge.rule;
    wait.ends_job = edge.ends_job;
  }
  const auto upstream = state.dags.find(edge.dag);
  if (upstream == state.dags.end()) {
    wait.lanes = {edge.job.empty() ? model::LaneId() : edge.lane.value_or(job.lane)};
    wait.basis = WaitBasis::kUnknownDag;
    waits.push_back(std::move(wait));
    return;
  }
  const DagEntry& entry = upstream->second;
  const base::Interval mine = Compared(state, dag, edge, interval);
  wait.lanes = LanesOf(*entry.plan->dag, edge, job.lane);
  const std::vector<base::Interval> matches = Matches(entry, edge, mine);
  if (matches.size() > kMostWaits) {
    wait.basis = WaitBasis::kNoMatch;
    wait.interval = mine;
    waits.push_back(std::move(wait));
    return;
  }
  for (const base::Interval& match : matches) {
    wait.interval = match;
    waits.push_back(wait);
  }
  if (!matches.empty())
    return;
  if (auto instead = WithoutMatch(entry, edge, mine, std::move(wait)))
    waits.push_back(std::move(*instead));
}

bool IsRuled(const UpstreamWait& wait) {
  return wait.edge >= 0;
}

bool IsHole(const State& state, const UpstreamWait& wait) {
  return wait.skips_holes && wait.interval && FindHole(state, wait.dag, *wait.interval) != nullptr;
}

// What the rule says of all waits of the edge.
Readiness Judge(const State& state, const std::vector<UpstreamWait>& waits, int edge) {
  UpstreamEnds ends;
  model::TriggerRule rule = model::TriggerRule::kAllSuccess;
  for (const UpstreamWait& wait : waits) {
    if (wait.edge != edge || IsHole(state, wait))
      continue;
    rule = wait.rule;
    for (const model::LaneId& lane : wait.lanes) {
      ++ends.jobs;
      Count(ends, EndOf(state, wait, lane), /*is_setup=*/false);
    }
  }
  return Decide(rule, ends);
}

model::WaitVerdict VerdictOf(Readiness readiness, bool ends_job) {
  switch (readiness) {
    case Readiness::kReady:
      return model::WaitVerdict::kReady;
    case Readiness::kSkipped:
      return ends_job ? model::WaitVerdict::kSkipped : model::WaitVerdict::kOpen;
    case Readiness::kUpstreamFailed:
      return ends_job ? model::WaitVerdict::kUpstreamFailed : model::WaitVerdict::kOpen;
    case Readiness::kWaits:
      return model::WaitVerdict::kOpen;
  }
  return model::WaitVerdict::kOpen;
}

// What has been decided stays.
model::WaitVerdict VerdictNow(const State& state,
                              const std::vector<UpstreamWait>& waits,
                              const UpstreamWait& wait) {
  if (!IsRuled(wait) || wait.verdict != model::WaitVerdict::kOpen)
    return wait.verdict;
  return VerdictOf(Judge(state, waits, wait.edge), wait.ends_job);
}

Readiness ReadinessOf(model::WaitVerdict verdict) {
  switch (verdict) {
    case model::WaitVerdict::kOpen:
      return Readiness::kWaits;
    case model::WaitVerdict::kReady:
      return Readiness::kReady;
    case model::WaitVerdict::kSkipped:
      return Readiness::kSkipped;
    case model::WaitVerdict::kUpstreamFailed:
      return Readiness::kUpstreamFailed;
  }
  return Readiness::kWaits;
}

JobRef RefOf(const State& state, const Run& run, const JobInstance& job) {
  return PresentName(state, {run.row.key.dag, job.def->id, job.def->lane});
}

JobRef RefOf(const Run& run) {
  return {run.row.key.dag, model::JobId(), model::LaneId()};
}

template <typename Ends>
void Forget(std::unordered_map<JobRef, Ends, JobRefHash>& all, const JobRef& ref, const Run& run) {
  const auto found = all.find(ref);
  if (found == all.end())
    return;
  const auto runs = found->second.find(run.row.data_interval);
  if (runs == found->second.end())
    return;
  runs->second.erase(run.row.key.run);
  if (runs->second.empty())
    found->second.erase(runs);
}

// Before a new one is noted: a job that waits for that finds it, however old its interval.
template <typename Ends>
void ForgetOld(Ends& known, Time forget_before, size_t kept) {
  while (known.size() > kept && known.begin()->first.end < forget_before)
    known.erase(known.begin());
}

bool Names(const UpstreamWait& wait, const JobRef& ref) {
  return wait.dag == ref.dag && wait.job == ref.job;
}

}  // namespace

std::vector<UpstreamWait> ResolveWaits(const State& state,
                                       const model::DagId& dag,
                                       const model::Job& job,
                                       const base::Interval& interval) {
  std::vector<UpstreamWait> waits;
  for (size_t edge = 0; edge < job.cross.size(); ++edge)
    ResolveEdge(state, dag, job, static_cast<int>(edge), interval, waits);
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
    std::vector<UpstreamWait> now = ResolveWaits(
        turn.state, key.run.dag, *job.def, FindRun(turn.state, key.run)->row.data_interval);
    // What was decided stays so, where the edge is about another DAG.
    for (UpstreamWait& wait : now) {
      const auto before = std::ranges::find_if(
          waits, [&](const UpstreamWait& old) { return IsRuled(wait) && old.edge == wait.edge; });
      if (before != waits.end())
        wait.verdict = before->verdict;
    }
    // What it waits for of its own DAG's past is decided.
    std::ranges::copy_if(waits, std::back_inserter(now), [](const UpstreamWait& wait) {
      return wait.basis == WaitBasis::kPastRun;
    });
    job.row.waits_for = std::move(now);
    turn.recorder.Put(job.row);
    DecideEdges(turn, job);
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

JobState EndOf(const State& state, const UpstreamWait& wait, const model::LaneId& lane) {
  const JobRef ref{wait.dag, wait.job, lane};
  const bool is_any = wait.basis == WaitBasis::kUnscheduled;
  if (!wait.interval && !is_any)
    return JobState::kNone;
  const auto succeeded = state.successes.find(ref);
  if (succeeded != state.successes.end() &&
      (is_any ? !succeeded->second.empty() : succeeded->second.contains(*wait.interval)))
    return JobState::kSuccess;
  JobState end = JobState::kNone;
  const auto others = state.other_ends.find(ref);
  if (others == state.other_ends.end())
    return end;
  for (const auto& [interval, runs] : others->second) {
    if (!is_any && interval != *wait.interval)
      continue;
    for (const auto& [run, state_of] : runs)
      end = end == JobState::kSkipped ? end : state_of;
  }
  return end;
}

std::map<std::string, JobState> EndsElsewhere(const State& state, const JobInstance& job) {
  constexpr std::array kStrongestFirst{
      JobState::kFailed, JobState::kSuccess, JobState::kSkipped, JobState::kNone};
  std::map<std::string, JobState> ends;
  // Under the names that the job's own version has for them; waits have the present ones.
  for (const model::CrossDependency& edge : job.def->cross) {
    JobState& end =
        ends.try_emplace(model::CrossName(edge.dag, edge.job), JobState::kNone).first->second;
    for (const UpstreamWait& wait : job.row.waits_for) {
      if (wait.basis == WaitBasis::kPastRun || wait.lanes.empty() ||
          !IsMeantBy(state, edge, {wait.dag, wait.job, wait.lanes.front()}))
        continue;
      for (const model::LaneId& lane : wait.lanes)
        end =
            *std::ranges::find_first_of(kStrongestFirst, std::array{end, EndOf(state, wait, lane)});
    }
  }
  return ends;
}

std::vector<model::LaneId> MissingLanes(const State& state, const UpstreamWait& wait) {
  if (wait.basis == WaitBasis::kPastRun)
    return LanesNotDone(state, wait);
  std::vector<model::LaneId> missing;
  for (const model::LaneId& lane : wait.lanes) {
    const JobState end = EndOf(state, wait, lane);
    if (IsRuled(wait) ? end == JobState::kNone : end != JobState::kSuccess)
      missing.push_back(lane);
  }
  return missing;
}

bool IsOver(const State& state, const UpstreamWait& wait) {
  if (IsRuled(wait))
    return wait.verdict == model::WaitVerdict::kReady;
  return IsHole(state, wait) || MissingLanes(state, wait).empty();
}

Readiness ReadinessElsewhere(const State& state, const JobInstance& job) {
  Readiness all = Readiness::kReady;
  for (const UpstreamWait& wait : job.row.waits_for) {
    const Readiness one = IsRuled(wait)         ? ReadinessOf(wait.verdict)
                          : IsOver(state, wait) ? Readiness::kReady
                                                : Readiness::kWaits;
    all = Both(all, one);
  }
  return all;
}

void DecideEdges(Turn& turn, JobInstance& job) {
  auto& waits = job.row.waits_for;
  for (const UpstreamWait& first : waits) {
    const model::WaitVerdict verdict = VerdictNow(turn.state, waits, first);
    if (verdict == first.verdict)
      continue;
    const int edge = first.edge;
    for (UpstreamWait& wait : waits) {
      if (wait.edge == edge)
        wait.verdict = verdict;
    }
    turn.recorder.Put(job.row);
  }
}

bool CouldDecideEdges(const State& state, const JobInstance& job) {
  const auto& waits = job.row.waits_for;
  return std::any_of(waits.begin(), waits.end(), [&](const UpstreamWait& wait) {
    return VerdictNow(state, waits, wait) != wait.verdict;
  });
}

void WaitAnew(Turn& turn, JobInstance& job) {
  for (UpstreamWait& wait : job.row.waits_for) {
    if (IsRuled(wait) &&
        std::exchange(wait.verdict, model::WaitVerdict::kOpen) != model::WaitVerdict::kOpen)
      turn.recorder.Put(job.row);
  }
  DecideEdges(turn, job);
  BeginWaiting(turn.state, job);
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

std::vector<model::JobKey> ThoseThatJudge(
    const State& state, const std::set<std::pair<model::DagId, model::JobId>>& ends) {
  std::vector<model::JobKey> keys;
  for (const model::JobKey& key : state.waiting_elsewhere) {
    const auto& waits = FindJob(state, key)->row.waits_for;
    if (std::any_of(waits.begin(), waits.end(), [&](const UpstreamWait& wait) {
          const bool may_be_named = wait.job.empty() || IsRuled(wait);
          return may_be_named && ends.contains({wait.dag, wait.job});
        }))
      keys.push_back(key);
  }
  return keys;
}

void RememberSuccess(State& state, const model::JobKey& job, const base::Interval& interval) {
  const JobRef ref = PresentName(state, {job.run.dag, job.job, job.lane});
  state.successes[ref][interval].insert(job.run.run);
}

void RememberOtherEnd(State& state,
                      const model::JobKey& job,
                      const base::Interval& interval,
                      JobState end) {
  // A job whose first task failed has a last one that is upstream_failed: the rows tell no more.
  const JobRef ref = PresentName(state, {job.run.dag, job.job, job.lane});
  state.other_ends[ref][interval][job.run.run] =
      end == JobState::kUpstreamFailed ? JobState::kFailed : end;
}

void ForgetEnd(State& state, const Run& run, const JobInstance& job) {
  Forget(state.successes, RefOf(state, run, job), run);
  Forget(state.other_ends, RefOf(state, run, job), run);
}

void NoteOtherEnd(Turn& turn, const Run& run, const JobInstance& job) {
  const JobRef ref = RefOf(turn.state, run, job);
  ForgetOld(turn.state.other_ends[ref], turn.now - turn.options.completed_for, 0);
  RememberOtherEnd(turn.state, job.row.key, run.row.data_interval, job.state);
  turn.ends.insert({ref.dag, ref.job});
}

void NoteRunEnd(Turn& turn, const Run& run) {
  ForgetRunEnd(turn.state, run);
  const model::JobKey whole{run.row.key, model::JobId(), model::LaneId()};
  const Time forget_before = turn.now - turn.options.completed_for;
  if (run.row.state == model::RunState::kSuccess) {
    ForgetOld(turn.state.successes[RefOf(run)], forget_before, 1);
    RememberSuccess(turn.state, whole, run.row.data_interval);
  } else {
    ForgetOld(turn.state.other_ends[RefOf(run)], forget_before, 0);
    RememberOtherEnd(turn.state, whole, run.row.data_interval, JobState::kFailed);
  }
  turn.ends.insert({run.row.key.dag, model::JobId()});
}

void ForgetRunEnd(State& state, const Run& run) {
  Forget(state.successes, RefOf(run), run);
  Forget(state.other_ends, RefOf(run), run);
}

std::vector<model::JobKey> NoteSuccess(State& state,
                                       const Run& run,
                                       const JobInstance& job,
                                       Time forget_before) {
  const JobRef ref = RefOf(state, run, job);
  Successes& known = state.successes[ref];
  ForgetOld(known, forget_before, 1);
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
