#pragma once

// Attempts: a turn begins one, its kind of work says how it ends, and the job's policy says what
// follows. Kinds of work call this; they call nothing else that changes jobs.

#include <string>
#include <string_view>
#include <vector>

#include "engine/turn.h"
#include "model/verdict.h"

namespace engine {

bool HasOpenAttempt(const JobInstance& job);

// Gives up to so many queued jobs their turn, in the order of queue.h.
void GrantTurns(Turn& turn, model::Turns limit);

// Begins an attempt without a turn. Its kind is told by StartBegun, once nothing else moves: the
// attempt may end there.
void BeginAtOnce(Turn& turn, Run& run, JobInstance& job);
// REQUIRES: some have begun so.
void StartBegun(Turn& turn);
// It would be tried again at once, and its DAG is paused.
bool IsHeldBack(const State& state, const Kinds& kinds, const JobInstance& job);

// What the attempt needs is being made.
void SetStarting(Turn& turn, JobInstance& job, std::string_view cause);
// It is there, and works.
void SetWorking(Turn& turn, JobInstance& job, std::string_view cause);
// It was not made and costs no try: the job waits for another turn.
void Requeue(Turn& turn, JobInstance& job, std::string_view cause);
// What the job's open attempt tells the jobs after it, a JSON object. It is about to end; only of
// one that succeeds it counts in templates.
void KeepOutputs(Turn& turn, JobInstance& job, std::string outputs);
// Closes the job's open attempt, and nothing follows yet.
void CloseAttempt(Turn& turn, JobInstance& job, const model::Verdict& verdict);
// Closes the job's open attempt with a verdict: success, a retry with its delay, or the job's
// failure, in one step, so that downstream never sees a passing failure.
void EndAttempt(Turn& turn, Run& run, JobInstance& job, const model::Verdict& verdict);

// Closes the job's open attempt: there was nothing to do, and the job is skipped. REQUIRES: it is
// kStarting.
void SkipAttempt(Turn& turn, Run& run, JobInstance& job, std::string_view reason);

// A task of Airflow wants these skipped, by Airflow's ids, also such as are not right after it.
// Those that wait still are; what follows from that is done.
void SkipWaiting(Turn& turn,
                 Run& run,
                 const std::vector<std::string>& task_ids,
                 std::string_view reason);

// Counts what may cost money for the job; the first takes its pool slots, the last returns them.
void AddLive(Turn& turn, JobInstance& job, int delta);
// The same where rows are loaded: nothing is returned there.
void CountLive(State& state, JobInstance& job);
// Nothing of the job is live any more: a retry whose delay is over starts, and so does a job that
// was cleared while something of it lived; `cause` goes to history then.
void OnIdle(Turn& turn, JobInstance& job, std::string_view cause);

// Queues the jobs whose retry delay is over and of which nothing is live.
void StartDueRetries(Turn& turn);

}  // namespace engine
