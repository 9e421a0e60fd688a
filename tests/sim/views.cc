#include "views.h"

#include <utility>

#include "base/text.h"

namespace sim {

void Views::Distort(const driver::Call& call, emulator::Reply& reply) {
  const bool is_read = call.action == "DescribeCluster" || call.action.starts_with("List");
  if (!is_read || reply.http_status != 200)
    return;
  if (options_.stale_every > 0)
    MakeStale(call, reply.body);
  if (options_.hide_every > 0 && call.action == "ListClusters" &&
      ++lists_ % options_.hide_every == 0)
    HideOne(reply.body.at("Clusters").as_array());
}

void Views::MakeStale(const driver::Call& call, json::value& body) {
  ++reads_;
  json::value& latest = latest_[base::Cat(call.action, " ", call.body)];
  json::value before = std::exchange(latest, body);
  if (!before.is_null() && reads_ % options_.stale_every == 0)
    body = std::move(before);
}

void Views::HideOne(json::array& clusters) {
  if (!clusters.empty())
    clusters.erase(clusters.begin() + static_cast<std::ptrdiff_t>(turn_++ % clusters.size()));
}

}  // namespace sim
