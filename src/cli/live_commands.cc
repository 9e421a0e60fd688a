// The commands that ask a running server about its DAGs, runs and tasks, or tell it something.

#include <algorithm>
#include <chrono>
#include <set>
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
#include "model/spend.h"

namespace cli {

namespace {

using base::Cat;

constexpr auto kWaitInterval = std::chrono::milliseconds(500);

std::string StaysQueued(const std::string& dag, const std::string& run) {
  return Cat("the DAG is paused: the run ",
             run,
             " goes on when it is unpaused, by `signalbox dags unpause ",
             dag,
             "`");
}

// Whether the DAG is paused and none of the run's tasks is at work: then it cannot end.
Outcome<bool> IsStuck(const ServerClient& server, const std::string& dag, const std::string& run) {
  auto row = server.Get(DagPath(dag));
  if (!row)
    return tl::unexpected(row.error());
  if (!base::GetBool(*row, "is_paused"))
    return false;
  auto busy = server.Get(Cat(RunPath(dag, run),
                             "/taskInstances?limit=1&state=running&state=deferred&state=restarting"
                             "&state=up_for_retry"));
  if (!busy)
    return tl::unexpected(busy.error());
  return base::GetInt(*busy, "total_entries") == 0;
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
    auto stuck = IsStuck(server, dag, run);
    if (!stuck)
      return tl::unexpected(stuck.error());
    if (*stuck)
      return Fail(Exit::kFailed, StaysQueued(dag, run));
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
  if (!trigger.note.empty())
    body["note"] = trigger.note;
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

std::string PreviewLine(const json::object& job) {
  const std::string trouble = base::GetString(job, "trouble");
  if (!trouble.empty())
    return Cat("would fail: ", trouble);
  if (base::GetBool(job, "is_mapped"))
    return "known once its list is";
  const json::value* request = job.if_contains("request");
  return request == nullptr || request->is_null() ? "asks for nothing" : base::Serialize(*request);
}

// What the jobs of the run would ask for, all pages. Exit code 1 where one of them would fail.
Outcome<void> ShowPreview(const LiveOptions& options,
                          const ServerClient& server,
                          const std::string& dag,
                          const json::object& body) {
  json::object whole;
  json::array jobs;
  do {
    auto page =
        server.Post(Cat(DagPath(dag), "/dagRuns/dry_run?limit=1000&offset=", jobs.size()), body);
    if (!page)
      return tl::unexpected(page.error());
    const json::array more = base::GetArray(*page, "jobs");
    if (jobs.empty())
      whole = *std::move(page);
    if (more.empty())
      break;
    jobs.insert(jobs.end(), more.begin(), more.end());
  } while (std::ssize(jobs) < base::GetInt(whole, "total_entries"));
  bool is_well = true;
  for (const json::value& job : jobs) {
    is_well = is_well && base::GetString(job.get_object(), "trouble").empty();
    if (!IsData(options.format))
      Print(Cat(base::GetString(job.get_object(), "display_name"),
                ": ",
                PreviewLine(job.get_object()),
                "\n"));
  }
  if (IsData(options.format)) {
    whole["jobs"] = std::move(jobs);
    PrintData(options.format, whole);
  }
  return is_well ? Outcome<void>() : Fail(Exit::kFailed, "a job of the run would fail");
}

// With exit code 1 where it failed.
Outcome<void> ReportEnd(const LiveOptions& options, const json::object& run) {
  PrintOne(options.format, run, RunFields());
  if (base::GetString(run, "state") == "failed")
    return Fail(Exit::kFailed,
                Cat("the run failed: see `signalbox tasks states-for-dag-run ",
                    base::GetString(run, "dag_id"),
                    " ",
                    base::GetString(run, "dag_run_id"),
                    "`"));
  return {};
}

}  // namespace

Outcome<void> ListDags(const LiveOptions& options) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  auto dags = server->List("/dags", "dags");
  if (!dags)
    return tl::unexpected(dags.error());
  PrintList(options.format,
            *dags,
            {{"DAG", "dag_id"},
             {"PAUSED", "is_paused"},
             {"LAST RUN", "last_run_state", true},
             {"NEXT RUN", "next_dagrun_run_after"},
             {"SCHEDULE", "timetable_summary", false, Table::Fit::kDrop},
             {"FILE", "relative_fileloc", false, Table::Fit::kDrop}});
  auto errors = server->List("/importErrors", "import_errors");
  if (!errors)
    return tl::unexpected(errors.error());
  std::set<std::string> broken;
  for (const json::value& error : *errors)
    broken.insert(base::GetString(error.get_object(), "filename"));
  if (!broken.empty())
    PrintError(Cat("broken, so that what they held before stays in force: ",
                   base::Join({broken.begin(), broken.end()}, ", "),
                   "; see `signalbox dags list-import-errors`\n"));
  return {};
}

Outcome<void> ListImportErrors(const LiveOptions& options) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  auto errors = server->List("/importErrors", "import_errors");
  if (!errors)
    return tl::unexpected(errors.error());
  if (IsData(options.format))
    PrintList(options.format, *errors, {});
  for (const json::value& error : *errors) {
    if (!IsData(options.format))
      Print(base::GetString(error.get_object(), "stack_trace") + "\n");
  }
  if (!errors->empty())
    return Fail(Exit::kFailed, "");
  return {};
}

