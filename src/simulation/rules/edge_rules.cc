#include "simulation/rules/edge_rules.h"

#include <algorithm>

#include "base/text.h"
#include "simulation/rules/group_facts.h"

namespace simulation {

namespace {

using model::TaskState;

bool HasBegun(const std::vector<TaskState>& tasks) {
  const auto waits = [](TaskState state) {
    return state == TaskState::kNone || state == TaskState::kRestarting;
  };
  const auto gave_up = [](TaskState state) {
    return state == TaskState::kSkipped || state == TaskState::kUpstreamFailed;
  };
  return !std::ranges::all_of(tasks, waits) && std::ranges::none_of(tasks, gave_up);
}

JobEnd EndOfTask(TaskState state) {
  switch (state) {
    case TaskState::kSuccess:
      return JobEnd::kSuccess;
    case TaskState::kSkipped:
      return JobEnd::kSkipped;
    case TaskState::kFailed:
    case TaskState::kUpstreamFailed:
      return JobEnd::kFailed;
    case TaskState::kNone:
    case TaskState::kScheduled:
    case TaskState::kQueued:
    case TaskState::kRunning:
    case TaskState::kDeferred:
    case TaskState::kUpForRetry:
    case TaskState::kRestarting:
    case TaskState::kRemoved:
      return JobEnd::kOpen;
  }
  return JobEnd::kOpen;
}

}  // namespace

void EdgeRules::OnCommitted(base::Time now, const std::vector<model::Change>& batch) {
  Apply(now, batch, /*judges=*/true);
  for (const auto& [key, waiter] : waiters_) {
    if (waiter.has_begun || waiter.tasks.empty() || waiter.tasks.back() != TaskState::kNone)
      continue;
    for (const Edge& edge : waiter.edges) {
      const auto stored = std::ranges::find(waiter.waits, edge.place, &model::UpstreamWait::edge);
      if (edge.holds && stored != waiter.waits.end() &&
          stored->verdict == model::WaitVerdict::kOpen)
        checks_.Breach(now,
                       base::Cat("I3: ",
                                 ToString(key),
                                 " is not told that the rule ",
                                 ToString(stored->rule),
                                 " holds of ",
                                 stored->dag.str()));
    }
  }
}

void EdgeRules::OnTailLost(base::Time now, const std::vector<Stored>& left, base::Time) {
  current_.clear();
  runs_.clear();
  ends_.clear();
  keys_.clear();
  tasks_.clear();
  waiters_.clear();
  for (const Stored& stored : left)
    Apply(now, stored.batch, /*judges=*/false);
}

// What allows a job to begin may be in the same batch, and behind it: an event's rows stand where
// they were first touched.
void EdgeRules::Apply(base::Time now, const std::vector<model::Change>& batch, bool judges) {
  by_person_.clear();
  begun_.clear();
  for (const model::Change& change : batch) {
    if (const auto* history = std::get_if<model::HistoryRow>(&change)) {
      if (IsByPerson(*history) && !history->subject.run.empty())
        by_person_.insert({history->subject.dag, history->subject.run});
    } else if (const auto* wish = std::get_if<model::TriggerRow>(&change);
               wish != nullptr && wish->state == model::TriggerState::kCleared) {
      by_person_.insert(wish->run);
    }
  }
  for (const model::Change& change : batch) {
    if (const auto* dag = std::get_if<model::DagRow>(&change)) {
      current_[dag->dag] = dag->version;
    } else if (const auto* row = std::get_if<model::RunRow>(&change)) {
      OnRun(*row);
    } else if (const auto* task = std::get_if<model::TaskRow>(&change)) {
      OnTask(now, *task, judges);
    } else if (const auto* job = std::get_if<model::JobRow>(&change)) {
      if (const auto waiter = waiters_.find(job->key); waiter != waiters_.end())
        OnWaits(now, *job, waiter->second, judges);
    }
  }
  for (const model::JobKey& key : begun_)
    JudgeBegin(now, key);
}

void EdgeRules::JudgeBegin(base::Time now, const model::JobKey& key) {
  const auto waiter = waiters_.find(key);
  if (waiter == waiters_.end())
    return;
  for (const Edge& edge : waiter->second.edges) {
    if (!edge.has_held)
      checks_.Breach(now,
                     base::Cat("I3: ",
                               ToString(key),
                               " begins before what it waits for of ",
                               edge.means.dag.str(),
                               " has ended as its rule ",
                               ToString(edge.means.rule),
                               " wants"));
  }
}

// What has been decided lasts, unless the job itself is cleared.
void EdgeRules::OnWaits(base::Time now, const model::JobRow& row, Waiter& waiter, bool judges) {
  const bool is_cleared = waiter.restarts || by_person_.contains(row.key.run);
  for (size_t i = 0; i < std::min(waiter.waits.size(), row.waits_for.size()); ++i) {
    if (judges && !is_cleared && waiter.waits[i].verdict != model::WaitVerdict::kOpen &&
        row.waits_for[i].verdict == model::WaitVerdict::kOpen)
      checks_.Breach(now, base::Cat("I3: ", ToString(row.key), " takes back what was decided"));
  }
  waiter.waits = row.waits_for;
}

void EdgeRules::OnRun(const model::RunRow& row) {
  const bool is_new = runs_.insert_or_assign(row.key, row.version).second;
  const auto key = std::tuple(row.key.dag, row.data_interval.start, row.data_interval.end);
  keys_[row.key] = key;
  if (is_new) {
    for (const model::Job& job : DagOf(row.version).jobs) {
      const auto edges = checks_.crossings().EdgesOf(row.key, job.id.str());
      if (!edges || edges->size() != job.cross.size())
        continue;
      Waiter& waiter = waiters_[{row.key, job.id, job.lane}];
      for (size_t i = 0; i < edges->size(); ++i) {
        const Crossings::Edge& means = (*edges)[i];
        const bool is_judged = job.cross[i].IsRuled() || means.job.empty() || NamesGroup(means);
        if (is_judged && !means.skips_holes)
          waiter.edges.push_back({static_cast<int>(i), means, LanesOf(means, job.lane)});
      }
      // All edges that it may ask about have to be known.
      if (job.when.starts_with("states[") && waiter.edges.size() == edges->size())
        waiter.when = job.when;
      waiter.has_upstream = !job.upstream.empty();
      if (waiter.edges.empty())
        waiters_.erase({row.key, job.id, job.lane});
    }
  }
  const JobEnd end = row.state == model::RunState::kSuccess  ? JobEnd::kSuccess
                     : row.state == model::RunState::kFailed ? JobEnd::kFailed
                                                             : JobEnd::kOpen;
  ends_[key][row.key][{}] = end;
  JudgeAll(row.key.dag);
  if (is_new) {
    for (const auto& [id, version] : current_)
      JudgeAll(id);
  }
}

void EdgeRules::OnTask(base::Time now, const model::TaskRow& row, bool judges) {
  const auto run = runs_.find(row.job.run);
  if (run == runs_.end() || row.job.index >= 0)  // edges see a mapped job as a whole
    return;
  if (row.state == TaskState::kRemoved)
    return OnRemoved(row.job);
  const model::Dag& dag = DagOf(run->second);
  const model::Job* job = FindJob(&dag, row.job.job, row.job.lane);
  if (job == nullptr)
    return;
  if (!GroupsAround(dag, *job).empty()) {
    auto& tasks = tasks_[row.job.run][{row.job.job, row.job.lane}];
    tasks.resize(model::TaskCount(*job), TaskState::kNone);
    tasks[static_cast<size_t>(row.task)] = row.state;
    JudgeAll(row.job.run.dag);
  }
  if (static_cast<size_t>(row.task) + 1 == model::TaskCount(*job)) {
    ends_[keys_.at(row.job.run)][row.job.run][{row.job.job, row.job.lane}] = EndOfTask(row.state);
    JudgeAll(row.job.run.dag);
  }
  const auto found = waiters_.find(row.job);
  if (found == waiters_.end())
    return;
  Waiter& waiter = found->second;
  waiter.tasks.resize(model::TaskCount(*job), TaskState::kNone);
  waiter.tasks[static_cast<size_t>(row.task)] = row.state;
  waiter.restarts =
      row.state == TaskState::kRestarting || (waiter.restarts && row.state == TaskState::kNone);
  const bool begins = !waiter.has_begun && HasBegun(waiter.tasks);
  const bool is_skipped = row.state == TaskState::kSkipped && !waiter.has_begun;
  const bool begins_again = waiter.has_begun && !HasBegun(waiter.tasks);
  waiter.has_begun = HasBegun(waiter.tasks);
  // While it had begun nobody asked what it waits for.
  if (begins_again) {
    for (Edge& edge : waiter.edges)
      edge.has_held = edge.holds = FateNow(edge) == Fate::kBegins;
  }
  if (judges && (begins || is_skipped) && !by_person_.contains(row.job.run))
    JudgeCondition(now, row.job, waiter);
  if (begins && judges && !by_person_.contains(row.job.run))
    begun_.insert(row.job);
}

void EdgeRules::OnRemoved(const model::JobKey& key) {
  const Place place{key.job, key.lane};
  waiters_.erase(key);
  tasks_[key.run].erase(place);
  ends_[keys_.at(key.run)][key.run].erase(place);
  JudgeAll(key.run.dag);
}

bool EdgeRules::IsHidden(const model::RunKey& run, const Place& place) const {
  const auto tasks = tasks_.find(run);
  if (tasks == tasks_.end() || !tasks->second.contains(place))
    return false;
  const model::Dag& dag = DagOf(runs_.at(run));
  return !IsSeenElsewhere(
      dag, *FindJob(&dag, place.first, place.second), [&](const model::Job& job) {
        const auto found = tasks->second.find({job.id, job.lane});
        return found != tasks->second.end() &&
               std::ranges::all_of(found->second,
                                   [](TaskState state) { return IsTerminal(state); });
      });
}

// "states['d0/j1'] == 'failed'", or "!=": of all edges to that job together, a failure counts.
// Where an edge may have had the job skipped itself, that says nothing.
void EdgeRules::JudgeCondition(base::Time now, const model::JobKey& key, const Waiter& waiter) {
  const bool is_skipped =
      std::ranges::count(waiter.tasks, TaskState::kSkipped) == std::ssize(waiter.tasks);
  const bool is_part = !is_skipped && std::ranges::count(waiter.tasks, TaskState::kSkipped) > 0;
  const bool may_be_ended =
      std::ranges::any_of(waiter.waits, [](const auto& wait) { return wait.ends_job; });
  if (waiter.when.empty() || is_part || (is_skipped && (may_be_ended || waiter.has_upstream)))
    return;
  const size_t begin = waiter.when.find('\'') + 1;
  const std::string name = waiter.when.substr(begin, waiter.when.find('\'', begin) - begin);
  bool has_failed = false;
  for (const Edge& edge : waiter.edges) {
    const std::string job = edge.means.job.str();
    if (name != edge.means.dag.str() + (job.empty() ? "" : "/" + job))
      continue;
    for (const base::Interval& interval : edge.means.intervals) {
      for (const model::LaneId& lane : edge.lanes)
        has_failed = has_failed ||
                     EndOf(edge.means.dag, interval, {edge.means.job, lane}) == JobEnd::kFailed;
    }
  }
  const bool wants_failure = waiter.when.find("==") != std::string::npos;
  if (is_skipped != (has_failed != wants_failure))
    checks_.Breach(now,
                   base::Cat("I3: ",
                             ToString(key),
                             is_skipped ? " is skipped" : " begins",
                             " against its condition ",
                             waiter.when));
}

// Something of the DAG has ended, or begins again.
void EdgeRules::JudgeAll(const model::DagId& dag) {
  for (auto& [key, waiter] : waiters_) {
    if (waiter.has_begun && !begun_.contains(key))
      continue;
    for (Edge& edge : waiter.edges) {
      if (edge.means.dag != dag)
        continue;
      edge.holds = FateNow(edge) == Fate::kBegins;
      edge.has_held = edge.has_held || edge.holds;
    }
  }
}

Fate EdgeRules::FateNow(const Edge& edge) const {
  std::vector<JobEnd> ends;
  for (const base::Interval& interval : edge.means.intervals) {
    for (const model::LaneId& lane : edge.lanes)
      ends.push_back(EndOf(edge.means.dag, interval, {edge.means.job, lane}));
  }
  return FateOf(edge.means.rule, ends, {});
}

// In any run with the interval: a success counts before a skip, a skip before a failure.
JobEnd EdgeRules::EndOf(const model::DagId& dag,
                        const base::Interval& interval,
                        const Place& place) const {
  std::set<JobEnd> ends;
  const auto runs = ends_.find({dag, interval.start, interval.end});
  if (runs == ends_.end())
    return JobEnd::kOpen;
  for (const auto& [run, of_run] : runs->second) {
    if (const auto end = of_run.find(place); end != of_run.end() && !IsHidden(run, place))
      ends.insert(end->second);
  }
  for (JobEnd best : {JobEnd::kSuccess, JobEnd::kSkipped, JobEnd::kFailed}) {
    if (ends.contains(best))
      return best;
  }
  return JobEnd::kOpen;
}

bool EdgeRules::NamesGroup(const Crossings::Edge& edge) const {
  const auto current = current_.find(edge.dag);
  if (current == current_.end())
    return false;
  const model::Dag& dag = DagOf(current->second);
  return std::ranges::any_of(dag.jobs, [&](const model::Job& job) {
    return job.id == edge.job && !GroupsAround(dag, job).empty();
  });
}

// The same lane where both have it, else all lanes.
std::vector<model::LaneId> EdgeRules::LanesOf(const Crossings::Edge& edge,
                                              const model::LaneId& mine) const {
  if (edge.job.empty())
    return {model::LaneId()};
  std::vector<model::LaneId> lanes;
  const auto current = current_.find(edge.dag);
  if (current == current_.end())
    return lanes;
  for (const model::Job& job : DagOf(current->second).jobs) {
    if (job.id == edge.job)
      lanes.push_back(job.lane);
  }
  if (std::ranges::find(lanes, mine) != lanes.end())
    return {mine};
  return lanes;
}

const model::Dag& EdgeRules::DagOf(const model::VersionId& version) const {
  return *checks_.versions().Find(version);
}

}  // namespace simulation
