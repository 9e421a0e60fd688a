#pragma once

#include <string>

#include "base/time.h"
#include "driver/budget.h"
#include "emr/defaults.h"
#include "emr/node_looks.h"
#include "engine/engine.h"
#include "wire/state_item.h"
#include "work/emr/options.h"

namespace driver {

using emr::WatchPolicy;

// Where the watcher learns of clusters beside EMR's own API. Events that are posted to us need no
// option here: Driver::TakeEvent.
struct SourceOptions {
  WatchPolicy policy = WatchPolicy::kAdaptive;
  base::Duration poke_interval = emr::kPokeInterval;
  base::Duration stale_after = emr::kStaleAfter;
  std::string table;  // DynamoDB's; "" for none
  wire::StateTableNames table_names;
  double table_weight = 0.9;
  double emr_weight = 0.1;
  std::string queue_url;  // SQS's; "" for none
};

// All spans in world time.
struct Options {
  engine::Options engine;
  work::EmrOptions emr;
  BudgetOptions budget;
  SourceOptions sources;
  base::Duration poll_interval = emr::kPollInterval;    // between sweeps while no events come
  base::Duration fleet_interval = emr::kFleetInterval;  // between looks at nodes: emr/node_looks.h
  base::Duration reaper_interval = emr::kReaperInterval;  // between passes over the whole account
  base::Duration terminate_interval = base::minutes(1);   // until a terminate is issued again
  base::Duration throttle_pause = base::seconds(5);  // of launches, after RunJobFlow was throttled
  base::Duration trouble_pause =
      base::seconds(30);  // after an error that says nothing of EMR's state
};

}  // namespace driver