Outcome<void> PauseDag(const LiveOptions& options, const std::string& dag, bool paused) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  auto row = server->Patch(DagPath(dag), {{"is_paused", paused}});
  if (!row)
    return tl::unexpected(row.error());
  if (IsData(options.format))
    PrintData(options.format, *row);
  else
    Print(Cat(dag, " is ", paused ? "paused: no new runs" : "not paused any more", "\n"));
  return {};
}

Outcome<void> ListRuns(const ListOptions& list) {
  const std::string path = (list.dag.empty() ? std::string("/dags/~") : DagPath(list.dag)) +
                           "/dagRuns" + Query().Add("state", list.states).text();
  auto server = ServerClient::Find(list.live.server);
  if (!server)
    return tl::unexpected(server.error());
  auto runs = server->List(path, "dag_runs", list.limit);
  if (!runs)
    return tl::unexpected(runs.error());
  PrintList(list.live.format, *runs, RunFields());
  return {};
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
  if (trigger.dry_run)
    return ShowPreview(options, *server, trigger.dag, *body);
  auto run = server->Post(DagPath(trigger.dag) + "/dagRuns", *body);
  if (!run)
    return tl::unexpected(run.error());
  const std::string id = base::GetString(*run, "dag_run_id");
  if (trigger.wait) {
    run = WaitForEnd(*server, trigger.dag, id);
    return run ? ReportEnd(options, *run) : tl::unexpected(run.error());
  }
  if (auto dag = server->Get(DagPath(trigger.dag)); dag && base::GetBool(*dag, "is_paused")) {
    PrintError(StaysQueued(trigger.dag, id) + "\n");
  }
  PrintOne(options.format, *run, RunFields());
  return {};
}

Outcome<void> WaitForRun(const LiveOptions& options,
                         const std::string& dag,
                         const std::string& run) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  auto ended = WaitForEnd(*server, dag, run);
  return ended ? ReportEnd(options, *ended) : tl::unexpected(ended.error());
}

Outcome<void> ListTaskStates(const ListOptions& list) {
  auto server = ServerClient::Find(list.live.server);
  if (!server)
    return tl::unexpected(server.error());
  Query query;
  query.Add("state", list.states);
  if (list.map_index)
    query.Add("map_index", std::to_string(*list.map_index));
  else
    query.Add("expanded", list.expand ? "" : "false");
  auto tasks = server->List(
      RunPath(list.dag, list.run) + "/taskInstances" + query.text(), "task_instances", list.limit);
  if (!tasks)
    return tl::unexpected(tasks.error());
  if (!IsData(list.live.format))
    tasks->items = ForPeople(std::move(tasks->items));
  PrintList(list.live.format, *tasks, TaskFields());
  return {};
}

Outcome<void> ListClusters(const ListOptions& list, bool live_only) {
  auto server = ServerClient::Find(list.live.server);
  if (!server)
    return tl::unexpected(server.error());
  const bool is_table = list.live.format == Format::kTable;
  if (auto budget = is_table ? server->Get("/budget") : Outcome<json::object>(); budget)
    PrintHeldNotice(*budget);
  const std::string query = Query()
                                .Add("live", live_only ? "true" : "")
                                .Add("dag_id", list.dag)
                                .Add("state", list.states)
                                .text();
  auto clusters = server->List("/clusters" + query, "clusters", list.limit);
  if (!clusters)
    return tl::unexpected(clusters.error());
  for (json::value& value : clusters->items) {
    json::object& cluster = value.get_object();
    if (!is_table)
      continue;
    if (const json::value& age = cluster["age_seconds"]; age.is_int64())
      cluster["age"] = HumanDuration(base::seconds(age.get_int64()));
    if (const json::value& cost = cluster["estimated_cost_usd"]; !cost.is_null())
      cluster["estimated_cost"] = model::FormatUsd(
          static_cast<model::MicroUsd>(base::GetDouble(cluster, "estimated_cost_usd") * 1e6 + 0.5));
    if (const std::string lane = base::GetString(cluster, "lane_id"); !lane.empty())
      cluster["job_id"] = Cat(base::GetString(cluster, "job_id"), "_", lane);
    if (const int64_t index = base::GetInt(cluster, "map_index", -1); index >= 0)
      cluster["job_id"] = Cat(base::GetString(cluster, "job_id"), "[", index, "]");
  }
  PrintList(list.live.format,
            *clusters,
            {{"CLUSTER", "cluster_id"},
             {"STATE", "state", true},
             {"DAG", "dag_id", false, Table::Fit::kCut},
             {"RUN", "dag_run_id", false, Table::Fit::kCut},
             {"JOB", "job_id"},
             {"TRY", "try_number", false, Table::Fit::kDrop},
             {"AGE", "age", false, Table::Fit::kDrop},
             {"USD", "estimated_cost", false, Table::Fit::kDrop},
             {"SINCE", "state_since", false, Table::Fit::kDrop},
             {"REASON", "reason", false, Table::Fit::kCut}});
  return {};
}

Outcome<void> ShowCluster(const LiveOptions& options, const std::string& id) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  auto cluster = server->Get("/clusters/" + http::PercentEncode(id));
  if (!cluster)
    return tl::unexpected(cluster.error());
  if (IsData(options.format)) {
    PrintData(options.format, *cluster);
    return {};
  }
  const Terminal terminal = Terminal::Of(STDOUT_FILENO);
  size_t width = 0;
  for (const auto& [key, value] : *cluster)
    width = std::max(width, key.size());
  for (const auto& [key, value] : *cluster) {
    const std::string cell = Cell(*cluster, key);
    if (!value.is_array() && !cell.empty())
      PrintPainted(Cat(PadRight(std::string_view(key), width),
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
