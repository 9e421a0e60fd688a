#include <chrono>
#include <utility>

#include "api/history.h"
#include "api/paging.h"
#include "api/resources.h"
#include "api/task_tries.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "emr/health.h"
#include "model/expense.h"

namespace api {

namespace {

void AddAttempt(json::object& out, const std::optional<model::AttemptKey>& attempt) {
  for (std::string_view name :
       {"dag_id", "dag_run_id", "job_id", "lane_id", "map_index", "try_number"})
    out[name] = nullptr;
  if (!attempt)
    return;
  out["dag_id"] = attempt->job.run.dag.str();
  out["dag_run_id"] = attempt->job.run.run.str();
  out["job_id"] = attempt->job.job.str();
  out["lane_id"] = TextOrNull(attempt->job.lane.str());
  out["map_index"] = attempt->job.index;
  out["try_number"] = attempt->n;
}

// Since when it is in the state that is shown.
std::optional<base::Time> StateSince(const model::ClusterRow& cluster) {
  if (IsTerminal(cluster.phase))
    return cluster.ended_at;
  if (cluster.phase == model::ClusterPhase::kTerminating)
    return cluster.terminate_requested_at;
  if (cluster.health != model::ClusterHealth::kOk)
    return cluster.zero_seen_at;
  if (cluster.in_service_since)
    return cluster.in_service_since;
  return cluster.created_at;
}

// Why it ended, or is about to: our own cause where we ended it, else EMR's.
std::string Reason(const model::ClusterRow& cluster) {
  if (!cluster.terminate_cause.empty())
    return cluster.terminate_cause;
  if (cluster.reason_code.empty() || cluster.reason_message.empty())
    return base::Cat(cluster.reason_code, cluster.reason_message);
  return base::Cat(cluster.reason_code, ": ", cluster.reason_message);
}

json::object ClusterJson(base::Time now, const model::ClusterRow& cluster) {
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
                   {"reason", TextOrNull(Reason(cluster))},
                   {"state_since", TimeOrNull(StateSince(cluster))},
                   {"age_seconds", nullptr},
                   {"estimated_cost_usd", nullptr},
                   {"token", TextOrNull(cluster.token.str())}};
  if (cluster.created_at)
    out["age_seconds"] =
        std::chrono::floor<base::seconds>(cluster.ended_at.value_or(now) - *cluster.created_at)
            .count();
  if (const auto expense = ExpenseOf(cluster))
    out["estimated_cost_usd"] = model::Usd(CostOf(*expense, now));
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
  ASSIGN_OR_RETURN(const auto launch, LaunchOf(reader, cluster));
  if (!launch)
    return nullptr;
  ASSIGN_OR_RETURN(const json::value request,
                   base::ParseJson(launch->request, "a launch's request"));
  return TextOrNull(base::GetString(request.get_object(), "LogUri"));
}

// How the attempt that it was launched for has ended; nulls while it has not.
base::Status AddVerdict(store::Reader& reader,
                        const model::ClusterRow& cluster,
                        json::object& out) {
  out["verdict"] = out["verdict_reason"] = nullptr;
  if (!cluster.attempt)
    return {};
  const model::JobKey& job = cluster.attempt->job;
  ASSIGN_OR_RETURN(const auto attempts,
                   reader.Attempts(job.run, {job.job, job.lane, job.index, job.index}));
  for (const model::AttemptRow& attempt : attempts) {
    if (attempt.key != *cluster.attempt || !attempt.verdict)
      continue;
    out["verdict"] = ToString(*attempt.verdict);
    out["verdict_reason"] = TextOrNull(attempt.reason);
  }
  return {};
}

// What we saw of it and of its steps, the oldest first.
base::Result<json::array> Timeline(store::Reader& reader, const model::ClusterId& cluster) {
  constexpr int kMost = 1000;
  ASSIGN_OR_RETURN(const auto rows, reader.History({.limit = kMost, .cluster = cluster}));
  json::array timeline;
  for (const model::HistoryRow& row : rows)
    timeline.push_back(HistoryJson(row));
  return timeline;
}

// `state` as it is shown: a phase, or what is wrong with a live cluster.
base::Status ReadStates(const Exchange& exchange, store::ClusterQuery& query) {
  for (const std::string& text : ReadAll(exchange, "state")) {
    const auto phase = model::ParseClusterPhase(text);
    const auto health = model::ParseClusterHealth(text);
    if (phase)
      query.phases.push_back(*phase);
    else if (health && *health != model::ClusterHealth::kOk)
      query.healths.push_back(*health);
    else
      return base::Fail(base::ErrorCode::kInvalidArgument,
                        base::Cat("'", base::Excerpt(text), "' is not a state of a cluster"));
  }
  return {};
}

}  // namespace

Answer ListClusters(const Reading& reading, const Exchange& exchange) {
  const auto paging = ReadPaging(exchange);
  if (!paging)
    return paging.error();
  ASSIGN_OR_RETURN(auto live, ReadBool(exchange, "live"));
  store::ClusterQuery query;
  query.live_only = live.value_or(false);
  query.limit = FetchLimit(*paging);
  query.offset = paging->offset;
  if (auto dag = exchange.target.Param("dag_id")) {
    RETURN_IF_ERROR(FindDag(reading, model::DagId(*dag)));
    query.dag = model::DagId(*dag);
  }
  RETURN_IF_ERROR(ReadStates(exchange, query));
  if (paging->cursor) {
    const json::array& values = paging->cursor->values;
    if (values.size() != 1 || !values[0].is_string())
      return NotOfThisList();
    query.from = {{.id = model::ClusterId(std::string(values[0].get_string()))},
                  paging->cursor->is_backward};
  }
  ASSIGN_OR_RETURN(auto page, reading.rows.Clusters(query));
  Links links = TakeLinks(
      page.rows, *paging, [](const model::ClusterRow& row) { return json::array{row.id.str()}; });
  json::array clusters;
  for (const model::ClusterRow& row : page.rows)
    clusters.push_back(ClusterJson(reading.now.now, row));
  json::object out =
      ListObject("clusters", std::move(clusters), page.total, *paging, std::move(links));
  out["launching_held"] = OptionalText(reading.now.launching_held);
  return out;
}

Answer GetCluster(const Reading& reading, const Exchange& exchange) {
  ASSIGN_OR_RETURN(model::ClusterRow row,
                   reading.rows.Cluster(model::ClusterId(exchange.args.at(0))));
  json::object out = ClusterJson(reading.now.now, row);
  ASSIGN_OR_RETURN(out["log_uri"], LogUri(reading.rows, row));
  out["steps"] = Steps(row);
  out["fleets"] = Fleets(row);
  RETURN_IF_ERROR(AddVerdict(reading.rows, row, out));
  ASSIGN_OR_RETURN(out["timeline"], Timeline(reading.rows, row.id));
  out["note"] = TextOrNull(emr::SuspendedNote(row.fleets).value_or(""));
  return out;
}

}  // namespace api
