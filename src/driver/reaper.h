#pragma once

// The reaper's eyes: from time to time one sweep of the watcher lists the whole account, and what
// it showed with our deployment's name is held against memory and the store: the cloud first, the
// database second. What nobody claims goes to the engine, which decides (work/emr/orphans.h).
//
// Here too: the log lines by which an operator learns of orphans.

#include <map>
#include <optional>
#include <string>

#include "driver/context.h"
#include "emr/name.h"
#include "emr/replies.h"
#include "store/store.h"

namespace driver {

class Reaper {
 public:
  struct Pass {
    base::Time began_at;
    // With our deployment's name. Pages shift while they are read: one may come twice.
    std::map<model::ClusterId, emr::ClusterSummary> clusters;
  };

  // The first pass comes one interval from now.
  Reaper(Context& context, store::Store& store);

  base::Time due() const { return due_; }
  // A pass lists what was created since then.
  base::Time Since() const;
  void See(Pass& pass, const emr::ClusterSummary& cluster) const;
  // Every page was seen. A pass that did not get here has no effect and stays due.
  void Finish(Pass pass);
  // After commits: tells what passes have changed.
  void Tell();

 private:
  base::Result<model::OrphansSeen> Classify(const Pass& pass) const;
  // True for a cluster that was given up as LOST and whose run has left memory: the engine is told.
  base::Result<bool> TellReturned(const Pass& pass, const emr::ClusterSummary& cluster) const;
  // The stray's class; nothing where somebody claims the cluster after all.
  base::Result<std::optional<model::OrphanClass>> ClassOf(const emr::ClusterSummary& cluster,
                                                          const emr::ParsedName& name) const;

  Context& context_;
  store::Store& store_;
  base::Time due_;
  bool untold_ = false;
  std::map<model::ClusterId, std::string> told_;  // the fates as the log has them
  std::string told_refusal_;
};

}  // namespace driver
