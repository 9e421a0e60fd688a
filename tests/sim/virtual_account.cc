#include "virtual_account.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "emr/name.h"

namespace sim {

namespace {

json::object Request(const std::string& name) {
  json::object request = base::ParseJson(R"({
      "ReleaseLabel": "emr-7.8.0", "ServiceRole": "r", "JobFlowRole": "p",
      "Instances": {"KeepJobFlowAliveWhenNoSteps": true, "InstanceFleets": [
        {"InstanceFleetType": "MASTER", "TargetOnDemandCapacity": 1,
         "InstanceTypeConfigs": [{"InstanceType": "m5.xlarge"}]}]}})")
                             ->as_object();
  request["Name"] = name;
  return request;
}

}  // namespace

class VirtualAccount::Watched : public driver::World {
 public:
  explicit Watched(VirtualWorld& world) : world_(world) {}
  base::Time Now() override { return world_.Now(); }
  void Submit(const driver::Call& call) override {
    calls.emplace_back(world_.Now(), call);
    world_.Submit(call);
  }
  std::vector<std::pair<base::Time, driver::Call>> calls;

 private:
  VirtualWorld& world_;
};

VirtualAccount::VirtualAccount(base::Time start, driver::Options driver, emulator::Options emr)
    : options_(std::move(driver)),
      emr_(std::move(emr)),
      world_(start, emr_, crashes_),
      watched_(std::make_unique<Watched>(world_)) {}

VirtualAccount::~VirtualAccount() = default;

model::ClusterId VirtualAccount::Launch(const std::string& name) {
  emulator::Reply reply = emr_.Handle("RunJobFlow", Request(name), world_.Now());
  CHECK(reply.http_status == 200);
  return model::ClusterId(base::GetString(reply.body.as_object(), "JobFlowId"));
}

void VirtualAccount::Start(store::Store& store,
                           std::vector<std::shared_ptr<const model::Dag>> dags) {
  driver_ = driver::Driver::Create(options_, *watched_, store, zones_).value();
  driver_->Post(model::ProjectLoaded{std::move(dags), {}});
  driver_->Pump();
}

void VirtualAccount::Stop() {
  driver_.reset();
  world_.DropReplies();
}

void VirtualAccount::RunFor(base::Duration span) {
  const base::Time end = world_.Now() + span;
  while (true) {
    world_.Deliver(*driver_);
    driver_->Pump();
    CHECK(!driver_->fatal());
    std::optional<base::Time> next = world_.NextReply();
    std::optional<base::Time> wake = driver_->NextWake();
    if (wake && (!next || *wake < *next))
      next = wake;
    if (!next || *next >= end)
      break;
    world_.AdvanceTo(std::max(*next, world_.Now() + base::milliseconds(1)));
  }
  world_.AdvanceTo(end);
  emr_.AdvanceTo(end);
}

void VirtualAccount::Trigger(const std::string& dag, const std::string& run) {
  driver_->Post(model::TriggerRun{model::DagId(dag), model::RunId(run), {}, {}, "ada"});
  driver_->Pump();
}

emulator::ClusterTruth VirtualAccount::Truth(const model::ClusterId& cluster) const {
  for (emulator::ClusterTruth& truth : emr_.Clusters()) {
    if (truth.id == cluster.str())
      return std::move(truth);
  }
  CHECK(false);
  return {};
}

int VirtualAccount::Count(const std::string& action) const {
  return static_cast<int>(
      std::count_if(watched_->calls.begin(), watched_->calls.end(), [&](const auto& call) {
        return call.second.action == action;
      }));
}

std::optional<base::Time> VirtualAccount::KilledAt(const model::ClusterId& cluster) const {
  for (const auto& [at, call] : watched_->calls) {
    if (call.action == "TerminateJobFlows" && call.body.find(cluster.str()) != std::string::npos)
      return at;
  }
  return std::nullopt;
}

std::string NameOf(const std::string& deployment, const std::string& incarnation, int number) {
  emr::LaunchIdentity identity;
  identity.deployment = deployment;
  identity.incarnation = incarnation;
  identity.attempt = {{{model::DagId("lost"), model::RunId("r")}, model::JobId("a"), {}}, number};
  identity.token = emr::ComputeToken(incarnation, identity.attempt, 0);
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

}  // namespace sim
