#include "simulation/rules/twins.h"

#include <algorithm>
#include <set>

namespace simulation {

void Twins::OnMade(const emulator::Cluster& older, const emulator::Cluster& younger) {
  // Of one moment nobody can say which is the older.
  if (younger.created_at - older.created_at >= base::milliseconds(1))
    younger_[younger.id].older.push_back(older.id);
}

void Twins::OnReply(const driver::Call& call, const driver::Reply& reply) {
  if (younger_.empty() || !reply.body || !reply.body->is_object())
    return;
  std::set<std::string, std::less<>> named;
  if (call.action == "ListClusters") {
    for (const json::value& cluster : base::GetArray(reply.body->get_object(), "Clusters")) {
      // The younger may be kept if the older has failed.
      const std::string id(base::GetString(cluster.as_object(), "Id"));
      const bool has_failed =
          base::GetString(cluster.as_object(), "Status.State") == "TERMINATED_WITH_ERRORS";
      if (!has_failed || younger_.contains(id))
        named.insert(id);
    }
  } else if (call.action == "RunJobFlow") {
    named.insert(base::GetString(reply.body->get_object(), "JobFlowId"));
  }
  for (auto& [id, younger] : younger_) {
    if (!named.contains(id))
      continue;
    younger.was_shown = true;
    if (std::none_of(younger.older.begin(), younger.older.end(), [&](const std::string& older) {
          return named.contains(older);
        }))
      younger.was_shown_alone = true;
  }
}

bool Twins::IsWrongToKeep(std::string_view cluster) const {
  const auto found = younger_.find(cluster);
  return found != younger_.end() && found->second.was_shown && !found->second.was_shown_alone;
}

}  // namespace simulation
