#include "engine/attempts.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "engine/branch.h"
#include "engine/cross_dag.h"
#include "engine/durations.h"
#include "engine/groups.h"
#include "engine/holders.h"
#include "engine/holds.h"
#include "engine/limits.h"
#include "engine/mapping.h"
#include "engine/order.h"
#include "engine/propagate.h"
#include "engine/queue.h"
#include "engine/retry.h"
#include "engine/runs.h"
#include "engine/ways.h"
#include "model/select.h"

namespace engine {

namespace {

using model::VerdictClass;

void BeginAttempt(Turn& turn, Run& run, JobInstance& job) {
  ++job.row.try_number;
  turn.recorder.Put(job.row);
  job.attempt =
      model::AttemptRow{{job.row.key, job.row.try_number}, run.row.version, turn.now, {}, {}, ""};
  turn.recorder.Put(*job.attempt);
  job.starts = 0;
  for (model::TaskRow& task : job.tasks) {
    task.try_number = job.row.try_number;
    turn.recorder.Put(task);
  }
}

void CountFailure(JobInstance& job, const model::Verdict& verdict) {
  if (verdict.verdict == VerdictClass::kApplication)
    ++job.row.application_failures;
  // A refusal in words that no rule knows may have been "not now".
  if (verdict.verdict == VerdictClass::kInfrastructure || verdict.verdict == VerdictClass::kUser ||
      verdict.unclear)
    ++job.row.infrastructure_failures;
}

void PutUpForRetry(Turn& turn,
                   JobInstance& job,
                   const model::Verdict& verdict,
                   base::Duration delay) {
  job.row.next_try_at = turn.now + delay;
  turn.state.retries.insert({*job.row.next_try_at, job.row.key});
  SetJob(turn, job, JobState::kUpForRetry, verdict.reason);
}

void StartRetryIfDue(Turn& turn, JobInstance& job) {
  if (!job.row.next_try_at || *job.row.next_try_at > turn.now || job.live > 0)
    return;
  if (IsHeldBack(turn.state, turn.kinds, job))
    return;
  turn.state.retries.erase({*job.row.next_try_at, job.row.key});
  job.row.next_try_at = std::nullopt;
  turn.recorder.Put(job.row);
  if (BeginsAtOnce(turn.kinds, *job.def))
    BeginAtOnce(turn, *FindRun(turn.state, job.row.key.run), job);
  else
    Enqueue(turn, job, "retry");
}

void TakeSlots(State& state, JobInstance& job) {
  state.pools[job.def->pool].used += job.def->capacity.pool_slots;
  const Run& run = *FindRun(state, job.row.key.run);
  state.holding[job.row.key] = {&job, &run, &state.dags.at(job.row.key.run.dag)};
  job.limits = LimitsOf(state, run, job);
}

// For how long they were held is kept: the share of its DAG.
void ReturnSlots(Turn& turn, JobInstance& job) {
  const int slots = job.def->capacity.pool_slots;
  turn.state.pools[job.def->pool].used -= slots;
  turn.state.holding.erase(job.row.key);
  model::PoolTimeRow& row = turn.state.pool_times[job.row.key.run.dag];
  row.dag = job.row.key.run.dag;
  row.held = Decayed(row.held, turn.now - row.at) + (turn.now - HeldSince(job, turn.now)) * slots;
  row.at = turn.now;
  turn.recorder.Put(row);
  job.row.slots_since = std::nullopt;
  turn.recorder.Put(job.row);
}

}  // namespace

bool HasOpenAttempt(const JobInstance& job) {
  return job.attempt && !job.attempt->ended_at;
}

void CloseAttempt(Turn& turn, JobInstance& job, const model::Verdict& verdict) {
  CHECK(HasOpenAttempt(job));
  job.attempt->ended_at = turn.now;
  job.attempt->verdict = verdict.verdict;
  job.attempt->reason = verdict.reason;
  // The next one may begin in this very step, and take its place in memory.
  const bool may_go_on = BeginsAtOnce(turn.kinds, *job.def);
  turn.recorder.Put(may_go_on ? turn.closed_attempts.emplace_back(*job.attempt) : *job.attempt);
}

void GrantTurns(Turn& turn, model::Turns limit) {
  for (JobInstance* job : NextInTurn(turn.state, limit)) {
    Run& run = *FindRun(turn.state, job->row.key.run);
    TakeFromQueue(turn.state, *job);
    if (!HasOpenAttempt(*job))
      BeginAttempt(turn, run, *job);
    KindOf(turn.kinds, *job->def).Start(turn, run, *job);
  }
}

void BeginAtOnce(Turn& turn, Run& run, JobInstance& job) {
  BeginAttempt(turn, run, job);
  SetStarting(turn, job, "nothing holds it back");
  turn.begun.push_back(job.row.key);
}

void StartBegun(Turn& turn) {
  for (const model::JobKey& key : std::exchange(turn.begun, {})) {
    JobInstance& job = *FindJob(turn.state, key);
    Kind& kind = KindOf(turn.kinds, *job.def);
    // It may have been cleared since, and have begun twice in this step.
    if (job.state == JobState::kStarting && !kind.WorksOn(turn.state, job))
      kind.Start(turn, *FindRun(turn.state, key.run), job);
  }
}

bool IsHeldBack(const State& state, const Kinds& kinds, const JobInstance& job) {
  return BeginsAtOnce(kinds, *job.def) && state.dags.at(job.row.key.run.dag).row.is_paused;
}

void SetStarting(Turn& turn, JobInstance& job, std::string_view cause) {
  ++job.starts;
  SetJob(turn, job, JobState::kStarting, cause);
}

void SetWorking(Turn& turn, JobInstance& job, std::string_view cause) {
  SetJob(turn, job, JobState::kWorking, cause);
}

void Requeue(Turn& turn, JobInstance& job, std::string_view cause) {
  Enqueue(turn, job, cause);
}

void KeepOutputs(Turn& turn, JobInstance& job, std::string outputs) {
  CHECK(HasOpenAttempt(job));
  job.outputs = model::OutputsRow{job.attempt->key, std::move(outputs), turn.now};
  turn.recorder.Put(*job.outputs);
}

void SkipAttempt(Turn& turn, Run& run, JobInstance& job, std::string_view reason) {
  CloseAttempt(turn, job, {.verdict = VerdictClass::kSuccess, .reason = std::string(reason)});
  SetJob(turn, job, JobState::kSkipped, reason);
  FollowEnd(turn, run, job);
}

void SkipWaiting(Turn& turn,
                 Run& run,
                 const std::vector<std::string>& task_ids,
                 std::string_view reason) {
  std::vector<const JobInstance*> skipped;
  for (JobInstance& job : run.jobs) {
    const bool is_named = std::ranges::any_of(
        task_ids, [&](const std::string& name) { return model::IsCalled(*job.def, name); });
    if (!is_named || job.state != JobState::kNone)
      continue;
    StopWaiting(turn.state, job);
    SetJob(turn, job, JobState::kSkipped, reason);
    skipped.push_back(&job);
  }
  for (const JobInstance* job : skipped)
    FollowEnd(turn, run, *job);
}

void EndAttempt(Turn& turn, Run& run, JobInstance& job, const model::Verdict& verdict) {
  CloseAttempt(turn, job, verdict);
  NoteDuration(turn, job, verdict);
  RefreshWays(turn.state, job);
  if (verdict.verdict == VerdictClass::kSuccess) {
    SetJob(turn, job, JobState::kSuccess, verdict.reason);
    FollowEnd(turn, run, job);
    return;
  }
  CountFailure(job, verdict);
  turn.recorder.Put(job.row);
  const RetryDecision decision = DecideRetry(*job.def,
                                             {job.row.application_failures,
                                              job.row.infrastructure_failures,
                                              verdict.unclear_before + (verdict.unclear ? 1 : 0)},
                                             verdict,
                                             SeedOf(turn.state.identity),
                                             ToString(job.row.key));
  if (decision.retry) {
    PutUpForRetry(turn, job, verdict, decision.delay);
    return;
  }
  const std::string cause = base::Cat(verdict.reason, "; ", decision.why_not);
  const bool is_configuration = verdict.verdict == VerdictClass::kConfiguration;
  Fail(turn, run, job, cause, /*for_good=*/is_configuration);
  if (is_configuration)
    HoldLanes(turn, run, job);
  FollowEnd(turn, run, job);
}

void AddLive(Turn& turn, JobInstance& job, int delta) {
  const bool held = job.live > 0;
  job.live += delta;
  CHECK(job.live >= 0);
  if (!held && job.live > 0) {
    TakeSlots(turn.state, job);
    job.row.slots_since = turn.now;
    turn.recorder.Put(job.row);
  }
  if (held && job.live == 0)
    ReturnSlots(turn, job);
}

void CountLive(State& state, JobInstance& job) {
  if (job.live++ == 0)
    TakeSlots(state, job);
}

void OnIdle(Turn& turn, JobInstance& job, std::string_view cause) {
  if (job.live > 0)
    return;
  StartRetryIfDue(turn, job);
  if (job.state != JobState::kRestarting)
    return;
  JobInstance* next = job.of == nullptr || IsInList(job) ? &job : Remove(turn, job, cause);
  if (next == nullptr)
    return;
  SetJob(turn, *next, JobState::kNone, cause);
  WaitAnew(turn, *next);
  StartJobIfReady(turn, *FindRun(turn.state, next->row.key.run), *next);
}

void StartDueRetries(Turn& turn) {
  std::vector<model::JobKey> due;
  for (const auto& [at, key] : turn.state.retries) {
    if (at > turn.now)
      break;
    due.push_back(key);
  }
  for (const model::JobKey& key : due)
    StartRetryIfDue(turn, *FindJob(turn.state, key));
}

}  // namespace engine
