#include "engine/actions.h"

#include <algorithm>
#include <set>

#include "base/check.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "engine/clusters.h"
#include "engine/cross_dag.h"
#include "engine/jobs.h"
#include "engine/load.h"
#include "engine/runs.h"
#include "model/select.h"

namespace engine {

namespace {

using model::TaskState;

// The run in memory; an ended one is taken from the rows that came with the request.
Run* FindOrRestore(Turn& turn, const model::RunRequest& request, Step& step) {
  if (Run* run = FindRun(turn.state, request.run))
    return run;
  if (request.rows == nullptr) {
    step.outcome = base::Fail(base::ErrorCode::kNotFound,
                              base::Cat("there is no live run '",
                                        request.run.run.str(),
                                        "' of '",
                                        request.run.dag.str(),
                                        "'; if it ended this moment, ask again"));
    return nullptr;
  }
  if (base::Status restored = RestoreRun(turn.state, *request.rows); !restored) {
    step.outcome = restored;
    return nullptr;
  }
  return FindRun(turn.state, request.run);
}

// Closes the job's attempt, takes it out of every queue and has its clusters terminated. A launch
// that is not settled stays live: whatever it turns out to have made is terminated then.
void StopWork(Turn& turn, JobInstance& job, std::string_view cause) {
  StopWaiting(turn.state, job);
  if (job.tasks[0].state == TaskState::kQueued)
    turn.state.queue.erase({*job.tasks[0].queued_at, job.row.key});
  if (job.row.next_try_at) {
    turn.state.retries.erase({*job.row.next_try_at, job.row.key});
    job.row.next_try_at = std::nullopt;
    turn.recorder.Put(job.row);
  }
  if (HasOpenAttempt(job)) {
    job.attempt->ended_at = turn.now;
    job.attempt->verdict = model::VerdictClass::kUser;
    job.attempt->reason = cause;
    turn.recorder.Put(*job.attempt);
  }
  for (auto& [id, cluster] : turn.state.clusters) {
    if (!cluster.attempt || cluster.attempt->job != job.row.key || IsTerminal(cluster.phase))
      continue;
    cluster.judged = true;
    turn.recorder.Put(cluster);
    RequestTerminate(turn, cluster, cause);
  }
}

void SetAll(Turn& turn, JobInstance& job, TaskState to, std::string_view cause) {
  for (size_t task = 0; task < job.tasks.size(); ++task)
    SetTask(turn, job, static_cast<int>(task), to, cause, By::kPerson);
}

// A job that has not begun, or is about to begin anyway, stays as it is: two people who clear the
// same job start one attempt.
bool IsClearable(const JobInstance& job) {
  TaskState start = job.tasks[0].state;
  return start != TaskState::kNone && start != TaskState::kQueued &&
         start != TaskState::kRestarting;
}

// One that is queued for another try has all of them again.
void RenewRetries(Turn& turn, JobInstance& job, std::string_view cause) {
  if (job.row.application_failures == 0 && job.row.infrastructure_failures == 0)
    return;
  job.row.application_failures = 0;
  job.row.infrastructure_failures = 0;
  turn.recorder.Put(job.row);
  const std::string_view state = ToString(job.tasks[0].state);
  turn.recorder.History(
      turn.now,
      base::Cat("task ", ToString(job.row.key.run), "/", model::TaskDisplayId(*job.def, 0)),
      state,
      state,
      cause);
}

bool ClearOne(Turn& turn, Run& run, JobInstance& job, std::string_view cause) {
  if (!IsClearable(job)) {
    RenewRetries(turn, job, cause);
    return false;
  }
  if (job.tasks.back().state == TaskState::kSuccess)
    ForgetSuccess(turn.state, run, job);
  StopWork(turn, job, cause);
  job.row.application_failures = 0;
  job.row.infrastructure_failures = 0;
  turn.recorder.Put(job.row);
  bool dying = job.live > 0;
  SetAll(turn, job, dying ? TaskState::kRestarting : TaskState::kNone, cause);
  if (!dying)
    BeginWaiting(turn.state, job);
  return true;
}

// `wait` fails where `start` had succeeded; else `start` fails and `wait` never began.
void FailTasks(Turn& turn, JobInstance& job, std::string_view cause) {
  bool started = job.tasks.size() == 1 || job.tasks[0].state == TaskState::kSuccess;
  int failing = started ? static_cast<int>(job.tasks.size()) - 1 : 0;
  SetTask(turn, job, failing, TaskState::kFailed, cause, By::kPerson);
  if (!started)
    SetTask(turn, job, 1, TaskState::kUpstreamFailed, "start_cluster failed", By::kPerson);
}

bool MarkOne(Turn& turn, Run& run, JobInstance& job, TaskState to, std::string_view cause) {
  bool succeeded = job.tasks.back().state == TaskState::kSuccess;
  bool failed = std::any_of(job.tasks.begin(), job.tasks.end(), [](const model::TaskRow& task) {
    return task.state == TaskState::kFailed;
  });
  if (to == TaskState::kSuccess ? succeeded : failed)
    return false;
  if (succeeded)
    ForgetSuccess(turn.state, run, job);
  StopWork(turn, job, cause);
  if (to == TaskState::kSuccess)
    SetAll(turn, job, TaskState::kSuccess, cause);
  else
    FailTasks(turn, job, cause);
  return true;
}

// After jobs were changed by hand: what follows from it.
void SettleRun(Turn& turn, Run& run, std::string_view cause) {
  Recount(run);
  if (run.open_jobs > 0 && IsTerminal(run.row.state))
    ReopenRun(turn, run, cause);
  SpreadFailures(turn, run);
  if (run.open_jobs == 0)
    FinishRun(turn, run, By::kPerson);
  else
    StartReadyJobs(turn, run);
}

std::string CauseOf(std::string_view what, const model::RunRequest& request) {
  return base::Cat(what, " by ", request.actor);
}

}  // namespace

void Clear(Turn& turn, const model::ClearJobs& event, Step& step) {
  const auto dag = turn.state.dags.find(event.run.dag);
  if (dag != turn.state.dags.end() && !dag->second.row.is_active) {
    step.outcome = FileIsGone(event.run.dag);
    return;
  }
  Run* run = FindOrRestore(turn, event, step);
  if (run == nullptr)
    return;
  auto selected = model::SelectJobs(*run->plan->dag, event.jobs, event.downstream);
  if (!selected) {
    step.outcome = base::Fail(selected.error());
    return;
  }
  std::string cause = CauseOf("cleared", event);
  bool changed = false;
  for (int index : *selected) {
    JobInstance& job = run->jobs[static_cast<size_t>(index)];
    TaskState end = job.tasks.back().state;
    if (event.only_failed && end != TaskState::kFailed && end != TaskState::kUpstreamFailed)
      continue;
    changed = ClearOne(turn, *run, job, cause) || changed;
  }
  step.run = run->row.key;
  if (changed)
    SettleRun(turn, *run, cause);
}

void Mark(Turn& turn, const model::MarkJobs& event, Step& step) {
  CHECK(event.state == TaskState::kSuccess || event.state == TaskState::kFailed);
  Run* run = FindOrRestore(turn, event, step);
  if (run == nullptr)
    return;
  auto selected = model::SelectJobs(*run->plan->dag, event.jobs, /*downstream=*/false);
  if (!selected) {
    step.outcome = base::Fail(selected.error());
    return;
  }
  std::string cause = CauseOf(base::Cat("marked ", ToString(event.state)), event);
  std::vector<JobInstance*> marked;
  for (int index : *selected) {
    JobInstance& job = run->jobs[static_cast<size_t>(index)];
    if (MarkOne(turn, *run, job, event.state, cause))
      marked.push_back(&job);
  }
  step.run = run->row.key;
  if (marked.empty())
    return;
  if (event.state == TaskState::kSuccess) {
    // What had given up because of these jobs may run after all.
    std::vector<model::JobKey> keys;
    for (const JobInstance* job : marked)
      keys.push_back(job->row.key);
    auto below = model::SelectJobs(*run->plan->dag, keys, /*downstream=*/true);
    for (int index : *below) {
      JobInstance& job = run->jobs[static_cast<size_t>(index)];
      if (job.tasks[0].state == TaskState::kUpstreamFailed)
        ClearOne(turn, *run, job, cause);
    }
  }
  SettleRun(turn, *run, cause);
  for (JobInstance* job : marked) {
    if (event.state == TaskState::kSuccess)
      SpreadSuccess(turn, *run, *job);
  }
}

void Mark(Turn& turn, const model::MarkRun& event, Step& step) {
  CHECK(IsTerminal(event.state));
  Run* run = FindOrRestore(turn, event, step);
  if (run == nullptr)
    return;
  step.run = run->row.key;
  if (run->row.state == event.state)
    return;
  bool success = event.state == model::RunState::kSuccess;
  std::string cause =
      success ? CauseOf("run marked success", event) : CauseOf("run aborted", event);
  std::vector<JobInstance*> succeeded;
  for (JobInstance& job : run->jobs) {
    TaskState start = job.tasks[0].state;
    bool ended = IsTerminal(job.tasks.back().state);
    if (success && MarkOne(turn, *run, job, TaskState::kSuccess, cause))
      succeeded.push_back(&job);
    if (success || ended)
      continue;
    // What never began is skipped, as in Airflow.
    bool begun = start != TaskState::kNone &&
                 !(start == TaskState::kQueued && job.live == 0 && !HasOpenAttempt(job));
    if (begun) {
      MarkOne(turn, *run, job, TaskState::kFailed, cause);
    } else {
      StopWork(turn, job, cause);
      SetAll(turn, job, TaskState::kSkipped, cause);
    }
  }
  Recount(*run);
  EndRun(turn, *run, event.state, cause, By::kPerson);
  for (JobInstance* job : succeeded)
    SpreadSuccess(turn, *run, *job);
}

void Terminate(Turn& turn, const model::TerminateCluster& event, Step& step) {
  auto found = turn.state.clusters.find(event.cluster);
  if (found == turn.state.clusters.end()) {
    step.outcome = base::Fail(
        base::ErrorCode::kNotFound,
        base::Cat("there is no live cluster '", base::Excerpt(event.cluster.str()), "'"));
    return;
  }
  model::ClusterRow& cluster = found->second;
  if (cluster.terminate_requested_at || IsTerminal(cluster.phase))
    return;
  const std::string cause = base::Cat("terminated by ", event.actor);
  turn.recorder.History(turn.now,
                        base::Cat("cluster ", cluster.id.str()),
                        ToString(cluster.phase),
                        ToString(cluster.phase),
                        cause);
  RequestTerminate(turn, cluster, cause);
}

}  // namespace engine
