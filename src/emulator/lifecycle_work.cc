// Lifecycle: steps and fleets.

#include <algorithm>
#include <utility>

#include "base/draw.h"
#include "base/text.h"
#include "emulator/lifecycle.h"
#include "emulator/names.h"

namespace emulator {

namespace {

// The counter of a cluster's draws for its first step.
constexpr uint64_t kDrawStep = 16;

// From the call to the end of a running step; no source says how long EMR takes.
constexpr base::Duration kCancelSpan = base::seconds(30);

// The first of a fleet's instances among the draws of its cluster. The master's is 0.
uint64_t FirstInstance(const Cluster& cluster, const Fleet& fleet) {
  if (fleet.type == FleetType::kMaster)
    return 0;
  return 100'000 * static_cast<uint64_t>(&fleet - cluster.fleets.data() + 1);
}

std::string AddressOf(const Cluster& cluster, uint64_t counter, uint64_t seed) {
  if (counter == 0)
    return cluster.MasterAddress();
  uint64_t draw = base::Draw(seed, base::Cat("address ", cluster.Entity()), counter);
  return base::Cat(
      "10.", draw % 254 + 1, ".", draw / 254 % 254 + 1, ".", draw / 254 / 254 % 250 + 4);
}

// A cluster whose master or core instances are lost runs nothing.
bool LacksInstances(const Cluster& cluster) {
  return std::any_of(cluster.fleets.begin(), cluster.fleets.end(), [](const Fleet& fleet) {
    return fleet.lost_at && fleet.type != FleetType::kTask;
  });
}

// How long coreutils' `timeout` on the master lets the step's command run: "timeout -k 60 7200 …".
std::optional<base::Duration> TimeoutOf(const Step& step) {
  const json::array& args = base::GetArray(step.jar_step, "Args");
  auto text = [&](size_t i) {
    return i < args.size() && args[i].is_string() ? std::string_view(args[i].get_string())
                                                  : std::string_view();
  };
  if (text(0) != "timeout")
    return std::nullopt;
  size_t at = text(1) == "-k" ? 3 : 1;
  auto seconds = base::ParseInt(text(at));
  return seconds ? std::optional(base::seconds(*seconds)) : std::nullopt;
}

}  // namespace

// --- Steps
// ------------------------------------------------------------------------------------------

void Lifecycle::StartSteps(Cluster& cluster) {
  auto running = static_cast<size_t>(
      std::count_if(cluster.steps.begin(), cluster.steps.end(), [](const Step& step) {
        return step.Active() && step.state != StepState::kPending;
      }));
  for (size_t i = 0; i < cluster.steps.size() && running < cluster.step_concurrency; ++i) {
    Step& step = cluster.steps[i];
    if (step.state != StepState::kPending)
      continue;
    ++running;
    step.started_at = now_;
    SetStep(cluster, step, StepState::kRunning);
    // A step that is run as a process has the real `timeout`.
    if (auto limit = TimeoutOf(step); limit && !run_steps_)
      Arm(TimerKind::kStepTimesOut, cluster, *limit, i);
    if (const Fault* fault = FaultOf(cluster, FaultKind::kHangStep, i)) {
      NoteFault(cluster, *fault);
      step.hangs = true;
      continue;
    }
    if (LacksInstances(cluster)) {
      step.hangs = true;
      continue;
    }
    if (run_steps_) {
      OrderStep(cluster, step);
      // One that is to fail is called back after its pretended time, if it takes that long.
      if (FaultOf(cluster, FaultKind::kFailStep, i) == nullptr)
        continue;
    }
    Arm(TimerKind::kStepEnds, cluster, Draw(cluster, StepTime(cluster, step), kDrawStep + i), i);
  }
  if (running > 0)
    return;
  if (cluster.keep_alive || cluster.termination_protected)
    Wait(cluster, "Cluster ready after last step completed.");
  else
    EndSteps(cluster);
}

// The cluster ends itself: its steps are done, or it was idle too long.
void Lifecycle::EndSteps(Cluster& cluster) {
  bool all_completed =
      std::all_of(cluster.steps.begin(), cluster.steps.end(), [](const Step& step) {
        return step.state == StepState::kCompleted;
      });
  BeginTerminating(cluster,
                   ClusterState::kTerminated,
                   all_completed ? Reason{"ALL_STEPS_COMPLETED", "Steps completed"}
                                 : Reason{"STEP_FAILURE", "Steps completed with errors"});
}

void Lifecycle::EndStep(Cluster& cluster, Step& step, std::string failure) {
  const Fault* fault =
      FaultOf(cluster, FaultKind::kFailStep, static_cast<size_t>(&step - cluster.steps.data()));
  if (fault != nullptr) {
    NoteFault(cluster, *fault);
    failure = "Exception in thread \"main\" org.apache.spark.SparkException: Application failed";
  }
  step.ended_at = now_;
  if (failure.empty()) {
    WriteOutputs(step);
    SetStep(cluster, step, StepState::kCompleted);
    StartSteps(cluster);
    return;
  }
  step.failure_message = std::move(failure);
  SetStep(cluster, step, StepState::kFailed);
  if (step.action_on_failure == "CONTINUE") {
    StartSteps(cluster);
    return;
  }
  if (step.action_on_failure == "CANCEL_AND_WAIT") {
    CancelSteps(cluster);
    StartSteps(cluster);
    return;
  }
  if (cluster.termination_protected) {  // protection outranks TERMINATE_CLUSTER
    CancelSteps(cluster);
    Wait(cluster, "Cluster ready after last step failed.");
    return;
  }
  BeginTerminating(
      cluster, ClusterState::kTerminatedWithErrors, {"STEP_FAILURE", "Shut down as step failed"});
}

// A real step writes them itself.
void Lifecycle::WriteOutputs(const Step& step) {
  const json::array& args = base::GetArray(step.jar_step, "Args");
  for (size_t i = 0; i + 2 < args.size() && !run_steps_; ++i) {
    if (args[i].get_string() == kWriteOutputs)
      objects_.Put(args[i + 1].get_string(), std::string(args[i + 2].get_string()), now_);
  }
}

void Lifecycle::OrderStep(Cluster& cluster, Step& step) {
  step.at_work = true;
  StepOrder order{.cluster_id = cluster.id,
                  .step_id = step.id,
                  .jar = base::GetString(step.jar_step, "Jar"),
                  .log_folder = step.log_folder};
  for (const json::value& arg : base::GetArray(step.jar_step, "Args"))
    order.args.emplace_back(arg.get_string());
  orders_.push_back(std::move(order));
}

void Lifecycle::CallBack(const Cluster& cluster, Step& step) {
  if (!step.at_work)
    return;
  step.at_work = false;
  orders_.push_back({.kind = StepOrder::Kind::kStop, .cluster_id = cluster.id, .step_id = step.id});
}

void Lifecycle::FinishStep(Cluster& cluster, std::string_view step_id, std::string failure) {
  auto step = std::find_if(cluster.steps.begin(), cluster.steps.end(), [&](const Step& known) {
    return known.id == step_id;
  });
  if (step == cluster.steps.end() || !step->at_work)
    return;
  step->at_work = false;
  EndStep(cluster, *step, std::move(failure));
  DropVoidTimers();
}

void Lifecycle::SetStep(Cluster& cluster, Step& step, StepState state) {
  step.state = state;
  if (state != StepState::kRunning)
    CallBack(cluster, step);
  if (journal_.on())
    journal_.Add({{"t", base::FormatRfc3339(now_)},
                  {"change", "step"},
                  {"cluster_id", cluster.id},
                  {"name", cluster.name},
                  {"step_id", step.id},
                  {"step", step.name},
                  {"state", Text(state)}});
  events_.OnStep(cluster, step, now_);
}

void Lifecycle::CancelSteps(Cluster& cluster) {
  for (Step& step : cluster.steps) {
    if (!step.Active())
      continue;
    step.ended_at = now_;
    SetStep(cluster, step, StepState::kCancelled);
  }
}

bool Lifecycle::CancelStep(Cluster& cluster, Step& step) {
  if (step.state == StepState::kPending) {
    step.ended_at = now_;
    SetStep(cluster, step, StepState::kCancelled);
  } else if (step.state == StepState::kRunning) {
    SetStep(cluster, step, StepState::kCancelPending);
    Arm(TimerKind::kStepCancelled,
        cluster,
        kCancelSpan,
        static_cast<size_t>(&step - cluster.steps.data()));
    DropVoidTimers();
  } else {
    return step.state == StepState::kCancelPending;
  }
  return true;
}

// --- Fleets
// -----------------------------------------------------------------------------------------

void Lifecycle::LoseFleet(Cluster& cluster, const Fault& fault) {
  bool lost_all = false;
  bool lost_some = false;
  bool lost_spot = false;
  for (Fleet& fleet : cluster.fleets) {
    if (fleet.type != fault.fleet || fleet.Instances() == 0)
      continue;
    if (fault.instances > 0 && fault.instances < fleet.Instances()) {
      lost_some = true;
      LoseSome(cluster, fleet, fault);
      continue;
    }
    lost_all = true;
    lost_spot = lost_spot || fleet.provisioned_spot > 0;
    Provision(fleet, 0, 0);
    fleet.lost_at = now_;
    fleet.replaced_at.reset();
    SetFleet(cluster,
             fleet,
             FleetState::kResizing,
             {"INSTANCE_FAILURE", "All instances were terminated"});
  }
  if (lost_all || lost_some)
    NoteFault(cluster, fault);
  if (lost_all)
    EndLostCluster(cluster, fault, lost_spot);
}

void Lifecycle::WarnOfLoss(const Cluster& cluster, const Fault& fault) {
  int64_t left = fault.instances > 0 ? fault.instances : kInstancesListedMax;
  for (const Instance& instance : Instances(cluster)) {
    if (instance.fleet->type != fault.fleet || !instance.spot ||
        instance.state == InstanceState::kTerminated || left-- <= 0)
      continue;
    events_.OnInterruption(instance, now_);
  }
}

void Lifecycle::EndLostCluster(Cluster& cluster, const Fault& fault, bool lost_spot) {
  switch (fault.outcome) {
    case Fault::Outcome::kRunning:
      for (Step& step : cluster.steps) {
        step.hangs = step.hangs || step.state == StepState::kRunning;
        CallBack(cluster, step);
      }
      return;
    case Fault::Outcome::kWaiting:
      for (Step& step : cluster.steps) {
        if (step.state != StepState::kRunning)
          continue;
        step.ended_at = now_;
        step.failure_message = "The instances that ran the step were terminated";
        SetStep(cluster, step, StepState::kFailed);
      }
      CancelSteps(cluster);
      Wait(cluster,
           base::Cat("Instance failure: all ", Text(fault.fleet), " instances were terminated."));
      return;
    case Fault::Outcome::kDies:
      std::string message = fault.fleet == FleetType::kMaster
                                ? "The master node was terminated"
                                : base::Cat("All slaves in the job flow were terminated",
                                            lost_spot ? " due to Spot" : "");
      BeginTerminating(
          cluster, ClusterState::kTerminatedWithErrors, {"INSTANCE_FAILURE", std::move(message)});
      return;
  }
}

void Lifecycle::LoseSome(Cluster& cluster, Fleet& fleet, const Fault& fault) {
  int64_t instances = fleet.Instances();
  int64_t units = fault.instances * fleet.weight;
  int64_t spot = std::min(units, fleet.provisioned_spot);
  fleet.losses.push_back({.first = instances - fault.instances, .last = instances, .at = now_});
  Provision(fleet, fleet.provisioned_on_demand - (units - spot), fleet.provisioned_spot - spot);
  SetFleet(cluster, fleet, FleetState::kResizing, {});
  fleet.replaced_at.reset();
  if (!fault.replace)
    return;
  fleet.replaced_at = now_ + plan_.timing.replacement;
  Arm(TimerKind::kReplace,
      cluster,
      plan_.timing.replacement,
      static_cast<size_t>(&fleet - cluster.fleets.data()));
}

void Lifecycle::Replace(Cluster& cluster, Fleet& fleet) {
  fleet.replaced_at.reset();
  for (Fleet::Loss& loss : fleet.losses)
    if (!loss.replaced_at)
      loss.replaced_at = now_;
  Provision(fleet, fleet.target_on_demand, fleet.target_spot);
  SetFleet(cluster, fleet, fleet.ready_at ? FleetState::kRunning : FleetState::kBootstrapping, {});
}

void Lifecycle::SetFleet(Cluster& cluster, Fleet& fleet, FleetState state, Reason reason) {
  fleet.state = state;
  fleet.reason = std::move(reason);
  if (journal_.on())
    journal_.Add({{"t", base::FormatRfc3339(now_)},
                  {"change", "fleet"},
                  {"cluster_id", cluster.id},
                  {"name", cluster.name},
                  {"fleet_id", fleet.id},
                  {"fleet", Text(fleet.type)},
                  {"state", Text(state)},
                  {"provisioned", fleet.provisioned_on_demand + fleet.provisioned_spot}});
  events_.OnFleet(cluster, fleet, now_);
}

void Lifecycle::Provision(Fleet& fleet, int64_t on_demand, int64_t spot) {
  fleet.counted_seconds = fleet.InstanceSeconds(now_);
  fleet.counted_at = now_;
  fleet.provisioned_on_demand = on_demand;
  fleet.provisioned_spot = spot;
}

std::vector<Instance> Lifecycle::Instances(const Cluster& cluster) const {
  std::vector<Instance> instances;
  for (const Fleet& fleet : cluster.fleets) {
    if (!fleet.launched_at)
      continue;
    int64_t listed = std::min(fleet.TargetInstances(), kInstancesListedMax);
    for (int64_t i = 0; i < listed; ++i)
      AddInstances(cluster, fleet, i, instances);
  }
  return instances;
}

// The instance of this number, and those that took its place.
void Lifecycle::AddInstances(const Cluster& cluster,
                             const Fleet& fleet,
                             int64_t number,
                             std::vector<Instance>& instances) const {
  uint64_t counter = FirstInstance(cluster, fleet) + static_cast<uint64_t>(number);
  auto instance_from = [&](std::optional<base::Time> created_at,
                           std::optional<base::Time> ready_at) {
    Instance instance{.id = DrawId("ci-", seed_, cluster.Entity(), counter),
                      .ec2_id = DrawInstanceId(seed_, cluster.Entity(), counter),
                      .fleet = &fleet,
                      .spot = number >= fleet.TargetOnDemandInstances(),
                      .created_at = created_at,
                      .ready_at = ready_at};
    instance.address = AddressOf(cluster, counter, seed_);
    if (!ready_at)
      instance.state = InstanceState::kBootstrapping;
    counter += kInstancesListedMax;
    return instance;
  };
  auto end = [](Instance& instance, base::Time at, Reason reason) {
    instance.state = InstanceState::kTerminated;
    instance.ended_at = at;
    instance.reason = std::move(reason);
  };
  const Reason failure = {"INSTANCE_FAILURE", "Instance was terminated."};
  instances.push_back(instance_from(fleet.launched_at, fleet.ready_at));
  for (const Fleet::Loss& loss : fleet.losses) {
    if (number < loss.first || number >= loss.last)
      continue;
    end(instances.back(), loss.at, failure);
    if (!loss.replaced_at)
      return;
    instances.push_back(
        instance_from(loss.replaced_at,
                      fleet.ready_at ? std::max(loss.replaced_at, fleet.ready_at) : std::nullopt));
  }
  if (fleet.lost_at)
    end(instances.back(), *fleet.lost_at, failure);
  else if (fleet.ended_at)
    end(instances.back(), *fleet.ended_at, {"CLUSTER_TERMINATED", "Job flow terminated"});
}

}  // namespace emulator
