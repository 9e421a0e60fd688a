#pragma once

// What the engine knows: the live rows, and indices over them that can be recounted from the rows
// (invariants.h does). Plain data; only the files of this folder change it.
//
// Addresses of rows are stable while a Step is being made: maps of nodes, and vectors that are
// filled once. The recorder relies on it.

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/dag.h"
#include "model/event.h"
#include "model/rows.h"
#include "schedule/timetable.h"

namespace engine {

using base::Duration;
using base::Time;

// A DAG version with its edges turned round. Immutable, shared by its runs.
struct Plan {
  std::shared_ptr<const model::Dag> dag;
  std::vector<std::vector<int>> downstream;  // by job index
  std::map<std::pair<model::JobId, model::LaneId>, int> index;
};

// One of row.schedules.
struct SchedulePeriod {
  std::optional<schedule::Timetable> timetable;  // none: the DAG was only triggered
  Time since;
};

struct DagEntry {
  model::DagRow row;
  std::shared_ptr<const Plan> plan;
  std::optional<schedule::Timetable> timetable;  // none: the DAG is only triggered
  std::vector<SchedulePeriod> periods;           // the last one's timetable is the same
  std::optional<schedule::Fire> next_fire;       // of an active DAG that is not paused
  // Why ticks are left out, if some are when it fires next; of this life alone.
  model::HoleReason missed_because = model::HoleReason::kMissed;
  int queued_runs = 0;
  int running_runs = 0;
};

struct JobInstance {
  const model::Job* def = nullptr;
  int index = 0;  // of def in the plan's jobs
  model::JobRow row;
  std::vector<model::TaskRow> tasks;
  std::optional<model::AttemptRow> attempt;  // the latest
  int launches = 0;                          // of the latest attempt

  // Derived.
  int unmet = 0;  // upstream jobs of this run that have not succeeded
  int live = 0;   // launches not settled + clusters not seen terminal; > 0 holds a pool slot
  bool upstream_elsewhere = false;  // in State::waiting_elsewhere
};

struct Run {
  model::RunRow row;
  std::shared_ptr<const Plan> plan;
  std::vector<JobInstance> jobs;
  int open_jobs = 0;  // not ended
};

struct Pool {
  model::PoolRow row;
  int used = 0;
};

// A job of any run of a DAG: what cross-DAG edges name.
struct JobRef {
  model::DagId dag;
  model::JobId job;
  model::LaneId lane;
  friend bool operator==(const JobRef&, const JobRef&) = default;
};
struct JobRefHash {
  size_t operator()(const JobRef& ref) const {
    size_t hash = std::hash<model::DagId>()(ref.dag);
    hash = hash * 31 + std::hash<model::JobId>()(ref.job);
    return hash * 31 + std::hash<model::LaneId>()(ref.lane);
  }
};

// Runs that a job has succeeded in, by their data intervals.
struct ByEnd {
  bool operator()(const base::Interval& a, const base::Interval& b) const {
    return std::pair(a.end, a.start) < std::pair(b.end, b.start);
  }
};
using Successes = std::map<base::Interval, std::set<model::RunId>, ByEnd>;

// A live cluster with our deployment's name that no attempt claims: its row has no attempt, or it
// came back from LOST after its attempt had ended. What is known of it beyond the row is not
// persisted: after a restart its grace begins anew.
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

struct State {
  model::Identity identity;
  int64_t last_seq = 0;
  Time now{};

  std::map<model::DagId, DagEntry> dags;
  // Not ended, and ended ones whose last cluster has not been seen terminal (`lingering`).
  std::map<model::RunKey, Run> runs;
  std::set<model::RunKey> lingering;
  std::map<model::LaunchToken, model::LaunchRow> launches;
  std::map<model::ClusterId, model::ClusterRow> clusters;
  // Unsettled launches that one sufficiently late look-up missed, with its start time. Not
  // persisted.
  std::map<model::LaunchToken, Time> missed;
  std::map<model::ClusterId, Orphan> orphans;  // of `clusters`, those that no attempt claims
  std::string reaper_refusal;  // why the latest pass would kill nothing at all; "" where it may
  std::map<model::PoolId, Pool> pools;
  std::map<std::pair<std::string, int64_t>, model::CommandRow> commands;
  // Gaps in the DAGs' schedules, by the end of their first data interval.
  std::map<model::DagId, std::map<Time, model::HoleRow>> holes;
  // Asked for by key alone: the order of a hash map must never show.
  std::unordered_map<JobRef, Successes, JobRefHash> successes;

  // Derived.
  std::map<model::VersionId, std::weak_ptr<const Plan>> plans;
  std::set<model::LaunchToken> unsettled;            // launches in intent or unknown
  std::set<std::pair<Time, model::JobKey>> queue;    // start is queued: since when, which
  std::set<std::pair<Time, model::JobKey>> retries;  // next_try_at, which
  std::set<std::pair<Time, model::DagId>> fires;     // next_fire of DAGs that have room for a run
  std::set<model::JobKey> waiting_elsewhere;         // jobs held by other DAGs alone or too
  Counters counters;
};

}  // namespace engine
