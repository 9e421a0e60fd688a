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

// A cluster whose master or core instances are lost runs nothing.
bool LacksInstances(const Cluster& cluster) {
  return std::any_of(cluster.fleets.begin(), cluster.fleets.end(), [](const Fleet& fleet) {
    return fleet.state == FleetState::kResizing && fleet.type != FleetType::kTask;
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

void Lifecycle::OrderStep(Cluster& cluster, Step& step) {
  step.at_work = true;
  if (std::string uri = base::GetString(cluster.request, "LogUri"); !uri.empty())
    step.log_folder =
        base::Cat(uri, uri.ends_with('/') ? "" : "/", cluster.id, "/steps/", step.id, "/");
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
  bool lost_spot = false;
  bool lost_any = false;
  for (Fleet& fleet : cluster.fleets) {
    if (fleet.type != fault.fleet || fleet.provisioned_on_demand + fleet.provisioned_spot == 0)
      continue;
    lost_any = true;
    lost_spot = lost_spot || fleet.provisioned_spot > 0;
    Provision(fleet, 0, 0);
    fleet.lost_at = now_;
    SetFleet(cluster,
             fleet,
             FleetState::kResizing,
             {"INSTANCE_FAILURE", "All instances were terminated"});
  }
  if (!lost_any)
    return;
  NoteFault(cluster, fault);
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
    uint64_t counter = FirstInstance(cluster, fleet);
    for (int64_t i = 0; i < std::min(fleet.TargetInstances(), kInstancesListedMax);
         ++i, ++counter) {
      Instance instance{.id = DrawId("ci-", seed_, cluster.Entity(), counter),
                        .ec2_id = DrawInstanceId(seed_, cluster.Entity(), counter),
                        .fleet = &fleet};
      uint64_t draw = base::Draw(seed_, base::Cat("address ", cluster.Entity()), counter);
      instance.address = counter == 0 ? cluster.MasterAddress()
                                      : base::Cat("10.",
                                                  draw % 254 + 1,
                                                  ".",
                                                  draw / 254 % 254 + 1,
                                                  ".",
                                                  draw / 254 / 254 % 250 + 4);
      instance.spot = i >= fleet.TargetOnDemandInstances();
      if (!fleet.ready_at)
        instance.state = InstanceState::kBootstrapping;
      instance.ended_at = fleet.lost_at ? fleet.lost_at : fleet.ended_at;
      if (instance.ended_at) {
        instance.state = InstanceState::kTerminated;
        instance.reason = fleet.lost_at ? Reason{"INSTANCE_FAILURE", "Instance was terminated."}
                                        : Reason{"CLUSTER_TERMINATED", "Job flow terminated"};
      }
      instances.push_back(std::move(instance));
    }
  }
  return instances;
}

}  // namespace emulator
