#pragma once

// What becomes of deadlines, as rows. A forecast judges those of runs that are under way; the end
// of the run or the job, and the time when it is due, decide for good. Nothing here starts or stops
// work.

#include "engine/turn.h"

namespace engine {

void TakeJudgement(Turn& turn, const model::DeadlinesJudged& event);
// The run has ended; with `job` that job. `is_done`: it has succeeded or is skipped.
void CloseDeadlines(Turn& turn, const model::RunKey& run, const JobInstance* job, bool is_done);
// The job is no more in its run.
void WithdrawDeadlines(Turn& turn, const model::JobKey& job, std::string_view cause);
// Those whose time has come are missed.
void MissDeadlines(Turn& turn);

void LoadDeadlines(State& state, const std::vector<model::DeadlineRow>& rows);
// The same for a run that comes back; what memory has is newer than what was read.
void RestoreDeadlines(State& state, const std::vector<model::DeadlineRow>& rows);
// The run has left memory.
void ForgetDeadlines(State& state, const model::RunKey& run);
// What is final and has no run in memory leaves it.
void DropClosed(State& state);

}  // namespace engine
