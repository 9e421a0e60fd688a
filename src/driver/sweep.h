#pragma once

// One paged ListClusters over all live clusters. It only lists: what a summary means, and what a
// cluster that is missing means, is the watcher's.
//
// A sweep that an error cut short tells nothing of what it did not reach: it is dropped.

#include <functional>
#include <optional>
#include <string>

#include "driver/context.h"
#include "emr/replies.h"

namespace driver {

class Sweep {
 public:
  struct Listener {
    std::function<void(const emr::ClusterSummary& cluster, base::Time sent_at)> on_summary;
    std::function<void(bool complete)> on_end;
  };

  Sweep(Context& context, Listener listener);

  bool under_way() const { return under_way_; }
  base::Time began_at() const { return began_at_; }
  // REQUIRES: none is under way.
  void Start(base::Time created_since);

 private:
  void RequestPage(std::string marker, base::Time created_after);
  void OnPage(const Reply& reply, base::Time created_after);

  Context& context_;
  const Listener listener_;
  bool under_way_ = false;
  base::Time began_at_{};
};

}  // namespace driver
