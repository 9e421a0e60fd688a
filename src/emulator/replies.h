#pragma once

// The model as EMR's replies show it: members and types of API version 2009-03-31. Pure.

#include <string>

#include "base/json.h"
#include "base/time.h"
#include "emulator/cluster.h"

namespace emulator {

struct Place {
  std::string region;
  std::string account;
};

std::string ClusterArn(const Cluster& cluster, const Place& place);
// Of ListClusters.
json::object ClusterSummary(const Cluster& cluster, const Place& place, base::Time now);
// Of DescribeCluster.
json::object ClusterDetail(const Cluster& cluster, const Place& place, base::Time now);
// Of ListBootstrapActions.
json::array BootstrapActions(const Cluster& cluster);
// Of ListSteps.
json::object StepSummary(const Step& step);
// Of DescribeStep: the summary and the runtime role, which StepSummary has no member for.
json::object StepDetail(const Step& step);
// Of ListInstanceFleets.
json::object FleetDetail(const Fleet& fleet);
// Of ListInstanceGroups.
json::object GroupDetail(const Fleet& group);
// Of ListInstances.
json::object InstanceDetail(const Instance& instance, bool uses_fleets);

}  // namespace emulator
