#include "engine/jobs.h"

#include <algorithm>
#include <cstdlib>
#include <deque>

#include "base/check.h"
#include "base/text.h"
#include "emr/retry.h"
#include "engine/cross_dag.h"
#include "engine/resume.h"
#include "engine/runs.h"

namespace engine {

namespace {

using model::TaskState;
using model::VerdictClass;

TaskState EndState(const JobInstance& job) {
  return job.tasks.back().state;
}

bool MayStart(const State& state, const Run& run, const JobInstance& job) {
  return run.row.state == model::RunState::kRunning && job.unmet == 0 &&
         job.tasks.front().state == TaskState::kNone && !job.row.next_try_at &&
         !state.dags.at(run.row.key.dag).row.is_paused && WaitsAreOver(state, job);
}

// Jobs that ended in this step and have not been told to those that depend on them. A queue, not
// recursion: a chain of empty jobs may be long.
struct Ended {
  Run* run;
  int index;
};

void Begin(Turn& turn, Run& run, JobInstance& job, std::deque<Ended>& ended) {
  if (!MayStart(turn.state, run, job))
    return;
  StopWaiting(turn.state, job);
  switch (job.def->type) {
    case model::JobType::kEmpty:
      ++job.row.try_number;  // its task says so: this needs no row
      SetTask(turn, job, 0, TaskState::kSuccess, "empty");
      ended.push_back({&run, job.index});
      return;
    case model::JobType::kEmrJob:
      Enqueue(turn, job, "nothing holds it back");
      return;
  }
}

void StartThoseWaitingElsewhere(Turn& turn,
                                Run& run,
                                const JobInstance& succeeded,
                                std::deque<Ended>& ended) {
  const Time forget_before = turn.now - turn.options.completed_for;
  for (const model::JobKey& waiting : NoteSuccess(turn.state, run, succeeded, forget_before)) {
    Run* other = FindRun(turn.state, waiting.run);
    JobInstance* job = FindJob(turn.state, waiting);
    if (other != nullptr && job != nullptr)
      Begin(turn, *other, *job, ended);
  }
}

void TellSuccess(Turn& turn, Run& run, int index, std::deque<Ended>& ended) {
  for (int down : run.plan->downstream[static_cast<size_t>(index)]) {
    JobInstance& job = run.jobs[static_cast<size_t>(down)];
    --job.unmet;
    Begin(turn, run, job, ended);
  }
  StartThoseWaitingElsewhere(turn, run, run.jobs[static_cast<size_t>(index)], ended);
}

void TellFailure(Turn& turn, Run& run, int index, std::deque<Ended>& ended) {
  for (int down : run.plan->downstream[static_cast<size_t>(index)]) {
    JobInstance& job = run.jobs[static_cast<size_t>(down)];
    if (job.tasks.front().state != TaskState::kNone)
      continue;  // told already by another upstream job
    StopWaiting(turn.state, job);
    std::string cause =
        base::Cat(model::DisplayName(run.jobs[static_cast<size_t>(index)].def->id,
                                     run.jobs[static_cast<size_t>(index)].def->lane),
                  " did not succeed");
    for (size_t task = 0; task < job.tasks.size(); ++task)
      SetTask(turn, job, static_cast<int>(task), TaskState::kUpstreamFailed, cause);
    ended.push_back({&run, down});
  }
}

void Ripple(Turn& turn, std::deque<Ended> ended) {
  while (!ended.empty()) {
    auto [run, index] = ended.front();
    ended.pop_front();
    --run->open_jobs;
    if (EndState(run->jobs[static_cast<size_t>(index)]) == TaskState::kSuccess)
      TellSuccess(turn, *run, index, ended);
    else
      TellFailure(turn, *run, index, ended);
    if (run->open_jobs == 0)
      FinishRun(turn, *run);
  }
}

void CountFailure(Counters& counters, JobInstance& job, const emr::Verdict& verdict) {
  if (verdict.verdict == VerdictClass::kApplication)
    ++job.row.application_failures;
  // A refusal in words that no rule knows may have been "not now".
  if (verdict.verdict == VerdictClass::kInfrastructure || verdict.verdict == VerdictClass::kUser ||
      verdict.unclear)
    ++job.row.infrastructure_failures;
  if (!verdict.unclear)
    return;
  const bool is_known = counters.unclear_refusals.contains(*verdict.unclear);
  const bool has_room = counters.unclear_refusals.size() < kUnclearTextsMax;
  ++counters.unclear_refusals[is_known || has_room ? *verdict.unclear : "other"];
}

void PutUpForRetry(Turn& turn,
                   JobInstance& job,
                   const emr::Verdict& verdict,
                   base::Duration delay) {
  job.row.next_try_at = turn.now + delay;
  turn.state.retries.insert({*job.row.next_try_at, job.row.key});
  for (size_t task = 0; task < job.tasks.size(); ++task)
    SetTask(turn, job, static_cast<int>(task), TaskState::kUpForRetry, verdict.reason);
}

// Of this database: jitter differs between deployments, and is the same in every replay.
uint64_t SeedOf(const State& state) {
  return std::strtoull(state.identity.incarnation.substr(0, 16).c_str(), nullptr, 16);
}

void Fail(Turn& turn, Run& run, JobInstance& job, std::string_view cause) {
  bool started = job.tasks[0].state == TaskState::kSuccess;
  if (started) {
    SetTask(turn, job, 1, TaskState::kFailed, cause);
  } else {
    SetTask(turn, job, 0, TaskState::kFailed, cause);
    SetTask(turn, job, 1, TaskState::kUpstreamFailed, "start_cluster failed");
  }
  Ripple(turn, {{&run, job.index}});
}

void StartRetryIfDue(Turn& turn, JobInstance& job) {
  if (!job.row.next_try_at || *job.row.next_try_at > turn.now || job.live > 0)
    return;
  turn.state.retries.erase({*job.row.next_try_at, job.row.key});
  job.row.next_try_at = std::nullopt;
  turn.recorder.Put(job.row);
  SetTask(turn, job, 1, TaskState::kNone, "retry");
  Enqueue(turn, job, "retry");
}

}  // namespace

bool HasOpenAttempt(const JobInstance& job) {
  return job.attempt && !job.attempt->ended_at;
}

void Recount(Run& run) {
  run.open_jobs = 0;
  for (JobInstance& job : run.jobs) {
    run.open_jobs += IsTerminal(job.tasks.back().state) ? 0 : 1;
    job.unmet = static_cast<int>(
        std::count_if(job.def->upstream.begin(), job.def->upstream.end(), [&](int up) {
          return run.jobs[static_cast<size_t>(up)].tasks.back().state != TaskState::kSuccess;
        }));
  }
}

void StartReadyJobs(Turn& turn, Run& run) {
  std::deque<Ended> ended;
  for (JobInstance& job : run.jobs)
    Begin(turn, run, job, ended);
  Ripple(turn, std::move(ended));
}

void StartJobIfReady(Turn& turn, Run& run, JobInstance& job) {
  std::deque<Ended> ended;
  Begin(turn, run, job, ended);
  Ripple(turn, std::move(ended));
}

void Enqueue(Turn& turn, JobInstance& job, std::string_view cause) {
  SetTask(turn, job, 0, TaskState::kQueued, cause);
  turn.state.queue.insert({*job.tasks[0].queued_at, job.row.key});
}

void EndAttempt(Turn& turn, Run& run, JobInstance& job, const emr::Verdict& verdict) {
  CHECK(HasOpenAttempt(job));
  job.attempt->ended_at = turn.now;
  job.attempt->verdict = verdict.verdict;
  job.attempt->reason = verdict.reason;
  turn.recorder.Put(*job.attempt);
  if (verdict.verdict == VerdictClass::kSuccess) {
    SetTask(turn, job, 1, TaskState::kSuccess, verdict.reason);
    Ripple(turn, {{&run, job.index}});
    return;
  }
  const int unclear = UnclearRefusals(turn.state, job) + (verdict.unclear ? 1 : 0);
  CountFailure(turn.state.counters, job, verdict);
  turn.recorder.Put(job.row);
  emr::RetryDecision decision =
      emr::DecideRetry(*job.def,
                       {job.row.application_failures, job.row.infrastructure_failures, unclear},
                       verdict,
                       SeedOf(turn.state),
                       ToString(job.row.key));
  if (decision.retry)
    PutUpForRetry(turn, job, verdict, decision.delay);
  else
    Fail(turn, run, job, base::Cat(verdict.reason, "; ", decision.why_not));
}

void SpreadFailures(Turn& turn, Run& run) {
  std::deque<Ended> ended;
  for (const JobInstance& job : run.jobs) {
    if (IsTerminal(EndState(job)) && EndState(job) != TaskState::kSuccess)
      TellFailure(turn, run, job.index, ended);
  }
  Ripple(turn, std::move(ended));
}

void SpreadSuccess(Turn& turn, Run& run, JobInstance& job) {
  std::deque<Ended> ended;
  for (int down : run.plan->downstream[static_cast<size_t>(job.index)])
    Begin(turn, run, run.jobs[static_cast<size_t>(down)], ended);
  StartThoseWaitingElsewhere(turn, run, job, ended);
  Ripple(turn, std::move(ended));
}

void OnIdle(Turn& turn, JobInstance& job) {
  if (job.live > 0)
    return;
  StartRetryIfDue(turn, job);
  if (job.tasks[0].state != TaskState::kRestarting)
    return;
  for (size_t task = 0; task < job.tasks.size(); ++task)
    SetTask(turn, job, static_cast<int>(task), TaskState::kNone, "its old cluster is gone");
  BeginWaiting(turn.state, job);
  Run& run = *FindRun(turn.state, job.row.key.run);
  SpreadFailures(turn, run);
  StartJobIfReady(turn, run, job);
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

void AddLive(State& state, JobInstance& job, int delta) {
  bool held = job.live > 0;
  job.live += delta;
  CHECK(job.live >= 0);
  bool holds = job.live > 0;
  if (held != holds)
    state.pools[job.def->pool].used += holds ? 1 : -1;
}

}  // namespace engine
