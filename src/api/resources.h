#pragma once

// The handlers, one .cc file a resource; routes.cc says what is served where.

#include <set>

#include "api/exchange.h"
#include "api/router.h"

namespace api {

using SharedExchange = std::shared_ptr<const Exchange>;

// dags.cc
bool HasImportErrors(const Reading& reading, const model::DagRow& row);
// As lists show it.
base::Result<json::object> DescribeDag(const Reading& reading, const model::DagRow& row);
// The same, where the DAG's latest run is known.
base::Result<json::object> DescribeDag(const Reading& reading,
                                       const model::DagRow& row,
                                       const std::optional<model::RunRow>& last_run);
// The DAG's row; kNotFound where there is none.
base::Result<model::DagRow> FindDag(const Reading& reading, const model::DagId& dag);
// What is said of one that is not there, or that the caller does not see.
base::Error NoDag(const model::DagId& dag);
Answer GetDag(const Reading& reading, const Exchange& exchange);
Answer GetDagDetails(const Reading& reading, const Exchange& exchange);
void PatchDag(Context& context, const SharedExchange& exchange, Answered answered);

// dag_list.cc
Answer ListDags(const Reading& reading, const Exchange& exchange);
void PatchDags(Context& context, const SharedExchange& exchange, Answered answered);

// dag_facts.cc
Answer ListDagTags(const Reading& reading, const Exchange& exchange);
Answer ListDagStats(const Reading& reading, const Exchange& exchange);
Answer ListDagWarnings(const Reading& reading, const Exchange& exchange);
Answer GetDagSource(const Reading& reading, const Exchange& exchange);

// dag_files.cc
// What PUT parseDagFile names a file by.
std::string FileToken(std::string_view fileloc);
void ParseDagFile(Context& context, const SharedExchange& exchange, Answered answered);

// tasks.cc
Answer ListTasks(const Reading& reading, const Exchange& exchange);
Answer GetTask(const Reading& reading, const Exchange& exchange);

// batch.cc
Answer ListRunsBatch(const Reading& reading, const Exchange& exchange);
base::Result<JobsRead> ListTaskInstancesBatch(const Reading& reading, const Exchange& exchange);

// task_tries.cc
base::Result<JobsRead> ListTries(const Reading& reading, const Exchange& exchange);
base::Result<JobsRead> GetTry(const Reading& reading, const Exchange& exchange);
base::Result<JobsRead> GetDependencies(const Reading& reading, const Exchange& exchange);
Answer GetLinks(const Reading& reading, const Exchange& exchange);
Answer GetExternalLogUrl(const Reading& reading, const Exchange& exchange);

// task_log.cc
void GetTaskLog(Context& context,
                const std::shared_ptr<const Exchange>& exchange,
                Answered answered);

// event_logs.cc
Answer ListEventLogs(const Reading& reading, const Exchange& exchange);
Answer GetEventLog(const Reading& reading, const Exchange& exchange);

// wait.cc
void WaitForRun(Context& context, const SharedExchange& exchange, Answered answered);

// bulk.cc
inline constexpr size_t kMostEntities = 1000;  // of one bulk change
void PatchRuns(Context& context, const SharedExchange& exchange, Answered answered);
void PatchTaskInstances(Context& context, const SharedExchange& exchange, Answered answered);
void ClearRuns(Context& context, const SharedExchange& exchange, Answered answered);

// openapi.cc
Answer GetOpenApi(Context& context, const Exchange& exchange);

// deactivate.cc
// A person confirms that DAGs whose files are missing are gone for good.
void DeactivateDags(Context& context, const SharedExchange& exchange, Answered answered);

// deletes.cc
void DeleteRun(Context& context, const SharedExchange& exchange, Answered answered);
void DeleteDag(Context& context, const SharedExchange& exchange, Answered answered);

// favourites.cc
void Favour(Context& context, const SharedExchange& exchange, Answered answered);
void Unfavour(Context& context, const SharedExchange& exchange, Answered answered);
// Of a user who is deleted.
std::vector<model::ChangeRecords::One> DropFavourites(const runtime::Views& views,
                                                      const std::string& user);
base::Result<std::set<model::DagId>> FavouritesOf(const Reading& reading, const std::string& user);

// pools.cc
Answer ListPools(Context& context, const Exchange& exchange);
Answer GetPool(Context& context, const Exchange& exchange);

// runs.cc
Answer ListRuns(const Reading& reading, const Exchange& exchange);
Answer ListRecentRuns(const Reading& reading, const Exchange& exchange);
Answer GetRun(const Reading& reading, const Exchange& exchange);

// trigger.cc
void TriggerRun(Context& context, const SharedExchange& exchange, Answered answered);
Answer PreviewRun(Context& context, const Exchange& exchange);

// task_instances.cc
base::Result<JobsRead> ListTaskInstances(const Reading& reading, const Exchange& exchange);
// Of a mapped job its instances, by map_index; with `expanded=false` the job alone, with its
// counts.
base::Result<JobsRead> GetTaskInstance(const Reading& reading, const Exchange& exchange);
base::Result<JobsRead> ListMapped(const Reading& reading, const Exchange& exchange);
// -1, or the number of an instance.
base::Result<int> ReadMapIndex(std::string_view text);
// The task instances of these jobs, as the list resource shows them.
base::Result<JobsRead> TaskInstancesOf(const Reading& reading,
                                       const model::RunKey& run,
                                       const std::vector<model::JobKey>& jobs);

// clear.cc
void ClearTaskInstances(Context& context, const SharedExchange& exchange, Answered answered);
void ClearRun(Context& context, const SharedExchange& exchange, Answered answered);

// actions.cc
void PatchRun(Context& context, const SharedExchange& exchange, Answered answered);
void PatchTaskInstance(Context& context, const SharedExchange& exchange, Answered answered);
void DryRunPatchTaskInstance(Context& context, const SharedExchange& exchange, Answered answered);
// Of the jobs in a group.
void PatchTaskGroup(Context& context, const SharedExchange& exchange, Answered answered);
void DryRunPatchTaskGroup(Context& context, const SharedExchange& exchange, Answered answered);
void TerminateCluster(Context& context, const SharedExchange& exchange, Answered answered);

// attempts.cc
Answer ListAttempts(const Reading& reading, const Exchange& exchange);

// xcom_entries.cc
// What the task tells: {} while it has not succeeded, and where it tells nothing.
base::Result<json::object> OutputsOf(const Reading& reading,
                                     const model::RunKey& run,
                                     const std::string& task_id);
Answer ListXcomEntries(const Reading& reading, const Exchange& exchange);
Answer GetXcomEntry(const Reading& reading, const Exchange& exchange);

// notifiers.cc
Answer ListNotifiers(Context& context, const Exchange& exchange);

// budget.cc
Answer GetBudget(Context& context, const Exchange& exchange);
void GetBudgetHistory(Context& context, const SharedExchange& exchange, Answered answered);

// clusters.cc
Answer ListClusters(const Reading& reading, const Exchange& exchange);
Answer GetCluster(const Reading& reading, const Exchange& exchange);
void GetStepLog(Context& context,
                const std::shared_ptr<const Exchange>& exchange,
                Answered answered);
void GetTryOutput(Context& context,
                  const std::shared_ptr<const Exchange>& exchange,
                  Answered answered);
void GetCause(Context& context, const std::shared_ptr<const Exchange>& exchange, Answered answered);

// spend.cc
Answer GetSpend(const Reading& reading, const Exchange& exchange);
Answer GetRunSpend(const Reading& reading, const Exchange& exchange);

// forecast.cc
void GetForecast(Context& context, const SharedExchange& exchange, Answered answered);
void GetRunForecast(Context& context, const SharedExchange& exchange, Answered answered);
void ListDeadlines(Context& context, const SharedExchange& exchange, Answered answered);
Answer ListPastDeadlines(const Reading& reading, const Exchange& exchange);

// holes.cc
Answer ListHoles(const Reading& reading, const Exchange& exchange);
Answer ListDagVersions(const Reading& reading, const Exchange& exchange);
Answer GetDagVersion(const Reading& reading, const Exchange& exchange);

// backfills.cc
Answer ListBackfills(const Reading& reading, const Exchange& exchange);
Answer GetBackfill(const Reading& reading, const Exchange& exchange);
Answer ListBackfillTicks(const Reading& reading, const Exchange& exchange);
void CreateBackfill(Context& context, const SharedExchange& exchange, Answered answered);
void DryRunBackfill(Context& context, const SharedExchange& exchange, Answered answered);
void PauseBackfill(Context& context, const SharedExchange& exchange, Answered answered);
void UnpauseBackfill(Context& context, const SharedExchange& exchange, Answered answered);
void CancelBackfill(Context& context, const SharedExchange& exchange, Answered answered);
// A backfill of the ticks that holes have.
void FillHoles(Context& context, const SharedExchange& exchange, Answered answered);

// holds.cc
Answer ListHolds(const Reading& reading, const Exchange& exchange);
void PlaceHold(Context& context, const SharedExchange& exchange, Answered answered);
void ReleaseHold(Context& context, const SharedExchange& exchange, Answered answered);

// assets.cc
base::Result<model::AssetRow> FindAsset(const Reading& reading, std::string_view id);
Answer ListAssets(const Reading& reading, const Exchange& exchange);
Answer GetAsset(const Reading& reading, const Exchange& exchange);
Answer ListAssetAliases(const Reading& reading, const Exchange& exchange);
Answer ListAssetEvents(const Reading& reading, const Exchange& exchange);
void CreateAssetEvent(Context& context, const SharedExchange& exchange, Answered answered);
void MaterializeAsset(Context& context, const SharedExchange& exchange, Answered answered);
Answer ListUpstreamEvents(const Reading& reading, const Exchange& exchange);

// queued_events.cc
Answer ListQueuedOfAsset(const Reading& reading, const Exchange& exchange);
Answer ListQueuedOfDag(const Reading& reading, const Exchange& exchange);
Answer GetQueuedOfDag(const Reading& reading, const Exchange& exchange);
void DropQueuedOfAsset(Context& context, const SharedExchange& exchange, Answered answered);
void DropQueuedOfDag(Context& context, const SharedExchange& exchange, Answered answered);
void DropOneQueuedOfDag(Context& context, const SharedExchange& exchange, Answered answered);

// variables.cc
extern const BodySchema kVariableBody;
Answer ListVariables(const Reading& reading, const Exchange& exchange);
Answer GetVariable(const Reading& reading, const Exchange& exchange);
void CreateVariable(Context& context, const SharedExchange& exchange, Answered answered);
void PatchVariable(Context& context, const SharedExchange& exchange, Answered answered);
void DeleteVariable(Context& context, const SharedExchange& exchange, Answered answered);
void ChangeVariables(Context& context, const SharedExchange& exchange, Answered answered);

// connections.cc
extern const BodySchema kConnectionBody;
Answer ListConnections(const Reading& reading, const Exchange& exchange);
Answer GetConnection(const Reading& reading, const Exchange& exchange);
void CreateConnection(Context& context, const SharedExchange& exchange, Answered answered);
void PatchConnection(Context& context, const SharedExchange& exchange, Answered answered);
void DeleteConnection(Context& context, const SharedExchange& exchange, Answered answered);
void ChangeConnections(Context& context, const SharedExchange& exchange, Answered answered);
// All that is sealed, with a new key.
void RotateSecretKey(Context& context, const SharedExchange& exchange, Answered answered);

// notifier_tests.cc
void TestNotifier(Context& context, const SharedExchange& exchange, Answered answered);

// orphans.cc
Answer ListOrphans(Context& context, const Exchange& exchange);

// events.cc
// An API destination of EventBridge posts to us.
void TakeEvent(Context& context, const SharedExchange& exchange, Answered answered);

// metrics.cc
// For Prometheus.
Answer GetMetrics(Context& context, const Exchange& exchange);

// system.cc
Answer GetHealth(Context& context, const Exchange& exchange);
Answer GetVersion(Context& context, const Exchange& exchange);
Answer ListImportErrors(Context& context, const Exchange& exchange);
Answer GetImportError(Context& context, const Exchange& exchange);
Answer ListJobs(Context& context, const Exchange& exchange);
Answer GetConfig(Context& context, const Exchange& exchange);
Answer GetConfigValue(Context& context, const Exchange& exchange);
Answer ListPlugins(Context& context, const Exchange& exchange);
Answer ListPluginErrors(Context& context, const Exchange& exchange);
Answer ListProviders(Context& context, const Exchange& exchange);

// history.cc
Answer ListHistory(const Reading& reading, const Exchange& exchange);

// lanes.cc
Answer ListLanes(const Reading& reading, const Exchange& exchange);

// limits.cc
Answer ListLimits(Context& context, const Exchange& exchange);
Answer ListNextTicks(Context& context, const Exchange& exchange);

// sources.cc
Answer ListSources(Context& context, const Exchange& exchange);

// map.cc
void GetMap(Context& context, const SharedExchange& exchange, Answered answered);
void GetMapLayout(Context& context, const SharedExchange& exchange, Answered answered);

// event_stream.cc
void StreamEvents(Context& context, const SharedExchange& exchange, Answered answered);

// Answers with what `query` reads now, ahead of those who only look. Parameters of the request are
// not the query's.
void AnswerWith(Context& context, Query query, Exchange exchange, Answered answered);
// Calls `then` if the caller sees what `query` reads, at once if they see everything. Else what is
// asked for is not there.
void IfSeen(Context& context,
            const SharedExchange& exchange,
            Query query,
            const Answered& answered,
            std::function<void()> then);

// users.cc
http::Response SecretJson(int status, const json::object& body);
Answer ListUsers(Context& context, const Exchange& exchange);
Answer GetUser(Context& context, const Exchange& exchange);
void CreateUser(Context& context, const SharedExchange& exchange, Answered answered);
void PatchUser(Context& context, const SharedExchange& exchange, Answered answered);
void ResetPassword(Context& context, const SharedExchange& exchange, Answered answered);
void DeleteUser(Context& context, const SharedExchange& exchange, Answered answered);
Answer ListRoles(Context& context, const Exchange& exchange);

// tokens.cc
std::vector<model::ChangeRecords::One> DropTokens(const runtime::Views& views,
                                                  const std::string& user);
Answer GetMe(Context& context, const Exchange& exchange);
Answer ListTokens(Context& context, const Exchange& exchange);
void CreateToken(Context& context, const SharedExchange& exchange, Answered answered);
void RevokeToken(Context& context, const SharedExchange& exchange, Answered answered);
Answer ListSessions(Context& context, const Exchange& exchange);
void EndSession(Context& context, const SharedExchange& exchange, Answered answered);

// new_session.cc
std::vector<model::ChangeRecords::One> DropSessions(const runtime::Views& views,
                                                    const std::string& user);

// Of the session with this id, if it is still there.
model::ChangeRecords::One DropSession(const runtime::Views& views, const std::string& id);

// logins.cc
void CreateAccessToken(Context& context, const SharedExchange& exchange, Answered answered);
void Login(Context& context, const SharedExchange& exchange, Answered answered);
void Logout(Context& context, const SharedExchange& exchange, Answered answered);
void ChangePassword(Context& context, const SharedExchange& exchange, Answered answered);

// Ends the session that asks, and answers `done`.
void EndOwnSession(Context& context,
                   const SharedExchange& exchange,
                   http::Response done,
                   Answered answered);

// sso.cc
void BeginSso(Context& context, const SharedExchange& exchange, Answered answered);
void FinishSso(Context& context, const SharedExchange& exchange, Answered answered);
// A logout that also tells where the provider's own session ends.
void EndSso(Context& context, const SharedExchange& exchange, Answered answered);

// sso_terminal.cc
void CreateSsoToken(Context& context, const SharedExchange& exchange, Answered answered);

// sso_logout.cc
void EndSsoSessions(Context& context, const SharedExchange& exchange, Answered answered);

// audit.cc
Answer ListAudit(const Reading& reading, const Exchange& exchange);

}  // namespace api
