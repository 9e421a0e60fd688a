#include "engine/load.h"

#include <algorithm>

#include "base/text.h"
#include "engine/assets.h"
#include "engine/backfills.h"
#include "engine/cross_dag.h"
#include "engine/deadlines.h"
#include "engine/groups.h"
#include "engine/holes.h"
#include "engine/kind.h"
#include "engine/mapping.h"
#include "engine/past_runs.h"
#include "engine/propagate.h"
#include "engine/queue.h"
#include "engine/runs.h"
#include "engine/schedules.h"
#include "engine/spend.h"
#include "engine/starts.h"
#include "model/dag_json.h"

namespace engine {

namespace {

base::Status Corrupt(std::string message) {
  return base::Fail(base::ErrorCode::kCorrupt, "the database contradicts itself: " + message);
}

constexpr int kMissing = -1;  // a task whose row was not in the snapshot

using Plans = std::map<model::VersionId, std::shared_ptr<const Plan>>;

base::Result<Plans> LoadPlans(State& state, const Kinds& kinds, const model::Snapshot& snapshot) {
  Plans plans;
  for (const model::DagVersionRow& row : snapshot.versions) {
    ASSIGN_OR_RETURN(auto dag, model::DagOf(row));
    if (dag->version != row.version)
      return base::Fail(
          base::ErrorCode::kCorrupt,
          base::Cat("the stored version of DAG '", dag->id.str(), "' does not hash to its id"));
    plans[row.version] = PlanOf(state, kinds, std::move(dag));
  }
  return plans;
}

base::Status LoadDags(State& state,
                      const Plans& plans,
                      const schedule::ZoneSet& zones,
                      const model::Snapshot& snapshot) {
  for (const model::DagRow& row : snapshot.dags) {
    auto plan = plans.find(row.version);
    if (plan == plans.end())
      return Corrupt(base::Cat("DAG '", row.dag.str(), "' has no version"));
    DagEntry& entry = state.dags[row.dag];
    entry.row = row;
    entry.plan = plan->second;
    NoteCap(state, entry);
    RETURN_IF_ERROR(LoadSchedules(entry, zones));
  }
  for (const model::HoleRow& row : snapshot.holes)
    state.holes[row.dag][row.first.end] = row;
  return {};
}

base::Status LoadBackfills(State& state, const model::Snapshot& snapshot) {
  for (const model::BackfillRow& row : snapshot.backfills) {
    if (!state.dags.contains(row.dag))
      return Corrupt(base::Cat("the backfill ", row.id, " has no DAG"));
    state.backfills[row.id].row = row;
  }
  for (const model::BackfillTickRow& row : snapshot.backfill_ticks)
    state.backfills[row.backfill].ticks.push_back(row);
  for (auto& [id, backfill] : state.backfills)
    FindNextTick(backfill);
  for (const model::HoldRow& row : snapshot.holds)
    state.holds[row.id] = row;
  for (const model::RecordRow& row : snapshot.records)
    state.records[row.id] = row;
  state.last_backfill = snapshot.last_backfill;
  state.last_hold = snapshot.last_hold;
  state.last_deletion = snapshot.last_deletion;
  return {};
}

base::Status LoadState(JobInstance& job) {
  for (const model::TaskRow& task : job.tasks) {
    if (task.task == kMissing)
      return Corrupt(base::Cat("job '", ToString(job.row.key), "' lacks a task"));
  }
  const std::optional<JobState> state = StateOf(job.tasks, job.row.next_try_at.has_value());
  if (!state)
    return Corrupt(base::Cat("the tasks of job '", ToString(job.row.key), "' do not fit together"));
  job.state = *state;
  return {};
}

base::Status LoadMapping(State& state, const model::MappingRow& row) {
  JobInstance* job = FindJob(state, row.key);
  auto items = base::ParseJson(row.items.empty() ? "[]" : row.items);
  if (job == nullptr || !items || !items->is_array() ||
      std::ssize(items->get_array()) > row.instances)
    return Corrupt(base::Cat("the list of the mapped job '", ToString(row.key), "' is broken"));
  Mapped& mapped = state.runs.at(row.key.run).mapped[job->index];
  mapped.row = row;
  mapped.items = std::move(items->get_array());
  mapped.job = job;
  while (std::ssize(mapped.instances) < row.instances) {
    JobInstance& instance = AddInstance(mapped);
    for (model::TaskRow& task : instance.tasks)
      task.task = kMissing;
  }
  return {};
}

// A run that took a newer version may have left rows of groups behind.
void LoadGroup(State& state, const model::GroupTriesRow& row) {
  const auto run = state.runs.find(row.key.run);
  if (run == state.runs.end())
    return;
  const auto tries = std::ranges::find(
      run->second.groups, row.key, [](const GroupTries& each) { return each.row.key; });
  if (tries == run->second.groups.end())
    return;
  tries->row = row;
  if (row.next_try_at)
    state.group_retries.insert({*row.next_try_at, row.key});
}

// Jobs that a run has no more since it took a newer version leave rows behind.
base::Status FindRemoved(State& state, const model::Snapshot& snapshot) {
  for (const model::TaskRow& row : snapshot.tasks) {
    const auto run = state.runs.find(row.job.run);
    if (run == state.runs.end())
      return Corrupt(base::Cat("a task of '", ToString(row.job), "' has no run"));
    if (run->second.plan->index.contains({row.job.job, row.job.lane}))
      continue;
    if (row.state != model::TaskState::kRemoved)
      return Corrupt(base::Cat("a task of '", ToString(row.job), "' is not in its DAG"));
    run->second.removed.insert({row.job.job, row.job.lane});
  }
  return {};
}

bool IsRemoved(const State& state, const model::JobKey& job) {
  const auto run = state.runs.find(job.run);
  return run != state.runs.end() && run->second.removed.contains({job.job, job.lane});
}

base::Status LoadRuns(State& state, const Plans& plans, const model::Snapshot& snapshot) {
  for (const model::RunRow& row : snapshot.runs) {
    auto plan = plans.find(row.version);
    auto entry = state.dags.find(row.key.dag);
    if (plan == plans.end() || entry == state.dags.end())
      return Corrupt(base::Cat("run '", ToString(row.key), "' has no DAG version"));
    Run& run = state.runs[row.key];
    run.row = row;
    run.plan = plan->second;
    run.jobs.resize(run.plan->dag->jobs.size());
    for (size_t i = 0; i < run.jobs.size(); ++i) {
      JobInstance& job = run.jobs[i];
      job.def = &run.plan->dag->jobs[i];
      job.index = static_cast<int>(i);
      job.row.key = {row.key, job.def->id, job.def->lane};
      job.tasks.resize(TaskCount(*job.def), {.task = kMissing});
    }
    MakeGroups(run);
    CountRun(state, row, row.state, 1);
  }
  for (const model::GroupTriesRow& row : snapshot.groups)
    LoadGroup(state, row);
  RETURN_IF_ERROR(FindRemoved(state, snapshot));
  for (const model::MappingRow& row : snapshot.mappings) {
    if (!IsRemoved(state, row.key))
      RETURN_IF_ERROR(LoadMapping(state, row));
  }
  for (const model::JobRow& row : snapshot.jobs) {
    if (IsRemoved(state, row.key))
      continue;
    JobInstance* job = FindJob(state, row.key);
    if (job == nullptr)
      return Corrupt(base::Cat("job '", ToString(row.key), "' is not in its DAG"));
    job->row = row;
    for (model::UpstreamWait& wait : job->row.waits_for)
      UpgradeWait(state, wait);
  }
  for (const model::TaskRow& row : snapshot.tasks) {
    if (IsRemoved(state, row.job))
      continue;
    JobInstance* job = FindJob(state, row.job);
    if (job == nullptr || static_cast<size_t>(row.task) >= job->tasks.size())
      return Corrupt(base::Cat("a task of '", ToString(row.job), "' is not in its DAG"));
    job->tasks[static_cast<size_t>(row.task)] = row;
    // A job that has no row of its own may have been tried all the same.
    job->row.try_number = std::max(job->row.try_number, row.try_number);
  }
  base::Status loaded;
  for (const model::RunRow& row : snapshot.runs)
    ForEachJob(state.runs.at(row.key), [&](JobInstance& job) {
      if (loaded)
        loaded = LoadState(job);
    });
  return loaded;
}

void LoadWork(State& state, const Kinds& kinds, const model::Snapshot& snapshot) {
  for (const model::AttemptRow& row : snapshot.attempts) {
    JobInstance* job = FindJob(state, row.key.job);
    if (job != nullptr && (!job->attempt || job->attempt->key.n < row.key.n))
      job->attempt = row;
  }
  for (const model::OutputsRow& row : snapshot.outputs) {
    JobInstance* job = FindJob(state, row.key.job);
    if (job != nullptr && (!job->outputs || job->outputs->key.n < row.key.n))
      job->outputs = row;
  }
  for (const model::CauseRow& row : snapshot.causes) {
    if (FindRun(state, row.key.job.run) != nullptr)
      state.causes.emplace(row.key, row);
  }
  for (const model::CommandRow& row : snapshot.commands)
    state.commands[{row.aggregate, row.sequence}] = row;
  for (const auto& kind : kinds)
    kind->Load(state, snapshot);
}

// Everything that can be counted from the rows.
void Derive(State& state) {
  for (auto& [key, run] : state.runs) {
    Recount(run);
    AwaitStart(state, run);
    ForEachJob(run, [&](JobInstance& job) {
      if (job.state == JobState::kNone)
        BeginWaiting(state, job);
      if (job.state == JobState::kQueued)
        AddToQueue(state, run, job);
      if (job.row.next_try_at)
        state.retries.insert({*job.row.next_try_at, job.row.key});
      if (job.of != nullptr || HiddenBy(run, job.index, -1) >= 0)
        return;
      if (job.state == JobState::kSuccess)
        RememberSuccess(state, job.row.key, run.row.data_interval);
      else if (IsEnded(job.state))
        RememberOtherEnd(state, job.row.key, run.row.data_interval, job.state);
    });
  }
  for (auto& [id, entry] : state.dags)
    RefreshFire(state, entry);
}

// A whole run, for edges that wait for one.
void RememberWhole(State& state,
                   const model::RunKey& run,
                   const base::Interval& interval,
                   bool has_succeeded) {
  const model::JobKey whole{run, model::JobId(), model::LaneId()};
  if (has_succeeded)
    RememberSuccess(state, whole, interval);
  else
    RememberOtherEnd(state, whole, interval, JobState::kFailed);
}

void RememberEnds(State& state, const model::Snapshot::CompletedJob& done) {
  if (done.state == model::TaskState::kSuccess)
    RememberSuccess(state, done.job, done.data_interval);
  else if (done.state == model::TaskState::kSkipped)
    RememberOtherEnd(state, done.job, done.data_interval, JobState::kSkipped);
  else if (IsTerminal(done.state))
    RememberOtherEnd(state, done.job, done.data_interval, JobState::kFailed);
  if (done.run_succeeded || done.is_of_whole_run)
    RememberWhole(state, done.job.run, done.data_interval, done.run_succeeded);
}

}  // namespace

base::Status LoadSnapshot(State& state,
                          const Kinds& kinds,
                          const schedule::ZoneSet& zones,
                          const model::Snapshot& snapshot) {
  state.identity = snapshot.identity;
  state.last_seq = state.rows_since = snapshot.last_seq;
  for (const model::PoolRow& row : snapshot.pools)
    state.pools[row.id].row = row;
  for (const model::LimitRow& row : snapshot.limits)
    state.limits[KeyOf(row.limit)] = row;
  state.spend_rules = snapshot.spend_rules;
  for (const model::PoolTimeRow& row : snapshot.pool_times)
    state.pool_times[row.dag] = row;
  for (const model::DurationsRow& row : snapshot.durations)
    state.durations[{row.dag, row.job, row.lane}] = row;
  for (const model::AssetRow& row : snapshot.assets)
    state.assets[row.id] = row;
  for (const model::AssetQueueRow& row : snapshot.asset_queues)
    state.asset_queues[row.dag] = row;
  state.last_asset_event = snapshot.last_asset_event;
  KeepAssetEvents(state, snapshot.asset_events);
  IndexAssets(state);
  ASSIGN_OR_RETURN(Plans plans, LoadPlans(state, kinds, snapshot));
  RETURN_IF_ERROR(LoadDags(state, plans, zones, snapshot));
  RETURN_IF_ERROR(LoadBackfills(state, snapshot));
  RETURN_IF_ERROR(LoadRuns(state, plans, snapshot));
  LoadWork(state, kinds, snapshot);
  LoadDeadlines(state, snapshot.deadlines);
  for (const auto& [key, run] : state.runs) {
    if (IsTerminal(run.row.state))
      state.lingering.insert(key);
    if (run.row.state == model::RunState::kSuccess)
      RememberRunSuccess(state, key, run.row.data_interval);
    if (IsTerminal(run.row.state))
      RememberWhole(state, key, run.row.data_interval, run.row.state == model::RunState::kSuccess);
  }
  for (const model::Snapshot::CompletedJob& done : snapshot.completed) {
    RememberEnds(state, done);
    if (done.run_succeeded)
      RememberRunSuccess(state, done.job.run, done.data_interval);
    RememberJob(state, done);
  }
  Derive(state);
  return {};
}

base::Status RestoreRun(State& state, const Kinds& kinds, const model::Snapshot& rows) {
  if (rows.last_seq < state.rows_since)
    return base::Fail(base::ErrorCode::kConflict, "the rows of the run are old: ask again");
  for (const model::RunRow& row : rows.runs) {
    if (!IsTerminal(row.state))
      return base::Fail(base::ErrorCode::kConflict,
                        base::Cat("the run '", row.key.run.str(), "' has not ended"));
  }
  ASSIGN_OR_RETURN(Plans plans, LoadPlans(state, kinds, rows));
  if (base::Status loaded = LoadRuns(state, plans, rows); !loaded) {
    for (const model::RunRow& row : rows.runs)
      state.runs.erase(row.key);
    return loaded;
  }
  KeepAssetEvents(state, rows.asset_events);
  LoadWork(state, kinds, rows);
  RestoreDeadlines(state, rows.deadlines);
  for (const model::RunRow& row : rows.runs) {
    Recount(state.runs.at(row.key));
    state.lingering.insert(row.key);
    ForgetRun(state, row.key);
  }
  return {};
}

}  // namespace engine
