#pragma once

// What the engine knows: the live rows, and indices over them that can be recounted from the rows
// (invariants.h does). Plain data; only the files of this folder change it.
//
// Addresses of rows are stable while an event is applied: maps of nodes, and vectors that are
// filled once. The recorder relies on it.

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/job_state.h"
#include "engine/readiness.h"
#include "model/dag.h"
#include "model/expense.h"
#include "model/rows.h"
#include "model/units.h"
#include "schedule/timetable.h"

namespace secrets {
class Book;
}

namespace engine {

using base::Duration;
using base::Time;

// A DAG version with its edges turned round. Immutable, shared by its runs.
struct Plan {
  std::shared_ptr<const model::Dag> dag;
  std::vector<std::vector<int>> downstream;  // by job index
  std::map<int, std::vector<int>> scopes;    // by a setup's index: the jobs that need it
  std::vector<int> deciding;                 // the jobs whose ends decide the run's
  std::vector<int> weights;                  // by job index: what orders it, by its weight rule
  // By job index: what an attempt takes at the most; none: it cannot be told.
  std::vector<std::optional<model::Vcpus>> vcpus;
  model::Units units;  // what is tried again together
  std::map<std::pair<model::JobId, model::LaneId>, int> index;
  std::map<std::pair<model::JobId, model::LaneId>, int> former;  // by what jobs were called before
};

// One of row.schedules.
struct SchedulePeriod {
  std::optional<schedule::Timetable> timetable;  // none: the DAG was only triggered
  Time since;
};

struct DagEntry {
  model::DagRow row;
  std::shared_ptr<const Plan> plan;
  std::optional<schedule::Timetable> timetable;    // none: the DAG is only triggered
  std::vector<SchedulePeriod> periods;             // the last one's timetable is the same
  std::shared_ptr<const schedule::TimeZone> zone;  // of the version in force
  std::optional<schedule::Fire> next_fire;         // of an active DAG that is not paused
  // Why ticks are left out, if some are when it fires next; of this life alone.
  model::HoleReason missed_because = model::HoleReason::kMissed;
  int queued_runs = 0;
  int running_runs = 0;
};

// A limit that concerns a job.
struct LimitUse {
  model::DagId scope;  // whose limit it is; "": the project's
  model::JobLimit limit;
  std::string value;  // jobs with the same one are counted together
  friend bool operator==(const LimitUse&, const LimitUse&) = default;
};

struct Mapped;

// One job of one run; or an instance of a mapped job.
struct JobInstance {
  const model::Job* def = nullptr;
  int index = 0;  // of def in the plan's jobs
  model::JobRow row;
  JobState state = JobState::kNone;          // SetJob alone changes it
  std::vector<model::TaskRow> tasks;         // what the store keeps of the state
  std::optional<model::AttemptRow> attempt;  // the latest
  std::optional<model::OutputsRow> outputs;  // of the latest attempt that had some
  int starts = 0;        // of the latest attempt: it may take its kind more than one
  Mapped* of = nullptr;  // the mapped job of which it is an instance; null: it is a job itself

  // Derived.
  UpstreamEnds upstream;  // jobs of this run
  int live = 0;  // what may still cost money, as its kind counts it; > 0 holds its pool slots
  std::vector<LimitUse> limits;     // while it is queued or holds slots: those that concern it
  int queue_place = -1;             // in its pool's queue; -1: it is not there
  bool upstream_elsewhere = false;  // in State::waiting_elsewhere
};

// A mapped job of one run, once its list was decided. The job itself stands for all of its
// instances: what follows from it sees it alone.
struct Mapped {
  model::MappingRow row;
  json::array items;                  // row.items; empty: no list is in force
  JobInstance* job = nullptr;         // the job itself; never null
  std::deque<JobInstance> instances;  // by index: addresses stay. Those beyond the list are removed

