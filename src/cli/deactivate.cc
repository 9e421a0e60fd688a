// `dags deactivate`: a person confirms that DAGs whose files are missing are gone for good.

#include <string>
#include <utility>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/lists.h"

namespace cli {

Outcome<void> DeactivateDags(const DeactivateOptions& options) {
  auto server = ServerClient::Find(options.live.server);
  if (!server)
    return tl::unexpected(server.error());
  json::object body{{"dry_run", !options.confirm}};
  if (!options.dags.empty())
    body["dag_ids"] = json::array(options.dags.begin(), options.dags.end());
  auto answer = server->Post("/dags/~/deactivate", body);
  if (!answer)
    return tl::unexpected(answer.error());
  const json::array& dags = base::GetArray(*answer, "dags");
  if (IsData(options.live.format)) {
    PrintData(options.live.format, *answer);
  } else if (dags.empty()) {
    Print("no DAG's file is missing: there is nothing to deactivate\n");
  } else {
    PrintList(
        options.live.format,
        dags,
        {{"DAG", "dag_id"}, {"FILE", "relative_fileloc"}, {"MISSING SINCE", "missing_since"}});
    if (options.confirm)
      Print(base::Cat(Count(static_cast<int64_t>(dags.size()), "DAG"),
                      " inactive from now on; live runs go on\n"));
  }
  if (dags.empty() || options.confirm)
    return {};
  return Fail(Exit::kFailed,
              "nothing was changed: these DAGs go on although their files are gone. Put the files "
              "back, or add --confirm");
}

}  // namespace cli
