#pragma once

// One pass over ListClusters, page by page. It only lists: what a cluster that is there, or that is
// missing, means is the listener's.
//
// A page that fails is asked for again with its Marker, after a pause: so a pass of n pages takes n
// calls and one more for each that fails, whatever the pattern. A Marker that EMR refuses twice in
// a row begins the pass again at its first page; what was seen stays seen, and the pass still
// counts from its beginning.

#include <functional>
#include <string>

#include "driver/context.h"
#include "emr/replies.h"

namespace driver {

inline bool HasFailed(const emr::ClusterSummary& cluster) {
  return cluster.status && cluster.status->phase == model::ClusterPhase::kTerminatedWithErrors;
}

class ClusterList {
 public:
  struct Listener {
    std::function<void(const emr::ClusterSummary& cluster, base::Time sent_at)> on_cluster;
    std::function<void()> on_end;  // every page was seen
  };
  enum class States {
    kLiving,
    kEndedIfOnePage,  // those that have ended too, as long as all fit one page: that costs nothing
    kAll,
  };

  ClusterList(Context& context, Priority priority, Listener listener)
      : context_(context), priority_(priority), listener_(std::move(listener)) {}

  bool under_way() const { return under_way_; }
  base::Time began_at() const { return began_at_; }
  // REQUIRES: no pass is under way. `created_since` is by our clock, clusters are dated by EMR's.
  void Start(base::Time created_since, States states);

 private:
  void RequestPage(std::string marker, base::Time not_before);
  void OnPage(const std::string& marker, const Reply& reply);

  Context& context_;
  const Priority priority_;
  const Listener listener_;
  bool under_way_ = false;
  base::Time began_at_{};
  States states_ = States::kLiving;
  base::Time created_after_{};
  base::Time fits_again_at_{};  // when one page may be enough again
  int refusals_ = 0;            // in a row
};

}  // namespace driver
