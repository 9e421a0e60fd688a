#pragma once

#include "base/time.h"
#include "driver/budget.h"
#include "engine/engine.h"

namespace driver {

// All spans in world time.
struct Options {
  engine::Options engine;
  BudgetOptions budget;
  base::Duration poll_interval = base::seconds(30);      // between ListClusters sweeps
  base::Duration fleet_interval = base::minutes(1);      // between audits of a cluster's nodes
  base::Duration reaper_interval = base::minutes(2);     // between passes over the whole account
  base::Duration terminate_interval = base::minutes(1);  // until a terminate is issued again
  base::Duration throttle_pause = base::seconds(5);  // of launches, after RunJobFlow was throttled
  base::Duration trouble_pause =
      base::seconds(30);  // after an error that says nothing of EMR's state
};

}  // namespace driver
