// `signalbox spend`: what clusters have cost, and how far that is from the caps. All of it is an
// estimate.

#include <string>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/lists.h"
#include "cli/output.h"
#include "model/spend.h"

namespace cli {

namespace {

using base::Cat;

// "12.34", or "" for what is not known.
std::string UsdText(const json::object& object, std::string_view key) {
  const json::value* value = base::Find(object, key);
  if (value == nullptr || value->is_null())
    return "";
  return model::FormatUsd(static_cast<model::MicroUsd>(base::GetDouble(object, key) * 1e6 + 0.5));
}

// For people: amounts in cents.
void ShowAmounts(json::array& items) {
  for (json::value& item : items) {
    for (const char* key : {"estimated_cost_usd", "spend_cap_usd"})
      item.get_object()[key] = UsdText(item.get_object(), key);
  }
}

std::string Headline(const json::object& spend, std::string_view what) {
  const std::string cap = UsdText(spend, "spend_cap_usd");
  const int64_t unpriced = base::GetInt(spend, "clusters_without_price");
  return Cat(what,
             ": an estimate of ",
             UsdText(spend, "estimated_cost_usd"),
             " USD",
             cap.empty() ? "" : Cat("; the cap is ", cap),
             unpriced == 0 ? "" : Cat("; ", unpriced, " clusters have no price"),
             "\n\n");
}

Outcome<void> ShowOfRun(const ServerClient& server, const SpendOptions& options) {
  auto spend = server.Get(RunPath(options.dag, options.run) + "/spend");
  if (!spend)
    return tl::unexpected(spend.error());
  if (IsData(options.live.format)) {
    PrintData(options.live.format, *spend);
    return {};
  }
  json::array clusters = base::GetArray(*spend, "clusters");
  ShowAmounts(clusters);
  Print(Headline(*spend, "the run"));
  PrintList(options.live.format,
            clusters,
            {{"CLUSTER", "cluster_id"},
             {"JOB", "job_id"},
             {"LANE", "lane_id"},
             {"TRY", "try_number"},
             {"STATE", "state", true},
             {"CREATED", "created_at"},
             {"USD", "estimated_cost_usd"}});
  return {};
}

}  // namespace

Outcome<void> ShowSpend(const SpendOptions& options) {
  auto server = ServerClient::Find(options.live.server);
  if (!server)
    return tl::unexpected(server.error());
  if (!options.run.empty())
    return ShowOfRun(*server, options);
  auto spend =
      server->Get(Cat("/spend", Query().Add("day", options.day).Add("dag_id", options.dag).text()));
  if (!spend)
    return tl::unexpected(spend.error());
  if (IsData(options.live.format)) {
    PrintData(options.live.format, *spend);
    return {};
  }
  const std::string day = base::GetString(*spend, "day") + " (UTC), ";
  json::array dags = base::GetArray(*spend, "dags");
  if (options.dag.empty())
    Print(Headline(*spend, day + "all DAGs"));
  else if (!dags.empty())
    Print(Headline(dags.front().as_object(), day + options.dag));
  ShowAmounts(dags);
  PrintList(options.live.format,
            dags,
            {{"DAG", "dag_id", false, Table::Fit::kCut},
             {"USD", "estimated_cost_usd"},
             {"CAP", "spend_cap_usd"},
             {"CLUSTERS", "clusters"},
             {"WITHOUT PRICE", "clusters_without_price"}});
  if (options.dag.empty())
    return {};
  for (const json::value& dag : dags) {
    json::array runs = base::GetArray(dag.get_object(), "dag_runs");
    ShowAmounts(runs);
    Print("\n");
    PrintList(options.live.format,
              runs,
              {{"RUN", "dag_run_id", false, Table::Fit::kCut},
               {"USD", "estimated_cost_usd"},
               {"CLUSTERS", "clusters"}});
  }
  return {};
}

}  // namespace cli
