#include "scenarios.h"

#include <gtest/gtest.h>
#include <utility>

#include "base/text.h"
#include "model/dag_json.h"

namespace sim {

namespace {

using emulator::Fault;
using emulator::FaultKind;

std::shared_ptr<const model::Dag> DagOf(std::string id, std::vector<model::Job> jobs) {
  auto dag = std::make_shared<model::Dag>();
  dag->id = model::DagId(std::move(id));
  dag->schedule.cron = "0 2 * * 1";
  dag->is_paused_upon_creation = false;
  dag->jobs = std::move(jobs);
  dag->version = model::ComputeVersion(*dag);
  return dag;
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

EstateOptions OptionsFor(std::shared_ptr<const model::Dag> dag) {
  EstateOptions options;
  options.start = base::ParseTime("2026-01-05T01:55:00Z").value();
  options.dags = {std::move(dag)};
  options.emr.journal = false;
  // The reaper at every sweep and without brakes: what it took for an orphan by mistake would die.
  options.driver.engine.reaper = {
      .armed = true, .grace = base::Duration(0), .max_per_pass = 1000, .max_ratio = 1};
  options.driver.reaper_interval = options.driver.poll_interval;
  return options;
}

// Of all runs, with the reasons for their ends.
std::vector<std::string> Attempts(Estate& estate) {
  std::vector<std::string> out;
  auto runs = estate.store().reader().Runs({});
  for (const model::RunRow& run : runs->rows) {
    auto attempts = estate.store().reader().Attempts(run.key);
    for (const model::AttemptRow& attempt : *attempts)
      out.push_back(
          base::Cat(ToString(attempt.key.job), " try ", attempt.key.n, ": ", attempt.reason));
  }
  return out;
}

}  // namespace

model::Job EmrJob(std::string id, std::string lane, std::vector<int> upstream) {
  model::Job out;
  out.id = model::JobId(std::move(id));
  out.lane = model::LaneId(std::move(lane));
  out.type = model::JobType::kEmrJob;
  out.upstream = std::move(upstream);
  out.retries = out.infra_retries = 2;
  out.retry_delay = out.infra_retry_delay = base::minutes(10);
  out.request = base::ParseJson(R"({
    "ReleaseLabel": "emr-7.8.0", "ServiceRole": "r", "JobFlowRole": "p",
    "Instances": {"InstanceFleets": [
      {"InstanceFleetType": "MASTER", "TargetOnDemandCapacity": 1,
       "InstanceTypeConfigs": [{"InstanceType": "m5.xlarge"}]},
      {"InstanceFleetType": "CORE", "TargetSpotCapacity": 4,
       "InstanceTypeConfigs": [{"InstanceType": "m5.xlarge"}]}]},
    "Steps": [{"Name": "work", "ActionOnFailure": "TERMINATE_CLUSTER",
      "HadoopJarStep": {"Jar": "command-runner.jar", "Args": ["spark-submit", "{{ ds }}"]}}]})")
                    ->as_object();
  return out;
}

EstateOptions Scenario() {
  EstateOptions options = OptionsFor(DagOf("small",
                                           {EmrJob("a", "1", {}),
                                            EmrJob("a", "2", {}),
                                            EmrJob("b", "1", {0}),
                                            EmrJob("b", "2", {1}),
                                            EmrJob("c", "", {2, 3})}));
  options.emr.plan.faults = {OnCluster(FaultKind::kFailStep, "* a_2 try 1"),
                             OnCluster(FaultKind::kLoseFleet, "* b_1 try 1", base::minutes(3)),
                             OnCall(FaultKind::kThrottle, "RunJobFlow", 2),
                             OnCall(FaultKind::kDropReply, "RunJobFlow", 4)};
  return options;
}

EstateOptions StaleScenario() {
  EstateOptions options = Scenario();
  Fault error = OnCall(FaultKind::kHttp500, "RunJobFlow", 5);
  error.executed = true;
  for (Fault& fault :
       std::vector<Fault>{OnCall(FaultKind::kListLag, "", 0, base::seconds(150)),
                          OnCall(FaultKind::kAcceptLate, "RunJobFlow", 1, base::minutes(4)),
                          OnCall(FaultKind::kDelayReply, "RunJobFlow", 3, base::minutes(1)),
                          error,
                          OnCall(FaultKind::kIgnore, "TerminateJobFlows", 1)})
    options.emr.plan.faults.push_back(std::move(fault));
  return options;
}

EstateOptions ShortScenario(int jobs) {
  std::vector<model::Job> chain = {EmrJob("a", "", {}), EmrJob("b", "", {0})};
  chain.resize(static_cast<size_t>(jobs));
  for (model::Job& job : chain)
    job.retry_delay = job.infra_retry_delay = base::minutes(2);
  EstateOptions options = OptionsFor(DagOf("short", std::move(chain)));
  options.start = base::ParseTime("2026-01-05T01:59:00Z").value();
  emulator::Timing& timing = options.emr.plan.timing;
  timing.provisioning = timing.bootstrap = timing.shutdown = base::minutes(1);
  timing.step = base::minutes(4);
  options.driver.poll_interval = base::minutes(2);
  options.driver.fleet_interval = base::minutes(2);
  options.driver.engine.fleet_grace = base::minutes(1);
  options.driver.engine.launch_settle = options.driver.engine.list_lag_max = base::minutes(3);
  options.emr.plan.faults = {OnCall(FaultKind::kDropReply, "RunJobFlow", 1),
                             OnCluster(FaultKind::kLoseFleet, "* a try 1", base::minutes(1)),
                             OnCall(FaultKind::kIgnore, "TerminateJobFlows", 1)};
  return options;
}

bool AllSucceeded(Estate& estate) {
  // Named: a range-for does not keep the page alive that `rows` is a part of.
  auto runs = estate.store().reader().Runs({});
  for (const model::RunRow& run : runs->rows) {
    if (run.state != model::RunState::kSuccess)
      return false;
  }
  return true;
}

int64_t CountAttempts(Estate& estate) {
  return static_cast<int64_t>(Attempts(estate).size());
}

std::string Complaints(Estate& estate) {
  std::vector<std::string> complaints = estate.Breaches();
  const auto clusters = static_cast<int64_t>(estate.emr().Clusters().size());
  if (clusters > CountAttempts(estate))
    complaints.push_back(base::Cat(clusters, " clusters for ", CountAttempts(estate), " attempts"));
  return complaints.empty() ? "" : Join(complaints) + Join(Attempts(estate));
}

std::string Complaints(Estate& estate, int64_t attempts) {
  std::string complaints = Complaints(estate);
  if (complaints.empty() && (!AllSucceeded(estate) || CountAttempts(estate) != attempts))
    return base::Cat(
        "it took other attempts than the ", attempts, " of old:\n", Join(Attempts(estate)));
  return complaints;
}

std::string Join(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines)
    out += line + "\n";
  return out;
}

std::ostream& operator<<(std::ostream& out, const CrashPoint& point) {
  return out << "a crash " << (point.when == When::kBefore ? "before" : "after") << " effect "
             << point.effect;
}

std::vector<CrashPoint> CrashPoints(int effects) {
  std::vector<CrashPoint> points;
  for (int effect = 1; effect <= effects; ++effect) {
    for (When when : {When::kBefore, When::kAfter})
      points.push_back({effect, when});
  }
  return points;
}

void Sweep(const EstateOptions& scenario) {
  Estate whole(scenario);
  whole.Run();
  const int64_t attempts = CountAttempts(whole);
  ASSERT_EQ(Complaints(whole, attempts), "");
  const std::vector<CrashPoint> points = CrashPoints(whole.effects());
  for (const CrashPoint& point : points) {
    Estate estate(scenario);
    estate.Run(point);
    ASSERT_EQ(Complaints(estate, attempts), "") << point;
  }
  std::cout << points.size() << " crash points, each started again\n";
}

}  // namespace sim
