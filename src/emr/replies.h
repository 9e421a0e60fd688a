#pragma once

// EMR's replies as the model sees them. Tolerant: members that are missing or of another type read
// as absent, unknown enum values as "no news". Pure. Shapes: botocore's emr/2009-03-31 service
// model.

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "model/event.h"

namespace emr {

struct ClusterSummary {
  model::ClusterId id;
  std::string name;
  std::optional<model::ClusterStatus> status;  // nothing for a state that we do not know
};

template <typename T>
struct PageOf {
  std::vector<T> items;
  std::string marker;  // "" on the last page
};

// "" where the reply has none.
model::ClusterId ReadRunJobFlow(const json::value& reply);
ClusterSummary ReadDescribeCluster(const json::value& reply);
PageOf<ClusterSummary> ReadListClusters(const json::value& reply);
// Oldest first (EMR answers newest first).
PageOf<model::StepView> ReadListSteps(const json::value& reply);
PageOf<model::FleetView> ReadListInstanceFleets(const json::value& reply);
// A group is to health what a fleet is: nodes instead of units.
PageOf<model::FleetView> ReadListInstanceGroups(const json::value& reply);

}  // namespace emr
