#include "emr/replies.h"

#include <algorithm>

#include "base/text.h"

namespace emr {

namespace {

const json::object& AsObject(const json::value& value) {
  static const json::object kEmpty;
  return value.is_object() ? value.get_object() : kEmpty;
}

// ErrorData is a list of maps, of which any may hold the keys.
model::ErrorDetail ReadError(const json::object& detail) {
  model::ErrorDetail out;
  out.code = base::GetString(detail, "ErrorCode");
  out.message = base::GetString(detail, "ErrorMessage");
  for (const json::value& data : base::GetArray(detail, "ErrorData")) {
    const json::object& map = AsObject(data);
    out.instance_type = base::GetString(map, "instance-type", out.instance_type);
    out.availability_zone = base::GetString(map, "availability-zone", out.availability_zone);
  }
  return out;
}

// arn:aws:elasticmapreduce:REGION:ACCOUNT:cluster/ID; "" where it is none.
std::string_view AccountOf(std::string_view arn) {
  if (std::count(arn.begin(), arn.end(), ':') != 5)
    return "";
  const size_t end = arn.rfind(':');
  const size_t begin = arn.rfind(':', end - 1) + 1;
  return arn.substr(begin, end - begin);
}

ClusterSummary ReadCluster(const json::object& cluster) {
  ClusterSummary out;
  out.id = model::ClusterId(base::GetString(cluster, "Id"));
  out.name = base::GetString(cluster, "Name");
  const json::object& said = base::GetObject(cluster, "Status");
  auto phase = model::ParseClusterPhase(base::GetString(said, "State"));
  if (!phase)
    return out;
  model::ClusterStatus& status = out.status.emplace();
  status.phase = *phase;
  const json::object& reason = base::GetObject(said, "StateChangeReason");
  status.reason_code = base::GetString(reason, "Code");
  status.reason_message = base::GetString(reason, "Message");
  const json::object& timeline = base::GetObject(said, "Timeline");
  status.created_at = base::GetEpoch(timeline, "CreationDateTime");
  status.ready_at = base::GetEpoch(timeline, "ReadyDateTime");
  status.ended_at = base::GetEpoch(timeline, "EndDateTime");
  for (const json::value& detail : base::GetArray(said, "ErrorDetails"))
    status.errors.push_back(ReadError(AsObject(detail)));
  if (const json::value* arn = base::Find(cluster, "ClusterArn"); arn && arn->is_string())
    status.account = AccountOf(arn->get_string());
  return out;
}

model::StepView ReadStep(const json::object& step) {
  model::StepView out;
  out.id = base::GetString(step, "Id");
  out.name = base::GetString(step, "Name");
  out.state = model::ParseStepState(base::GetString(step, "Status.State"))
                  .value_or(model::StepState::kPending);
  out.start = base::GetEpoch(step, "Status.Timeline.StartDateTime");
  out.end = base::GetEpoch(step, "Status.Timeline.EndDateTime");
  std::vector<std::string> failure;
  for (const char* member : {"Reason", "Message", "LogFile"}) {
    std::string text = base::GetString(step, base::Cat("Status.FailureDetails.", member));
    if (!text.empty())
      failure.push_back(std::move(text));
  }
  out.failure = base::Join(failure, "; ");
  return out;
}

// Two of them still add up in an int, whatever the reply says.
int ReadCount(const json::object& object, std::string_view member) {
  constexpr int64_t kMax = 1'000'000'000;
  return static_cast<int>(std::clamp<int64_t>(base::GetInt(object, member), 0, kMax));
}

model::FleetView ReadFleet(const json::object& fleet) {
  model::FleetView out;
  out.id = base::GetString(fleet, "Id");
  out.role = model::ParseFleetRole(base::GetString(fleet, "InstanceFleetType"))
                 .value_or(model::FleetRole::kTask);
  out.state = base::GetString(fleet, "Status.State");
  out.target = ReadCount(fleet, "TargetOnDemandCapacity") + ReadCount(fleet, "TargetSpotCapacity");
  out.running =
      ReadCount(fleet, "ProvisionedOnDemandCapacity") + ReadCount(fleet, "ProvisionedSpotCapacity");
  return out;
}

model::FleetView ReadGroup(const json::object& group) {
  model::FleetView out;
  out.id = base::GetString(group, "Id");
  out.role = model::ParseFleetRole(base::GetString(group, "InstanceGroupType"))
                 .value_or(model::FleetRole::kTask);
  out.state = base::GetString(group, "Status.State");
  out.target = ReadCount(group, "RequestedInstanceCount");
  out.running = ReadCount(group, "RunningInstanceCount");
  return out;
}

template <typename T, typename Read>
PageOf<T> ReadPage(const json::value& reply, std::string_view member, Read read) {
  PageOf<T> page;
  const json::array& items = base::GetArray(AsObject(reply), member);
  page.items.reserve(items.size());
  for (const json::value& item : items)
    page.items.push_back(read(AsObject(item)));
  page.marker = base::GetString(AsObject(reply), "Marker");
  return page;
}

}  // namespace

model::ClusterId ReadRunJobFlow(const json::value& reply) {
  return model::ClusterId(base::GetString(AsObject(reply), "JobFlowId"));
}

ClusterSummary ReadDescribeCluster(const json::value& reply) {
  return ReadCluster(base::GetObject(AsObject(reply), "Cluster"));
}

PageOf<ClusterSummary> ReadListClusters(const json::value& reply) {
  return ReadPage<ClusterSummary>(reply, "Clusters", ReadCluster);
}

PageOf<model::StepView> ReadListSteps(const json::value& reply) {
  PageOf<model::StepView> page = ReadPage<model::StepView>(reply, "Steps", ReadStep);
  std::reverse(page.items.begin(), page.items.end());
  return page;
}

PageOf<model::FleetView> ReadListInstanceFleets(const json::value& reply) {
  return ReadPage<model::FleetView>(reply, "InstanceFleets", ReadFleet);
}

PageOf<model::FleetView> ReadListInstanceGroups(const json::value& reply) {
  return ReadPage<model::FleetView>(reply, "InstanceGroups", ReadGroup);
}

}  // namespace emr
