// `dags versions` and `dags show --diff A B`: what a DAG's file meant at other times.

#include <map>
#include <set>
#include <string>

#include "base/json.h"
#include "base/json_text.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/lists.h"
#include "cli/output.h"

namespace cli {

namespace {

using base::Cat;
using Leaves = std::map<std::string, std::string>;  // by path

// Jobs go by their names: a job that is new moves no other.
std::string StepOf(const json::value& item, size_t place) {
  if (item.is_object() && item.get_object().contains("id") && item.get_object().contains("lane")) {
    const std::string lane = base::GetString(item.get_object(), "lane");
    return Cat(base::GetString(item.get_object(), "id"), lane.empty() ? "" : "_", lane);
  }
  return std::to_string(place);
}

void AddLeaves(const json::value& value, const std::string& path, Leaves& out) {
  if (value.is_object() && !value.get_object().empty()) {
    for (const auto& member : value.get_object())
      AddLeaves(member.value(), Cat(path, path.empty() ? "" : ".", member.key()), out);
  } else if (value.is_array() && !value.get_array().empty()) {
    for (size_t i = 0; i < value.get_array().size(); ++i)
      AddLeaves(value.get_array()[i], Cat(path, ".", StepOf(value.get_array()[i], i)), out);
  } else {
    out[path] = base::Serialize(value);
  }
}

// What a job's place in the list alone brings about is no change of it.
bool IsPlace(const std::string& path) {
  return path.find(".upstream.") != std::string::npos || path.find(".setups.") != std::string::npos;
}

// The names of a job's upstream jobs in place of their places.
void NameUpstream(json::object& dag) {
  const json::array jobs = base::GetArray(dag, "jobs");
  if (jobs.empty())
    return;
  for (json::value& job : dag["jobs"].as_array()) {
    json::object names;
    for (const char* list : {"upstream", "setups"}) {
      for (const json::value& place : base::GetArray(job.as_object(), list)) {
        const auto at = static_cast<size_t>(place.as_int64());
        names[Cat(list, " ", StepOf(jobs.at(at), at))] = true;
      }
    }
    for (const auto& name : names)
      job.as_object()[name.key()] = name.value();
  }
}

Outcome<Leaves> Resolved(ServerClient& server, const std::string& dag, const std::string& number) {
  auto version = server.Get(Cat(DagPath(dag), "/dagVersions/", http::PercentEncode(number)));
  if (!version)
    return tl::unexpected(version.error());
  json::object resolved = base::GetObject(*version, "resolved");
  NameUpstream(resolved);
  Leaves leaves;
  AddLeaves(resolved, "", leaves);
  std::erase_if(leaves, [](const auto& leaf) { return IsPlace(leaf.first); });
  return leaves;
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
