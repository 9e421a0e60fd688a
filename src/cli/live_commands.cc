// The commands that ask a running server about its DAGs, runs and tasks, or tell it something.

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/json_text.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/lists.h"
#include "model/limits.h"

namespace cli {

namespace {

using base::Cat;

constexpr auto kWaitInterval = std::chrono::milliseconds(500);

Outcome<void> FetchAndPrint(const LiveOptions& options,
                            const std::string& path,
                            const std::string& member,
                            const std::vector<Field>& fields) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  auto items = server->List(path, member);
  if (!items)
    return tl::unexpected(items.error());
  PrintList(options.format, *items, fields);
  return {};
}

Outcome<json::object> WaitForEnd(const ServerClient& server,
                                 const std::string& dag,
                                 const std::string& run) {
  while (true) {
    auto row = server.Get(RunPath(dag, run));
    if (!row)
      return row;
    const std::string state = base::GetString(*row, "state");
    if (state == "success" || state == "failed")
      return row;
    std::this_thread::sleep_for(kWaitInterval);
  }
}

// Now, by the server's clock, which may run on world time; with a data interval that of the
// scheduled run which it belongs to.
Outcome<std::string> DefaultLogicalDate(const ServerClient& server,
                                        const std::string& dag,
                                        const json::object& body) {
  const bool has_interval = body.contains("data_interval_end");
  auto answer = server.Get(has_interval ? DagPath(dag) + "/details" : "/monitor/health");
  if (!answer)
    return tl::unexpected(answer.error());
  if (!has_interval)
    return base::GetString(*answer, "now");
  const bool by_start = base::GetString(*answer, "timetable") == "data_interval";
  return base::GetString(body, by_start ? "data_interval_start" : "data_interval_end");
}

Outcome<json::object> TriggerBody(const TriggerOptions& trigger) {
  json::object body;
  if (!trigger.logical_date.empty()) {
    auto time = base::ParseTime(trigger.logical_date);
    if (!time)
      return Fail(Exit::kUsage, "--logical-date: " + time.error().message);
    body["logical_date"] = base::FormatRfc3339(*time);
  }
  if (!trigger.data_interval.empty()) {
    auto start = base::ParseTime(trigger.data_interval[0]);
    auto end = base::ParseTime(trigger.data_interval[1]);
    if (!start || !end)
      return Fail(Exit::kUsage,
                  "--data-interval: " + (start ? end.error().message : start.error().message));
    if (*start > *end)
      return Fail(Exit::kUsage, "--data-interval: it ends before it starts; START comes first");
    body["data_interval_start"] = base::FormatRfc3339(*start);
    body["data_interval_end"] = base::FormatRfc3339(*end);
  }
  if (!trigger.run_id.empty())
    body["dag_run_id"] = trigger.run_id;
  if (!trigger.conf.empty()) {
    auto conf = base::ParseJson(trigger.conf, "--conf");
    if (!conf || !conf->is_object()) {
      return Fail(Exit::kUsage,
                  Cat("--conf: ",
                      conf ? "a JSON object is expected, as '{\"key\": \"value\"}'"
                           : conf.error().message));
    }
    if (const size_t size = base::Serialize(*conf).size(); size > model::kConfBytesMax)
      return Fail(Exit::kUsage,
                  Cat("--conf has ",
                      size,
                      " bytes as JSON, and at most ",
                      model::kConfBytesMax,
                      " are taken: put large inputs into S3 and pass their address"));
    body["conf"] = std::move(*conf);
  }
  return body;
}

}  // namespace

Outcome<void> ListDags(const LiveOptions& options) {
  return FetchAndPrint(options,
                       "/dags",
                       "dags",
                       {{"DAG", "dag_id"},
                        {"PAUSED", "is_paused"},
                        {"SCHEDULE", "timetable_summary"},
                        {"NEXT RUN", "next_dagrun_run_after"},
                        {"FILE", "fileloc"}});
}

Outcome<void> PauseDag(const LiveOptions& options, const std::string& dag, bool paused) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  auto row = server->Patch(DagPath(dag), {{"is_paused", paused}});
  if (!row)
    return tl::unexpected(row.error());
  if (options.format == Format::kJson)
    Print(PrettyJson(*row));
  else
    Print(Cat(dag, " is ", paused ? "paused: no new runs" : "not paused any more", "\n"));
  return {};
}

