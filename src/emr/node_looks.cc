#include "emr/node_looks.h"

#include <algorithm>

namespace emr {

namespace {

constexpr int kToldFactor = 6;

}  // namespace

base::Duration NodeLookInterval(const NodeRisk& risk, base::Duration fleet_interval) {
  const bool is_risky = risk.has_spot && risk.losses_of_late;
  if (risk.is_told)
    return is_risky ? fleet_interval : fleet_interval * kToldFactor;
  if (risk.has_spot && risk.is_first)
    return {};
  return is_risky ? fleet_interval / 2 : fleet_interval;
}

bool AsksForSpot(const json::object& request) {
  const json::object& instances = base::GetObject(request, "Instances");
  const json::array& fleets = base::GetArray(instances, "InstanceFleets");
  const json::array& groups = base::GetArray(instances, "InstanceGroups");
  auto is_spot_fleet = [](const json::value& fleet) {
    return base::GetString(fleet.get_object(), "InstanceFleetType") != "TASK" &&
           base::GetInt(fleet.get_object(), "TargetSpotCapacity") > 0;
  };
  auto is_spot_group = [](const json::value& group) {
    // Groups of before the member Market have a bid price alone.
    return base::GetString(group.get_object(), "InstanceRole") != "TASK" &&
           (base::GetString(group.get_object(), "Market") == "SPOT" ||
            group.get_object().contains("BidPrice"));
  };
  return std::any_of(fleets.begin(), fleets.end(), is_spot_fleet) ||
         std::any_of(groups.begin(), groups.end(), is_spot_group);
}

}  // namespace emr