  // Derived.
  int open = 0;  // instances that have not ended
};

// A unit of one run (groups.h).
struct GroupTries {
  model::GroupTriesRow row;

  // Derived.
  int open = 0;  // its jobs that are not done, and units within it that wait for another try
};

struct Run {
  model::RunRow row;
  std::shared_ptr<const Plan> plan;
  std::vector<JobInstance> jobs;   // by definition
  std::map<int, Mapped> mapped;    // by definition
  std::vector<GroupTries> groups;  // by the plan's units
  // Jobs that an earlier version had: their rows stay, with the state `removed`.
  std::set<std::pair<model::JobId, model::LaneId>> removed;
  int open_jobs = 0;  // not ended; instances do not count
};

// The mapped job behind a job; null where it has had no list yet, or is not mapped.
inline Mapped* MappedOf(Run& run, const JobInstance& job) {
  const auto found = job.of != nullptr ? run.mapped.end() : run.mapped.find(job.index);
  return found == run.mapped.end() ? nullptr : &found->second;
}
inline const Mapped* MappedOf(const Run& run, const JobInstance& job) {
  return MappedOf(const_cast<Run&>(run), job);
}

// Calls `each` for every job, and then for every instance.
void ForEachJob(auto& run, auto each) {
  for (auto& job : run.jobs)
    each(job);
  for (auto& [definition, mapped] : run.mapped) {
    for (auto& instance : mapped.instances)
      each(instance);
  }
}

// The instance of a definition, by its place in the plan's jobs.
inline JobInstance& InstanceOf(Run& run, int definition) {
  return run.jobs[static_cast<size_t>(definition)];
}
inline const JobInstance& InstanceOf(const Run& run, int definition) {
  return run.jobs[static_cast<size_t>(definition)];
}

// A job that waits for its turn, with what orders it. That stays the same while it waits.
struct Queued {
  JobInstance* job = nullptr;
  const Run* run = nullptr;
  const DagEntry* dag = nullptr;
  Time since;
  int weight = 0;
  int slots = 1;
  const std::vector<Duration>* ways = nullptr;  // of its plan: what orders it, at the job's index
  bool is_backfill = false;
  friend bool operator==(const Queued&, const Queued&) = default;
};

// A job that holds slots.
struct Holder {
  JobInstance* job = nullptr;
  const Run* run = nullptr;
  const DagEntry* dag = nullptr;
  friend bool operator==(const Holder&, const Holder&) = default;
};

// From each job of a plan to the end of its DAG (ways.h).
struct Ways {
  std::shared_ptr<const Plan> plan;
  std::vector<Duration> left;  // by job index; so below
  std::vector<int> rank;       // what follows from a job has a smaller one
};

struct Backfill {
  model::BackfillRow row;
  std::vector<model::BackfillTickRow> ticks;

  // Derived.
  size_t next = 0;      // the first tick that is pending; the ones after it are, too
  int queued_runs = 0;  // its runs do not count for the DAG
  int running_runs = 0;
};

struct Pool {
  model::PoolRow row;

  // Derived.
  int used = 0;               // slots
  std::vector<Queued> queue;  // in no order: queue.h decides
};

// A job of any run of a DAG: what cross-DAG edges name.
struct JobRef {
  model::DagId dag;
  model::JobId job;  // "": the run itself, with the lane ""
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
// Those that it has failed or been skipped in; upstream_failed counts as failed.
using OtherEnds = std::map<base::Interval, std::map<model::RunId, JobState>, ByEnd>;

// What is left of a run that has ended and left memory, for jobs that depend on the past.
struct PastRun {
  model::RunType type = model::RunType::kScheduled;
  base::Interval data_interval;
  std::optional<Time> ended_at;
  std::set<std::pair<model::JobId, model::LaneId>> not_done;  // neither succeeded nor skipped
};
struct PastRuns {
  std::map<std::pair<Time, model::RunId>, PastRun> by_date;  // the logical date
  std::map<model::RunId, Time> dates;                        // the same runs
};

using Durations = std::unordered_map<JobRef, model::DurationsRow, JobRefHash>;

struct State {
  model::Identity identity;
  const secrets::Book* book = nullptr;  // as in Options
  int64_t last_seq = 0;
  Time now{};

