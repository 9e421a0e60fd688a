// The commands that change a run by hand: clear, mark, abort, and the end of a cluster.

#include <string>
#include <utility>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/lists.h"

namespace cli {

namespace {

using base::Cat;

void PrintTasks(Format format, json::array tasks) {
  const std::vector<Field> fields = TaskFieldsOf(tasks);
  PrintList(format, IsData(format) ? std::move(tasks) : ForPeople(std::move(tasks)), fields);
}

// Those that an end of their run touches.
json::array Unfinished(const json::array& tasks) {
  json::array open;
  for (const json::value& value : tasks) {
    const std::string state = base::GetString(value.get_object(), "state");
    if (state != "success" && state != "failed" && state != "upstream_failed" &&
        state != "skipped" && state != "removed")
      open.push_back(value);
  }
  return open;
}

// The tasks that would be touched, or why that is not known.
Outcome<json::array> TasksToClear(const ServerClient& server,
                                  const std::string& path,
                                  json::object body) {
  body["dry_run"] = true;
  auto planned = server.Post(path, body);
  if (!planned)
    return tl::unexpected(planned.error());
  return base::GetArray(*planned, "task_instances");
}

// What `change` would touch is shown and asked about; then it is done.
template <typename Change>
Outcome<void> ChangeTasks(const LiveOptions& options,
                          const Consent& consent,
                          const std::string& question,
                          Outcome<json::array> touched,
                          Change change) {
  if (!touched)
    return tl::unexpected(touched.error());
  if (consent.dry_run) {
    PrintTasks(options.format, std::move(*touched));
    return {};
  }
  const std::vector<Field> fields = TaskFieldsOf(*touched);
  if (auto agreed = Confirm({question, ForPeople(std::move(*touched)), fields}, consent.yes);
      !agreed)
    return agreed;
  return change();
}

Outcome<void> ClearBy(const LiveOptions& options,
                      const ServerClient& server,
                      const std::string& path,
                      json::object body,
                      const Consent& consent) {
  auto touched = TasksToClear(server, path, body);
  if (touched && touched->empty()) {
    PrintTasks(options.format, {});
    PrintError("there is nothing to clear\n");
    return {};
  }
  const auto count = static_cast<int64_t>(touched ? touched->size() : 0);
  const std::string question =
      Cat("Clear ", Count(count, "task"), "? Their live clusters are terminated.");
  return ChangeTasks(
      options, consent, question, std::move(touched), [&, body]() mutable -> Outcome<void> {
        body["dry_run"] = false;
        auto cleared = server.Post(path, body);
        if (!cleared)
          return tl::unexpected(cleared.error());
        PrintTasks(options.format, base::GetArray(*cleared, "task_instances"));
        return {};
      });
}

}  // namespace

Outcome<void> ClearTasks(const LiveOptions& options, const ClearOptions& clear) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  json::array tasks;
  for (const std::string& task : clear.tasks)
    tasks.emplace_back(task);
  json::object body{{"dag_run_id", clear.run},
                    {"only_failed", clear.only_failed},
                    {"include_upstream", clear.upstream},
                    {"include_downstream", clear.downstream},
                    {"include_past", clear.past},
                    {"include_future", clear.future},
                    {"include_other_dags", clear.other_dags},
                    {"run_on_latest_version", clear.latest_version}};
  if (!tasks.empty())
    body["task_ids"] = std::move(tasks);
  if (!clear.note.empty())
    body["note"] = clear.note;
  return ClearBy(
      options, *server, DagPath(clear.dag) + "/clearTaskInstances", std::move(body), clear.consent);
}

Outcome<void> SetTaskState(const LiveOptions& options, const MarkOptions& mark) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  const std::string path =
      Cat(RunPath(mark.dag, mark.run), "/taskInstances/", http::PercentEncode(mark.task));
  const json::object body{{"new_state", mark.state}};
  auto planned = server->Patch(path + "/dry_run", body);
  return ChangeTasks(options,
                     mark.consent,
                     Cat("Mark ", mark.task, " ", mark.state, "? Its live cluster is terminated."),
                     planned ? Outcome<json::array>(base::GetArray(*planned, "task_instances"))
                             : tl::unexpected(planned.error()),
                     [&]() -> Outcome<void> {
                       auto marked = server->Patch(path, body);
                       if (!marked)
                         return tl::unexpected(marked.error());
                       PrintTasks(options.format, base::GetArray(*marked, "task_instances"));
                       return {};
                     });
}

Outcome<void> SetRunState(const LiveOptions& options, const MarkOptions& mark) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  const std::string path = RunPath(mark.dag, mark.run);
  if (mark.state == "queued") {
    json::object body{{"run_on_latest_version", mark.latest_version || mark.only_new},
                      {"only_new", mark.only_new}};
    if (!mark.note.empty())
      body["note"] = mark.note;
    return ClearBy(options, *server, path + "/clear", std::move(body), mark.consent);
  }
  auto tasks = server->List(path + "/taskInstances?expanded=false", "task_instances");
  const bool fails = mark.state == "failed";
  return ChangeTasks(
      options,
      mark.consent,
      Cat(fails ? "Abort" : "End",
          " the run ",
          mark.run,
          fails ? "?" : " as a success?",
          " Its live clusters are terminated."),
      tasks ? Outcome<json::array>(Unfinished(*tasks)) : tl::unexpected(tasks.error()),
      [&]() -> Outcome<void> {
        auto row = server->Patch(path, {{"state", mark.state}});
        if (!row)
          return tl::unexpected(row.error());
        PrintList(options.format, json::array{*row}, RunFields());
        return {};
      });
}

