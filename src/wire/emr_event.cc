#include "wire/emr_event.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"

namespace wire {

namespace {

constexpr std::string_view kEmr = "aws.emr";
constexpr std::string_view kEc2 = "aws.ec2";

base::Status Bad(std::string_view member, std::string_view what) {
  return base::Fail(base::ErrorCode::kInvalidArgument,
                    base::Cat("the event's '", member, "' ", what));
}

base::Status TakeText(const json::object& in, std::string_view member, std::string& out) {
  out = base::GetString(in, member);
  if (out.empty())
    return Bad(member, "is missing or no text");
  return {};
}

// A number, or the text of one.
std::optional<int64_t> ReadCount(const json::object& detail, std::string_view member) {
  const json::value* value = base::Find(detail, member);
  if (value == nullptr)
    return std::nullopt;
  if (value->is_int64())
    return value->get_int64();
  return value->is_string() ? base::ParseInt(base::GetString(detail, member)) : std::nullopt;
}

// The sum of what is there; nothing where neither is, and for a sum that no cluster has.
std::optional<int64_t> Sum(std::optional<int64_t> a, std::optional<int64_t> b) {
  constexpr int64_t kMax = 1'000'000'000;
  if (!a && !b)
    return std::nullopt;
  int64_t left = a.value_or(0), right = b.value_or(0);
  if (std::min(left, right) < 0 || std::max(left, right) > kMax)
    return std::nullopt;
  return left + right;
}

// Text that holds JSON in real events; an object would be as good. Any other text is for people.
void ReadReason(const json::object& detail, ClusterStateChange& out) {
  const json::value* reason = base::Find(detail, "stateChangeReason");
  if (reason == nullptr)
    return;
  json::value inner = *reason;
  if (reason->is_string()) {
    std::string text = base::GetString(detail, "stateChangeReason");
    base::Result<json::value> parsed = base::ParseJson(text);
    if (!parsed || !parsed->is_object()) {
      out.reason_message = std::move(text);
      return;
    }
    inner = std::move(*parsed);
  }
  if (!inner.is_object())
    return;
  out.reason_code = base::GetString(inner.get_object(), "code");
  out.reason_message = base::GetString(inner.get_object(), "message");
}

base::Result<EventDetail> ReadCluster(const json::object& detail) {
  ClusterStateChange out;
  RETURN_IF_ERROR(TakeText(detail, "clusterId", out.cluster_id));
  RETURN_IF_ERROR(TakeText(detail, "state", out.state));
  out.name = base::GetString(detail, "name");
  ReadReason(detail, out);
  return out;
}

base::Result<EventDetail> ReadStep(const json::object& detail) {
  StepStatusChange out;
  RETURN_IF_ERROR(TakeText(detail, "clusterId", out.cluster_id));
  RETURN_IF_ERROR(TakeText(detail, "stepId", out.step_id));
  RETURN_IF_ERROR(TakeText(detail, "state", out.state));
  out.name = base::GetString(detail, "name");
  out.message = base::GetString(detail, "message");
  return out;
}

base::Result<EventDetail> ReadFleet(const json::object& detail) {
  CapacityChange out{.kind = CapacityKind::kFleet};
  RETURN_IF_ERROR(TakeText(detail, "clusterId", out.cluster_id));
  RETURN_IF_ERROR(TakeText(detail, "instanceFleetId", out.id));
  out.role = base::GetString(detail, "instanceFleetType");
  out.state = base::GetString(detail, "state");
  out.target =
      Sum(ReadCount(detail, "targetOnDemandCapacity"), ReadCount(detail, "targetSpotCapacity"));
  out.running = Sum(ReadCount(detail, "provisionedOnDemandCapacity"),
                    ReadCount(detail, "provisionedSpotCapacity"));
  out.message = base::GetString(detail, "message");
  return out;
}

base::Result<EventDetail> ReadGroup(const json::object& detail) {
  CapacityChange out{.kind = CapacityKind::kGroup};
  RETURN_IF_ERROR(TakeText(detail, "clusterId", out.cluster_id));
  RETURN_IF_ERROR(TakeText(detail, "instanceGroupId", out.id));
  out.role = base::GetString(detail, "instanceGroupType");
  out.state = base::GetString(detail, "state");
  out.target = Sum(ReadCount(detail, "requestedInstanceCount"), std::nullopt);
  out.running = Sum(ReadCount(detail, "runningInstanceCount"), std::nullopt);
  out.message = base::GetString(detail, "message");
  return out;
}

base::Result<EventDetail> ReadProvisioning(const json::object& detail) {
  ProvisioningTrouble out;
  RETURN_IF_ERROR(TakeText(detail, "clusterId", out.cluster_id));
  out.role = base::GetString(detail, "instanceGroupType");
  out.event_code = base::GetString(detail, "eventCode");
  out.message = base::GetString(detail, "message");
  return out;
}

base::Result<EventDetail> ReadScalingPolicy(const json::object& detail) {
  ScalingPolicyChange out;
  RETURN_IF_ERROR(TakeText(detail, "clusterId", out.cluster_id));
  out.resource_id = base::GetString(detail, "resourceId");
  out.state = base::GetString(detail, "state");
  out.message = base::GetString(detail, "message");
  return out;
}

base::Result<EventDetail> ReadConfigurationError(const json::object& detail) {
  return ConfigurationError{base::GetString(detail, "clusterId"),
                            base::GetString(detail, "message")};
}

base::Result<EventDetail> ReadSpotInterruption(const json::object& detail) {
  SpotInterruption out;
  RETURN_IF_ERROR(TakeText(detail, "instance-id", out.instance_id));
  out.action = base::GetString(detail, "instance-action");
  return out;
}

struct Kind {
  std::string_view source, detail_type;
  base::Result<EventDetail> (*read)(const json::object& detail);
};
constexpr Kind kKinds[] = {
    {kEmr, "EMR Cluster State Change", ReadCluster},
    {kEmr, "EMR Step Status Change", ReadStep},
    {kEmr, "EMR Instance Fleet State Change", ReadFleet},
    {kEmr, "EMR Instance Group State Change", ReadGroup},
    {kEmr, "EMR Instance Fleet Provisioning", ReadProvisioning},
    {kEmr, "EMR Instance Group Provisioning", ReadProvisioning},
    {kEmr, "EMR Auto Scaling Policy State Change", ReadScalingPolicy},
    {kEmr, "EMR Configuration Error", ReadConfigurationError},
    {kEc2, "EC2 Spot Instance Interruption Warning", ReadSpotInterruption},
};

bool IsAccount(std::string_view text) {
  constexpr size_t kDigits = 12;
  return text.size() == kDigits && text.find_first_not_of("0123456789") == text.npos;
}

}  // namespace

base::Result<EmrEvent> ParseEmrEvent(std::string_view text) {
  ASSIGN_OR_RETURN(json::value whole, base::ParseJson(text, "the event"));
  if (!whole.is_object())
    return base::Fail(base::ErrorCode::kInvalidArgument, "the event is no JSON object");
  const json::object& in = whole.get_object();
  EmrEvent out;
  out.id = base::GetString(in, "id");
  RETURN_IF_ERROR(TakeText(in, "source", out.source));
  RETURN_IF_ERROR(TakeText(in, "detail-type", out.detail_type));
  RETURN_IF_ERROR(TakeText(in, "account", out.account));
  RETURN_IF_ERROR(TakeText(in, "region", out.region));
  if (!IsAccount(out.account))
    return base::Fail(Bad("account", "is no account of 12 digits").error());
  std::string time = base::GetString(in, "time");
  base::Result<base::Time> parsed = base::ParseTime(time);
  if (!parsed || !time.ends_with('Z'))
    return base::Fail(Bad("time", "is no time in UTC").error());
  out.time = *parsed;
  const json::value* detail = base::Find(in, "detail");
  if (detail == nullptr || !detail->is_object())
    return base::Fail(Bad("detail", "is missing or no object").error());

  const Kind* kind = std::ranges::find_if(kKinds, [&](const Kind& each) {
    return each.source == out.source && each.detail_type == out.detail_type;
  });
  if (kind == std::end(kKinds)) {
    out.detail = NotOurs{base::Cat("'", out.detail_type, "' of ", out.source, " is not used")};
    return out;
  }
  ASSIGN_OR_RETURN(out.detail, kind->read(detail->get_object()));
  return out;
}

std::string WhyForeign(const EmrEvent& event, const Addressee& addressee) {
  if (!addressee.account.empty() && event.account != addressee.account)
    return base::Cat("it is of account ", event.account, ", not ", addressee.account);
  if (!addressee.region.empty() && event.region != addressee.region)
    return base::Cat("it is of region ", event.region, ", not ", addressee.region);
  const auto* cluster = std::get_if<ClusterStateChange>(&event.detail);
  if (addressee.deployment.empty() || cluster == nullptr ||
      cluster->name.starts_with(base::Cat("sbx-", addressee.deployment, "-")))
    return "";
  return base::Cat("its cluster is not of deployment '", addressee.deployment, "'");
}

}  // namespace wire
