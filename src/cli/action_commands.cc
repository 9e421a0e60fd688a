// The commands that change a run by hand: clear, mark, abort, and the end of a cluster.

#include <iostream>
#include <string>
#include <unistd.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/lists.h"

namespace cli {

namespace {

using base::Cat;

const std::vector<Field>& TaskFields() {
  static const std::vector<Field> kFields = {{"TASK", "task_id"},
                                             {"STATE", "state", true},
                                             {"TRY", "try_number"},
                                             {"CLUSTER", "cluster_id"},
                                             {"REASON", "reason"}};
  return kFields;
}

}  // namespace

Outcome<void> Confirm(const std::string& question) {
  if (isatty(STDIN_FILENO) == 0)
    return Fail(Exit::kUsage, "nobody can be asked here: give --yes, or --dry-run to look first");
  PrintError(question + " [y/N] ");
  std::string answer;
  std::getline(std::cin, answer);
  if (answer != "y" && answer != "Y" && answer != "yes")
    return Fail(Exit::kFailed, "nothing was changed");
  return {};
}

Outcome<void> ClearTasks(const LiveOptions& options, const ClearOptions& clear) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  json::array tasks;
  for (const std::string& task : clear.tasks)
    tasks.emplace_back(task);
  json::object body{{"dag_run_id", clear.run},
                    {"only_failed", clear.only_failed},
                    {"include_downstream", clear.downstream},
                    {"dry_run", true}};
  if (!tasks.empty())
    body["task_ids"] = std::move(tasks);
  const std::string path = DagPath(clear.dag) + "/clearTaskInstances";
  auto planned = server->Post(path, body);
  if (!planned)
    return tl::unexpected(planned.error());
  json::array affected = base::GetArray(*planned, "task_instances");
  if (clear.dry_run || affected.empty()) {
    PrintList(options.format, affected, TaskFields());
    if (affected.empty())
      PrintError("there is nothing to clear\n");
    return {};
  }
  if (!clear.yes) {
    PrintList(Format::kTable, affected, TaskFields());
    if (auto agreed = Confirm(Cat("Clear ",
                                  Count(static_cast<int64_t>(affected.size()), "task"),
                                  "? Live clusters of them are terminated."));
        !agreed)
      return agreed;
  }
  body["dry_run"] = false;
  auto cleared = server->Post(path, body);
  if (!cleared)
    return tl::unexpected(cleared.error());
  PrintList(options.format, base::GetArray(*cleared, "task_instances"), TaskFields());
  return {};
}

Outcome<void> SetTaskState(const LiveOptions& options, const MarkOptions& mark) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  auto marked = server->Patch(
      Cat(RunPath(mark.dag, mark.run), "/taskInstances/", http::PercentEncode(mark.task)),
      {{"new_state", mark.state}});
  if (!marked)
    return tl::unexpected(marked.error());
  PrintList(options.format, base::GetArray(*marked, "task_instances"), TaskFields());
  return {};
}

Outcome<void> SetRunState(const LiveOptions& options,
                          const std::string& dag,
                          const std::string& run,
                          const std::string& state) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  auto row = server->Patch(RunPath(dag, run), {{"state", state}});
  if (!row)
    return tl::unexpected(row.error());
  PrintList(options.format, json::array{*row}, RunFields());
  return {};
}

Outcome<void> TerminateCluster(const LiveOptions& options, const std::string& id, bool yes) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  if (!yes)
    if (auto agreed = Confirm(Cat("Terminate ", id, "? Its job is retried if it may be.")); !agreed)
      return agreed;
  auto cluster =
      server->Post(Cat("/clusters/", http::PercentEncode(id), "/terminate"), json::object());
  if (!cluster)
    return tl::unexpected(cluster.error());
  if (options.format == Format::kJson)
    Print(PrettyJson(*cluster));
  else
    Print(id + " will be terminated; it is asked again until it is seen dead\n");
  return {};
}

}  // namespace cli
