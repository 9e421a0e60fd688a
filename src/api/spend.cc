// What clusters have cost, by the project's prices: estimates, by day of UTC, DAG and run.

#include <map>
#include <utility>

#include "api/paging.h"
#include "api/resources.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "model/expense.h"

namespace api {

namespace {

using model::MicroUsd;

struct Sum {
  MicroUsd cost = 0;
  int64_t clusters = 0;
  int64_t unpriced = 0;  // whose cost is not known

  void Add(const Sum& other) {
    cost += other.cost;
    clusters += other.clusters;
    unpriced += other.unpriced;
  }
};

json::value UsdOrNull(const std::optional<MicroUsd>& amount) {
  return amount ? json::value(model::Usd(*amount)) : json::value(nullptr);
}

json::object SumJson(const Sum& sum) {
  return {{"estimated_cost_usd", model::Usd(sum.cost)},
          {"clusters", sum.clusters},
          {"clusters_without_price", sum.unpriced}};
}

// `cost_of`: what counts of an expense.
template <typename CostOf>
Sum SumOf(const model::ClusterRow& cluster, CostOf cost_of) {
  if (!cluster.micro_usd_per_hour)
    return {.clusters = 1, .unpriced = 1};
  const auto expense = ExpenseOf(cluster);
  return {.cost = expense ? cost_of(*expense) : 0, .clusters = 1};
}

// `day`: "2026-01-05", in UTC; today if it is absent.
base::Result<base::Interval> ReadDay(const Exchange& exchange, base::Time now) {
  const auto text = exchange.target.Param("day");
  if (!text)
    return model::DayOf(now);
  const auto day = base::ParseTime(*text);
  if (!day || text->size() != std::string_view("2026-01-05").size())
    return base::Fail(
        base::ErrorCode::kInvalidArgument,
        base::Cat("'day' is '", base::Excerpt(*text), "', and must be a date such as 2026-01-05"));
  return model::DayOf(*day);
}

base::Result<model::SpendCap> CapOf(const Reading& reading, const model::DagId& dag) {
  ASSIGN_OR_RETURN(const model::DagRow row, FindDag(reading, dag));
  ASSIGN_OR_RETURN(const auto version, reading.Dag(row.version));
  return version->spend_cap;
}

json::object DagJson(const model::DagId& dag,
                     const model::SpendCap& cap,
                     const std::map<model::RunId, Sum>& runs) {
  Sum all;
  json::array list;
  for (const auto& [run, sum] : runs) {
    all.Add(sum);
    json::object item = SumJson(sum);
    item["dag_run_id"] = run.str();
    list.push_back(std::move(item));
  }
  json::object out = SumJson(all);
  out["dag_id"] = dag.str();
  out["spend_cap_usd"] = UsdOrNull(cap.per_day);
  out["dag_runs"] = std::move(list);
  return out;
}

}  // namespace

Answer GetSpend(const Reading& reading, const Exchange& exchange) {
  const base::Time now = reading.now.now;
  ASSIGN_OR_RETURN(const base::Interval day, ReadDay(exchange, now));
  std::optional<model::DagId> only;
  if (auto dag = exchange.target.Param("dag_id")) {
    only = model::DagId(*dag);
    RETURN_IF_ERROR(FindDag(reading, *only));
  }
  ASSIGN_OR_RETURN(const auto clusters, reading.rows.ClustersWithin(day));
  std::map<model::DagId, std::map<model::RunId, Sum>> dags;
  Sum all;
  for (const model::ClusterRow& cluster : clusters) {
    const model::RunKey& run = cluster.attempt->job.run;
    const Sum sum = SumOf(
        cluster, [&](const model::Expense& expense) { return CostWithin(expense, day, now); });
    all.Add(sum);
    if (!only || run.dag == *only)
      dags[run.dag][run.run].Add(sum);
  }
  json::array list;
  ASSIGN_OR_RETURN(const auto rows, reading.rows.Dags());
  for (const model::DagRow& row : rows) {
    const auto runs = dags.find(row.dag);
    if (runs == dags.end())
      continue;
    ASSIGN_OR_RETURN(const auto version, reading.Dag(row.version));
    list.push_back(DagJson(row.dag, version->spend_cap, runs->second));
  }
  json::object out = SumJson(all);
  out["day"] = base::FormatRfc3339(day.start).substr(0, 10);
  out["spend_cap_usd"] = UsdOrNull(reading.now.spend_cap_per_day);
  out["dags"] = std::move(list);
  return out;
}

Answer GetRunSpend(const Reading& reading, const Exchange& exchange) {
  const model::RunKey run{model::DagId(exchange.args.at(0)), model::RunId(exchange.args.at(1))};
  ASSIGN_OR_RETURN(const model::SpendCap cap, CapOf(reading, run.dag));
  ASSIGN_OR_RETURN(const auto clusters, reading.rows.ClustersOf(run));
  const base::Time now = reading.now.now;
  Sum all;
  json::array list;
  for (const model::ClusterRow& cluster : clusters) {
    const Sum sum =
        SumOf(cluster, [&](const model::Expense& expense) { return CostOf(expense, now); });
    all.Add(sum);
    const model::AttemptKey& attempt = *cluster.attempt;
    list.push_back(json::object{
        {"cluster_id", cluster.id.str()},
        {"job_id", attempt.job.job.str()},
        {"lane_id", TextOrNull(attempt.job.lane.str())},
        {"map_index", attempt.job.index},
        {"try_number", attempt.n},
        {"state", ShownState(cluster)},
        {"created_at", TimeOrNull(cluster.created_at)},
        {"estimated_cost_usd",
         sum.unpriced > 0 ? json::value(nullptr) : json::value(model::Usd(sum.cost))}});
  }
  const int64_t count = all.clusters;
  json::object out = SumJson(all);
  out["clusters"] = std::move(list);
  out["total_entries"] = count;
  out["dag_id"] = run.dag.str();
  out["dag_run_id"] = run.run.str();
  out["spend_cap_usd"] = UsdOrNull(cap.per_run);
  return out;
}

}  // namespace api
