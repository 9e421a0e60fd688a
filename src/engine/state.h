#pragma once

// What the engine knows: the live rows, and indices over them that can be recounted from the rows
// (invariants.h does). Plain data; only the files of this folder change it.
//
// Addresses of rows are stable while an event is applied: maps of nodes, and vectors that are
// filled once. The recorder relies on it.

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
#include "model/rows.h"
#include "schedule/timetable.h"

namespace engine {

using base::Duration;
using base::Time;

// A DAG version with its edges turned round. Immutable, shared by its runs.
struct Plan {
  std::shared_ptr<const model::Dag> dag;
  std::vector<std::vector<int>> downstream;  // by job index
  std::map<int, std::vector<int>> scopes;    // by a setup's index: the jobs that need it
  std::vector<int> deciding;                 // the jobs whose ends decide the run's
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

// One job of one run.
struct JobInstance {
  const model::Job* def = nullptr;
  int index = 0;  // of def in the plan's jobs
  model::JobRow row;
  JobState state = JobState::kNone;          // SetJob alone changes it
  std::vector<model::TaskRow> tasks;         // what the store keeps of the state
  std::optional<model::AttemptRow> attempt;  // the latest
  int starts = 0;  // of the latest attempt: it may take its kind more than one

  // Derived.
  UpstreamEnds upstream;  // jobs of this run
  int live = 0;           // what may still cost money, as its kind counts it; > 0 holds a pool slot
  bool upstream_elsewhere = false;  // in State::waiting_elsewhere
};

struct Run {
  model::RunRow row;
  std::shared_ptr<const Plan> plan;
  std::vector<JobInstance> jobs;
  int open_jobs = 0;  // not ended
};

// The instance of a definition, by its place in the plan's jobs.
inline JobInstance& InstanceOf(Run& run, int definition) {
  return run.jobs[static_cast<size_t>(definition)];
}
inline const JobInstance& InstanceOf(const Run& run, int definition) {
  return run.jobs[static_cast<size_t>(definition)];
}

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
  int64_t last_seq = 0;
  Time now{};

  std::map<model::DagId, DagEntry> dags;
  // Not ended, and ended ones of which something is live (`lingering`).
  std::map<model::RunKey, Run> runs;
  std::set<model::RunKey> lingering;
  std::map<model::PoolId, Pool> pools;
  // The outbox: what kinds of work have decided and the driver carries out.
  std::map<std::pair<std::string, int64_t>, model::CommandRow> commands;
  // Gaps in the DAGs' schedules, by the end of their first data interval.
  std::map<model::DagId, std::map<Time, model::HoleRow>> holes;
  // Asked for by key alone: the order of a hash map must never show.
  std::unordered_map<JobRef, Successes, JobRefHash> successes;
  Durations durations;  // also by key alone
  std::map<model::DagId, PastRuns> past;

  // Derived.
  std::map<model::VersionId, std::weak_ptr<const Plan>> plans;
  std::set<std::pair<Time, model::JobKey>> queue;    // queued jobs: since when, which
  std::set<std::pair<Time, model::JobKey>> retries;  // next_try_at, which
  std::set<std::pair<Time, model::DagId>> fires;     // next_fire of DAGs that have room for a run
  std::set<model::JobKey> waiting_elsewhere;         // jobs held by other runs alone or too
  std::set<std::pair<Time, model::RunKey>> starts;   // queued runs whose run_after is to come
};

}  // namespace engine
