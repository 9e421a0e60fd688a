#include "many_clusters.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "model/dag_json.h"

namespace sim {

namespace {
constexpr char kRequest[] = R"({
  "ReleaseLabel": "emr-7.8.0", "ServiceRole": "r", "JobFlowRole": "p",
  "Instances": {"InstanceFleets": [
    {"InstanceFleetType": "MASTER", "TargetOnDemandCapacity": 1,
     "InstanceTypeConfigs": [{"InstanceType": "m5.xlarge"}]},
    {"InstanceFleetType": "CORE", "TargetSpotCapacity": 4,
     "InstanceTypeConfigs": [{"InstanceType": "m5.xlarge"}]}]},
  "Steps": [{"Name": "work", "ActionOnFailure": "TERMINATE_CLUSTER",
    "HadoopJarStep": {"Jar": "command-runner.jar", "Args": ["spark-submit", "{{ ds }}"]}}]})";
}  // namespace

std::shared_ptr<const model::Dag> LanesDag(int lanes, int jobs) {
  auto dag = std::make_shared<model::Dag>();
  dag->id = model::DagId("many");
  dag->is_paused_upon_creation = false;
  for (int i = 0; i < jobs; ++i) {
    for (int lane = 0; lane < lanes; ++lane) {
      model::Job job;
      job.id = model::JobId(base::Cat("job", i));
      job.lane = model::LaneId(base::Cat(lane));
      job.type = model::JobType::kEmrJob;
      job.request = base::ParseJson(kRequest)->as_object();
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

int CallTally::Total() const {
  int total = 0;
  for (const auto& [action, count] : made)
    total += count;
  return total;
}

void ManyClusters::Start(const driver::Options& options) {
  driver_.reset();
  world_.DropReplies();
  driver_ = driver::Driver::Create(options, world_, store_, zones_).value();
}

void ManyClusters::Trigger(std::shared_ptr<const model::Dag> dag) {
  const model::DagId id = dag->id;
  const model::PoolRow pool{model::PoolId("clusters"), 100'000, ""};
  driver_->Post(model::ProjectLoaded{{std::move(dag)}, {pool}});
  driver_->Post(model::TriggerRun{id, model::RunId("r"), world_.Now(), {}, "test"});
}

void ManyClusters::RunFor(base::Duration span) {
  const base::Time until = world_.Now() + span;
  while (true) {
    world_.Deliver(*driver_);
    driver_->Pump();
    CHECK(!driver_->fatal());
    for (const json::object& line : emr_.TakeJournal()) {
      on_journal_(line);
      const std::string action = base::GetString(line, "action");
      if (action.empty())
        continue;
      ++tally_.made[action];
      tally_.throttled += base::GetString(line, "code") == "ThrottlingException";
    }
    std::optional<base::Time> next = world_.NextReply();
    driver::Earlier(next, driver_->NextWake());
    if (!next || *next > until)
      break;
    world_.AdvanceTo(std::max(*next, world_.Now() + base::milliseconds(1)));
  }
  world_.AdvanceTo(until);
}

CallTally ManyClusters::TakeTally() {
  return std::exchange(tally_, {});
}

int ManyClusters::Live() const {
  const auto clusters = emr_.Clusters();
  return static_cast<int>(
      std::count_if(clusters.begin(), clusters.end(), [](const emulator::ClusterTruth& cluster) {
        return cluster.Live();
      }));
}

}  // namespace sim
