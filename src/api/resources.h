#pragma once

// The handlers, one .cc file a resource; routes.cc says what is served where.

#include "api/exchange.h"
#include "api/router.h"

namespace api {

// dags.cc
// The DAG's row; kNotFound where there is none.
base::Result<model::DagRow> FindDag(Context& context, const model::DagId& dag);
base::Result<json::object> ListDags(Context& context, const Exchange& exchange);
base::Result<json::object> GetDag(Context& context, const Exchange& exchange);
base::Result<json::object> GetDagDetails(Context& context, const Exchange& exchange);
void PatchDag(Context& context, const Exchange& exchange, Answered answered);

// deactivate.cc
// A person confirms that DAGs whose files are missing are gone for good.
void DeactivateDags(Context& context, const Exchange& exchange, Answered answered);

// runs.cc
base::Result<json::object> ListRuns(Context& context, const Exchange& exchange);
base::Result<json::object> GetRun(Context& context, const Exchange& exchange);
void TriggerRun(Context& context, const Exchange& exchange, Answered answered);

// task_instances.cc
base::Result<json::object> ListTaskInstances(Context& context, const Exchange& exchange);
base::Result<json::object> GetTaskInstance(Context& context, const Exchange& exchange);
// The task instances of these jobs (none: of all), as the list resource shows them.
base::Result<json::object> TaskInstancesOf(Context& context,
                                           const model::RunKey& run,
                                           const std::vector<model::JobKey>& jobs,
                                           bool only_failed);

// actions.cc
void ClearTaskInstances(Context& context, const Exchange& exchange, Answered answered);
void ClearRun(Context& context, const Exchange& exchange, Answered answered);
void PatchRun(Context& context, const Exchange& exchange, Answered answered);
void PatchTaskInstance(Context& context, const Exchange& exchange, Answered answered);
void DryRunPatchTaskInstance(Context& context, const Exchange& exchange, Answered answered);
void TerminateCluster(Context& context, const Exchange& exchange, Answered answered);

// attempts.cc
base::Result<json::object> ListAttempts(Context& context, const Exchange& exchange);

// budget.cc
// Why nothing is launched, in a sentence that says how to fix it, or null.
json::value LaunchingHeld(const driver::Driver& driver);
base::Result<json::object> GetBudget(Context& context, const Exchange& exchange);

// clusters.cc
base::Result<json::object> ListClusters(Context& context, const Exchange& exchange);
base::Result<json::object> GetCluster(Context& context, const Exchange& exchange);

// holes.cc
base::Result<json::object> ListHoles(Context& context, const Exchange& exchange);

// orphans.cc
base::Result<json::object> ListOrphans(Context& context, const Exchange& exchange);

// events.cc
// An API destination of EventBridge posts to us.
void TakeEvent(Context& context, const Exchange& exchange, Answered answered);

// system.cc
base::Result<json::object> GetHealth(Context& context, const Exchange& exchange);
base::Result<json::object> GetVersion(Context& context, const Exchange& exchange);
base::Result<json::object> ListImportErrors(Context& context, const Exchange& exchange);
base::Result<json::object> ListHistory(Context& context, const Exchange& exchange);

}  // namespace api
