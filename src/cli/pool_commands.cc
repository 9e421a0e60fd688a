// `pools list`: the pools, what holds their slots, and what waits for them.

#include "cli/commands.h"
#include "cli/lists.h"
#include "cli/output.h"

namespace cli {

Outcome<void> ListPools(const LiveOptions& options) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  auto pools = server->List("/pools", "pools");
  if (!pools)
    return tl::unexpected(pools.error());
  PrintList(options.format,
            *pools,
            {{"POOL", "name"},
             {"SLOTS", "slots"},
             {"OPEN", "open_slots"},
             {"HELD", "occupied_slots"},
             {"WAITED FOR", "queued_slots"},
             {"DESCRIPTION", "description", false, Table::Fit::kCut}});
  return {};
}

}  // namespace cli
