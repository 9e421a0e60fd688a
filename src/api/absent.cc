// What is in Airflow's API and not in ours. "Signalbox has no …" is for good, and says what is used
// instead; "… not built yet" is not. Its official client is the judge that none is forgotten.

#include "api/router.h"

namespace api {

namespace {

struct Paths {
  std::string_view why;
  std::vector<std::pair<std::string_view, std::string_view>> routes;  // method, pattern
  Access access = Access::kRead;
};

const std::vector<Paths>& AllAbsent() {
  static const std::vector<Paths> kAll = {
      {"Signalbox has no aliases of assets: name the asset itself",
       {{"GET", "assets/aliases/{asset_alias_id}"}}},
      {"Signalbox has no store for the state of assets: a job's outputs hold small values, and S3 "
       "the others",
       {{"GET", "assets/{asset_id}/state-store"},
        {"DELETE", "assets/{asset_id}/state-store"},
        {"GET", "assets/{asset_id}/state-store/{key}"},
        {"PUT", "assets/{asset_id}/state-store/{key}"},
        {"DELETE", "assets/{asset_id}/state-store/{key}"}}},
      {"Signalbox has no store for the state of tasks: a job's outputs hold small values, and S3 "
       "the others",
       {{"GET", "dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/state-store"},
        {"DELETE", "dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/state-store"},
        {"GET", "dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/state-store/{key}"},
        {"PUT", "dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/state-store/{key}"},
        {"PATCH", "dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/state-store/{key}"},
        {"DELETE",
         "dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/state-store/{key}"}}},
      {"Signalbox has no partitions of runs: name the runs, with clearDagRuns",
       {{"POST", "dags/{dag_id}/clearPartitions"}}},
      {"Signalbox has no pools beside those of signalbox.yaml: edit its 'pools', which is in force "
       "at once",
       {{"POST", "pools"},
        {"PATCH", "pools"},
        {"PATCH", "pools/{pool_name}"},
        {"DELETE", "pools/{pool_name}"}}},
      {"Signalbox has no task instance without its task: a run has the tasks of its DAG's version",
       {{"DELETE", "dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}"}}},
      {"Signalbox has no tasks that wait for a person's answer: place a hold, or pause the DAG",
       {{"GET", "dags/{dag_id}/dagRuns/{dag_run_id}/hitlDetails"},
        {"GET",
         "dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}/hitlDetails"},
        {"PATCH",
         "dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}/hitlDetails"},
        {"GET",
         "dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}/hitlDetails/tries/"
         "{try_number}"}}},
      {"Signalbox has no outputs but those that a job's steps leave in S3: nobody else writes them",
       {{"POST", "dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/xcomEntries"},
        {"PATCH",
         "dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/xcomEntries/{xcom_key}"},
        {"DELETE",
         "dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/xcomEntries/{xcom_key}"}}},
      {"Signalbox has no page to log in at: POST 'username' and 'password' to it, or to "
       "/auth/token",
       {{"GET", "auth/login"}},
       Access::kOpen},
      {"Signalbox has no change by a GET: POST to it", {{"GET", "auth/logout"}}, Access::kOpen},
      {"Signalbox has no default connections: add those that your jobs use",
       {{"POST", "connections/defaults"}},
       Access::kAuthor},
      {"Signalbox has no tests of connections: it only hands them to jobs, and cannot reach what "
       "they lead to",
       {{"POST", "connections/test"},
        {"GET", "connections/enqueue-test"},
        {"POST", "connections/enqueue-test"}},
       Access::kAuthor},
  };
  return kAll;
}

}  // namespace

std::vector<Route> AbsentRoutes() {
  std::vector<Route> routes;
  for (const Paths& paths : AllAbsent()) {
    for (const auto& [method, pattern] : paths.routes)
      routes.push_back({method, pattern, paths.access, Absent{paths.why}});
  }
  return routes;
}

}  // namespace api
