#include "emulator/emulator.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "emulator/call.h"
#include "emulator/cluster_operations.h"
#include "emulator/names.h"
#include "emulator/request_shape.h"

namespace emulator {

bool ClusterTruth::RanSteps() const {
  return std::any_of(steps.begin(), steps.end(), [](const StepTruth& step) {
    return step.started_at.has_value();
  });
}

Emulator::Emulator(Options options)
    : options_(std::move(options)),
      place_{.region = options_.region, .account = options_.account},
      journal_(options_.journal),
      events_(options_.events, options_.seed, place_),
      lifecycle_(options_.seed, options_.plan, journal_, events_, objects_, options_.run_steps),
      fault_matches_(options_.plan.faults.size(), 0) {}

void Emulator::AdvanceTo(base::Time now) {
  RunLateCalls(now);
  lifecycle_.AdvanceTo(now);
}

void Emulator::FinishStep(std::string_view cluster_id,
                          std::string_view step_id,
                          std::string failure,
                          base::Time now) {
  AdvanceTo(now);
  if (Cluster* cluster = lifecycle_.Find(cluster_id))
    lifecycle_.FinishStep(*cluster, step_id, std::move(failure));
}

std::optional<base::Time> Emulator::NextChange() const {
  std::optional<base::Time> next = lifecycle_.NextChange();
  if (!late_calls_.empty())
    next = std::min(next.value_or(base::Time::max()), late_calls_.begin()->first);
  return next;
}

Reply Emulator::Handle(std::string_view action, const json::value& request, base::Time now) {
  AdvanceTo(now);
  Call call{.action = std::string(action),
            .request = request,
            .request_id = DrawRequestId(options_.seed, calls_++)};
  const Fault* fault = FaultOn(action, request);
  Reply reply;
  if (fault != nullptr)
    reply = ApplyFault(*fault, call);
  else if (options_.plan.quotas && !Objects::IsOperation(action) &&
           !quotas_.Admit(action, lifecycle_.now()))
    reply = FrontEndError(400, "ThrottlingException", "Rate exceeded");
  else
    reply = Execute(call);
  reply.request_id = call.request_id;
  WriteJournal(call, reply, request, fault);
  return reply;
}

Reply Emulator::Refuse(std::string_view action,
                       std::string_view code,
                       std::string_view message,
                       base::Time now) {
  AdvanceTo(now);
  Call call{.action = std::string(action), .request_id = DrawRequestId(options_.seed, calls_++)};
  Reply reply = FrontEndError(400, code, message);
  reply.request_id = call.request_id;
  WriteJournal(call, reply, nullptr, nullptr);
  return reply;
}

Reply Emulator::Execute(Call& call) {
  if (Objects::IsOperation(call.action) && call.request.is_object())
    return objects_.Handle(call.action, call.body(), lifecycle_.now());
  if (!IsOperation(call.action))
    return FrontEndError(400, "UnknownOperationException", "");
  if (std::optional<ShapeError> error = CheckShape(call.action, call.request))
    return FrontEndError(400, error->code, error->message);
  if (call.action == "RunJobFlow")
    return RunJobFlow(call);
  if (call.action == "DescribeCluster")
    return DescribeCluster(call);
  if (call.action == "ListClusters")
    return ListClusters(call);
  if (call.action == "ListSteps")
    return ListSteps(call);
  if (call.action == "DescribeStep")
    return DescribeStep(call);
  if (call.action == "ListInstanceFleets")
    return ListInstanceFleets(call);
  if (call.action == "ListInstanceGroups")
    return ListInstanceGroups(call);
  if (call.action == "ListInstances")
    return ListInstances(call);
  if (call.action == "ListReleaseLabels")
    return ListReleaseLabels(call);
  if (call.action == "TerminateJobFlows")
    return TerminateJobFlows(call);
  if (ClusterOperation operation = FindClusterOperation(call.action)) {
    if (Cluster* cluster = FindOne(call))
      return operation(lifecycle_, *cluster, call.body());
    return call.body().contains("JobFlowId") ? NoSuchJobFlow() : NoSuchCluster(call.cluster_id);
  }
  return SetTerminationProtection(call);
}

// --- Faults of calls
// --------------------------------------------------------------------------------

// The Name in a RunJobFlow, the Key of an object, or the names of the clusters that the request is
// about.
bool Emulator::NameMatches(const Fault& fault, const json::value& request) {
  if (fault.name == "*")
    return true;
  if (!request.is_object())
    return false;
  const json::object& body = request.get_object();
  auto matches = [&](std::string_view id) {
    const Cluster* cluster = lifecycle_.Find(id);
    return cluster != nullptr && base::GlobMatch(fault.name, cluster->name);
  };
  if (base::GlobMatch(fault.name, base::GetString(body, "Name")) ||
      base::GlobMatch(fault.name, base::GetString(body, "Key")) || matches(SubjectId(body)))
    return true;
  const json::array& ids = base::GetArray(body, "JobFlowIds");
  return std::any_of(ids.begin(), ids.end(), [&](const json::value& id) {
    return id.is_string() && matches(std::string_view(id.get_string()));
  });
}

// Every fault counts the calls that match it; the first that is hit strikes.
const Fault* Emulator::FaultOn(std::string_view action, const json::value& request) {
  const Fault* struck = nullptr;
  for (size_t i = 0; i < fault_matches_.size(); ++i) {
    const Fault& fault = options_.plan.faults[i];
    if (!fault.OnCall() || fault.action != action || !fault.IsOn(now()) ||
        !NameMatches(fault, request))
      continue;
    if (fault.Hits(++fault_matches_[i]) && struck == nullptr)
      struck = &fault;
  }
  return struck;
}

Reply Emulator::ApplyFault(const Fault& fault, Call& call) {
  Reply reply;
  switch (fault.kind) {
    case FaultKind::kThrottle:
      return FrontEndError(400, "ThrottlingException", "Rate exceeded");
    case FaultKind::kHttp500:
      if (fault.executed)
        Execute(call);
      return InternalError(call.action);
    case FaultKind::kDropReply:
    case FaultKind::kDelayReply:
      reply = Execute(call);
      reply.delivery =
          fault.kind == FaultKind::kDropReply ? Reply::Delivery::kDrop : Reply::Delivery::kDelay;
      reply.wall_delay = fault.span;
      return reply;
    case FaultKind::kAcceptLate: {
      auto world = static_cast<int64_t>(static_cast<double>(fault.span.count()) * options_.speed);
      late_calls_.emplace(lifecycle_.now() + base::Duration(world),
                          LateCall{call.action, call.request, call.request_id});
      return {.http_status = 0, .delivery = Reply::Delivery::kDrop};
    }
    case FaultKind::kIgnore:
      return Done(call.action);
    case FaultKind::kDeny:
      return FrontEndError(400,
                           "AccessDeniedException",
                           base::Cat("User: arn:aws:iam::",
                                     options_.account,
                                     ":user/test is not authorized to perform: elasticmapreduce:",
                                     call.action));
    case FaultKind::kLoseFleet:
    case FaultKind::kFailStep:
    case FaultKind::kHangStep:
    case FaultKind::kFailBootstrap:
    case FaultKind::kFailProvisioning:
    case FaultKind::kHangProvisioning:
    case FaultKind::kListLag:
    case FaultKind::kPurge:
      break;  // of clusters: never chosen by a call
  }
  return Execute(call);
}

void Emulator::RunLateCalls(base::Time now) {
  while (!late_calls_.empty() && late_calls_.begin()->first <= now) {
    auto first = late_calls_.begin();
    base::Time at = first->first;
    LateCall late = std::move(first->second);
    late_calls_.erase(first);
    lifecycle_.AdvanceTo(at);
    Call call{.action = std::move(late.action),
              .request = std::move(late.request),
              .request_id = std::move(late.request_id)};
    Reply reply = Execute(call);
    journal_.Add({{"t", base::FormatRfc3339(lifecycle_.now())},
                  {"late", call.action},
                  {"code", reply.error_code},
                  {"cluster_id", call.cluster_id},
                  {"name", call.name},
                  {"request_id", call.request_id}});
  }
}

void Emulator::WriteJournal(const Call& call,
                            const Reply& reply,
                            const json::value& request,
                            const Fault* fault) {
  if (!journal_.on())
    return;
  json::object line = {{"t", base::FormatRfc3339(lifecycle_.now())},
                       {"action", call.action},
                       {"http", reply.http_status},
                       {"code", reply.error_code},
                       {"cluster_id", call.cluster_id},
                       {"name", call.name},
                       {"request_id", call.request_id}};
  if (call.action == "RunJobFlow" && request.is_object())
    line["steps"] = static_cast<int64_t>(base::GetArray(request.get_object(), "Steps").size());
  if (reply.delivery != Reply::Delivery::kNormal)
    line["delivery"] = reply.delivery == Reply::Delivery::kDrop ? "dropped" : "delayed";
  if (fault != nullptr)
    line["fault"] = Text(fault->kind);
  line["request"] = request;
  journal_.Add(std::move(line));
}

// --- Truth
// ------------------------------------------------------------------------------------------

std::vector<ClusterTruth> Emulator::Clusters() const {
  std::vector<ClusterTruth> truths;
  for (const Cluster& cluster : lifecycle_.clusters()) {
    ClusterTruth truth{.id = cluster.id,
                       .name = cluster.name,
                       .state = cluster.state,
                       .reason = cluster.reason,
                       .created_at = cluster.created_at,
                       .ended_at = cluster.ended_at,
                       .instance_seconds = 0};
    for (const Step& step : cluster.steps)
      truth.steps.push_back({step.id, step.name, step.state, step.started_at, step.ended_at});
    for (const Fleet& fleet : cluster.fleets) {
      int64_t provisioned = fleet.provisioned_on_demand + fleet.provisioned_spot;
      truth.fleets.push_back({.type = fleet.type,
                              .target = fleet.target_on_demand + fleet.target_spot,
                              .running = fleet.ready_at ? provisioned : 0});
      truth.instance_seconds += fleet.InstanceSeconds(lifecycle_.now());
    }
    truths.push_back(std::move(truth));
  }
  return truths;
}

}  // namespace emulator
