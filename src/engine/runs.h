#pragma once

// Runs: which are due, how they begin and how they end.

#include <vector>

#include "engine/turn.h"

namespace engine {

// Applies the project as it was read: new DAGs, new versions, DAGs whose file is gone, pools.
void LoadProject(Turn& turn, const model::ProjectLoaded& project);
// One DAG of it; true where it was not known before.
bool LoadDag(Turn& turn, const std::shared_ptr<const model::Dag>& dag);
// What a DAG without its file answers to a request for work.
base::Status FileIsGone(const model::DagId& dag);
void SetPaused(Turn& turn, const model::SetPaused& event, Changes& changes);
// "2 runs in a row have failed (max_consecutive_failed_dag_runs)". REQUIRES: so many have.
std::string FailuresInRow(const model::DagRow& row);

// Creates the runs whose tick has come, and starts queued runs that max_active_runs has room for.
void CreateDueRuns(Turn& turn);

// Takes every job of the run as far as it may go, and what follows.
void StartReadyJobs(Turn& turn, Run& run);
// The same for one job, when what it waited for has happened.
void StartJobIfReady(Turn& turn, Run& run, JobInstance& job);
// The job, or an instance of it, has ended: what follows from it, the ends of runs included.
void FollowEnd(Turn& turn, Run& run, const JobInstance& job);
// The units are settled by hand (ReviewGroups): jobs of other runs may begin.
void FollowSettled(Turn& turn, Run& run, const std::vector<int>& units);
// A job has succeeded or is skipped by hand: jobs of other runs that wait for it may begin.
void FollowByHand(Turn& turn, Run& run, const JobInstance& job);

// REQUIRES: every job of the run has ended. A run that had ended is judged again only if a person
// has changed its jobs.
void FinishRun(Turn& turn, Run& run, By by = By::kEngine);
// Ends the run so. REQUIRES: every job of the run has ended.
void EndRun(Turn& turn, Run& run, model::RunState state, std::string_view cause, By by);
// An ended run has open jobs again: it is queued until max_active_runs has room.
void ReopenRun(Turn& turn, Run& run, std::string_view cause);

std::shared_ptr<const Plan> PlanOf(State& state,
                                   const Kinds& kinds,
                                   std::shared_ptr<const model::Dag> dag);

// Makes the job with this place in the run's plan, as it is before anything has happened to it.
void AddJob(Turn& turn, Run& run, size_t index);

// Creates the row's run with all its jobs, queued, of the DAG's version in force. REQUIRES: there
// is no such run.
void CreateRun(Turn& turn, DagEntry& entry, model::RunRow row);

}  // namespace engine
