// `tasks outputs`: what a job has told the jobs after it.

#include "base/text.h"
#include "cli/commands.h"
#include "cli/lists.h"
#include "cli/output.h"
#include "http/message.h"

namespace cli {

namespace {

// The last task of the job that is named, or the task itself.
Outcome<std::string> FindTask(const ServerClient& server, const OutputsOptions& options) {
  auto tasks = server.List(RunPath(options.dag, options.run) + "/taskInstances", "task_instances");
  if (!tasks)
    return tl::unexpected(tasks.error());
  std::string last;
  for (const json::value& task : *tasks) {
    const std::string id = base::GetString(task.as_object(), "task_id");
    if (id == options.job || id.starts_with(base::Cat(options.job, ".")))
      last = id;
  }
  // A job that is not there: the server says so.
  return last.empty() ? options.job : last;
}

}  // namespace

Outcome<void> ShowOutputs(const OutputsOptions& options) {
  auto server = ServerClient::Find(options.live.server);
  if (!server)
    return tl::unexpected(server.error());
  auto task = FindTask(*server, options);
  if (!task)
    return tl::unexpected(task.error());
  const std::string path = base::Cat(RunPath(options.dag, options.run),
                                     "/taskInstances/",
                                     http::PercentEncode(*task),
                                     "/xcomEntries");
  auto entries = server->List(path, "xcom_entries");
  if (!entries)
    return tl::unexpected(entries.error());
  json::array shown;
  for (const json::value& entry : *entries) {
    auto whole = server->Get(
        base::Cat(path, "/", http::PercentEncode(base::GetString(entry.as_object(), "key"))));
    if (!whole)
      return tl::unexpected(whole.error());
    shown.push_back(std::move(*whole));
  }
  PrintList(options.live.format, shown, {{"KEY", "key"}, {"VALUE", "value"}});
  return {};
}

}  // namespace cli
