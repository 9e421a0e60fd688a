#pragma once

// What keeps a job from going on, for people: only what is missing now. It decides nothing; the
// rules that it explains are in propagate, attempts and runs, and in the job's kind of work.

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/ids.h"

namespace engine {

class Engine;

enum class BlockerKind {
  kPaused,       // its DAG is paused
  kStartJitter,  // until the run's run_after
  kRunQueued,    // max_active_runs of its DAG are active
  kUpstream,     // jobs of this run have not ended as its trigger rule wants
  kUpstreamDag,  // data intervals of other DAGs are missing
  kPastRun,      // of the DAG's previous run (depends_on_past) a job is not done
  kGroup,        // jobs of a group around them have ended, and it is not settled
  kGroupRetry,   // until the next try of the job's group, or of a group that it waits for
  kRetryDelay,   // until the next try
  kPool,         // its pool is full, is too small for it, or keeps its slots for another job
  kLimit,        // as many jobs as a limit allows hold slots, or their work has its vCPUs
  kSpendCap,     // as much as a cap allows is spent
  kMaxActive,    // the same for max_active_tasks, max_active_tis_per_dag and …_per_dagrun
  kHold,         // a person holds it
  kInstances,    // of a mapped job: its instances have not ended
  // Of kinds of work.
  kTurn,          // it may begin, and waits for its turn
  kLookUp,        // whether the attempt has begun is looked up
  kOutputs,       // its work is done, and its outputs are read
  kOldWork,       // the end of an earlier attempt's work
  kTrigger,       // whether there is the run that it is to trigger is looked up
  kTriggeredRun,  // the end of the run that it has triggered
};
std::string_view ToString(BlockerKind kind);  // "max_active"; "" for other numbers

struct Blocker {
  BlockerKind kind = BlockerKind::kPaused;
  std::string sentence;
  // Of kRetryDelay, kGroupRetry, kStartJitter, and kSpendCap of a day.
  std::optional<base::Time> until = {};
  std::set<model::DagId> dags = {};  // other ones, of which the sentence tells
};

// None for a job that has ended or works and waits for nothing, and for a run that is not in memory
// because it has ended.
std::vector<Blocker> BlockersOf(const Engine& engine, const model::JobKey& job);

// "a, b and 3 more": a sentence names a few things and counts the others. `all`: how many there
// are, if `names` are the first ones alone.
std::string Enumerate(const std::vector<std::string>& names, size_t all = 0);

}  // namespace engine
