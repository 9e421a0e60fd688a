#include "api/resources.h"
#include "api/router.h"

namespace api {

namespace {

using Type = Member::Type;

// Airflow's bodies; kNotYet are those of its members that we do not know what to do with.
const BodySchema kPatchDag{{"is_paused", Type::kFlag}};
const BodySchema kTrigger{{"run_after", Type::kNotYet},
                          {"note", Type::kText},
                          {"partition_key", Type::kNotYet},
                          {"dag_run_id", Type::kText},
                          {"logical_date", Type::kTime, Member::Presence::kRequired},
                          {"data_interval_start", Type::kTime},
                          {"data_interval_end", Type::kTime},
                          {"conf", Type::kObject}};
const BodySchema kPatchRun{{"state", Type::kText}, {"note", Type::kText}};
const BodySchema kClearRun{{"dry_run", Type::kFlag},
                           {"only_failed", Type::kFlag},
                           {"only_new", Type::kNotYet},
                           {"run_on_latest_version", Type::kFlag}};
const BodySchema kClearTasks{{"only_running", Type::kNotYet},
                             {"include_upstream", Type::kFlag},
                             {"include_future", Type::kFlag},
                             {"include_past", Type::kFlag},
                             {"include_other_dags", Type::kFlag},  // ours
                             {"run_on_latest_version", Type::kFlag},
                             {"prevent_running_task", Type::kNotYet},
                             {"start_date", Type::kNotYet},
                             {"end_date", Type::kNotYet},
                             {"note", Type::kNotYet},
                             {"dry_run", Type::kFlag},
                             {"dag_run_id", Type::kText},
                             {"task_ids", Type::kList},
                             {"only_failed", Type::kFlag},
                             {"include_downstream", Type::kFlag},
                             {"reset_dag_runs", Type::kFlag}};
const BodySchema kPatchTask{{"include_upstream", Type::kFlag},
                            {"include_downstream", Type::kFlag},
                            {"include_future", Type::kNotYet},
                            {"include_past", Type::kNotYet},
                            {"note", Type::kText},
                            {"new_state", Type::kText}};
const BodySchema kBackfill{{"dag_id", Type::kText, Member::Presence::kRequired},
                           {"from_date", Type::kTime},
                           {"to_date", Type::kTime},
                           {"run_backwards", Type::kFlag},
                           {"dag_run_conf", Type::kObject},
                           {"reprocess_behavior", Type::kText},
                           {"max_active_runs", Type::kNumber},
                           {"run_on_latest_version", Type::kFlag},
                           {"data_intervals", Type::kList}};  // ours
// Ours.
const BodySchema kFillHoles{{"from_date", Type::kTime},
                            {"to_date", Type::kTime},
                            {"run_backwards", Type::kFlag},
                            {"dag_run_conf", Type::kObject},
                            {"reprocess_behavior", Type::kText},
                            {"max_active_runs", Type::kNumber},
                            {"dry_run", Type::kFlag}};
const BodySchema kHold{{"scope", Type::kText, Member::Presence::kRequired},
                       {"target", Type::kText},
                       {"reason", Type::kText}};
const BodySchema kAssetEvent{{"asset_id", Type::kNumber, Member::Presence::kRequired},
                             {"extra", Type::kObject},
                             {"access_control", Type::kNotYet},
                             {"partition_key", Type::kNotYet}};
const BodySchema kMaterialize{{"run_after", Type::kNotYet},
                              {"note", Type::kText},
                              {"partition_key", Type::kNotYet},
                              {"dag_run_id", Type::kText},
                              {"logical_date", Type::kTime},
                              {"data_interval_start", Type::kTime},
                              {"data_interval_end", Type::kTime},
                              {"conf", Type::kObject}};
const BodySchema kDeactivate{{"dag_ids", Type::kList}, {"dry_run", Type::kFlag}};

}  // namespace

const std::vector<Route>& Routes() {
  using enum Access;
  static const std::vector<Route> kRoutes = {
      // Airflow's.
      {"GET", "monitor/health", kOpen, &GetHealth},
      {"GET", "version", kOpen, &GetVersion},
      {"GET", "importErrors", kRead, &ListImportErrors},
      {"GET", "pools", kRead, &ListPools},
      {"GET", "pools/*", kRead, &GetPool},
      {"GET", "dags", kRead, &ListDags},
      {"GET", "dags/*", kRead, &GetDag},
      {"PATCH", "dags/*", kOperate, &PatchDag, kPatchDag},
      {"GET", "dags/*/details", kRead, &GetDagDetails},
      {"GET", "dags/*/dagRuns", kRead, &ListRuns},
      {"POST", "dags/*/dagRuns", kOperate, &TriggerRun, kTrigger},
      {"GET", "dags/*/dagRuns/*", kRead, &GetRun},
      {"GET", "dags/*/dagRuns/*/taskInstances", kRead, &ListTaskInstances},
      {"GET", "dags/*/dagRuns/*/taskInstances/*", kRead, &GetTaskInstance},
      {"GET", "dags/*/dagRuns/*/taskInstances/*/listMapped", kRead, &ListMapped},
      {"GET", "dags/*/dagRuns/*/taskInstances/*/xcomEntries", kRead, &ListXcomEntries},
      {"GET", "dags/*/dagRuns/*/taskInstances/*/xcomEntries/*", kRead, &GetXcomEntry},
      {"GET", "dags/*/dagRuns/*/taskInstances/*/*", kRead, &GetTaskInstance},
      {"PATCH", "dags/*/dagRuns/*", kOperate, &PatchRun, kPatchRun},
      {"POST", "dags/*/dagRuns/*/clear", kOperate, &ClearRun, kClearRun},
      {"POST", "dags/*/clearTaskInstances", kOperate, &ClearTaskInstances, kClearTasks},
      {"PATCH", "dags/*/dagRuns/*/taskInstances/*", kOperate, &PatchTaskInstance, kPatchTask},
      {"PATCH",
       "dags/*/dagRuns/*/taskInstances/*/dry_run",
       kOperate,
       &DryRunPatchTaskInstance,
       kPatchTask},
      {"PATCH", "dags/*/dagRuns/*/taskInstances/*/*", kOperate, &PatchTaskInstance, kPatchTask},
      {"PATCH",
       "dags/*/dagRuns/*/taskInstances/*/*/dry_run",
       kOperate,
       &DryRunPatchTaskInstance,
       kPatchTask},
      {"GET", "backfills", kRead, &ListBackfills},
      {"POST", "backfills", kOperate, &CreateBackfill, kBackfill},
      {"POST", "backfills/dry_run", kOperate, &DryRunBackfill, kBackfill},
      {"GET", "backfills/*", kRead, &GetBackfill},
      {"PUT", "backfills/*/pause", kOperate, &PauseBackfill},
      {"PUT", "backfills/*/unpause", kOperate, &UnpauseBackfill},
      {"PUT", "backfills/*/cancel", kOperate, &CancelBackfill},
      {"GET", "assets", kRead, &ListAssets},
      {"GET", "assets/aliases", kRead, &ListAssetAliases},
      {"GET", "assets/events", kRead, &ListAssetEvents},
      {"POST", "assets/events", kOperate, &CreateAssetEvent, kAssetEvent},
      {"GET", "assets/*", kRead, &GetAsset},
      {"POST", "assets/*/materialize", kOperate, &MaterializeAsset, kMaterialize},
      {"GET", "assets/*/queuedEvents", kRead, &ListQueuedOfAsset},
      {"DELETE", "assets/*/queuedEvents", kOperate, &DropQueuedOfAsset},
      {"GET", "dags/*/assets/queuedEvents", kRead, &ListQueuedOfDag},
      {"DELETE", "dags/*/assets/queuedEvents", kOperate, &DropQueuedOfDag},
      {"GET", "dags/*/assets/*/queuedEvents", kRead, &GetQueuedOfDag},
      {"DELETE", "dags/*/assets/*/queuedEvents", kOperate, &DropOneQueuedOfDag},
      {"GET", "dags/*/dagRuns/*/upstreamAssetEvents", kRead, &ListUpstreamEvents},
      // Ours.
      {"GET", "backfills/*/ticks", kRead, &ListBackfillTicks},
      {"POST", "dags/*/holes/fill", kOperate, &FillHoles, kFillHoles},
      {"GET", "holds", kRead, &ListHolds},
      {"POST", "holds", kOperate, &PlaceHold, kHold},
      {"POST", "holds/*/release", kOperate, &ReleaseHold},
      {"POST", "dags/~/deactivate", kOperate, &DeactivateDags, kDeactivate},
      {"POST", "clusters/*/terminate", kOperate, &TerminateCluster},
      {"GET", "dags/*/dagRuns/*/attempts", kRead, &ListAttempts},
      {"GET", "dags/*/holes", kRead, &ListHoles},
      {"GET", "dags/*/dagVersions", kRead, &ListDagVersions},
      {"GET", "dags/*/dagVersions/*", kRead, &GetDagVersion},
      {"GET", "clusters", kRead, &ListClusters},
      {"GET", "clusters/*", kRead, &GetCluster},
      {"GET", "forecast", kRead, &GetForecast},
      {"GET", "dags/*/dagRuns/*/forecast", kRead, &GetRunForecast},
      {"GET", "deadlines", kRead, &ListDeadlines},
      {"GET", "deadlines/past", kRead, &ListPastDeadlines},
      {"GET", "orphans", kRead, &ListOrphans},
      {"GET", "budget", kRead, &GetBudget},
      {"GET", "history", kRead, &ListHistory},
      {"GET", "/metrics", kRead, &GetMetrics},
      {"POST", "emr-events", kWebhook, &TakeEvent},
  };
  return kRoutes;
}

}  // namespace api
