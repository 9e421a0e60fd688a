#include <utility>

#include "api/resources.h"
#include "emr/health.h"

namespace api {

namespace {

void AddAttempt(json::object& out, const std::optional<model::AttemptKey>& attempt) {
  for (std::string_view name : {"dag_id", "dag_run_id", "job_id", "lane_id", "try_number"})
    out[name] = nullptr;
  if (!attempt)
    return;
  out["dag_id"] = attempt->job.run.dag.str();
  out["dag_run_id"] = attempt->job.run.run.str();
  out["job_id"] = attempt->job.job.str();
  out["lane_id"] = TextOrNull(attempt->job.lane.str());
  out["try_number"] = attempt->n;
}

json::object ClusterJson(const model::ClusterRow& cluster) {
  json::object out{{"cluster_id", cluster.id.str()},
                   {"name", cluster.name},
                   {"state", ShownState(cluster)},
                   {"phase", ToString(cluster.phase)},
                   {"health", ToString(cluster.health)},
                   {"region", cluster.region},
                   {"account", TextOrNull(cluster.account)},
                   {"reason_code", TextOrNull(cluster.reason_code)},
                   {"reason_message", TextOrNull(cluster.reason_message)},
                   {"created_at", TimeOrNull(cluster.created_at)},
                   {"ready_at", TimeOrNull(cluster.ready_at)},
                   {"ended_at", TimeOrNull(cluster.ended_at)},
                   {"phase_seen_at", TimeOrNull(cluster.phase_seen_at)},
                   {"terminate_requested_at", TimeOrNull(cluster.terminate_requested_at)},
                   {"terminate_cause", TextOrNull(cluster.terminate_cause)},
                   {"token", TextOrNull(cluster.token.str())}};
  AddAttempt(out, cluster.attempt);
  return out;
}

json::array Steps(const model::ClusterRow& cluster) {
  json::array steps;
  for (const model::StepView& step : cluster.steps)
    steps.push_back(json::object{{"step_id", step.id},
                                 {"name", step.name},
                                 {"state", ToString(step.state)},
                                 {"failure", TextOrNull(step.failure)},
                                 {"overdue", step.overdue},
                                 {"start_date", TimeOrNull(step.start)},
                                 {"end_date", TimeOrNull(step.end)}});
  return steps;
}

json::array Fleets(const model::ClusterRow& cluster) {
  json::array fleets;
  for (const model::FleetView& fleet : cluster.fleets)
    fleets.push_back(json::object{{"fleet_id", fleet.id},
                                  {"role", ToString(fleet.role)},
                                  {"state", fleet.state},
                                  {"target", fleet.target},
                                  {"running", fleet.running}});
  return fleets;
}

// LogUri of the request that launched it; null where it has none, or was not launched by us.
base::Result<json::value> LogUri(store::Reader& reader, const model::ClusterRow& cluster) {
  if (!cluster.attempt)
    return nullptr;
  ASSIGN_OR_RETURN(auto launches, reader.Launches(cluster.attempt->job.run));
  for (const model::LaunchRow& launch : launches) {
    if (launch.cluster != cluster.id)
      continue;
    ASSIGN_OR_RETURN(json::value request, base::ParseJson(launch.request, "a launch's request"));
    return TextOrNull(base::GetString(request.get_object(), "LogUri"));
  }
  return nullptr;
}

}  // namespace

base::Result<json::object> ListClusters(Context& context, const Exchange& exchange) {
  RETURN_IF_ERROR(CheckParams(exchange, {"limit", "offset", "live"}));
  ASSIGN_OR_RETURN(Paging paging, ReadPaging(exchange));
  ASSIGN_OR_RETURN(auto live, ReadBool(exchange, "live"));
  ASSIGN_OR_RETURN(
      auto page,
      context.runtime.reader().Clusters(
          {.live_only = live.value_or(false), .limit = paging.limit, .offset = paging.offset}));
  json::array clusters;
  for (const model::ClusterRow& row : page.rows)
    clusters.push_back(ClusterJson(row));
  return json::object{{"clusters", std::move(clusters)},
                      {"total_entries", page.total},
                      {"launching_held", LaunchingHeld(context.runtime.driver())}};
}

base::Result<json::object> GetCluster(Context& context, const Exchange& exchange) {
  RETURN_IF_ERROR(CheckParams(exchange, {}));
  ASSIGN_OR_RETURN(model::ClusterRow row,
                   context.runtime.reader().Cluster(model::ClusterId(exchange.args.at(0))));
  json::object out = ClusterJson(row);
  ASSIGN_OR_RETURN(out["log_uri"], LogUri(context.runtime.reader(), row));
  out["steps"] = Steps(row);
  out["fleets"] = Fleets(row);
  out["note"] = TextOrNull(emr::SuspendedNote(row.fleets).value_or(""));
  return out;
}

}  // namespace api
