#include "account.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "emr/name.h"
#include "model/dag_json.h"

namespace sim {

namespace {

constexpr char kNotebook[] = R"({
  "ReleaseLabel": "emr-7.8.0", "ServiceRole": "r", "JobFlowRole": "p",
  "Instances": {"KeepJobFlowAliveWhenNoSteps": true, "InstanceFleets": [
    {"InstanceFleetType": "MASTER", "TargetOnDemandCapacity": 1,
     "InstanceTypeConfigs": [{"InstanceType": "m5.xlarge"}]}]}})";

constexpr char kWork[] = R"({
  "ReleaseLabel": "emr-7.8.0", "ServiceRole": "r", "JobFlowRole": "p",
  "Instances": {"InstanceFleets": [
    {"InstanceFleetType": "MASTER", "TargetOnDemandCapacity": 1,
     "InstanceTypeConfigs": [{"InstanceType": "m5.xlarge"}]},
    {"InstanceFleetType": "CORE", "TargetSpotCapacity": 4,
     "InstanceTypeConfigs": [{"InstanceType": "m5.xlarge"}]}]},
  "Steps": [{"Name": "work", "ActionOnFailure": "TERMINATE_CLUSTER",
    "HadoopJarStep": {"Jar": "command-runner.jar", "Args": ["spark-submit", "{{ ds }}"]}}]})";

}  // namespace

void CallLog::OnCall(const simulation::SeenCall& call) {
  calls_.push_back({call.at,
                    std::string(call.action),
                    std::string(call.body),
                    call.reply != nullptr && call.reply->error_code == "ThrottlingException"});
}

Account::Account(base::Time start, emulator::Options emr)
    : clock_(start), emr_(std::move(emr)), network_(clock_, emr_, effects_, witnesses_) {
  witnesses_.Add(&log_);
}

Account::~Account() = default;

model::ClusterId Account::Launch(const std::string& name) {
  json::object request = base::ParseJson(kNotebook)->as_object();
  request["Name"] = name;
  emulator::Reply reply = emr_.Handle("RunJobFlow", request, clock_.Now());
  CHECK(reply.http_status == 200);
  return model::ClusterId(base::GetString(reply.body.as_object(), "JobFlowId"));
}

void Account::Start(store::Store& store,
                    const driver::Options& options,
                    simulation::Project project) {
  Stop();
  machine_.emplace(clock_, emr_, effects_, network_, store, witnesses_, zones_, options);
  machine_->SetProject(std::move(project));
  CHECK(machine_->Start());
  RunFor(base::Duration(0));  // the project is read
}

void Account::SendEvents(const simulation::EventOptions& options) {
  events_.emplace(*machine_, emr_, options);
  machine_->Add(&*events_);
}

void Account::Stop() {
  if (machine_)
    machine_->Kill();
  machine_.reset();
  events_.reset();
}

void Account::RunFor(base::Duration span) {
  machine_->Run(clock_.Now() + span);
  CHECK(!machine_->fatal());
}

void Account::Trigger(const std::string& dag, const std::string& run) {
  driver().Post(model::TriggerRun{model::DagId(dag), model::RunId(run), {}, {}, "ada"});
}

emulator::ClusterTruth Account::Truth(const model::ClusterId& cluster) const {
  for (emulator::ClusterTruth& truth : emr_.Clusters()) {
    if (truth.id == cluster.str())
      return std::move(truth);
  }
  CHECK(false);
  return {};
}

int Account::CountLive() const {
  const auto& clusters = emr_.clusters();
  return static_cast<int>(
      std::count_if(clusters.begin(), clusters.end(), [](const emulator::Cluster& cluster) {
        return !cluster.Terminal();
      }));
}

int Account::Count(const std::string& action) const {
  return static_cast<int>(
      std::count_if(log_.calls().begin(), log_.calls().end(), [&](const CallLog::Call& call) {
        return call.action == action;
      }));
}

CallTally Account::TakeTally() {
  CallTally tally;
  for (; tallied_ < log_.calls().size(); ++tallied_) {
    const CallLog::Call& call = log_.calls()[tallied_];
    ++tally.made[call.action];
    tally.throttled += call.throttled;
  }
  return tally;
}

std::optional<base::Time> Account::KilledAt(const model::ClusterId& cluster) const {
  for (const CallLog::Call& call : log_.calls()) {
    if (call.action == "TerminateJobFlows" && call.body.find(cluster.str()) != std::string::npos)
      return call.at;
  }
  return std::nullopt;
}

std::string NameOf(const std::string& deployment, const std::string& incarnation, int number) {
  emr::LaunchIdentity identity;
  identity.deployment = deployment;
  identity.incarnation = incarnation;
  identity.attempt = {{{model::DagId("lost"), model::RunId("r")}, model::JobId("a"), {}}, number};
  identity.token = emr::ComputeToken(incarnation, identity.attempt, 0, 0);
  return emr::ClusterName(identity);
}

void RecordPastLaunch(store::Store& store, base::Time at) {
  model::RunRow run;
  run.key = {model::DagId("past"), model::RunId("r")};
  run.state = model::RunState::kSuccess;
  run.queued_at = run.run_after = at;
  model::LaunchRow launch;
  launch.token = model::LaunchToken("pastpastpastpastpast");
  launch.attempt = {{run.key, model::JobId("a"), {}}, 1};
  launch.state = model::LaunchState::kAccepted;
  launch.cluster = model::ClusterId("j-PAST");
  launch.created_at = at;
  const int64_t epoch = store.Load(at)->identity.epoch;
  CHECK(store.Commit({run, launch}, epoch).outcome == store::CommitResult::Outcome::kOk);
}

std::shared_ptr<const model::Dag> LanesDag(int lanes, int jobs) {
  auto dag = std::make_shared<model::Dag>();
  dag->id = model::DagId("many");
  dag->is_paused_upon_creation = false;
  for (int i = 0; i < jobs; ++i) {
    for (int lane = 0; lane < lanes; ++lane) {
      model::Job job;
      job.id = model::JobId(base::Cat("job", i));
      job.lane = model::LaneId(base::Cat(lane));
      job.work = model::EmrWork{.request = base::ParseJson(kWork)->as_object()};
      job.retries = job.infra_retries = 1;
      job.pool = model::PoolId("clusters");
      if (i > 0)
        job.upstream = {(i - 1) * lanes + lane};
      dag->jobs.push_back(std::move(job));
    }
  }
  dag->version = model::ComputeVersion(*dag);
  return dag;
}

simulation::Project Lanes(std::shared_ptr<const model::Dag> dag) {
  return {{std::move(dag)}, {{model::PoolId("clusters"), 100'000, ""}}};
}

}  // namespace sim
