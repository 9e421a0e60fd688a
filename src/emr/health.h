#pragma once

// Health of a running cluster, from its fleets or instance groups: a pure function of what EMR
// said.
//
// ZERO_MASTER and ZERO_CORE count running nodes, whatever word EMR has for the fleet: RESIZING,
// SUSPENDED (a fleet that EMR stopped refilling) and ARRESTED (the same of a group) with no node
// are as dead as RUNNING with none. No CORE fleet, or one with a target of 0, is never ZERO_CORE,
// and TASK fleets never matter. A bad look must be confirmed before it kills; that, and the grace
// for fleets that still provision, is the caller's.

#include <optional>
#include <string_view>
#include <vector>

#include "model/rows.h"

namespace emr {

model::ClusterHealth LookAtFleets(const std::vector<model::FleetView>& fleets);

// A master or core fleet that has nodes but will get no others: worth a person's look, no reason to
// kill. "the CORE fleet is SUSPENDED with 3 of 4 nodes: EMR will not add the others".
std::optional<std::string> SuspendedNote(const std::vector<model::FleetView>& fleets);

// Whether a cluster's reason text speaks of lost instances: then one bad look is enough.
bool SpeaksOfInstanceFailure(std::string_view reason_code, std::string_view reason_message);

// "no CORE node is running (target 4)".
std::string Describe(model::ClusterHealth health, const std::vector<model::FleetView>& fleets);

}  // namespace emr
