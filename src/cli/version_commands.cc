// `dags versions` and `dags show --diff A B`: what a DAG's file meant at other times.

#include <set>
#include <string>

#include "base/json.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/lists.h"
#include "cli/output.h"
#include "cli/version_words.h"

namespace cli {

namespace {

using base::Cat;
Outcome<Leaves> Resolved(ServerClient& server, const std::string& dag, const std::string& number) {
  auto version = server.Get(Cat(DagPath(dag), "/dagVersions/", http::PercentEncode(number)));
  if (!version)
    return tl::unexpected(version.error());
  return InFileWords(base::GetObject(*version, "resolved"));
}

}  // namespace

Outcome<void> ListVersions(const LiveOptions& options, const std::string& dag) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  auto versions = server->List(DagPath(dag) + "/dagVersions", "dag_versions");
  if (!versions)
    return tl::unexpected(versions.error());
  PrintList(options.format,
            *versions,
            {{"NUMBER", "version_number"}, {"CREATED", "created_at"}, {"VERSION", "version"}});
  return {};
}

Outcome<void> DiffVersions(const LiveOptions& options,
                           const std::string& dag,
                           const std::vector<std::string>& numbers) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  auto before = Resolved(*server, dag, numbers.at(0));
  if (!before)
    return tl::unexpected(before.error());
  auto after = Resolved(*server, dag, numbers.at(1));
  if (!after)
    return tl::unexpected(after.error());
  std::set<std::string> paths;
  for (const Leaves* leaves : {&*before, &*after}) {
    for (const auto& [path, value] : *leaves)
      paths.insert(path);
  }
  json::array changes;
  for (const std::string& path : paths) {
    const auto old = before->find(path);
    const auto now = after->find(path);
    if (old != before->end() && now != after->end() && old->second == now->second)
      continue;
    changes.push_back({{"path", path},
                       {"before", old == before->end() ? "" : old->second},
                       {"after", now == after->end() ? "" : now->second}});
  }
  if (changes.empty() && options.format == Format::kTable) {
    PrintError("they mean the same\n");
    return {};
  }
  PrintList(options.format,
            changes,
            {{"WHAT", "path"},
             {Cat("VERSION ", numbers.at(0)), "before"},
             {Cat("VERSION ", numbers.at(1)), "after"}});
  return {};
}

}  // namespace cli