  std::map<model::DagId, DagEntry> dags;
  // Not ended, and ended ones of which something is live (`lingering`).
  std::map<model::RunKey, Run> runs;
  std::set<model::RunKey> lingering;
  std::map<model::PoolId, Pool> pools;
  std::map<model::LimitKey, model::LimitRow> limits;
  model::SpendRulesRow spend_rules;
  std::map<model::DagId, model::PoolTimeRow> pool_times;
  // The outbox: what kinds of work have decided and the driver carries out.
  std::map<std::pair<std::string, int64_t>, model::CommandRow> commands;
  // Gaps in the DAGs' schedules, by the end of their first data interval.
  std::map<model::DagId, std::map<Time, model::HoleRow>> holes;
  std::map<int64_t, Backfill> backfills;     // not completed
  std::map<int64_t, model::HoldRow> holds;   // in force
  int64_t last_backfill = 0, last_hold = 0;  // the greatest ids that were given
  int64_t last_deletion = 0;                 // how many runs and DAGs were deleted
  std::map<int64_t, model::AssetRow> assets;
  std::map<model::RecordKey, model::RecordRow> records;
  std::map<model::AttemptKey, model::CauseRow> causes;  // of runs in memory
  std::map<model::DagId, model::AssetQueueRow> asset_queues;
  int64_t last_asset_event = 0;
  // What runs in memory have taken and what is queued, by asset and id; what nobody needs any more
  // goes now and then.
  std::map<std::pair<int64_t, int64_t>, model::AssetEventRow> asset_events;
  size_t asset_events_needed = 0;                              // as counted last
  std::map<model::DeadlineKey, model::DeadlineRow> deadlines;  // not final, or their run is here
  // Asked for by key alone: the order of a hash map must never show.
  std::unordered_map<JobRef, Successes, JobRefHash> successes;
  std::unordered_map<JobRef, OtherEnds, JobRefHash> other_ends;  // for edges that have a rule
  std::map<model::DagId, Successes> run_successes;               // whole runs: what fills a hole
  Durations durations;                                           // also by key alone
  std::map<model::DagId, PastRuns> past;
  // Of the latest deletion in this life, or its start: rows of a run that were read before may be
  // of one that is gone.
  int64_t rows_since = 0;

  // Derived.
  std::map<std::string, int64_t> asset_ids;                   // by name
  std::map<int64_t, std::set<model::DagId>> asset_consumers;  // whose queues hold the asset
  std::map<model::VersionId, std::weak_ptr<const Plan>> plans;
  // Of plans that had queued jobs.
  std::map<std::pair<model::DagId, model::VersionId>, Ways> ways;
  std::map<model::JobKey, Holder> holding;           // jobs that hold pool slots
  std::set<std::pair<Time, model::JobKey>> retries;  // next_try_at, which
  std::set<std::pair<Time, model::GroupKey>> group_retries;
  std::set<std::pair<Time, model::DagId>> fires;       // next_fire of DAGs that have room for a run
  std::set<model::JobKey> waiting_elsewhere;           // jobs held by other runs alone or too
  std::set<std::pair<Time, model::DeadlineKey>> dues;  // of deadlines that are not final
  std::vector<model::DeadlineKey> closed;              // of this event: became final
  std::set<model::DagId> capped;                       // DAGs whose file has a spend cap
  // What work costs that ended today, is of runs in memory, or goes on; by the name of what costs
  // it, as its kind says.
  std::map<std::string, model::Expense> expenses;
  Time expenses_pruned_at{};
  std::set<std::pair<Time, model::RunKey>> starts;  // queued runs whose run_after is to come
};

}  // namespace engine
