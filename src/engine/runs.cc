#include "engine/runs.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/json_text.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "engine/assets.h"
#include "engine/attempts.h"
#include "engine/backfills.h"
#include "engine/cross_dag.h"
#include "engine/groups.h"
#include "engine/holes.h"
#include "engine/limits.h"
#include "engine/mapping.h"
#include "engine/names.h"
#include "engine/notes.h"
#include "engine/past_runs.h"
#include "engine/propagate.h"
#include "engine/schedules.h"
#include "engine/spend.h"
#include "engine/starts.h"
#include "engine/vanished.h"
#include "model/breaker.h"
#include "model/dag_json.h"

namespace engine {

namespace {

using model::RunState;

bool DecidesNothing(const model::Job& job) {
  return job.role == model::Role::kTeardown && !job.on_failure_fail_dagrun;
}

// The leaves, once teardowns are left out that may fail; all leaves where that leaves nothing.
std::vector<int> FindDeciding(const Plan& plan, const model::Dag& dag) {
  std::vector<int> deciding, leaves;
  for (size_t i = 0; i < dag.jobs.size(); ++i) {
    const std::vector<int>& below = plan.downstream[i];
    if (below.empty())
      leaves.push_back(static_cast<int>(i));
    if (!DecidesNothing(dag.jobs[i]) && std::all_of(below.begin(), below.end(), [&](int down) {
          return DecidesNothing(dag.jobs[static_cast<size_t>(down)]);
        }))
      deciding.push_back(static_cast<int>(i));
  }
  return deciding.empty() ? leaves : deciding;
}

// What the file says wins over what the work says.
std::optional<model::Vcpus> VcpusOf(const Kinds& kinds, const model::Job& job) {
  if (const auto& all = job.capacity.vcpus)
    return model::Vcpus{*all, *all, *all};
  return KindOf(kinds, job).VcpusOf(job);
}

std::shared_ptr<const Plan> MakePlan(const Kinds& kinds, std::shared_ptr<const model::Dag> dag) {
  auto plan = std::make_shared<Plan>();
  plan->downstream.resize(dag->jobs.size());
  for (size_t i = 0; i < dag->jobs.size(); ++i) {
    const model::Job& job = dag->jobs[i];
    plan->index[{job.id, job.lane}] = static_cast<int>(i);
    for (const model::JobName& name : job.formerly)
      plan->former[{name.job, name.lane}] = static_cast<int>(i);
    for (int up : job.upstream)
      plan->downstream[static_cast<size_t>(up)].push_back(static_cast<int>(i));
    for (int setup : job.setups)
      plan->scopes[setup].push_back(static_cast<int>(i));
  }
  plan->units = model::UnitsOf(*dag);
  plan->deciding = FindDeciding(*plan, *dag);
  plan->weights = model::EffectiveWeights(*dag);
  for (const model::Job& job : dag->jobs)
    plan->vcpus.push_back(VcpusOf(kinds, job));
  plan->dag = std::move(dag);
  return plan;
}

void AddVersion(Turn& turn, const model::Dag& dag) {
  turn.recorder.Put(turn.versions.emplace_back(
      model::DagVersionRow{dag.version, dag.id, base::Canonical(model::DagToJson(dag)), turn.now}));
}

}  // namespace

bool LoadDag(Turn& turn, const std::shared_ptr<const model::Dag>& dag) {
  auto [found, is_new] = turn.state.dags.try_emplace(dag->id);
  DagEntry& entry = found->second;
  model::DagRow& row = entry.row;
  const model::DagRow before = row;
  const bool is_other = is_new || row.version != dag->version;
  if (is_new) {
    row.dag = dag->id;
    row.is_paused = dag->is_paused_upon_creation;
    row.first_seen = turn.now;
  }
  if (is_other) {
    AddVersion(turn, *dag);
    turn.recorder.History(
        turn.now, model::SubjectOf(row.dag), row.version.str(), dag->version.str(), "file read");
  }
  row.version = dag->version;
  row.fileloc = dag->fileloc;
  row.is_active = true;
  row.missing_since = std::nullopt;
  entry.plan = PlanOf(turn.state, turn.kinds, dag);
  if (is_other)
    TakeFormerNames(turn, entry);
  NoteCap(turn.state, entry);
  TakeSchedule(turn, entry);
  if (!row.is_paused)
    BeginSchedule(turn, entry);
  if (row != before)
    turn.recorder.Put(row);
  RefreshFire(turn.state, entry);
  turn.room.insert(dag->id);
  return is_new;
}

namespace {

void LoadPool(Turn& turn, const model::PoolRow& wanted) {
  Pool& pool = turn.state.pools[wanted.id];
  if (pool.row == wanted)
    return;
  pool.row = wanted;
  turn.recorder.Put(pool.row);
}

}  // namespace

void AddJob(Turn& turn, Run& run, size_t index) {
  JobInstance& job = run.jobs[index];
  job.def = &run.plan->dag->jobs[index];
  job.index = static_cast<int>(index);
  job.row.key = {run.row.key, job.def->id, job.def->lane};
  job.row.waits_for = ResolveWaits(turn.state, run.row.key.dag, *job.def, run.row.data_interval);
  for (model::UpstreamWait& wait : WaitsForPast(turn, run, job))
    job.row.waits_for.push_back(std::move(wait));
  job.upstream = CountUpstream(run, job);
  WaitAnew(turn, job);
  if (!job.row.waits_for.empty())
    turn.recorder.Put(job.row);
  job.tasks.resize(TaskCount(*job.def));
  for (size_t task = 0; task < job.tasks.size(); ++task) {
    job.tasks[task].job = job.row.key;
    job.tasks[task].task = static_cast<int>(task);
    turn.recorder.Put(job.tasks[task]);
  }
}

void CreateRun(Turn& turn, DagEntry& entry, model::RunRow row) {
  auto [found, is_new] = turn.state.runs.try_emplace(row.key);
  CHECK(is_new);
  Run& run = found->second;
  run.row = std::move(row);
  run.row.version = entry.row.version;
  run.row.queued_at = turn.now;
  run.row.deletions = turn.state.last_deletion;
  run.plan = entry.plan;
  turn.recorder.History(
      turn.now, model::SubjectOf(run.row.key), "", ToString(run.row.state), run.row.triggered_by);
  turn.recorder.Put(run.row);
  run.jobs.resize(run.plan->dag->jobs.size());
  run.open_jobs = static_cast<int>(run.jobs.size());
  MakeGroups(run);
  for (size_t i = 0; i < run.jobs.size(); ++i)
    AddJob(turn, run, i);
  CountGroups(run);
  CountRun(turn.state, run.row, RunState::kQueued, 1);
  AwaitStart(turn.state, run);
  turn.room.insert(entry.row.dag);
}

namespace {

void CreateScheduledRun(Turn& turn, DagEntry& entry) {
  const schedule::Fire fire = *entry.next_fire;
  model::RunRow row;
  row.key = {entry.row.dag, model::RunId("scheduled__" + base::FormatIso(fire.logical_date))};
  row.type = model::RunType::kScheduled;
  row.logical_date = fire.logical_date;
  row.data_interval = fire.data_interval;
  row.run_after = fire.run_after + JitterOf(*entry.plan->dag, fire.logical_date);
  row.conf = "{}";
  row.triggered_by = "schedule";
  TakeFire(turn, entry, fire);
  CreateRun(turn, entry, std::move(row));
  RefreshFire(turn.state, entry);
}

void Follow(Turn& turn, Worklist ended) {
  while (Run* run = Propagate(turn, ended))
    FinishRun(turn, *run);
}

// Runs of a backfill do not count for the DAG.
bool HasRoom(const State& state, const DagEntry& entry, const Run& run) {
  if (run.row.backfill == 0)
    return entry.running_runs < entry.plan->dag->max_active_runs;
  const Backfill& backfill = state.backfills.at(run.row.backfill);
  return !backfill.row.is_paused && backfill.running_runs < backfill.row.max_active_runs;
}

void StartQueuedRuns(Turn& turn, DagEntry& entry) {
  if (entry.row.is_paused)
    return;
  std::vector<Run*> queued;
  const model::DagId& dag = entry.row.dag;
  for (auto it = turn.state.runs.lower_bound({dag, model::RunId()});
       it != turn.state.runs.end() && it->first.dag == dag;
       ++it) {
    if (it->second.row.state == RunState::kQueued && !StartsLater(it->second, turn.now))
      queued.push_back(&it->second);
  }
  std::sort(queued.begin(), queued.end(), [](const Run* a, const Run* b) {
    return std::tie(a->row.run_after, a->row.key) < std::tie(b->row.run_after, b->row.key);
  });
  for (Run* run : queued) {
    if (!HasRoom(turn.state, entry, *run))
      continue;
    CountRun(turn.state, run->row, RunState::kQueued, -1);
    CountRun(turn.state, run->row, RunState::kRunning, 1);
    SetRun(turn, *run, RunState::kRunning, "max_active_runs has room");
    if (run->open_jobs == 0)
      FinishRun(turn, *run);
    else
      StartReadyJobs(turn, *run);
  }
}

}  // namespace

std::shared_ptr<const Plan> PlanOf(State& state,
                                   const Kinds& kinds,
                                   std::shared_ptr<const model::Dag> dag) {
  std::weak_ptr<const Plan>& slot = state.plans[dag->version];
  std::shared_ptr<const Plan> plan = slot.lock();
  if (plan == nullptr) {
    plan = MakePlan(kinds, std::move(dag));
    slot = plan;
  }
  return plan;
}

void StartReadyJobs(Turn& turn, Run& run) {
  Worklist ended;
  ForEachJob(run, [&](JobInstance& job) { Consider(turn, run, job, ended); });
  Follow(turn, std::move(ended));
}

void StartJobIfReady(Turn& turn, Run& run, JobInstance& job) {
  Worklist ended;
  Consider(turn, run, job, ended);
  Follow(turn, std::move(ended));
}

void FollowEnd(Turn& turn, Run& run, const JobInstance& job) {
  if (job.of != nullptr && !EndsWithInstance(turn, run, job))
    return;
  Follow(turn, {{&run, job.index}});
}

void FollowSettled(Turn& turn, Run& run, const std::vector<int>& units) {
  Worklist ended;
  for (int unit : units)
    TellSettled(turn, run, unit, ended);
  Follow(turn, std::move(ended));
}

void FollowByHand(Turn& turn, Run& run, const JobInstance& job) {
  Worklist ended;
  PropagateAcrossDags(turn, run, job, ended);
  Follow(turn, std::move(ended));
}

void LoadProject(Turn& turn, const model::ProjectLoaded& project) {
  LoadPool(turn, {model::PoolId("default_pool"), 128, "Default pool"});
  for (const model::PoolRow& pool : project.pools)
    LoadPool(turn, pool);
  std::set<model::DagId> read, known_now;
  for (const std::shared_ptr<const model::Dag>& dag : project.dags) {
    if (LoadDag(turn, dag))
      known_now.insert(dag->id);
    read.insert(dag->id);
  }
  for (const model::JobKey& key : ResolveAnew(turn, known_now))
    StartJobIfReady(turn, *FindRun(turn.state, key.run), *FindJob(turn.state, key));
  LeaveOut(turn, read);
  LoadAssets(turn, project.dags);
  LoadLimits(turn, project.limits);
  LoadSpendRules(turn, project.spend_rules);
  RefreshLimits(turn.state);
}

base::Status FileIsGone(const model::DagId& dag) {
  return base::Fail(
      base::ErrorCode::kConflict,
      base::Cat("the file of the DAG '", dag.str(), "' is gone: put it back, and ask again"));
}

std::string FailuresInRow(const model::DagRow& row) {
  return base::Cat(row.failed_in_row,
                   row.failed_in_row == 1 ? " run has failed " : " runs in a row have failed ",
                   model::kByFailures);
}

namespace {

// REQUIRES: it is not so already.
void Pause(Turn& turn, DagEntry& entry, bool is_paused, std::string_view cause) {
  entry.row.is_paused = is_paused;
  if (!is_paused) {
    entry.missed_because = model::HoleReason::kPaused;
    entry.row.failed_in_row = 0;
    BeginSchedule(turn, entry);
  }
  turn.recorder.History(turn.now,
                        model::SubjectOf(entry.row.dag),
                        is_paused ? "unpaused" : "paused",
                        is_paused ? "paused" : "unpaused",
                        cause);
  turn.recorder.Put(entry.row);
  RefreshFire(turn.state, entry);
}

// Too many failures one after another pause the DAG (Airflow: max_consecutive_failed_dag_runs).
void CountInRow(Turn& turn, DagEntry& entry, bool has_failed) {
  const auto& most = entry.plan->dag->max_consecutive_failed_dag_runs;
  const int before = entry.row.failed_in_row;
  entry.row.failed_in_row = has_failed && most ? before + 1 : 0;
  if (entry.row.failed_in_row != before)
    turn.recorder.Put(entry.row);
  if (most && entry.row.failed_in_row >= *most && !entry.row.is_paused)
    Pause(turn, entry, true, FailuresInRow(entry.row));
}

}  // namespace

void SetPaused(Turn& turn, const model::SetPaused& event, Changes& changes) {
  auto found = turn.state.dags.find(event.dag);
  if (found == turn.state.dags.end()) {
    changes.outcome =
        base::Fail(base::ErrorCode::kNotFound,
                   base::Cat("there is no DAG '", base::Excerpt(event.dag.str()), "'"));
    return;
  }
  DagEntry& entry = found->second;
  if (!event.is_paused && !entry.row.is_active) {
    changes.outcome = FileIsGone(event.dag);
    return;
  }
  if (entry.row.is_paused == event.is_paused)
    return;
  Pause(turn, entry, event.is_paused, base::Cat("by ", event.by.name));
  if (event.is_paused)
    return;
  turn.room.insert(event.dag);
  turn.updated.insert(event.dag);
  for (auto it = turn.state.runs.lower_bound({event.dag, model::RunId()});
       it != turn.state.runs.end() && it->first.dag == event.dag;
       ++it)
    StartReadyJobs(turn, it->second);
}

namespace {

void FollowAssets(Turn& turn, DagEntry& entry) {
  if (!MayFollowAssets(turn.state, entry))
    return;
  CreateRun(turn, entry, TakeQueued(turn, entry));
  RefreshFire(turn.state, entry);
}

// What starts before it may have started it, or ended its run.
void StartIfDecided(Turn& turn, const model::JobKey& key) {
  JobInstance* job = FindJob(turn.state, key);
  if (job == nullptr || !job->upstream_elsewhere)
    return;
  DecideEdges(turn, *job);
  StartJobIfReady(turn, *FindRun(turn.state, key.run), *job);
}

void StartThoseThatSkip(Turn& turn) {
  const std::set<model::DagId> gaps = std::exchange(turn.gaps, {});
  for (const model::JobKey& key : ThoseThatSkip(turn.state, gaps))
    StartIfDecided(turn, key);
}

// Ends that rules of edges judge.
void StartThoseThatJudge(Turn& turn) {
  const auto ends = std::exchange(turn.ends, {});
  for (const model::JobKey& key : ThoseThatJudge(turn.state, ends))
    StartIfDecided(turn, key);
}

void TellOfEndedRuns(Turn& turn) {
  for (const model::RunKey& key : std::exchange(turn.ended_runs, {})) {
    const Run* run = FindRun(turn.state, key);
    for (const auto& kind : turn.kinds) {
      // It may have begun again since.
      if (IsTerminal(run->row.state))
        kind->OnRunEnded(turn, *run);
    }
  }
}

}  // namespace

void CreateDueRuns(Turn& turn) {
  // Runs that end at once make room for the next, so go on until nothing moves.
  while (true) {
    if (!turn.gaps.empty()) {
      StartThoseThatSkip(turn);
      continue;
    }
    if (!turn.ends.empty()) {
      StartThoseThatJudge(turn);
      continue;
    }
    if (!turn.begun.empty()) {
      StartBegun(turn);
      continue;
    }
    if (!turn.ended_runs.empty()) {
      TellOfEndedRuns(turn);
      continue;
    }
    TakeDueStarts(turn);
    if (!turn.room.empty()) {
      DagEntry& entry = turn.state.dags.at(*turn.room.begin());
      turn.room.erase(turn.room.begin());
      StartQueuedRuns(turn, entry);
      turn.updated.insert(entry.row.dag);
      continue;
    }
    if (!turn.updated.empty()) {
      DagEntry& entry = turn.state.dags.at(*turn.updated.begin());
      turn.updated.erase(turn.updated.begin());
      FollowAssets(turn, entry);
      continue;
    }
    auto first = turn.state.fires.begin();
    if (first == turn.state.fires.end() || first->first > turn.now)
      return;
    // It may be late, where nothing could be stored for a while: what is due as of now?
    DagEntry& entry = turn.state.dags.at(first->second);
    RefreshFire(turn.state, entry);
    if (entry.next_fire && entry.next_fire->run_after <= turn.now)
      CreateScheduledRun(turn, entry);
  }
}

void FinishRun(Turn& turn, Run& run, By by) {
  if (run.row.marked) {
    EndRun(turn, run, *run.row.marked, "a person has ended it, and its teardowns are done", by);
    return;
  }
  const bool failed =
      std::any_of(run.plan->deciding.begin(), run.plan->deciding.end(), [&](int index) {
        const JobState state = InstanceOf(run, index).state;
        return state == JobState::kFailed || state == JobState::kUpstreamFailed;
      });
  EndRun(turn, run, failed ? RunState::kFailed : RunState::kSuccess, "all tasks are done", by);
}

void EndRun(Turn& turn, Run& run, RunState state, std::string_view cause, By by) {
  DagEntry& entry = turn.state.dags.at(run.row.key.dag);
  if (run.row.state == RunState::kQueued)
    ForgetStart(turn.state, run);
  CountRun(turn.state, run.row, run.row.state, -1);
  const bool counted = run.row.state == RunState::kSuccess;
  const bool is_persons = by == By::kPerson || run.row.marked.has_value();
  run.row.marked = std::nullopt;
  SetRun(turn, run, state, cause, by);
  if (counted != (state == RunState::kSuccess))
    NoteFilled(turn, run, !counted);
  NoteRunEnd(turn, run);
  turn.ended_runs.push_back(run.row.key);
  turn.state.lingering.insert(run.row.key);
  turn.room.insert(run.row.key.dag);
  RefreshFire(turn.state, entry);
  if (!is_persons && run.row.backfill == 0)
    CountInRow(turn, entry, state == RunState::kFailed);
}

void ReopenRun(Turn& turn, Run& run, std::string_view cause) {
  DagEntry& entry = turn.state.dags.at(run.row.key.dag);
  if (run.row.state == RunState::kSuccess)
    NoteFilled(turn, run, false);
  ForgetRunEnd(turn.state, run);
  if (!turn.state.backfills.contains(run.row.backfill))
    run.row.backfill = 0;  // its backfill is over: it is the DAG's again
  SetRun(turn, run, RunState::kQueued, cause, By::kPerson);
  CountRun(turn.state, run.row, RunState::kQueued, 1);
  AwaitStart(turn.state, run);
  turn.state.lingering.erase(run.row.key);
  turn.room.insert(run.row.key.dag);
  RefreshFire(turn.state, entry);
}

}  // namespace engine
