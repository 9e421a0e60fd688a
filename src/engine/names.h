#pragma once

// What is remembered of jobs stands under their present names: a job or a lane that says what it
// was called (`formerly`) goes on with its durations, with the successes that other DAGs wait for,
// and with the run before. Runs of older versions keep the names that their version has.
//
// A DAG that says so takes over everything (model::DagRenamed).

#include "engine/state.h"
#include "engine/turn.h"

namespace engine {

// What a DAG is called now that a text of an older version names; the same if no DAG was called so.
model::DagId PresentDag(const State& state, const model::DagId& id);
// As the version of its DAG that is in force calls the job.
JobRef PresentName(const State& state, JobRef ref);
// Where the job stands in a plan that may be older or newer than the name; -1: it is not there.
int PlaceOf(const State& state, const Plan& plan, const JobRef& ref);
// `edge` is of a version that may be older: whether it means this job (or whole run, with the job
// "").
bool IsMeantBy(const State& state, const model::CrossDependency& edge, const JobRef& ref);
// The DAG's version has changed: what is remembered under former names moves.
void TakeFormerNames(Turn& turn, const DagEntry& entry);
// DAGs that are read under new names. False where there is none.
bool RenameDags(Turn& turn, const model::ProjectLoaded& project);

}  // namespace engine
