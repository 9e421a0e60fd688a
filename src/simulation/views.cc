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
    HideOne(reply.body.at("Clusters").as_array());
}

void Views::MakeStale(const driver::Call& call, base::Time now, json::value& body) {
  ++reads_;
  Answer& latest = latest_[base::Cat(call.action, " ", call.body)];
  Answer before = std::exchange(latest, Answer{now, body});
  if (!before.body.is_null() && reads_ % options_.stale_every == 0 &&
      now - before.at <= options_.stale_for)
    body = std::move(before.body);
}

void Views::HideOne(json::array& clusters) {
  if (!clusters.empty())
    clusters.erase(clusters.begin() + static_cast<std::ptrdiff_t>(turn_++ % clusters.size()));
}

}  // namespace simulation
