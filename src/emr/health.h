#pragma once

// Health of a running cluster, from its fleets: a pure function of what EMR said.
//
// ZERO_MASTER and ZERO_CORE count running nodes, also while EMR reports RESIZING. No CORE fleet, or
// one with a target of 0, is never ZERO_CORE. A bad look must be confirmed before it kills; that,
// and the grace for fleets that still provision, is the caller's.

#include <string_view>
#include <vector>

#include "model/rows.h"

namespace emr {

model::ClusterHealth LookAtFleets(const std::vector<model::FleetView>& fleets);

// Whether a cluster's reason text speaks of lost instances: then one bad look is enough.
bool SpeaksOfInstanceFailure(std::string_view reason_code, std::string_view reason_message);

// "no CORE node is running (target 4)".
std::string Describe(model::ClusterHealth health, const std::vector<model::FleetView>& fleets);

}  // namespace emr
