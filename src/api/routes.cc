#include "api/metrics.h"
#include "api/resources.h"
#include "api/router.h"

namespace api {

const std::vector<Route>& Routes() {
  static const std::vector<Route> kRoutes = {
      // Airflow's.
      {"GET", "monitor/health", &GetHealth, Access::kOpen},
      {"GET", "version", &GetVersion, Access::kOpen},
      {"GET", "importErrors", &ListImportErrors},
      {"GET", "dags", &ListDags},
      {"GET", "dags/*", &GetDag},
      {"PATCH", "dags/*", &PatchDag},
      {"GET", "dags/*/details", &GetDagDetails},
      {"GET", "dags/*/dagRuns", &ListRuns},
      {"POST", "dags/*/dagRuns", &TriggerRun},
      {"GET", "dags/*/dagRuns/*", &GetRun},
      {"GET", "dags/*/dagRuns/*/taskInstances", &ListTaskInstances},
      {"GET", "dags/*/dagRuns/*/taskInstances/*", &GetTaskInstance},
      {"PATCH", "dags/*/dagRuns/*", &PatchRun},
      {"POST", "dags/*/dagRuns/*/clear", &ClearRun},
      {"POST", "dags/*/clearTaskInstances", &ClearTaskInstances},
      {"PATCH", "dags/*/dagRuns/*/taskInstances/*", &PatchTaskInstance},
      {"PATCH", "dags/*/dagRuns/*/taskInstances/*/dry_run", &DryRunPatchTaskInstance},
      // Ours.
      {"POST", "dags/~/deactivate", &DeactivateDags},
      {"POST", "clusters/*/terminate", &TerminateCluster},
      {"GET", "dags/*/dagRuns/*/attempts", &ListAttempts},
      {"GET", "dags/*/holes", &ListHoles},
      {"GET", "clusters", &ListClusters},
      {"GET", "clusters/*", &GetCluster},
      {"GET", "orphans", &ListOrphans},
      {"GET", "budget", &GetBudget},
      {"GET", "history", &ListHistory},
      {"GET", "/metrics", &MetricsPage},
      {"POST", "emr-events", &TakeEvent, Access::kWebhook},
  };
  return kRoutes;
}

}  // namespace api
