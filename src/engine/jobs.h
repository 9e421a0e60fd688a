#pragma once

// Jobs within their run: readiness, attempts, retries, the run's end.

#include "emr/verdict.h"
#include "engine/turn.h"

namespace engine {

// Counts anew what can be counted from the tasks: open jobs, and each job's open upstream jobs.
void Recount(Run& run);

// Starts every job of the run that nothing holds back, and whatever follows from jobs that end at
// once.
void StartReadyJobs(Turn& turn, Run& run);
// The same for one job, when what it waited for in another DAG has happened.
void StartJobIfReady(Turn& turn, Run& run, JobInstance& job);

// Closes the job's open attempt with a verdict: success, a retry with its delay, or the job's
// failure — in one step, so that downstream never sees a passing failure.
void EndAttempt(Turn& turn, Run& run, JobInstance& job, const emr::Verdict& verdict);

// Tells every job that has not begun about upstream jobs that ended badly.
void SpreadFailures(Turn& turn, Run& run);
// Tells everyone who waits for the job, in this run and in others, that it succeeded.
void SpreadSuccess(Turn& turn, Run& run, JobInstance& job);

// Nothing of the job is live any more: a retry whose delay is over starts, and so does a job that
// was cleared while its cluster lived.
void OnIdle(Turn& turn, JobInstance& job);

// Queues the jobs whose retry delay is over and whose old cluster is seen terminal.
void StartDueRetries(Turn& turn);

// Puts a job's start task into the launch queue.
void Enqueue(Turn& turn, JobInstance& job, std::string_view cause);

// Counts launches and clusters that may cost money; the first takes a pool slot, the last returns
// it.
void AddLive(State& state, JobInstance& job, int delta);

bool HasOpenAttempt(const JobInstance& job);

}  // namespace engine
