#pragma once

// How often a cluster's nodes are looked at: a pure function of the risk that it loses them
// unheard.
//
//   events                  nodes                          first look   interval
//   report this cluster     on demand, or no recent loss  6            6
//   report this cluster     Spot, and a recent loss       1            1
//   do not                  on demand                      1            1
//   do not                  Spot                           0            1
//   do not                  Spot, and a recent loss       0            1/2
//
// in units of the setting `emr.fleet_interval`. The first look counts from the moment when the
// cluster came into service, and comes after `emr.fleet_grace` at the earliest. Suspects do not
// wait for their turn: see driver/audit.h.

#include "base/json.h"
#include "base/time.h"

namespace emr {

// The default of `emr.fleet_interval`, for all who have settings.
inline constexpr base::Duration kFleetInterval = base::minutes(12);
// For so long after nodes were lost somewhere in the account other Spot nodes are likelier to go.
inline constexpr base::Duration kLossCounts = base::hours(1);

struct NodeRisk {
  bool has_spot = true;  // among the master and core nodes; true if it is not known
  bool is_told = false;  // events come, and have reported this cluster's nodes
  bool losses_of_late = false;
  bool is_first = false;  // they have not been looked at yet
};

base::Duration NodeLookInterval(const NodeRisk& risk, base::Duration fleet_interval);

// Whether a RunJobFlow request asks for Spot master or core nodes. Task nodes do not matter: see
// health.h.
bool AsksForSpot(const json::object& request);

}  // namespace emr
