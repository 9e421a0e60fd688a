// `clusters reap` and `clusters list --orphans`: live clusters with our deployment's name that no
// attempt claims, what becomes of them, and their end by hand.

#include <algorithm>
#include <set>
#include <string>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/lists.h"

namespace cli {

namespace {

using base::Cat;

const std::vector<Field>& OrphanFields() {
  static const std::vector<Field> kFields = {{"CLUSTER", "cluster_id"},
                                             {"CLASS", "class"},
                                             {"STATE", "state", true},
                                             {"AGE", "age"},
                                             {"NAME", "name", false, Table::Fit::kCut},
                                             {"WHAT HAPPENS", "fate", false, Table::Fit::kCut}};
  return kFields;
}

json::array WithAges(json::array orphans) {
  for (json::value& orphan : orphans) {
    json::object& row = orphan.get_object();
    if (const json::value* age = row.if_contains("age_seconds"); age != nullptr && age->is_int64())
      row["age"] = base::FormatDuration(base::seconds(age->get_int64()));
  }
  return orphans;
}

// The orphans that the ids name, all where there is none.
Outcome<json::array> Pick(const json::object& answer, const std::vector<std::string>& ids) {
  json::array orphans = base::GetArray(answer, "orphans");
  if (ids.empty())
    return orphans;
  json::array picked;
  for (const std::string& id : std::set<std::string>(ids.begin(), ids.end())) {
    auto found = std::find_if(orphans.begin(), orphans.end(), [&](const json::value& orphan) {
      return base::GetString(orphan.get_object(), "cluster_id") == id;
    });
    if (found == orphans.end())
      return Fail(Exit::kUsage,
                  Cat(id,
                      " is no orphan: `signalbox clusters reap` lists them, `signalbox clusters "
                      "terminate` ends a job's cluster"));
    picked.push_back(*found);
  }
  return picked;
}

}  // namespace

Outcome<void> ListOrphans(const LiveOptions& options) {
  return ReapClusters(options, {});
}

Outcome<void> ReapClusters(const LiveOptions& options, const ReapOptions& reap) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  auto answer = server->Get("/orphans");
  if (!answer)
    return tl::unexpected(answer.error());
  auto orphans = Pick(*answer, reap.clusters);
  if (!orphans)
    return tl::unexpected(orphans.error());
  if (reap.clusters.empty() || reap.consent.dry_run) {
    PrintList(
        options.format, IsData(options.format) ? *orphans : WithAges(*orphans), OrphanFields());
    if (const std::string refusal = base::GetString(*answer, "refusal"); !refusal.empty())
      PrintError(Cat("the reaper kills nothing by itself now: ", refusal, "\n"));
    return {};
  }
  const Consequence consequence{
      Cat("Terminate ", Count(static_cast<int64_t>(orphans->size()), "cluster"), "?"),
      WithAges(*orphans),
      OrphanFields()};
  if (auto agreed = Confirm(consequence, reap.consent.yes); !agreed)
    return agreed;
  json::array killed;
  for (const json::value& orphan : *orphans) {
    const std::string id = base::GetString(orphan.get_object(), "cluster_id");
    auto cluster =
        server->Post(Cat("/clusters/", http::PercentEncode(id), "/terminate"), json::object());
    if (!cluster)
      return tl::unexpected(cluster.error());
    if (options.format == Format::kTable)
      Print(id + " will be terminated; it is asked again until it is seen dead\n");
    killed.push_back(std::move(*cluster));
  }
  if (IsData(options.format))
    PrintData(options.format, killed);
  return {};
}

}  // namespace cli
