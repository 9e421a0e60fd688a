#pragma once

// Jobs within their run: readiness, attempts, retries, the run's end.

#include "emr/verdict.h"
#include "engine/turn.h"

namespace engine {

// Starts every job of the run that nothing holds back, and whatever follows from jobs that end at
// once.
void StartReadyJobs(Turn& turn, Run& run);
// The same for one job, when what it waited for in another DAG has happened.
void StartJobIfReady(Turn& turn, Run& run, JobInstance& job);

// Closes the job's open attempt with a verdict: success, a retry with its delay, or the job's
// failure — in one step, so that downstream never sees a passing failure.
void EndAttempt(Turn& turn, Run& run, JobInstance& job, const emr::Verdict& verdict);

// Queues the jobs whose retry delay is over and whose old cluster is seen terminal.
void StartDueRetries(Turn& turn);
void StartRetryIfDue(Turn& turn, JobInstance& job);

// Puts a job's start task into the launch queue.
void Enqueue(Turn& turn, JobInstance& job, std::string_view cause);

// Counts launches and clusters that may cost money; the first takes a pool slot, the last returns
// it.
void AddLive(State& state, JobInstance& job, int delta);

bool HasOpenAttempt(const JobInstance& job);

}  // namespace engine
