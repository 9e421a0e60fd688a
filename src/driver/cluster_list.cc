#include "driver/cluster_list.h"

#include <utility>

#include "driver/look_back.h"

namespace driver {

void ClusterList::Start(base::Time created_since) {
  under_way_ = true;
  began_at_ = context_.Now();
  created_after_ = LookBackTo(created_since, context_.world);
  RequestPage("", began_at_);
}

void ClusterList::RequestPage(std::string marker, base::Time not_before) {
  json::object request{{"CreatedAfter", base::ToEpochSeconds(created_after_)}};
  if (states_ == States::kLiving)
    request["ClusterStates"] =
        json::array{"STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING", "TERMINATING"};
  if (!marker.empty())
    request["Marker"] = marker;
  context_.caller.RequestAt(
      not_before,
      priority_,
      "ListClusters",
      std::move(request),
      [this, marker = std::move(marker)](const Reply& reply) { OnPage(marker, reply); });
}

void ClusterList::OnPage(const std::string& marker, const Reply& reply) {
  if (!reply.body) {
    refusals_ = reply.error->error_class == wire::ErrorClass::kClean ? refusals_ + 1 : 0;
    const bool is_over = refusals_ >= 2;
    if (is_over)
      refusals_ = 0;
    RequestPage(is_over ? "" : marker, context_.RetryAt(reply));
    return;
  }
  refusals_ = 0;
  emr::PageOf<emr::ClusterSummary> page = emr::ReadListClusters(*reply.body);
  for (const emr::ClusterSummary& cluster : page.items)
    listener_.on_cluster(cluster, reply.sent_at);
  if (!page.marker.empty()) {
    RequestPage(std::move(page.marker), context_.Now());
    return;
  }
  under_way_ = false;
  listener_.on_end();
}

}  // namespace driver