Outcome<void> ListRuns(const LiveOptions& options,
                       const std::string& dag,
                       const std::string& state) {
  std::string path = (dag.empty() ? std::string("/dags/~") : DagPath(dag)) + "/dagRuns";
  if (!state.empty())
    path += "?state=" + http::PercentEncode(state);
  return FetchAndPrint(options, path, "dag_runs", RunFields());
}

Outcome<void> TriggerDag(const LiveOptions& options, const TriggerOptions& trigger) {
  auto body = TriggerBody(trigger);
  if (!body)
    return tl::unexpected(body.error());
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  if (!body->contains("logical_date")) {
    auto date = DefaultLogicalDate(*server, trigger.dag, *body);
    if (!date)
      return tl::unexpected(date.error());
    (*body)["logical_date"] = std::move(*date);
  }
  auto run = server->Post(DagPath(trigger.dag) + "/dagRuns", *body);
  if (run && trigger.wait)
    run = WaitForEnd(*server, trigger.dag, base::GetString(*run, "dag_run_id"));
  if (!run)
    return tl::unexpected(run.error());
  if (options.format == Format::kJson)
    Print(PrettyJson(*run));
  else
    PrintList(options.format, json::array{*run}, RunFields());
  if (base::GetString(*run, "state") == "failed")
    return Fail(Exit::kFailed,
                Cat("the run failed: see `signalbox tasks states-for-dag-run ",
                    trigger.dag,
                    " ",
                    base::GetString(*run, "dag_run_id"),
                    "`"));
  return {};
}

Outcome<void> ListTaskStates(const LiveOptions& options,
                             const std::string& dag,
                             const std::string& run) {
  return FetchAndPrint(options,
                       RunPath(dag, run) + "/taskInstances",
                       "task_instances",
                       {{"TASK", "task_id"},
                        {"STATE", "state", true},
                        {"TRY", "try_number"},
                        {"START", "start_date"},
                        {"END", "end_date"}});
}

Outcome<void> ListClusters(const LiveOptions& options, bool live_only) {
  if (options.format == Format::kTable) {
    auto server = ServerClient::Find(options.server);
    auto budget = server ? server->Get("/budget") : tl::unexpected(server.error());
    if (budget)
      PrintHeldNotice(*budget);
  }
  return FetchAndPrint(options,
                       live_only ? "/clusters?live=true" : "/clusters",
                       "clusters",
                       {{"CLUSTER", "cluster_id"},
                        {"STATE", "state", true},
                        {"DAG", "dag_id"},
                        {"JOB", "job_id"},
                        {"LANE", "lane_id"},
                        {"TRY", "try_number"},
                        {"CREATED", "created_at"},
                        {"ENDED", "ended_at"},
                        {"REASON", "reason_code"}});
}

Outcome<void> ShowCluster(const LiveOptions& options, const std::string& id) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  auto cluster = server->Get("/clusters/" + http::PercentEncode(id));
  if (!cluster)
    return tl::unexpected(cluster.error());
  if (options.format == Format::kJson) {
    Print(PrettyJson(*cluster));
    return {};
  }
  const Terminal terminal = Terminal::Of(STDOUT_FILENO);
  size_t width = 0;
  for (const auto& [key, value] : *cluster)
    width = std::max(width, key.size());
  for (const auto& [key, value] : *cluster) {
    const std::string cell = Cell(*cluster, key);
    if (!value.is_array() && !cell.empty())
      Print(Cat(PadRight(std::string_view(key), width),
                "  ",
                terminal.Paint(cell, key == "state" ? ColourOf(cell) : Colour::kNone),
                "\n"));
  }
  Print("\n");
  PrintList(options.format,
            base::GetArray(*cluster, "steps"),
            {{"STEP", "step_id"},
             {"NAME", "name"},
             {"STATE", "state", true},
             {"OVERDUE", "overdue"},
             {"START", "start_date"},
             {"END", "end_date"},
             {"FAILURE", "failure"}});
  Print("\n");
  PrintList(options.format,
            base::GetArray(*cluster, "fleets"),
            {{"FLEET", "fleet_id"},
             {"ROLE", "role"},
             {"STATE", "state"},
             {"TARGET", "target"},
             {"RUNNING", "running"}});
  return {};
}

}  // namespace cli
