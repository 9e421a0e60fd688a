#include "fault_finder/scenarios.h"

#include <utility>

namespace fault_finder {

namespace {

using emulator::Fault;
using emulator::FaultKind;

constexpr base::Duration kEver = base::hours(24 * 365);

void Add(Plan& plan, Fault fault) {
  plan.disturbances.emplace_back(EmrFault{std::move(fault)});
}

Fault OnCall(FaultKind kind, std::string action, int64_t nth, base::Duration span = {}) {
  Fault fault;
  fault.kind = kind;
  fault.action = std::move(action);
  fault.nth = nth;
  fault.span = span;
  return fault;
}

Fault OnCluster(FaultKind kind, std::string name, base::Duration after = {}) {
  Fault fault;
  fault.kind = kind;
  fault.name = std::move(name);
  fault.after = after;
  fault.outcome = Fault::Outcome::kWaiting;
  return fault;
}

simulation::JobSpec JobOf(std::string id, int lanes, std::vector<int> upstream) {
  simulation::JobSpec job;
  job.id = std::move(id);
  job.lanes = lanes;
  job.upstream = std::move(upstream);
  job.retries = job.infra_retries = 2;
  job.retry_delay = base::minutes(10);
  return job;
}

// One DAG that fires once, at 02:00.
Plan PlanOf(std::string dag, base::Duration start, std::vector<simulation::JobSpec> jobs) {
  Plan plan;
  plan.seed = 1;
  plan.work.start = base::ParseTime("2026-01-05T02:00:00Z").value() - start;
  plan.work.fires_for = start + base::minutes(1);
  plan.work.dags.emplace_back();
  plan.work.dags.back().id = std::move(dag);
  plan.work.dags.back().jobs = std::move(jobs);
  // The reaper at every sweep and without brakes: what it took for an orphan by mistake would die.
  plan.settings.reaper_interval = plan.settings.poll_interval;
  plan.settings.reaper_without_brakes = true;
  plan.ending.is_good = true;
  return plan;
}

}  // namespace

Plan Scenario() {
  Plan plan = PlanOf(
      "small", base::minutes(5), {JobOf("a", 2, {}), JobOf("b", 2, {0}), JobOf("c", 0, {1})});
  Add(plan, OnCluster(FaultKind::kFailStep, "* a_2 try 1"));
  Add(plan, OnCluster(FaultKind::kLoseFleet, "* b_1 try 1", base::minutes(3)));
  Add(plan, OnCall(FaultKind::kThrottle, "RunJobFlow", 2));
  Add(plan, OnCall(FaultKind::kDropReply, "RunJobFlow", 4));
  plan.ending.attempts = 7;  // five jobs, one application retry, one infrastructure retry
  return plan;
}

Plan StaleScenario() {
  Plan plan = Scenario();
  Add(plan, OnCall(FaultKind::kListLag, "", 0, base::seconds(150)));
  Add(plan, OnCall(FaultKind::kAcceptLate, "RunJobFlow", 1, base::minutes(4)));
  Add(plan, OnCall(FaultKind::kDelayReply, "RunJobFlow", 3, base::minutes(1)));
  Fault error = OnCall(FaultKind::kHttp500, "RunJobFlow", 5);
  error.executed = true;
  Add(plan, std::move(error));
  Add(plan, OnCall(FaultKind::kIgnore, "TerminateJobFlows", 1));
  return plan;
}

Plan ShortScenario(int jobs) {
  std::vector<simulation::JobSpec> chain = {JobOf("a", 0, {}), JobOf("b", 0, {0})};
  chain.resize(static_cast<size_t>(jobs));
  for (simulation::JobSpec& job : chain)
    job.retry_delay = base::minutes(2);
  Plan plan = PlanOf("short", base::minutes(1), std::move(chain));
  plan.timing.provisioning = plan.timing.bootstrap = plan.timing.shutdown = base::minutes(1);
  plan.timing.step = base::minutes(4);
  Settings& settings = plan.settings;
  settings.poll_interval = settings.fleet_interval = settings.reaper_interval = base::minutes(2);
  settings.fleet_grace = base::minutes(1);
  settings.launch_settle = settings.list_lag_max = base::minutes(3);
  Add(plan, OnCall(FaultKind::kDropReply, "RunJobFlow", 1));
  Add(plan, OnCluster(FaultKind::kLoseFleet, "* a try 1", base::minutes(1)));
  Add(plan, OnCall(FaultKind::kIgnore, "TerminateJobFlows", 1));
  plan.ending.attempts = jobs + 1;  // one infrastructure retry
  return plan;
}

Plan With(Plan plan, const Blur& blur) {
  if (blur.stale_every > 0)
    plan.disturbances.emplace_back(StaleReads{.every = blur.stale_every, .age_at_most = kEver});
  if (blur.hide_every > 0)
    plan.disturbances.emplace_back(
        HiddenClusters{.every = blur.hide_every, .changed_within = kEver});
  return plan;
}

}  // namespace fault_finder
