// `dags favorite`, `dags unfavorite` and `dags reparse`.

#include "base/text.h"
#include "cli/commands.h"
#include "cli/lists.h"
#include "cli/output.h"

namespace cli {

Outcome<void> SetFavorite(const LiveOptions& options, const std::string& dag, bool is_favorite) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  auto done =
      server->Post(DagPath(dag) + (is_favorite ? "/favorite" : "/unfavorite"), json::object());
  if (!done)
    return tl::unexpected(done.error());
  if (IsData(options.format))
    PrintData(options.format, json::object{{"dag_id", dag}, {"is_favorite", is_favorite}});
  else
    Print(base::Cat(
        dag, is_favorite ? " is among your favorites" : " is not among your favorites", "\n"));
  return {};
}

Outcome<void> ReparseDag(const LiveOptions& options, const std::string& dag) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  auto row = server->Get(DagPath(dag));
  if (!row)
    return tl::unexpected(row.error());
  auto done = server->Put(
      base::Cat("/parseDagFile/", http::PercentEncode(base::GetString(*row, "file_token"))));
  if (!done)
    return tl::unexpected(done.error());
  const std::string file = base::GetString(*row, "relative_fileloc");
  if (IsData(options.format))
    PrintData(options.format, json::object{{"dag_id", dag}, {"relative_fileloc", file}});
  else
    Print(base::Cat(file, " is looked at; a file that has not changed stays as it was\n"));
  return {};
}

}  // namespace cli
