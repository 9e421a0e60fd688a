#include "driver/cluster_list.h"

#include <utility>

#include "driver/look_back.h"

namespace driver {

namespace {
// What has ended is listed on the way: what this margin lacks is asked for by itself.
constexpr base::Duration kShortMargin = base::minutes(10);
constexpr base::Duration kTryToFit = base::hours(1);
}  // namespace

void ClusterList::Start(base::Time created_since, States states) {
  under_way_ = true;
  began_at_ = context_.Now();
  const bool fits = began_at_ >= fits_again_at_;
  states_ = states == States::kEndedIfOnePage && !fits ? States::kLiving : states;
  created_after_ = states_ == States::kEndedIfOnePage
                       ? created_since - kShortMargin - context_.world.Ahead()
                       : LookBackTo(created_since, context_.world);
  RequestPage("", began_at_);
}

void ClusterList::RequestPage(std::string marker, base::Time not_before) {
  json::object request{{"CreatedAfter", base::ToEpochSeconds(created_after_)}};
  json::array states{"STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING", "TERMINATING"};
  if (states_ == States::kEndedIfOnePage)
    states.insert(states.end(), {"TERMINATED", "TERMINATED_WITH_ERRORS"});
  if (states_ != States::kAll)
    request["ClusterStates"] = std::move(states);
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
    fits_again_at_ = began_at_ + kTryToFit;
    RequestPage(std::move(page.marker), context_.Now());
    return;
  }
  under_way_ = false;
  listener_.on_end();
}

}  // namespace driver
