#include "simulation/views.h"

#include <utility>

#include "base/text.h"

namespace simulation {

void Views::Distort(const driver::Call& call, base::Time now, emulator::Reply& reply) {
  const bool is_read = call.action == "DescribeCluster" || call.action.starts_with("List");
  if (!is_read || reply.http_status != 200)
    return;
  if (options_.stale_every > 0)
    MakeStale(call, now, reply.body);
  if (options_.hide_every > 0 && call.action == "ListClusters" &&
      ++lists_ % options_.hide_every == 0)
    HideOne(now, reply.body.at("Clusters").as_array());
}

void Views::MakeStale(const driver::Call& call, base::Time now, json::value& body) {
  ++reads_;
  Answer& latest = latest_[base::Cat(call.action, " ", call.body)];
  Answer before = std::exchange(latest, Answer{now, body});
  if (!before.body.is_null() && reads_ % options_.stale_every == 0 &&
      now - before.at <= options_.stale_for)
    body = std::move(before.body);
}

void Views::HideOne(base::Time now, json::array& clusters) {
  std::vector<json::array::iterator> changing;
  for (auto cluster = clusters.begin(); cluster != clusters.end(); ++cluster) {
    const json::object& timeline = base::GetObject(cluster->as_object(), "Status.Timeline");
    for (const char* moment : {"CreationDateTime", "ReadyDateTime", "EndDateTime"}) {
      const std::optional<base::Time> at = base::GetEpoch(timeline, moment);
      if (at && now - *at <= options_.hide_for) {
        changing.push_back(cluster);
        break;
      }
    }
  }
  if (!changing.empty())
    clusters.erase(changing[turn_++ % changing.size()]);
}

}  // namespace simulation
