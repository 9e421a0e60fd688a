#include "emulator/lifecycle.h"

#include <algorithm>
#include <utility>

#include "base/draw.h"
#include "base/text.h"
#include "emulator/names.h"

namespace emulator {

namespace {

// Counters of a cluster's draws; its steps draw from 16 on (lifecycle_work.cc).
constexpr uint64_t kDrawProvisioning = 0;
constexpr uint64_t kDrawBootstrap = 1;
constexpr uint64_t kDrawShutdown = 2;

// How long before a Spot instance ends EC2 says so.
constexpr base::Duration kSpotWarning = base::minutes(2);

std::optional<ClusterState> StateOf(Fault::Phase phase) {
  switch (phase) {
    case Fault::Phase::kStarting:
      return ClusterState::kStarting;
    case Fault::Phase::kBootstrapping:
      return ClusterState::kBootstrapping;
    case Fault::Phase::kRunning:
      return ClusterState::kRunning;
    case Fault::Phase::kWaiting:
      return ClusterState::kWaiting;
  }
  return std::nullopt;
}

// As requested, or those that an instance count and types stand for.
json::array GroupsOf(const json::object& instances) {
  json::array groups = base::GetArray(instances, "InstanceGroups");
  auto add = [&](std::string_view role, std::string_view type_member, int64_t count) {
    groups.push_back(json::object{{"InstanceRole", role},
                                  {"InstanceType", base::GetString(instances, type_member)},
                                  {"InstanceCount", count}});
  };
  int64_t count = base::GetInt(instances, "InstanceCount");
  if (count > 0)
    add("MASTER", "MasterInstanceType", 1);
  if (count > 1)
    add("CORE", "SlaveInstanceType", count - 1);
  return groups;
}

// Below the step's own LogUri, else the cluster's.
std::string LogFolder(const Cluster& cluster, const Step& step) {
  const std::string uri =
      base::GetString(step.s3_monitoring, "LogUri", base::GetString(cluster.request, "LogUri"));
  if (uri.empty())
    return "";
  return base::Cat(uri, uri.ends_with('/') ? "" : "/", cluster.id, "/steps/", step.id, "/");
}

}  // namespace

Lifecycle::Lifecycle(uint64_t seed,
                     const FaultPlan& plan,
                     Journal& journal,
                     Events& events,
                     Objects& objects,
                     bool run_steps)
    : seed_(seed),
      plan_(plan),
      journal_(journal),
      events_(events),
      objects_(objects),
      run_steps_(run_steps),
      fault_matches_(plan.faults.size(), 0) {}

// --- Time
// -------------------------------------------------------------------------------------------

void Lifecycle::AdvanceTo(base::Time now) {
  while (!timers_.empty() && timers_.top().at <= now) {
    Timer timer = timers_.top();
    timers_.pop();
    if (IsVoid(timer))
      continue;
    now_ = std::max(now_, timer.at);
    Fire(timer);
  }
  DropVoidTimers();
  now_ = std::max(now_, now);
}

std::optional<base::Time> Lifecycle::NextChange() const {
  if (timers_.empty())
    return std::nullopt;
  return timers_.top().at;
}

void Lifecycle::Arm(TimerKind kind, const Cluster& cluster, base::Duration after, size_t index) {
  timers_.push({.at = now_ + after,
                .order = timers_set_++,
                .kind = kind,
                .cluster = cluster.ordinal,
                .epoch = cluster.epoch,
                .index = index});
}

bool Lifecycle::IsVoid(const Timer& timer) const {
  const Cluster& cluster = clusters_[timer.cluster];
  switch (timer.kind) {
    case TimerKind::kPhaseEnds:
    case TimerKind::kIdle:
      return timer.epoch != cluster.epoch;
    case TimerKind::kStepEnds:
      return cluster.steps[timer.index].state != StepState::kRunning ||
             cluster.steps[timer.index].hangs;
    case TimerKind::kStepTimesOut:
      return cluster.steps[timer.index].state != StepState::kRunning;
    case TimerKind::kStepCancelled:
      return cluster.steps[timer.index].state != StepState::kCancelPending;
    case TimerKind::kLoseFleet:
    case TimerKind::kWarnOfLoss:
      return cluster.Ending();
    case TimerKind::kReplace:
      return cluster.Ending() || cluster.fleets[timer.index].replaced_at != timer.at;
  }
  return true;
}

void Lifecycle::DropVoidTimers() {
  while (!timers_.empty() && IsVoid(timers_.top()))
    timers_.pop();
}

void Lifecycle::Fire(const Timer& timer) {
  Cluster& cluster = clusters_[timer.cluster];
  switch (timer.kind) {
    case TimerKind::kPhaseEnds:
      if (cluster.state == ClusterState::kStarting)
        EndProvisioning(cluster);
      else if (cluster.state == ClusterState::kBootstrapping)
        EndBootstrap(cluster);
      else
        EndTerminating(cluster);
      return;
    case TimerKind::kIdle:
      EndSteps(cluster);
      return;
    case TimerKind::kStepEnds:
      EndStep(cluster, cluster.steps[timer.index], "");
      return;
    case TimerKind::kStepTimesOut:
      EndStep(cluster, cluster.steps[timer.index], "the command ended with exit code 124");
      return;
    case TimerKind::kStepCancelled:
      cluster.steps[timer.index].ended_at = now_;
      SetStep(cluster, cluster.steps[timer.index], StepState::kCancelled);
      StartSteps(cluster);
      return;
    case TimerKind::kLoseFleet:
      LoseFleet(cluster, plan_.faults[timer.index]);
      return;
    case TimerKind::kWarnOfLoss:
      WarnOfLoss(cluster, plan_.faults[timer.index]);
      return;
    case TimerKind::kReplace:
      Replace(cluster, cluster.fleets[timer.index]);
      return;
  }
}

base::Duration Lifecycle::Draw(const Cluster& cluster,
                               base::Duration mean,
                               uint64_t counter) const {
  double unit = base::DrawUnit(seed_, cluster.Entity(), counter);
  double factor = 1 + plan_.timing.jitter * (2 * unit - 1);
  return base::Duration(static_cast<int64_t>(static_cast<double>(mean.count()) * factor));
}

base::Duration Lifecycle::StepTime(const Cluster& cluster, const Step& step) const {
  for (const auto& [glob, span] : plan_.timing.steps)
    if (base::GlobMatch(glob, step.name) || base::GlobMatch(glob, cluster.name))
      return span;
  return plan_.timing.step;
}

// --- Calls' effects
// ---------------------------------------------------------------------------------

Cluster* Lifecycle::Find(std::string_view id) {
  auto found = by_id_.find(id);
  if (found == by_id_.end() || clusters_[found->second].Purged(now_))
    return nullptr;
  return &clusters_[found->second];
}

Cluster& Lifecycle::Create(json::object request) {
  Cluster& cluster = clusters_.emplace_back();
  cluster.ordinal = clusters_.size() - 1;
  cluster.id = DrawId("j-", seed_, "", cluster.ordinal);
  cluster.name = base::GetString(request, "Name");
  cluster.request = std::move(request);
  const json::object& instances = base::GetObject(cluster.request, "Instances");
  cluster.uses_fleets = instances.contains("InstanceFleets");
  cluster.keep_alive = base::GetBool(instances, "KeepJobFlowAliveWhenNoSteps");
  cluster.termination_protected = base::GetBool(instances, "TerminationProtected");
  cluster.step_concurrency =
      static_cast<size_t>(base::GetInt(cluster.request, "StepConcurrencyLevel", 1));
  if (cluster.request.contains("AutoTerminationPolicy"))
    cluster.idle_timeout = IdleTimeout(base::GetObject(cluster.request, "AutoTerminationPolicy"));
  cluster.tags = base::GetArray(cluster.request, "Tags");
  cluster.managed_scaling = base::GetObject(cluster.request, "ManagedScalingPolicy");
  cluster.created_at = now_;
  by_id_[cluster.id] = cluster.ordinal;
  live_.insert(cluster.ordinal);
  AddSteps(cluster,
           base::GetArray(cluster.request, "Steps"),
           base::GetString(cluster.request, "StepExecutionRoleArn"));
  AddFleets(cluster);
  ChooseFaults(cluster);
  Enter(cluster, ClusterState::kStarting, {});
  if (const Fault* fault = FaultOf(cluster, FaultKind::kHangProvisioning)) {
    NoteFault(cluster, *fault);
    return cluster;
  }
  Arm(TimerKind::kPhaseEnds, cluster, Draw(cluster, plan_.timing.provisioning, kDrawProvisioning));
  return cluster;
}

void Lifecycle::AddSteps(Cluster& cluster,
                         const json::array& requests,
                         std::string_view execution_role) {
  for (const json::value& value : requests) {
    const json::object& wanted = value.get_object();
    Step step;
    step.id = DrawId("s-", seed_, cluster.Entity(), cluster.steps.size());
    step.name = base::GetString(wanted, "Name");
    step.action_on_failure = base::GetString(wanted, "ActionOnFailure", "TERMINATE_CLUSTER");
    step.jar_step = base::GetObject(wanted, "HadoopJarStep");
    step.execution_role = execution_role;
    if (const json::value* monitoring =
            base::Find(wanted, "StepMonitoringConfiguration.S3MonitoringConfiguration"))
      step.s3_monitoring = monitoring->get_object();
    step.log_folder = LogFolder(cluster, step);
    step.created_at = now_;
    cluster.steps.push_back(std::move(step));
    events_.OnStep(cluster, cluster.steps.back(), now_);
  }
  if (cluster.state == ClusterState::kWaiting)
    Enter(cluster, ClusterState::kRunning, {"", "Running step"});
  if (cluster.state == ClusterState::kRunning)
    StartSteps(cluster);
  DropVoidTimers();
}

void Lifecycle::AddFleets(Cluster& cluster) {
  const json::object& instances = base::GetObject(cluster.request, "Instances");
  for (const json::value& value : base::GetArray(instances, "InstanceFleets")) {
    const json::object& spec = value.get_object();
    Fleet fleet{.type = ParseFleetType(base::GetString(spec, "InstanceFleetType")), .spec = spec};
    fleet.target_on_demand = base::GetInt(spec, "TargetOnDemandCapacity");
    fleet.target_spot = base::GetInt(spec, "TargetSpotCapacity");
    if (const json::array& types = base::GetArray(spec, "InstanceTypeConfigs"); !types.empty()) {
      fleet.instance_type = base::GetString(types[0].get_object(), "InstanceType");
      fleet.weight =
          std::max<int64_t>(1, base::GetInt(types[0].get_object(), "WeightedCapacity", 1));
    }
    AddFleet(cluster, std::move(fleet));
  }
  constexpr int64_t kHighAvailability = 3;  // masters; such a cluster lives until it is told not to
  for (const json::value& value : GroupsOf(instances)) {
    const json::object& spec = value.get_object();
    Fleet fleet{.type = ParseFleetType(base::GetString(spec, "InstanceRole")), .spec = spec};
    fleet.instance_type = base::GetString(spec, "InstanceType");
    if (fleet.type == FleetType::kMaster &&
        base::GetInt(spec, "InstanceCount") == kHighAvailability)
      cluster.keep_alive = cluster.termination_protected = true;
    bool spot = base::GetString(spec, "Market") == "SPOT";
    (spot ? fleet.target_spot : fleet.target_on_demand) = base::GetInt(spec, "InstanceCount");
    AddFleet(cluster, std::move(fleet));
  }
}

void Lifecycle::AddFleet(Cluster& cluster, Fleet fleet) {
  fleet.id =
      DrawId(cluster.uses_fleets ? "if-" : "ig-", seed_, cluster.Entity(), cluster.fleets.size());
  fleet.created_at = fleet.counted_at = now_;
  cluster.fleets.push_back(std::move(fleet));
  events_.OnFleet(cluster, cluster.fleets.back(), now_);
}

void Lifecycle::ChooseFaults(Cluster& cluster) {
  for (size_t i = 0; i < plan_.faults.size(); ++i) {
    const Fault& fault = plan_.faults[i];
    if (fault.OnCall() || !fault.IsOn(now_) || !base::GlobMatch(fault.name, cluster.name))
      continue;
    if (!fault.Hits(++fault_matches_[i]))
      continue;
    cluster.faults.push_back({.index = i});
    if (fault.kind == FaultKind::kListLag)
      cluster.list_lag = std::max(cluster.list_lag, fault.span);
    if (fault.kind == FaultKind::kPurge)
      cluster.purged_after = std::min(cluster.purged_after.value_or(fault.span), fault.span);
  }
}

void Lifecycle::Terminate(Cluster& cluster) {
  if (cluster.Ending())
    return;
  BeginTerminating(
      cluster, ClusterState::kTerminated, {"USER_REQUEST", "Terminated by user request"});
  DropVoidTimers();
}

void Lifecycle::SetProtection(Cluster& cluster, bool is_protected) {
  if (cluster.termination_protected == is_protected)
    return;
  cluster.termination_protected = is_protected;
  RearmIdle(cluster);
}

void Lifecycle::SetIdleTimeout(Cluster& cluster, std::optional<base::Duration> timeout) {
  cluster.idle_timeout = timeout;
  RearmIdle(cluster);
}

// An idle timer runs only on a cluster that waits and is not protected.
void Lifecycle::RearmIdle(Cluster& cluster) {
  if (cluster.state != ClusterState::kWaiting)
    return;
  ++cluster.epoch;
  ArmIdle(cluster);
  DropVoidTimers();
}

void Lifecycle::SetStepConcurrency(Cluster& cluster, size_t level) {
  cluster.step_concurrency = level;
  if (cluster.state == ClusterState::kRunning)
    StartSteps(cluster);
}

// --- Phases
// -----------------------------------------------------------------------------------------

void Lifecycle::Enter(Cluster& cluster, ClusterState state, Reason reason) {
  cluster.state = state;
  cluster.reason = std::move(reason);
  cluster.entered_at = now_;
  ++cluster.epoch;
  if (journal_.on())
    journal_.Add({{"t", base::FormatRfc3339(now_)},
                  {"change", "cluster"},
                  {"cluster_id", cluster.id},
                  {"name", cluster.name},
                  {"state", Text(state)},
                  {"reason_code", cluster.reason.code},
                  {"reason", cluster.reason.message}});
  events_.OnCluster(cluster, now_);
  for (Cluster::ArmedFault& armed : cluster.faults) {
    const Fault& fault = plan_.faults[armed.index];
    if (fault.kind != FaultKind::kLoseFleet || armed.armed || StateOf(fault.on) != state)
      continue;
    armed.armed = true;
    Arm(TimerKind::kLoseFleet, cluster, fault.after, armed.index);
    if (events_.on())
      Arm(TimerKind::kWarnOfLoss,
          cluster,
          std::max(fault.after - kSpotWarning, base::Duration(0)),
          armed.index);
  }
}

const Fault* Lifecycle::FaultOf(const Cluster& cluster, FaultKind kind, size_t step) const {
  for (const Cluster::ArmedFault& armed : cluster.faults) {
    const Fault& fault = plan_.faults[armed.index];
    bool of_step = kind == FaultKind::kFailStep || kind == FaultKind::kHangStep;
    if (fault.kind == kind && (!of_step || fault.step == static_cast<int64_t>(step) + 1))
      return &fault;
  }
  return nullptr;
}

void Lifecycle::NoteFault(const Cluster& cluster, const Fault& fault) {
  if (!journal_.on())
    return;
  json::object line = {{"t", base::FormatRfc3339(now_)},
                       {"fault", Text(fault.kind)},
                       {"cluster_id", cluster.id},
                       {"name", cluster.name}};
  if (fault.kind == FaultKind::kLoseFleet)
    line["fleet"] = Text(fault.fleet);
  if (fault.kind == FaultKind::kLoseFleet && fault.instances > 0)
    line["instances"] = fault.instances;
  if (fault.kind == FaultKind::kFailStep || fault.kind == FaultKind::kHangStep)
    line["step"] = fault.step;
  journal_.Add(std::move(line));
}

void Lifecycle::EndProvisioning(Cluster& cluster) {
  if (const Fault* fault = FaultOf(cluster, FaultKind::kFailProvisioning)) {
    NoteFault(cluster, *fault);
    if (!fault->code.empty()) {
      BeginTerminating(cluster, ClusterState::kTerminatedWithErrors, {fault->code, fault->message});
      return;
    }
    std::string type = cluster.fleets.empty() ? "m5.xlarge" : cluster.fleets[0].instance_type;
    std::string message =
        base::Cat("EC2 is out of capacity for ", type, " in the requested availability zone.");
    cluster.errors.push_back(
        {"INTERNAL_ERROR_EC2_INSUFFICIENT_CAPACITY_AZ", message, {{"instance-type", type}}});
    events_.OnShortage(cluster, message, now_);
    BeginTerminating(
        cluster, ClusterState::kTerminatedWithErrors, {"INTERNAL_ERROR", std::move(message)});
    return;
  }
  for (Fleet& fleet : cluster.fleets) {
    fleet.launched_at = now_;
    Provision(fleet, fleet.target_on_demand, fleet.target_spot);
    SetFleet(cluster, fleet, FleetState::kBootstrapping, {});
  }
  Enter(cluster, ClusterState::kBootstrapping, {});
  Arm(TimerKind::kPhaseEnds, cluster, Draw(cluster, plan_.timing.bootstrap, kDrawBootstrap));
}

void Lifecycle::EndBootstrap(Cluster& cluster) {
  if (const Fault* fault = FaultOf(cluster, FaultKind::kFailBootstrap)) {
    NoteFault(cluster, *fault);
    std::string instance = DrawInstanceId(seed_, cluster.Entity(), 0);
    std::string message = base::Cat("On the master instance (",
                                    instance,
                                    "), bootstrap action 1 returned a non-zero return code");
    cluster.errors.push_back(
        {"BOOTSTRAP_FAILURE_PRIMARY_WITH_NON_ZERO_CODE",
         message,
         {{"primary-instance-id", instance}, {"bootstrap-action", "1"}, {"return-code", "1"}}});
    BeginTerminating(
        cluster, ClusterState::kTerminatedWithErrors, {"BOOTSTRAP_FAILURE", std::move(message)});
    return;
  }
  cluster.ready_at = now_;
  for (Fleet& fleet : cluster.fleets) {
    if (fleet.lost_at)
      continue;
    fleet.ready_at = now_;
    if (fleet.state == FleetState::kBootstrapping)  // else some are lost
      SetFleet(cluster, fleet, FleetState::kRunning, {});
  }
  if (cluster.steps.empty()) {
    if (cluster.keep_alive || cluster.termination_protected)
      Wait(cluster, "Cluster ready to run steps.");
    else
      EndSteps(cluster);
    return;
  }
  Enter(cluster, ClusterState::kRunning, {"", "Running step"});
  StartSteps(cluster);
}

void Lifecycle::Wait(Cluster& cluster, std::string message) {
  Enter(cluster, ClusterState::kWaiting, {"", std::move(message)});
  ArmIdle(cluster);
}

void Lifecycle::ArmIdle(const Cluster& cluster) {
  if (!cluster.idle_timeout || cluster.termination_protected)
    return;
  base::Duration left = cluster.entered_at + *cluster.idle_timeout - now_;
  Arm(TimerKind::kIdle, cluster, std::max(left, base::Duration(0)));
}

void Lifecycle::BeginTerminating(Cluster& cluster, ClusterState final_state, Reason reason) {
  cluster.final_state = final_state;
  CancelSteps(cluster);
  for (Fleet& fleet : cluster.fleets)
    SetFleet(cluster, fleet, FleetState::kTerminating, {});
  Enter(cluster, ClusterState::kTerminating, std::move(reason));
  Arm(TimerKind::kPhaseEnds, cluster, Draw(cluster, plan_.timing.shutdown, kDrawShutdown));
}

void Lifecycle::EndTerminating(Cluster& cluster) {
  for (Fleet& fleet : cluster.fleets) {
    Provision(fleet, 0, 0);
    fleet.ended_at = now_;
    SetFleet(cluster, fleet, FleetState::kTerminated, {"CLUSTER_TERMINATED", "Cluster terminated"});
  }
  cluster.ended_at = now_;
  live_.erase(cluster.ordinal);
  Enter(cluster, cluster.final_state, cluster.reason);
}

}  // namespace emulator
