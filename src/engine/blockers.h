#pragma once

// What keeps a job from going on, for people: only what is missing now. It decides nothing; the
// rules that it explains are in jobs, launches and runs.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/state.h"

namespace engine {

enum class BlockerKind {
  kPaused,       // its DAG is paused
  kRunQueued,    // max_active_runs of its DAG are active
  kUpstream,     // jobs of this run have not succeeded
  kUpstreamDag,  // data intervals of other DAGs are missing
  kRetryDelay,   // until the next try
  kOldCluster,   // a cluster of an earlier try, or of a cleared one, has not ended
  kPool,         // its pool is full
  kLaunchTurn,   // EMR's quota of RunJobFlow
  kLookUp,       // whether its launch made a cluster is not known yet
};
std::string_view ToString(BlockerKind kind);  // "paused"

struct Blocker {
  BlockerKind kind = BlockerKind::kUpstream;
  std::string sentence;
  std::optional<Time> until;  // kRetryDelay
};

// None for a job that works or has ended, and for a run that is not in memory because it has ended.
std::vector<Blocker> BlockersOf(const State& state, const model::JobKey& job);

}  // namespace engine
