#pragma once

// Assets: which there are, the events that tell that one was made, what is queued for the DAGs that
// wait for them, and the runs that follow. An event stands in the commit of the success that made
// it, a run in the commit of the event that fulfilled its condition: each event is taken once by
// each DAG. Airflow's rules (airflow.assets.manager, SchedulerJobRunner): a DAG that is paused or
// gone has nothing queued, but its next run takes the events of that time too; a DAG at its
// max_active_runs gets its run when there is room, for all that came meanwhile.
//
// A queue knows the range of ids that the next run takes. The engine keeps the events themselves as
// long as templates may ask for them.

#include <string>

#include "engine/turn.h"

namespace engine {

// What the project's DAGs name, after they were read: rows of assets, and the DAGs' queues.
void LoadAssets(Turn& turn, const std::vector<std::shared_ptr<const model::Dag>>& dags);
// The indices, from the rows.
void IndexAssets(State& state);

// An event for each outlet. REQUIRES: the job has succeeded by itself.
void RecordOutlets(Turn& turn, const Run& run, const JobInstance& job);
void CreateAssetEvent(Turn& turn, const model::CreateAssetEvent& event, Changes& changes);
void DropQueuedEvents(Turn& turn, const model::DropQueuedEvents& event, Changes& changes);

// The DAG's condition holds, and it may have a run now.
bool MayFollowAssets(const State& state, const DagEntry& entry);
// The run, which takes what is queued. REQUIRES: MayFollowAssets.
model::RunRow TakeQueued(Turn& turn, const DagEntry& entry);

// What the run's templates see of the events that it has taken: by the asset's name a list of them,
// the oldest first; of each asset the newest kTriggeringEventsMax. Empty for other runs.
json::object TriggeringEvents(const State& state, const Run& run);
// Events that were read with a run or with the queues.
void KeepAssetEvents(State& state, const std::vector<model::AssetEventRow>& rows);
// Drops what neither a run in memory nor a queue needs, once that may be much.
void DropAssetEvents(State& state);

// "2 of 3 assets updated; waits for a, b", for people; "" where it waits for none.
std::string WaitsForAssets(const State& state, const DagEntry& entry);

}  // namespace engine
