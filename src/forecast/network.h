#pragma once

// The work that is to come, as a graph that a forecast runs through: the open jobs of live runs,
// and the jobs of runs that are due until a horizon. Plain data. Built from an estate (estate.h),
// run through by a pass (pass.h).
//
// Times are seconds from the estate's now on; kNever where something will not happen.

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/ids.h"

namespace forecast {

using Seconds = int32_t;
inline constexpr Seconds kNever = std::numeric_limits<Seconds>::max() / 4;

// What one attempt's length is known from.
enum class Basis {
  kHistory,   // attempts of this job and lane
  kExpected,  // the DAG file's expected_duration
  kDag,       // what is known of the DAG's other jobs: it may be like any of them
  kEstate,    // what is known of all jobs
  kUnknown,   // nothing is known of any job
};

// The attempts of a job and lane, as draws are made from them. A run's job draws one of them.
struct Past {
  enum class End { kSuccess, kApplication, kInfrastructure };
  struct Attempt {
    Seconds took = 0;
    End end = End::kSuccess;
  };
  std::vector<Attempt> attempts;
  Seconds typical = 0;  // the median of its successes
  // What few attempts do not show: each draw is scattered further by this share of itself (a
  // standard deviation).
  double scatter = 0;
  Basis basis = Basis::kUnknown;
};

// What jobs share besides pools: a limit's places or vCPUs, the places of max_active_tasks and the
// like.
struct Cap {
  int64_t room = 0;
};
struct CapUse {
  int cap = 0;  // in Network::caps
  int64_t amount = 1;
};

// A mapped job has a node before its instances, which are known by their number alone, and one
// behind them, which stands for the job.
inline constexpr int kBegins = -2;

struct Job {
  model::JobId job;
  model::LaneId lane;
  int index = -1;  // of an instance of a mapped job; kBegins: a node in front of them
  int run = 0;
  int past = -1;  // in Network::pasts; none: it takes no time
  int pool = -1;  // in Network::pools; none: it takes no turn
  int slots = 1;
  std::vector<CapUse> caps;  // of one that takes a turn
  int weight = 1;            // higher ones take their turn first
  Seconds begun = -1;        // that long ago its attempt began; -1: none is open
  bool holds_slot = false;   // already
  Seconds not_before = 0;    // the next try
  // What is left of them, by the class of the failure.
  int retries = 0, infra_retries = 0;
  Seconds retry_delay = 0, infra_retry_delay = 0;
  bool needs_success = true;       // if an upstream job of its run fails, it does not run
  std::vector<int> after;          // jobs of its run that must have ended
  std::vector<int> after_success;  // jobs of other DAGs' runs that must have succeeded
  // It waits for what no work in the network brings: a sentence.
  std::string stuck;
  uint64_t seed = 0;
};

struct Run {
  model::RunKey key;  // of a coming run: as it will be
  int dag = 0;
  base::Interval data_interval;
  std::optional<base::Time> logical_date;
  base::Time run_after;
  std::optional<base::Time> queued_at;  // none: the run is yet to come
  bool has_started = false;
  Seconds not_before = 0;
  std::vector<int> jobs;  // those that are open
};

// The runs of one DAG, in the order in which they start.
struct DagRuns {
  model::DagId dag;
  int max_active_runs = 16;
  std::string held;  // why no run of it starts and no job begins: a sentence; "": nothing holds it
  std::vector<int> runs;  // in Network::runs
};

struct Pool {
  model::PoolId id;
  int slots = 0;
};

struct Network {
  base::Time now;
  base::Time horizon;   // runs that are due later are not in it
  bool is_cut = false;  // nor are some that are due earlier: there were too many
  std::vector<Job> jobs;
  std::vector<Run> runs;
  std::vector<DagRuns> dags;
  std::vector<Pool> pools;
  std::vector<Cap> caps;
  std::vector<Past> pasts;
};

inline base::Time TimeOf(const Network& network, Seconds seconds) {
  return network.now + base::seconds(seconds);
}

}  // namespace forecast
