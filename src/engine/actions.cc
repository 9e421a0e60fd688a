#include "engine/actions.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "engine/attempts.h"
#include "engine/cross_dag.h"
#include "engine/groups.h"
#include "engine/load.h"
#include "engine/mapping.h"
#include "engine/notes.h"
#include "engine/past_runs.h"
#include "engine/propagate.h"
#include "engine/queue.h"
#include "engine/rerun.h"
#include "engine/runs.h"
#include "model/select.h"

namespace engine {

using model::TaskState;

Run* FindOrRestore(Turn& turn, const model::RunRequest& request, Changes& changes) {
  if (Run* run = FindRun(turn.state, request.run))
    return run;
  if (request.rows == nullptr) {
    changes.outcome = base::Fail(base::ErrorCode::kNotFound,
                                 base::Cat("there is no live run '",
                                           request.run.run.str(),
                                           "' of '",
                                           request.run.dag.str(),
                                           "'; if it ended this moment, ask again"));
    return nullptr;
  }
  if (base::Status restored = RestoreRun(turn.state, turn.kinds, *request.rows); !restored) {
    changes.outcome = restored;
    return nullptr;
  }
  return FindRun(turn.state, request.run);
}

namespace {

// Closes the job's attempt, takes it out of every queue and stops its work.
void StopWork(Turn& turn, JobInstance& job, std::string_view cause) {
  StopWaiting(turn.state, job);
  if (job.state == JobState::kQueued)
    TakeFromQueue(turn.state, job);
  if (job.row.next_try_at) {
    turn.state.retries.erase({*job.row.next_try_at, job.row.key});
    job.row.next_try_at = std::nullopt;
    turn.recorder.Put(job.row);
  }
  if (HasOpenAttempt(job))
    CloseAttempt(turn, job, {.verdict = model::VerdictClass::kUser, .reason = std::string(cause)});
  KindOf(turn.kinds, *job.def).Stop(turn, job, cause);
}

bool IsClearable(const JobInstance& job) {
  return job.state != JobState::kNone && job.state != JobState::kQueued &&
         job.state != JobState::kRestarting && job.state != JobState::kRemoved;
}

// One that is queued for another try has all of them again.
void RenewRetries(Turn& turn, JobInstance& job, std::string_view cause) {
  if (job.row.application_failures == 0 && job.row.infrastructure_failures == 0)
    return;
  job.row.application_failures = 0;
  job.row.infrastructure_failures = 0;
  turn.recorder.Put(job.row);
  const std::string_view state = ToString(job.tasks.front().state);
  turn.recorder.History(
      turn.now,
      model::SubjectOf(job.row.key, model::TaskDisplayId(*job.def, 0, job.row.key.index)),
      state,
      state,
      cause);
}

void ForgetIfEnded(Turn& turn, const Run& run, const JobInstance& job) {
  if (IsEnded(job.state) && job.of == nullptr)
    ForgetEnd(turn.state, run, job);
}

void StopAndRenew(Turn& turn, JobInstance& job, std::string_view cause) {
  StopWork(turn, job, cause);
  job.row.application_failures = 0;
  job.row.infrastructure_failures = 0;
  turn.recorder.Put(job.row);
}

// Its list is decided again. True if something of its instances is live still.
bool ClearInstances(Turn& turn, Mapped& mapped, std::string_view cause, By by) {
  for (JobInstance& instance : mapped.instances) {
    if (instance.state != JobState::kRemoved)
      StopAndRenew(turn, instance, cause);
  }
  return ForgetList(turn, mapped, cause, by);
}

// An instance that its list has no item for stays removed.
bool MarkOne(Turn& turn, Run& run, JobInstance& job, JobState to, std::string_view cause) {
  if (job.state == to || (job.of != nullptr && !IsInList(job)))
    return false;
  ForgetIfEnded(turn, run, job);
  StopWork(turn, job, cause);
  SetJob(turn, job, to, cause, By::kPerson);
  if (to == JobState::kFailed)
    NoteForGood(turn, run, job);
  return true;
}

// With all of its instances, where it has a list.
bool MarkWhole(Turn& turn, Run& run, JobInstance& job, JobState to, std::string_view cause) {
  bool changed = false;
  if (Mapped* mapped = MappedOf(run, job)) {
    for (JobInstance& instance : mapped->instances)
      changed = MarkOne(turn, run, instance, to, cause) || changed;
  }
  return MarkOne(turn, run, job, to, cause) || changed;
}

// After jobs were changed by hand: what follows from it.
void FollowChanges(Turn& turn, Run& run, std::string_view cause) {
  const std::vector<int> settled = ReviewGroups(turn, run, cause, /*ends=*/false);
  Recount(run);
  if (run.open_jobs > 0 && IsTerminal(run.row.state))
    ReopenRun(turn, run, cause);
  if (run.open_jobs == 0)
    FinishRun(turn, run, By::kPerson);
  else
    StartReadyJobs(turn, run);
  FollowSettled(turn, run, settled);
}

std::string CauseOf(std::string_view what, const model::RunRequest& request) {
  return base::Cat(what, " by ", request.by.name);
}

// What a request names, as jobs and instances of the run.
base::Result<model::Selection> Select(const Run& run,
                                      const std::vector<model::JobKey>& named,
                                      model::Reach reach) {
  ASSIGN_OR_RETURN(auto selection, model::SelectInstances(*run.plan->dag, named, reach));
  for (const model::JobKey& key : selection.instances) {
    const Mapped* mapped = MappedOf(run, InstanceOf(run, run.plan->index.at({key.job, key.lane})));
    if (mapped == nullptr || key.index >= std::ssize(mapped->instances))
      return base::Fail(base::ErrorCode::kNotFound,
                        base::Cat("the run has no instance '", model::DisplayName(key), "'"));
  }
  return selection;
}

bool DidNotSucceed(const JobInstance& job) {
  return job.state == JobState::kFailed || job.state == JobState::kUpstreamFailed;
}

// Of these, those that failed; of a mapped job that has its list the instances that did.
void KeepFailed(const Run& run, model::Selection& selection) {
  std::vector<model::JobKey> instances = std::exchange(selection.instances, {});
  const auto keep = [&](const JobInstance& instance) {
    if (DidNotSucceed(instance))
      selection.instances.push_back(instance.row.key);
  };
  for (const model::JobKey& key : instances)
    keep(MappedOf(run, InstanceOf(run, run.plan->index.at({key.job, key.lane})))
             ->instances[static_cast<size_t>(key.index)]);
  std::erase_if(selection.jobs, [&](int index) {
    const JobInstance& job = InstanceOf(run, index);
    const Mapped* mapped = MappedOf(run, job);
    if (mapped == nullptr || mapped->items.empty())
      return !DidNotSucceed(job);
    std::ranges::for_each(mapped->instances, keep);
    return true;
  });
}

// What a clear names. Jobs that the run's version does not have any more are left out.
base::Result<model::Selection> SelectToClear(const Run& run, const model::ClearJobs& event) {
  std::vector<model::JobKey> named = event.jobs;
  if (event.only_new)
    return model::Selection();
  if (event.on_latest_version)
    std::erase_if(
        named, [&](const model::JobKey& key) { return run.removed.contains({key.job, key.lane}); });
  if (named.empty() && !event.jobs.empty())
    return model::Selection();
  ASSIGN_OR_RETURN(auto selected, Select(run, named, event.reach));
  if (event.only_failed)
    KeepFailed(run, selected);
  return selected;
}

// Jobs of later runs that waited for one that is removed, or skipped, wait for nothing more.
void StartLaterRuns(Turn& turn, const model::RunKey& run) {
  for (const model::JobKey& key : WaitersForRun(turn.state, run))
    StartJobIfReady(turn, *FindRun(turn.state, key.run), *FindJob(turn.state, key));
}

}  // namespace

bool ClearJob(Turn& turn, Run& run, JobInstance& job, std::string_view cause, By by) {
  if (by == By::kPerson)
    RenewGroups(turn, run, job, cause);
  if (!IsClearable(job)) {
    RenewRetries(turn, job, cause);
    return false;
  }
  ForgetIfEnded(turn, run, job);
  StopAndRenew(turn, job, cause);
  bool dying = job.live > 0;
  if (Mapped* mapped = MappedOf(run, job))
    dying = ClearInstances(turn, *mapped, cause, by);
  SetJob(turn, job, dying ? JobState::kRestarting : JobState::kNone, cause, by);
  if (!dying)
    WaitAnew(turn, job);
  if (job.of != nullptr) {
    ForgetIfEnded(turn, run, *job.of->job);
    FollowInstances(turn, run, *job.of, cause);
  }
  return true;
}

void ClearRun(Turn& turn, Run& run, const std::string& cause) {
  if (std::exchange(run.row.marked, std::nullopt))
    turn.recorder.Put(run.row);
  for (JobInstance& job : run.jobs)
    ClearJob(turn, run, job, cause, By::kPerson);
  FollowChanges(turn, run, cause);
}

namespace {

// Each of the cleared jobs' tasks has the note, or the run.
void NoteCleared(Turn& turn,
                 Run& run,
                 const model::ClearJobs& event,
                 const std::vector<model::JobKey>& cleared) {
  if (!event.note)
    return;
  model::SetNote note{event, 0, *event.note};
  if (event.jobs.empty())
    return NoteRun(turn, run, note);
  for (const model::JobKey& key : cleared) {
    JobInstance& job = *FindJob(turn.state, key);
    for (note.task = 0; note.task < std::ssize(job.tasks); ++note.task)
      NoteTask(turn, job, note);
  }
}

}  // namespace

void Clear(Turn& turn, const model::ClearJobs& event, Changes& changes) {
  const auto dag = turn.state.dags.find(event.run.dag);
  if (dag != turn.state.dags.end() && !dag->second.row.is_active) {
    changes.outcome = FileIsGone(event.run.dag);
    return;
  }
  changes.outcome = event.note ? CheckNote(*event.note) : base::Status();
  Run* run = changes.outcome ? FindOrRestore(turn, event, changes) : nullptr;
  if (run == nullptr)
    return;
  std::string cause = CauseOf("cleared", event);
  bool changed = false;
  if (event.on_latest_version || event.only_new) {
    // What is refused has to be so before anything is changed.
    if (const auto known = Select(*run, event.jobs, event.reach); !known) {
      changes.outcome = base::Fail(known.error());
      return;
    }
    auto taken = TakeNewestVersion(turn, *run, base::Cat("by ", event.by.name));
    if (!taken) {
      changes.outcome = base::Fail(taken.error());
      return;
    }
    changed = *taken;
  }
  auto selected = SelectToClear(*run, event);
  if (!selected) {
    changes.outcome = base::Fail(selected.error());
    return;
  }
  const bool has_moved = changed;
  const std::vector<model::JobKey> keys =
      model::KeysToClear(*run->plan->dag, run->row.key, *selected);
  NoteCleared(turn, *run, event, keys);
  for (const model::JobKey& key : keys)
    changed = ClearJob(turn, *run, *FindJob(turn.state, key), cause, By::kPerson) || changed;
  changes.run = run->row.key;
  if (!changed)
    return;
  // It goes on, although a person had ended it.
  if (std::exchange(run->row.marked, std::nullopt))
    turn.recorder.Put(run->row);
  FollowChanges(turn, *run, cause);
  if (has_moved)
    StartLaterRuns(turn, event.run);
}

namespace {

// The states in which a person may end a job.
std::optional<JobState> StateThatEnds(TaskState state) {
  switch (state) {
    case TaskState::kSuccess:
      return JobState::kSuccess;
    case TaskState::kFailed:
      return JobState::kFailed;
    case TaskState::kSkipped:
      return JobState::kSkipped;
    default:
      return std::nullopt;
  }
}

}  // namespace

void Mark(Turn& turn, const model::MarkJobs& event, Changes& changes) {
  const std::optional<JobState> to = StateThatEnds(event.state);
  CHECK(to);
  Run* run = FindOrRestore(turn, event, changes);
  if (run == nullptr)
    return;
  auto selected = Select(*run, event.jobs, {});
  if (!selected) {
    changes.outcome = base::Fail(selected.error());
    return;
  }
  std::string cause = CauseOf(base::Cat("marked ", ToString(event.state)), event);
  std::vector<JobInstance*> marked;
  for (int index : selected->jobs) {
    JobInstance& job = run->jobs[static_cast<size_t>(index)];
    if (MarkWhole(turn, *run, job, *to, cause))
      marked.push_back(&job);
  }
  bool changed = !marked.empty();
  for (const model::JobKey& key : selected->instances) {
    JobInstance* instance = FindJob(turn.state, key);
    if (!MarkOne(turn, *run, *instance, *to, cause))
      continue;
    changed = true;
    JobInstance& whole = *instance->of->job;
    const JobState before = whole.state;
    ForgetIfEnded(turn, *run, whole);
    FollowInstances(turn, *run, *instance->of, cause);
    if (whole.state == JobState::kSuccess && before == JobState::kSuccess)
      RememberSuccess(turn.state, whole.row.key, run->row.data_interval);
    else if (IsEnded(whole.state) && whole.state == before)
      RememberOtherEnd(turn.state, whole.row.key, run->row.data_interval, whole.state);
    else if (IsEnded(whole.state))
      marked.push_back(&whole);
  }
  changes.run = run->row.key;
  if (!changed)
    return;
  if (event.state != TaskState::kFailed && !marked.empty()) {
    // What had given up because of these jobs is decided again: it may run after all.
    std::vector<model::JobKey> keys;
    for (const JobInstance* job : marked)
      keys.push_back(job->row.key);
    auto below = model::SelectJobs(*run->plan->dag, keys, {.downstream = true});
    for (int index : *below) {
      JobInstance& job = run->jobs[static_cast<size_t>(index)];
      if (job.state == JobState::kUpstreamFailed)
        ClearJob(turn, *run, job, cause, By::kPerson);
    }
  }
  FollowChanges(turn, *run, cause);
  for (JobInstance* job : marked)
    FollowByHand(turn, *run, *job);
}

namespace {

// What never began is skipped, as in Airflow. An instance has begun with its mapped job: if it
// were skipped, the job would be a success without the item.
void Abort(Turn& turn, Run& run, JobInstance& job, std::string_view cause) {
  if (Mapped* mapped = MappedOf(run, job); mapped != nullptr && !mapped->items.empty()) {
    for (JobInstance& instance : mapped->instances) {
      if (!IsEnded(instance.state))
        Abort(turn, run, instance, cause);
    }
    FollowInstances(turn, run, *mapped, cause);
    return;
  }
  const bool waits = job.state == JobState::kNone ||
                     (job.state == JobState::kQueued && job.live == 0 && !HasOpenAttempt(job));
  const bool begun = job.of != nullptr || !waits;
  if (begun) {
    MarkOne(turn, run, job, JobState::kFailed, cause);
    return;
  }
  StopWork(turn, job, cause);
  SetJob(turn, job, JobState::kSkipped, cause, By::kPerson);
}

// Its teardowns run first. A run that never began has nothing to remove, and who asks again does
// not want to wait for them.
bool WaitsForTeardowns(const Run& run) {
  return run.row.state == model::RunState::kRunning && !run.row.marked;
}

// Its work has ended so; the run has, too, once its teardowns are done.
void EndAfterTeardowns(Turn& turn, Run& run, model::RunState state, const std::string& cause) {
  run.row.marked = state;
  turn.recorder.Put(run.row);
  const std::string_view now = ToString(run.row.state);
  turn.recorder.History(turn.now,
                        model::SubjectOf(run.row.key),
                        now,
                        now,
                        base::Cat(cause, "; its teardowns run first"));
  StartReadyJobs(turn, run);
}

}  // namespace

void AbortRun(Turn& turn, Run& run, const std::string& cause) {
  for (JobInstance& job : run.jobs) {
    if (IsEnded(job.state))
      continue;
    Abort(turn, run, job, cause);
    NoteOtherEnd(turn, run, job);
  }
  const std::vector<int> settled = ReviewGroups(turn, run, cause, /*ends=*/true);
  Recount(run);
  EndRun(turn, run, model::RunState::kFailed, cause, By::kPerson);
  FollowSettled(turn, run, settled);
  StartLaterRuns(turn, run.row.key);
}

void Mark(Turn& turn, const model::MarkRun& event, Changes& changes) {
  CHECK(IsTerminal(event.state));
  Run* run = FindOrRestore(turn, event, changes);
  if (run == nullptr)
    return;
  changes.run = run->row.key;
  if (run->row.state == event.state)
    return;
  const bool success = event.state == model::RunState::kSuccess;
  const std::string cause =
      success ? CauseOf("run marked success", event) : CauseOf("run aborted", event);
  const bool spares_teardowns = WaitsForTeardowns(*run);
  std::vector<JobInstance*> ended;
  for (JobInstance& job : run->jobs) {
    if (spares_teardowns && job.def->role == model::Role::kTeardown && !IsDone(job.state))
      continue;
    if (success ? MarkWhole(turn, *run, job, JobState::kSuccess, cause) : !IsEnded(job.state)) {
      if (!success)
        Abort(turn, *run, job, cause);
      ended.push_back(&job);
    }
  }
  const std::vector<int> settled = ReviewGroups(turn, *run, cause, /*ends=*/true);
  Recount(*run);
  if (run->open_jobs > 0)
    EndAfterTeardowns(turn, *run, event.state, cause);
  else
    EndRun(turn, *run, event.state, cause, By::kPerson);
  FollowSettled(turn, *run, settled);
  for (JobInstance* job : ended)
    FollowByHand(turn, *run, *job);
}

}  // namespace engine
