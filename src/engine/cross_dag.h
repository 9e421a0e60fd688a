#pragma once

// Dependencies across DAGs. When a run is created each edge becomes a stored list of data intervals
// of the upstream DAG; a job waits until each of them has had a success, also for runs that do not
// exist yet. Whatever finds no interval waits and says so: it is never nothing to wait for. A job
// that depends on its own DAG's past has such waits as well (past_runs.h).

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/readiness.h"
#include "engine/turn.h"

namespace engine {

// What a job of a run of this DAG with this data interval waits for.
std::vector<model::UpstreamWait> ResolveWaits(const State& state,
                                              const model::DagId& dag,
                                              const model::Job& job,
                                              const base::Interval& interval);
// Waits for DAGs that were not known when they were resolved, and are now; returns whose they are.
std::vector<model::JobKey> ResolveAnew(Turn& turn, const std::set<model::DagId>& known_now);
// A wait from before schema 3, which names a logical date, becomes one for a data interval.
void UpgradeWait(const State& state, model::UpstreamWait& wait);

bool IsOver(const State& state, const model::UpstreamWait& wait);
// What all that the job waits for of other runs says together.
Readiness ReadinessElsewhere(const State& state, const JobInstance& job);
// Of the wait's lanes, those that have not succeeded; under a rule, those that have not ended.
std::vector<model::LaneId> MissingLanes(const State& state, const model::UpstreamWait& wait);
// How the lane has ended, in any run with the wait's data interval: a success counts before a skip,
// a skip before a failure. kNone: in none.
JobState EndOf(const State& state, const model::UpstreamWait& wait, const model::LaneId& lane);

// How the jobs and runs of other DAGs have ended that the job waits for, by the names under which
// its `when` knows them. Over all lanes and data intervals a failure counts before a success, a
// success before a skip; kNone: none of them has ended.
std::map<std::string, JobState> EndsElsewhere(const State& state, const JobInstance& job);

// Keeps the list of jobs that something elsewhere may start.
void BeginWaiting(State& state, JobInstance& job);
void StopWaiting(State& state, JobInstance& job);
// The job is to begin again: what the rules of its edges had decided is decided again.
void WaitAnew(Turn& turn, JobInstance& job);
// Stores what the rules of its edges say by now. A decision lasts: what becomes of the ends later
// does not change it.
void DecideEdges(Turn& turn, JobInstance& job);
bool CouldDecideEdges(const State& state, const JobInstance& job);  // and has not
// Of those that wait, the jobs that take holes of these DAGs for what they wait for.
std::vector<model::JobKey> ThoseThatSkip(const State& state, const std::set<model::DagId>& dags);
// The jobs whose edges with a rule name one of these; "": the whole run.
std::vector<model::JobKey> ThoseThatJudge(
    const State& state, const std::set<std::pair<model::DagId, model::JobId>>& ends);

// Remembers the job's success for edges from other DAGs, and forgets its earlier ones from before
// `forget_before`, but not the latest of them; returns the jobs that waited for it, or for another
// run of it.
std::vector<model::JobKey> NoteSuccess(State& state,
                                       const Run& run,
                                       const JobInstance& job,
                                       Time forget_before);
void RememberSuccess(State& state, const model::JobKey& job, const base::Interval& interval);
// The same of another end.
void NoteOtherEnd(Turn& turn, const Run& run, const JobInstance& job);
void RememberOtherEnd(State& state,
                      const model::JobKey& job,
                      const base::Interval& interval,
                      JobState end);
// The job's end counts no more for edges that have not been satisfied: it was cleared or marked.
void ForgetEnd(State& state, const Run& run, const JobInstance& job);
// The same for whole runs; their job id is "".
void NoteRunEnd(Turn& turn, const Run& run);
void ForgetRunEnd(State& state, const Run& run);

}  // namespace engine
