#pragma once

// Launching exactly once, the part that talks to EMR. The engine commits an intent; only then is
// RunJobFlow called, once. A clean answer is posted as it is; anything else makes the launch
// uncertain, and from then on only ListClusters decides. After a restart every launch that is not
// settled is uncertain from the start.

#include <optional>
#include <set>

#include "driver/cluster_list.h"
#include "driver/context.h"

namespace driver {

class Launcher {
 public:
  explicit Launcher(Context& context);

  // Rows were loaded: an intent whose call is not under way was sent in an earlier life, or its
  // answer could not be stored. Plan() makes it uncertain.
  void OnLoaded() { has_loaded_ = true; }
  // The intent is durable: send it.
  void OnCommitted(const model::LaunchRow& launch);
  // How many launches budget and jobs allow now; their budget is taken until OnTurnTaken says how
  // many of them it was used for.
  int TakeTurn();
  void OnTurnTaken(int launches);

  // Looks up uncertain launches.
  void Plan();
  std::optional<base::Time> NextWake();

  // While the store refuses, or what it takes would not last: nothing is launched.
  void Hold(bool hold) { held_ = hold; }
  // Nor while what is launched could not be killed.
  void HoldWhileDenied(bool denied) { denied_ = denied; }

 private:
  void TellUnanswered();
  void OnReply(const model::LaunchToken& token, const Reply& reply);
  void PauseFor(base::Duration pause);
  void OnListed(const emr::ClusterSummary& cluster, base::Time sent_at);
  void OnLookedUp();

  Context& context_;
  std::set<model::LaunchToken> in_flight_;
  int granted_ = 0;  // budget taken for a turn that is not committed yet
  bool has_loaded_ = false;
  base::Time next_tell_{};
  bool held_ = false;
  bool denied_ = false;
  base::Time paused_until_{};
  ClusterList look_up_;
  // Of the look-up under way.
  std::vector<model::LaunchToken> asked_;
  std::vector<model::LaunchesLookedUp::Found> found_;
  base::Duration skipped_{0};  // by a clock that was set forward: that time did not pass
  base::Time next_look_up_{};
};

}  // namespace driver
