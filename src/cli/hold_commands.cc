// `holds` and `drain`: launches that a person holds, and what still lives meanwhile.

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/lists.h"

namespace cli {

namespace {

using base::Cat;

constexpr auto kWaitInterval = std::chrono::milliseconds(500);

const std::vector<Field>& HoldFields() {
  static const std::vector<Field> kFields = {{"ID", "id"},
                                             {"HOLDS", "scope"},
                                             {"WHICH", "target"},
                                             {"SINCE", "since"},
                                             {"BY", "placed_by"},
                                             {"RELEASED", "released_at", false, Table::Fit::kDrop},
                                             {"REASON", "reason", false, Table::Fit::kCut}};
  return kFields;
}

Outcome<void> Show(const LiveOptions& options, const json::object& hold) {
  PrintOne(options.format, hold, HoldFields());
  return {};
}

Outcome<json::object> Place(const ServerClient& server,
                            const std::string& scope,
                            const std::string& target,
                            const std::string& reason) {
  json::object body{{"scope", scope}};
  if (!target.empty())
    body["target"] = target;
  if (!reason.empty())
    body["reason"] = reason;
  return server.Post("/holds", body);
}

// What works still, and what is being launched.
Outcome<int64_t> CountLive(const ServerClient& server) {
  int64_t live = 0;
  for (const char* path :
       {"/clusters?live=true&limit=1", "/dags/~/dagRuns/~/taskInstances?state=running&limit=1"}) {
    auto list = server.Get(path);
    if (!list)
      return tl::unexpected(list.error());
    live = std::max(live, base::GetInt(*list, "total_entries"));
  }
  return live;
}

Outcome<void> WaitForNone(const ServerClient& server, Format format) {
  int64_t told = -1;
  while (true) {
    auto live = CountLive(server);
    if (!live)
      return tl::unexpected(live.error());
    if (*live != told && format == Format::kTable)
      Print(*live == 0 ? std::string("nothing lives any more\n")
                       : Cat(Count(*live, "cluster"), " still live\n"));
    told = *live;
    if (*live == 0)
      return {};
    std::this_thread::sleep_for(kWaitInterval);
  }
}

Outcome<void> Undo(const ServerClient& server, const DrainOptions& asked) {
  auto holds = server.List("/holds?active=true", "holds");
  if (!holds)
    return tl::unexpected(holds.error());
  json::array released;
  for (const json::value& value : *holds) {
    const json::object& hold = value.get_object();
    if (base::GetString(hold, "scope") != "all")
      continue;
    auto row = server.Post(Cat("/holds/", base::GetInt(hold, "id"), "/release"), json::object());
    if (!row)
      return tl::unexpected(row.error());
    released.push_back(*std::move(row));
  }
  PrintList(asked.live.format, released, HoldFields());
  if (released.empty())
    PrintError("all launches were not held: there is nothing to undo\n");
  return {};
}

}  // namespace

Outcome<void> ListHolds(const LiveOptions& options, bool all) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  auto holds = server->List(all ? "/holds" : "/holds?active=true", "holds");
  if (!holds)
    return tl::unexpected(holds.error());
  PrintList(options.format, *holds, HoldFields());
  return {};
}

Outcome<void> CreateHold(const HoldOptions& asked) {
  const int named = (asked.all ? 1 : 0) + (asked.pool.empty() ? 0 : 1) +
                    (asked.tag.empty() ? 0 : 1) + (asked.dag.empty() ? 0 : 1) +
                    (asked.job.empty() ? 0 : 1);
  if (named != 1)
    return Fail(Exit::kUsage, "say what to hold: one of --all, --pool, --tag, --dag and --job");
  auto server = ServerClient::Find(asked.live.server);
  if (!server)
    return tl::unexpected(server.error());
  const char* scope = asked.all             ? "all"
                      : !asked.pool.empty() ? "pool"
                      : !asked.tag.empty()  ? "tag"
                      : !asked.dag.empty()  ? "dag"
                                            : "job";
  auto hold = Place(*server, scope, asked.pool + asked.tag + asked.dag + asked.job, asked.reason);
  if (!hold)
    return tl::unexpected(hold.error());
  return Show(asked.live, *hold);
}

Outcome<void> ReleaseHold(const LiveOptions& options, int64_t id) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  auto hold = server->Post(Cat("/holds/", id, "/release"), json::object());
  if (!hold)
    return tl::unexpected(hold.error());
  return Show(options, *hold);
}

Outcome<void> Drain(const DrainOptions& asked) {
  auto server = ServerClient::Find(asked.live.server);
  if (!server)
    return tl::unexpected(server.error());
  if (asked.undo)
    return Undo(*server, asked);
  auto hold = Place(*server, "all", "", asked.reason);
  if (!hold)
    return tl::unexpected(hold.error());
  if (auto shown = Show(asked.live, *hold); !shown)
    return shown;
  if (asked.wait)
    return WaitForNone(*server, asked.live.format);
  auto live = CountLive(*server);
  if (!live)
    return tl::unexpected(live.error());
  PrintError(Cat(Count(*live, "cluster"),
                 " still live; `signalbox drain --wait` waits for them, `signalbox drain --undo` "
                 "launches again\n"));
  return {};
}

}  // namespace cli
