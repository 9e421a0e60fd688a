#include "simulation/rules/instances.h"

#include <algorithm>
#include <map>

namespace simulation {

int64_t VcpusOf(std::string_view type) {
  static const std::map<std::string_view, int64_t> kKnown{
      {"m5.xlarge", 4}, {"m5.2xlarge", 8}, {"r5.4xlarge", 16}};
  return kKnown.at(type);
}

std::vector<Instances> InstancesOf(const json::object& request) {
  std::vector<Instances> found;
  const auto add = [&](int64_t count, const std::string& type, bool is_spot) {
    if (count > 0)
      found.push_back({count, VcpusOf(type), type, is_spot});
  };
  for (const json::value& item : base::GetArray(request, "Instances.InstanceGroups")) {
    const json::object& group = item.as_object();
    add(base::GetInt(group, "InstanceCount"), base::GetString(group, "InstanceType"), false);
  }
  for (const json::value& item : base::GetArray(request, "Instances.InstanceFleets")) {
    const json::object& fleet = item.as_object();
    const std::string type = base::GetString(
        base::GetArray(fleet, "InstanceTypeConfigs").at(0).as_object(), "InstanceType");
    add(base::GetInt(fleet, "TargetOnDemandCapacity"), type, false);
    add(base::GetInt(fleet, "TargetSpotCapacity"), type, true);
  }
  return found;
}

int64_t CountVcpus(const std::vector<Instances>& instances, model::Market market) {
  int64_t sum = 0;
  for (const Instances& each : instances) {
    const bool counts =
        market == model::Market::kAny || each.is_spot == (market == model::Market::kSpot);
    sum += counts ? each.count * each.vcpus : 0;
  }
  return sum;
}

double HourOf(const std::vector<Instances>& instances, const std::vector<model::Price>& prices) {
  double sum = 0;
  for (const Instances& each : instances) {
    for (const model::Price& price : prices) {
      if (price.type == each.type)
        sum += static_cast<double>(each.count) *
               static_cast<double>((each.is_spot ? price.spot : price.on_demand) + price.emr) / 1e6;
    }
  }
  return sum;
}

int64_t CountVcpus(const model::Job& job, model::Market market) {
  const model::EmrWork* work = model::EmrOf(job);
  if (work == nullptr)
    return 0;
  int64_t most = CountVcpus(InstancesOf(work->request), market);
  for (const model::RetryPatch& patch : work->on_retry)
    most = std::max(most, CountVcpus(InstancesOf(patch.overrides), market));
  return most;
}

}  // namespace simulation
