// `health`: which parts of the running server are well.

#include <string>
#include <utility>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/lists.h"

namespace cli {

namespace {

// What people hold is not ill, and explains why jobs wait.
void PrintHolds(const json::object& health) {
  const json::value* launching = health.if_contains("launching");
  const int64_t holds = launching != nullptr && launching->is_object()
                            ? base::GetInt(launching->get_object(), "holds")
                            : 0;
  if (holds > 0)
    PrintError(base::Cat(Count(holds, "hold"), " of launches in force: `signalbox holds list`\n"));
}

}  // namespace

Outcome<void> ShowHealth(const LiveOptions& options) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  auto health = server->Get("/monitor/health");
  if (!health)
    return tl::unexpected(health.error());
  json::array parts;
  std::vector<std::string> unhealthy;
  for (const auto& [name, value] : *health) {
    if (!value.is_object() || base::GetString(value.get_object(), "status").empty())
      continue;
    json::object part = value.get_object();
    part["component"] = name;
    if (base::GetString(part, "status") == "unhealthy")
      unhealthy.emplace_back(name);
    parts.push_back(std::move(part));
  }
  if (IsData(options.format))
    PrintData(options.format, *health);
  else
    PrintList(options.format,
              parts,
              {{"COMPONENT", "component"},
               {"STATUS", "status", true},
               {"SINCE", "since"},
               {"MESSAGE", "message"}});
  if (options.format == Format::kTable)
    PrintHolds(*health);
  if (unhealthy.empty())
    return {};
  return Fail(Exit::kFailed, base::Cat("unhealthy: ", base::Join(unhealthy, ", ")));
}

}  // namespace cli
