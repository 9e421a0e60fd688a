#pragma once

// Runs: which are due, how they begin and how they end.

#include "engine/turn.h"

namespace engine {

// Applies the project as it was read: new DAGs, new versions, DAGs whose file is gone, pools.
void LoadProject(Turn& turn, const model::ProjectLoaded& project);
void SetPaused(Turn& turn, const model::SetPaused& event, Step& step);
void Trigger(Turn& turn, const model::TriggerRun& event, Step& step);

// Creates the runs whose tick has come, and starts queued runs that max_active_runs has room for.
void CreateDueRuns(Turn& turn);

// REQUIRES: every job of the run has ended. A run that had ended is judged again only where a
// person has changed its jobs.
void FinishRun(Turn& turn, Run& run, By by = By::kEngine);
// Ends the run so. REQUIRES: every job of the run has ended.
void EndRun(Turn& turn, Run& run, model::RunState state, std::string_view cause, By by);
// An ended run has open jobs again: it is queued until max_active_runs has room.
void ReopenRun(Turn& turn, Run& run, std::string_view cause);

// Recomputes when the DAG fires next.
void RefreshFire(State& state, DagEntry& entry);
std::shared_ptr<const Plan> PlanOf(State& state, std::shared_ptr<const model::Dag> dag);
// kInvalidArgument for a cron or zone that cannot be used (a stored DAG of another build, say).
base::Result<std::optional<schedule::Timetable>> TimetableOf(const model::Dag& dag,
                                                             const schedule::ZoneSet& zones);

}  // namespace engine
