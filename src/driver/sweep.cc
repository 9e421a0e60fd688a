#include "driver/sweep.h"

#include <utility>

namespace driver {

namespace {
constexpr base::Duration kClockMargin = base::minutes(10);
}

Sweep::Sweep(Context& context, Listener listener)
    : context_(context), listener_(std::move(listener)) {}

void Sweep::Start(base::Time created_since) {
  under_way_ = true;
  began_at_ = context_.Now();
  RequestPage("", created_since - kClockMargin);
}

void Sweep::RequestPage(std::string marker, base::Time created_after) {
  json::object request{
      {"ClusterStates",
       json::array{"STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING", "TERMINATING"}},
      {"CreatedAfter", base::ToEpochSeconds(created_after)}};
  if (!marker.empty())
    request["Marker"] = marker;
  context_.caller.Request(
      Priority::kPoll,
      "ListClusters",
      std::move(request),
      [this, created_after](const Reply& reply) { OnPage(reply, created_after); });
}

void Sweep::OnPage(const Reply& reply, base::Time created_after) {
  if (!reply.body) {
    under_way_ = false;
    listener_.on_end(false);
    return;
  }
  emr::PageOf<emr::ClusterSummary> page = emr::ReadListClusters(*reply.body);
  for (const emr::ClusterSummary& cluster : page.items)
    listener_.on_summary(cluster, reply.sent_at);
  if (!page.marker.empty()) {
    RequestPage(page.marker, created_after);
    return;
  }
  under_way_ = false;
  listener_.on_end(true);
}

}  // namespace driver
