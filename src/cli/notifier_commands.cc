// `notifiers list`: to whom messages go, what waits for each, and how the last attempts went.

#include "cli/commands.h"
#include "cli/lists.h"
#include "cli/output.h"

namespace cli {

Outcome<void> ListNotifiers(const LiveOptions& options) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  auto notifiers = server->List("/notifiers", "notifiers");
  if (!notifiers)
    return tl::unexpected(notifiers.error());
  PrintList(options.format,
            *notifiers,
            {{"NOTIFIER", "name"},
             {"TYPE", "type"},
             {"WAITING", "pending"},
             {"SENT", "sent"},
             {"FAILED", "failed"},
             {"GIVEN UP", "given_up"},
             {"LAST SUCCESS", "last_success"},
             {"ERROR", "last_error", false, Table::Fit::kCut}});
  return {};
}

}  // namespace cli