Outcome<void> SetNote(const NoteOptions& options) {
  auto server = ServerClient::Find(options.live.server);
  if (!server)
    return tl::unexpected(server.error());
  std::string path = RunPath(options.dag, options.run);
  // "train[7]" is the instance 7, as in the other commands.
  const size_t bracket = options.task.ends_with(']') ? options.task.rfind('[') : std::string::npos;
  if (!options.task.empty())
    path += Cat("/taskInstances/", http::PercentEncode(options.task.substr(0, bracket)));
  if (options.map_index)
    path += Cat("/", *options.map_index);
  else if (bracket != std::string::npos)
    path += Cat("/", options.task.substr(bracket + 1, options.task.size() - bracket - 2));
  auto noted = server->Patch(path, {{"note", options.note}});
  if (!noted)
    return tl::unexpected(noted.error());
  if (options.task.empty())
    PrintList(options.live.format, json::array{*noted}, RunFields());
  else
    PrintTasks(options.live.format, base::GetArray(*noted, "task_instances"));
  return {};
}

namespace {

const std::vector<Field>& DagFields() {
  static const std::vector<Field> kFields = {
      {"DAG", "dag_id"}, {"PAUSED", "is_paused"}, {"RUNS", "runs"}, {"FILE", "relative_fileloc"}};
  return kFields;
}

// How many runs go with the DAG: 3, "more than 10000".
Outcome<json::value> RunsOf(const ServerClient& server, const std::string& dag) {
  const auto runs = server.List(DagPath(dag) + "/dagRuns", "dag_runs", 1);
  if (!runs)
    return tl::unexpected(runs.error());
  return runs->is_total_limited ? json::value(Cat("more than ", runs->total))
                                : json::value(runs->total);
}

// The question before it, where `row` is what goes.
std::string DeleteQuestion(const DeleteOptions& options, const json::object& row) {
  if (!options.run.empty())
    return Cat("Delete the run ", options.run, "? Its tries and outputs go with it.");
  const std::string runs = Cell(row, "runs");
  return Cat("Delete the DAG ",
             options.dag,
             " with ",
             runs == "1" ? "its run" : Cat("its ", runs, " runs"),
             " and all versions?");
}

void TellOfDeleted(const ServerClient& server, const DeleteOptions& options) {
  const bool is_run = !options.run.empty();
  if (!IsData(options.live.format))
    Print(
        Cat(is_run ? Cat("the run ", options.run) : Cat("the DAG ", options.dag), " is deleted\n"));
  const auto again = is_run ? Outcome<json::object>() : server.Get(DagPath(options.dag));
  if (is_run || !again)
    return;
  PrintError(Cat("its file ",
                 base::GetString(*again, "relative_fileloc"),
                 " is there, and has brought it back, without runs: remove the file if it is to "
                 "stay away\n"));
}

}  // namespace

Outcome<void> DeleteRunOrDag(const DeleteOptions& options) {
  auto server = ServerClient::Find(options.live.server);
  if (!server)
    return tl::unexpected(server.error());
  const bool is_run = !options.run.empty();
  const std::string path = is_run ? RunPath(options.dag, options.run) : DagPath(options.dag);
  auto row = server->Get(path);
  if (!row)
    return tl::unexpected(row.error());
  if (!is_run) {
    auto runs = RunsOf(*server, options.dag);
    if (!runs)
      return tl::unexpected(runs.error());
    (*row)["runs"] = *std::move(runs);
  }
  const std::vector<Field>& fields = is_run ? RunFields() : DagFields();
  if (options.consent.dry_run) {
    PrintList(options.live.format, json::array{*row}, fields);
    return {};
  }
  if (auto agreed =
          Confirm({DeleteQuestion(options, *row), json::array{*row}, fields}, options.consent.yes);
      !agreed)
    return agreed;
  if (auto deleted = server->Delete(path); !deleted)
    return tl::unexpected(deleted.error());
  TellOfDeleted(*server, options);
  return {};
}

Outcome<void> TerminateCluster(const LiveOptions& options,
                               const std::string& id,
                               const Consent& consent) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  const std::string path = "/clusters/" + http::PercentEncode(id);
  auto cluster = server->Get(path);
  if (!cluster)
    return tl::unexpected(cluster.error());
  static const std::vector<Field> kFields = {{"CLUSTER", "cluster_id"},
                                             {"STATE", "state", true},
                                             {"DAG", "dag_id"},
                                             {"RUN", "dag_run_id"},
                                             {"JOB", "job_id"}};
  if (consent.dry_run) {
    PrintList(options.format, json::array{*cluster}, kFields);
    return {};
  }
  const Consequence consequence{
      Cat("Terminate ", id, "? Its job is retried if it may be."), {*cluster}, kFields};
  if (auto agreed = Confirm(consequence, consent.yes); !agreed)
    return agreed;
  cluster = server->Post(path + "/terminate", json::object());
  if (!cluster)
    return tl::unexpected(cluster.error());
  if (IsData(options.format))
    PrintData(options.format, *cluster);
  else
    Print(id + " will be terminated; it is asked again until it is seen dead\n");
  return {};
}

}  // namespace cli
