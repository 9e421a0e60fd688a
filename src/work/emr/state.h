#pragma once

// What the kind of work `emr_job` knows beside the engine: the live rows of launches and clusters,
// and indices over them. Plain data; only the files of this folder change it.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/rows.h"

namespace work {

using base::Duration;
using base::Time;

// A live cluster with our deployment's name that no attempt claims: its row has no attempt, or it
// came back from LOST after its attempt had ended. What is known of it beyond the row is not
// persisted: after a restart its grace begins again.
struct Orphan {
  model::OrphanClass kind = model::OrphanClass::kOrphan;
  std::optional<Time> first_seen_at, last_seen_at;  // by passes over all clusters
  std::string fate;                                 // what the latest pass decided, and why
};

// No-ops are counted, never errors: late answers are normal.
struct Counters {
  int64_t stale_events = 0;       // about things that are settled or not known
  int64_t unknown_tokens = 0;     // clusters that bear our name but no launch of ours
  int64_t unwanted_clusters = 0;  // recorded, or back from LOST, only to be terminated
  int64_t orphans_found = 0;
  int64_t orphans_killed = 0;   // by the reaper's own decision
  int64_t reaper_refusals = 0;  // passes in which a brake held for all
  // Refusals in words that no rule knows, by these words; "other" beyond kUnclearTextsMax of them.
  std::map<std::string, int64_t> unclear_refusals;
};
inline constexpr size_t kUnclearTextsMax = 50;

struct EmrState {
  // Of live runs, but for old refusals; and every one that is not settled.
  std::map<model::LaunchToken, model::LaunchRow> launches;
  // Of live runs, and every one that is not seen terminal.
  std::map<model::ClusterId, model::ClusterRow> clusters;
  // Unsettled launches that one sufficiently late look-up missed, with its start time. Not
  // persisted.
  std::map<model::LaunchToken, Time> missed;
  std::map<model::ClusterId, Orphan> orphans;  // of `clusters`, those that no attempt claims
  std::string reaper_refusal;  // why the latest pass would kill nothing at all; "" if it may

  // Jobs whose work is done and whose outputs are being read, with the launch that did it; derived
  // from the commands.
  std::map<model::JobKey, model::LaunchToken> reading;

  // Derived.
  std::set<model::LaunchToken> unsettled;  // launches in intent or unknown
  // Orphans that have ended: they leave memory after the step.
  std::vector<model::ClusterId> ended_orphans;
  Counters counters;
};

}  // namespace work
