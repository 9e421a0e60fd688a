#include "cli/progress.h"

#include <algorithm>

#include "base/text.h"
#include "http/message.h"
#include "model/ids.h"
#include "model/states.h"

namespace cli {

namespace {

std::optional<base::Time> TimeOf(const json::object& object, std::string_view member) {
  auto time = base::ParseTime(base::GetString(object, member));
  return time ? std::optional(*time) : std::nullopt;
}

AttemptProgress ReadAttempt(const json::object& object) {
  AttemptProgress attempt{.job = base::GetString(object, "display_name"),
                          .try_number = base::GetInt(object, "try_number"),
                          .verdict = base::GetString(object, "verdict"),
                          .reason = base::GetString(object, "reason")};
  for (const json::value& id : base::GetArray(object, "cluster_ids")) {
    if (id.is_string())
      attempt.clusters.emplace_back(id.get_string());
  }
  return attempt;
}

ClusterProgress ReadCluster(const json::object& object) {
  const auto phase = model::ParseClusterPhase(base::GetString(object, "phase"));
  return {.id = base::GetString(object, "cluster_id"),
          .state = base::GetString(object, "state"),
          .dag = base::GetString(object, "dag_id"),
          .run = base::GetString(object, "dag_run_id"),
          .job = model::DisplayName(model::JobId(base::GetString(object, "job_id")),
                                    model::LaneId(base::GetString(object, "lane_id")),
                                    static_cast<int>(base::GetInt(object, "map_index", -1))),
          .try_number = base::GetInt(object, "try_number"),
          .live = !phase || !IsTerminal(*phase)};
}

Outcome<RunProgress> FetchRun(const ServerClient& server, const json::object& object) {
  RunProgress run{.dag = base::GetString(object, "dag_id"),
                  .run = base::GetString(object, "dag_run_id"),
                  .state = base::GetString(object, "state"),
                  .start = TimeOf(object, "start_date"),
                  .end = TimeOf(object, "end_date")};
  const std::string path =
      base::Cat("/dags/", http::PercentEncode(run.dag), "/dagRuns/", http::PercentEncode(run.run));
  auto tasks = server.List(path + "/taskInstances?expanded=false", "task_instances");
  if (!tasks)
    return tl::unexpected(tasks.error());
  for (const json::value& value : *tasks) {
    const json::object& task = value.get_object();
    run.tasks[base::GetString(task, "task_id")] = {base::GetString(task, "state"),
                                                   base::GetInt(task, "try_number")};
  }
  auto attempts = server.List(path + "/attempts", "attempts");
  if (!attempts)
    return tl::unexpected(attempts.error());
  for (const json::value& attempt : *attempts)
    run.attempts.push_back(ReadAttempt(attempt.get_object()));
  return run;
}

}  // namespace

int64_t Progress::LiveClusters() const {
  return std::count_if(
      clusters.begin(), clusters.end(), [](const ClusterProgress& c) { return c.live; });
}

const ClusterProgress* Progress::ClusterOf(const RunProgress& run, const std::string& job) const {
  const ClusterProgress* latest = nullptr;
  for (const ClusterProgress& cluster : clusters) {
    if (cluster.dag == run.dag && cluster.run == run.run && cluster.job == job &&
        (latest == nullptr || cluster.try_number > latest->try_number))
      latest = &cluster;
  }
  return latest;
}

Outcome<Progress> FetchProgress(const ServerClient& server) {
  Progress progress;
  auto runs = server.List("/dags/~/dagRuns?order_by=run_after", "dag_runs");
  if (!runs)
    return tl::unexpected(runs.error());
  for (const json::value& value : *runs) {
    auto run = FetchRun(server, value.get_object());
    if (!run)
      return tl::unexpected(run.error());
    progress.runs.push_back(*std::move(run));
  }
  // After the runs: a cluster of what they show is in it.
  auto clusters = server.List("/clusters", "clusters");
  if (!clusters)
    return tl::unexpected(clusters.error());
  for (const json::value& cluster : *clusters)
    progress.clusters.push_back(ReadCluster(cluster.get_object()));
  auto budget = server.Get("/budget");
  if (!budget)
    return tl::unexpected(budget.error());
  for (const json::value& value : base::GetArray(*budget, "actions")) {
    const json::object& call = value.get_object();
    progress.calls[base::GetString(call, "action")] = {
        base::GetInt(call, "made"), base::GetInt(call, "throttled"), base::GetInt(call, "failed")};
  }
  return progress;
}

}  // namespace cli
