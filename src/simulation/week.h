#pragma once

// A week of a project: its real schedules, dependencies and pools, played from a moment on with
// nothing going wrong, every check on.
//
// The week does not begin out of nothing: the runs of the days before count as successes, so that
// what looks back at them does not wait for ever.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "driver/options.h"
#include "emulator/emulator.h"
#include "engine/state.h"
#include "model/dag.h"
#include "schedule/time_zone.h"
#include "simulation/ledger.h"
#include "store/store.h"

namespace simulation {

struct WeekOptions {
  std::vector<std::shared_ptr<const model::Dag>> dags;
  std::vector<model::PoolRow> pools;
  std::vector<model::LimitRow> limits;
  model::SpendRulesRow spend_rules;
  std::string deployment = "sim";
  base::Time start;
  base::Duration length = base::hours(7 * 24);
  driver::Options driver;
  emulator::Options emr;
  // Who watches: called with what the engine knows at set intervals, and with the rows at the end.
  base::Duration look_every = base::hours(6);
  std::function<void(const engine::State& state, base::Time now)> look = nullptr;
  std::function<void(store::Reader& rows)> at_end = nullptr;
};

struct WeekReport {
  int64_t runs = 0;
  int64_t failed_runs = 0;
  int64_t clusters = 0;
  int64_t calls = 0;
  int64_t throttled = 0;
  size_t most_clusters = 0;  // at once
  double share_over_20 = 0;  // of the week, with more than 20 clusters up
  base::Time ended_at;       // when the last run of the week had ended
  Bill bill;
  std::vector<std::string> breaches;
};

// `zones` must hold every zone that the DAGs name.
WeekReport PlayWeek(const WeekOptions& options, const schedule::ZoneSet& zones);

}  // namespace simulation
