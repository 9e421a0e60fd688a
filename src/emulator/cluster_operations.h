#pragma once

// The operations on one cluster that need nothing but that cluster: no pages, no ids to draw.
// Private to the module; the others are members of Emulator. Pure.

#include <string_view>

#include "base/json.h"
#include "emulator/emulator.h"

namespace emulator {

// `request` has passed CheckShape.
using ClusterOperation = Reply (*)(Lifecycle& lifecycle,
                                   Cluster& cluster,
                                   const json::object& request);

// Null where the action is none of these.
ClusterOperation FindClusterOperation(std::string_view action);

}  // namespace emulator
