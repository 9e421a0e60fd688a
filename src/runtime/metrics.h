#pragma once

// What /metrics and the budget resource tell, as plain values: counts of this process's life, and
// what is so at one moment. The api gives them their names and formats.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "driver/call_counts.h"
#include "driver/call_history.h"
#include "model/ids.h"
#include "runtime/cause_watch.h"
#include "runtime/clock_state.h"
#include "runtime/exporter.h"
#include "runtime/health.h"
#include "runtime/tally.h"

namespace runtime {

using CallNumbers = driver::CallCounts;
using driver::CallHistory;

struct QuotaView {
  double burst = 0;
  double per_second = 0;
  double per_second_now = 0;  // as far as throttling has left it
  double tokens = 0;          // now
};

struct ActionView {
  std::string action;
  QuotaView quota;
  std::vector<std::pair<std::string_view, CallNumbers>> by_priority;  // each priority
  CallNumbers Total() const;
};

// EMR's call quotas.
struct BudgetView {
  base::Time now;
  double share = 1;  // of each quota
  std::optional<std::string> launching_held;
  QuotaView account;
  std::vector<ActionView> actions;  // that were asked for
};

struct OtherCalls {
  std::string_view service;
  std::string action;
  CallNumbers numbers;
};

// Events and items of the state table, by what became of them.
struct HintCount {
  std::string_view source, type, outcome;
  int64_t count = 0;
};

// In slots, but for the name.
struct PoolView {
  std::string pool;
  std::string description;
  int slots = 0;
  int used = 0;      // held by launches and live clusters
  int deferred = 0;  // of these, held by jobs whose cluster is watched
  int queued = 0;    // that queued jobs wait for
};

// What became of messages to one notifier, in this life of the process.
struct NotifierView {
  std::string name;
  std::string_view type;  // "slack"
  int64_t sent = 0, failed = 0, given_up = 0;
  int pending = 0;
  std::optional<base::Time> last_success, failing_since;
  std::string last_error;  // "" if one has arrived since
};

struct MetricsView {
  BudgetView budget;  // every action that is ever asked for
  std::vector<OtherCalls> other_calls;
  std::vector<HintCount> hints;
  base::Duration sweep_interval{0};
  // What is live, by state; every state in which it can be has its count.
  std::map<std::string_view, int> clusters, runs, tasks;
  std::vector<PoolView> pools;
  std::vector<NotifierView> notifiers;
  std::map<std::string_view, int> holds;            // in force, by scope
  std::map<std::string_view, int> deadlines;        // not final, of runs that exist, by status
  size_t backfills = 0;                             // not completed
  std::map<std::string, int64_t> unclear_refusals;  // by their words
  std::map<std::string_view, int> orphans;          // by class
  int64_t orphans_found = 0;
  int64_t orphans_killed = 0;
  int64_t reaper_refusals = 0;
  CauseWatch::Counts causes;
  std::map<std::string, Exporter::Counts> exports;  // by receiver
  struct OfDag {
    model::DagId dag;
    Tally::OfDag counts;
  };
  std::vector<OfDag> dags;  // active ones
  size_t dags_left_out = 0;
  base::Histogram run_lag{kLagBounds}, launch_lag{kLagBounds};  // tally.h
  base::Duration overdue{0};  // the oldest tick that has room for its run
  std::vector<Component> health;
  base::Duration heartbeat_age{0};
  ClockState clock;
};

}  // namespace runtime
