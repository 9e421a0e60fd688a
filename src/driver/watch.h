#pragma once

// What the watcher remembers of one live cluster between looks. Lost with the process: it is where
// to look next, never what is true.

#include <algorithm>
#include <map>
#include <optional>

#include "base/time.h"
#include "driver/budget.h"
#include "model/event.h"
#include "model/rows.h"

namespace driver {

struct Watch {
  std::optional<Priority> wanted;        // a closer look is due
  bool looking = false;                  // and under way
  std::optional<Priority> steps_wanted;  // its steps alone are due
  bool kind_known = false;               // of the next
  bool has_groups = false;               // instance groups instead of fleets
  bool has_spot = true;                  // as NodeRisk
  base::Time not_before{};
  base::Time nodes_at{};       // the latest look at its fleets or groups
  bool nodes_missing = false;  // at that look
  bool step_due_known = false;
  std::optional<base::Time> step_due;  // when the engine wants to see its steps
  int unknown_to_emr = 0;              // answers in a row that count
  base::Time since{};                  // it is watched; not before its launch
  size_t steps_given = 0;              // by its launch; 0 where it is not known
  // The first list of steps after the end that was not whole.
  std::optional<base::Time> steps_old_since;
  // Its end as a list showed it, at `ended_source_at`: the next look starts from it.
  std::optional<model::ClusterStatus> ended;
  base::Time ended_source_at{};
  base::Time told_at{};  // when a look last told anything of it: for the policy `sampled`

  // What hints brought forward.
  bool suspected = false;  // its nodes may be lost
  // When somebody said that it has ended, which EMR's own word is to confirm.
  std::optional<base::Time> end_told_at;
  int end_looks = 0;  // that did not
  base::Time master_told_at{}, core_told_at{};
  bool nodes_told = false;  // at least one event reported its nodes

  void Want(Priority priority) { wanted = std::min(wanted.value_or(priority), priority); }
  void WantSteps(Priority priority) {
    steps_wanted = std::min(steps_wanted.value_or(priority), priority);
  }
};

using Watches = std::map<model::ClusterId, Watch>;

// Only its end is to be learned: its verdict is given, or it is being killed.
inline bool AwaitsItsEnd(const model::ClusterRow& cluster) {
  return cluster.judged || cluster.terminate_requested_at;
}

inline bool InService(model::ClusterPhase phase) {
  return phase == model::ClusterPhase::kRunning || phase == model::ClusterPhase::kWaiting;
}

}  // namespace driver
