// `dags list-holes`: ticks that never fired, and how to make their runs.

#include <string>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/lists.h"
#include "cli/output.h"

namespace cli {

Outcome<void> ListHoles(const LiveOptions& options, const std::string& dag) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  auto holes = server->List(DagPath(dag) + "/holes", "holes");
  if (!holes)
    return tl::unexpected(holes.error());
  PrintList(options.format,
            *holes,
            {{"FIRST INTERVAL", "first_data_interval_start"},
             {"UNTIL", "first_data_interval_end"},
             {"LAST INTERVAL", "last_data_interval_start"},
             {"UNTIL", "last_data_interval_end"},
             {"TICKS", "ticks"},
             {"FILLED", "filled"},
             {"REASON", "reason"}});
  if (options.format == Format::kTable && !holes->empty())
    PrintError(
        base::Cat("to make their runs: signalbox holes fill ", dag, " [--from TIME --to TIME]\n"));
  return {};
}

}  // namespace cli
