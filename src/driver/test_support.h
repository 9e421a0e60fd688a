#pragma once

// For tests only: a driver whose calls the test answers one by one, over a store that fails on
// demand.

#include <algorithm>
#include <deque>
#include <gtest/gtest.h>

#include "base/text.h"
#include "driver/driver.h"
#include "engine/invariants.h"
#include "model/dag_json.h"
#include "store/memory_store.h"

namespace driver {

// Keeps the calls; the test answers them.
class ScriptedWorld : public World {
 public:
  base::Time Now() override { return now; }
  void StartNoEarlierThan(base::Time floor) override { now = std::max(now, floor); }
  base::Duration Ahead() override { return ahead; }
  base::Duration Skipped(base::Duration) override { return skipped; }
  void Submit(const Call& call) override { calls.push_back(call); }

  // The oldest open call of the action; fails the test where there is none.
  Call Take(std::string_view action) {
    for (auto it = calls.begin(); it != calls.end(); ++it) {
      if (it->action == action) {
        Call call = *it;
        calls.erase(it);
        return call;
      }
    }
    ADD_FAILURE() << "no " << action << " was submitted";
    return {};
  }
  int Count(std::string_view action) const {
    return static_cast<int>(std::count_if(
        calls.begin(), calls.end(), [&](const Call& call) { return call.action == action; }));
  }

  base::Time now = base::ParseTime("2026-01-05T00:00:00Z").value();
  base::Duration ahead{0};
  base::Duration skipped{0};
  std::deque<Call> calls;
};

// A store that can refuse, lose its answer or be fenced.
class FaultyStore : public store::Store {
 public:
  using Outcome = store::CommitResult::Outcome;

  base::Result<model::Snapshot> Load(base::Time since) override { return memory_.Load(since); }
  base::Result<model::Snapshot> Reload(base::Time since) override { return memory_.Reload(since); }
  store::CommitResult Commit(const std::vector<model::Change>& batch, int64_t epoch) override {
    ++commits;
    if (next == Outcome::kOk)
      return memory_.Commit(batch, epoch);
    Outcome outcome = next;
    if (once)
      next = Outcome::kOk;
    if (outcome == Outcome::kUnknown && unknown_happened)
      memory_.Commit(batch, epoch);
    return {outcome, "planted"};
  }
  bool ReleaseReserve() override {
    ++released;
    return true;
  }
  bool HoldReserve() override { return has_space; }
  base::Status CheckFiles() override {
    return damage.empty() ? base::Status() : base::Fail(base::ErrorCode::kUnavailable, damage);
  }
  store::Reader& reader() override { return memory_.reader(); }

  std::string damage;
  Outcome next = Outcome::kOk;
  bool once = true;
  bool unknown_happened = false;
  bool has_space = true;
  int released = 0;
  int commits = 0;

 private:
  store::MemoryStore memory_{{"test", "0123456789abcdef0123456789abcdef", 0}};
};

inline model::Dag OneJob() {
  model::Dag dag;
  dag.id = model::DagId("d");
  dag.is_paused_upon_creation = false;
  dag.max_active_runs = 100;
  model::Job job;
  job.id = model::JobId("a");
  auto& work = job.work.emplace<model::EmrWork>();
  work.request =
      base::ParseJson(R"({"Instances": {"InstanceFleets": [{"InstanceFleetType": "MASTER",
          "TargetSpotCapacity": 1}]}})")
          ->as_object();
  job.infra_retries = 1;
  dag.jobs = {job};
  dag.version = model::ComputeVersion(dag);
  return dag;
}

class DriverTest : public testing::Test {
 protected:
  void SetUp() override { Restart(); }

  void Restart() {
    driver_.reset();
    driver_ = Driver::Create(options_, world_, store_, zones_).value();
    driver_->Post(model::ProjectLoaded{{std::make_shared<model::Dag>(OneJob())}, {}});
    driver_->Pump();
  }
  void Trigger(std::string run) {
    driver_->Post(model::TriggerRun{model::DagId("d"), model::RunId(std::move(run)), {}, {}, "ada"},
                  [this](Outcome outcome) { outcomes_.push_back(std::move(outcome)); });
    driver_->Pump();
  }
  void Pass(base::Duration span) {
    world_.now += span;
    driver_->Pump();
  }
  void Answer(const Call& call, std::string_view body) {
    Reply reply;
    reply.sent_at = world_.now;
    reply.body = base::ParseJson(body).value();
    driver_->OnReply(call.id, reply);
    driver_->Pump();
  }
  void Fail(const Call& call, wire::ErrorClass error_class) {
    Reply reply;
    reply.sent_at = world_.now;
    reply.error = wire::AwsError{error_class, "Code", "", "message", 400, ""};
    driver_->OnReply(call.id, reply);
    driver_->Pump();
  }
  model::LaunchState LaunchOf(int number = 0) {
    auto it = driver_->emr().launches.begin();
    std::advance(it, number);
    return it->second.state;
  }
  void TearDown() override {
    for (const std::string& broken : engine::BrokenInvariants(driver_->engine()))
      ADD_FAILURE() << broken;
  }

  Options options_;
  ScriptedWorld world_;
  FaultyStore store_;
  schedule::ZoneSet zones_;
  std::unique_ptr<Driver> driver_;
  std::vector<Outcome> outcomes_;
};

class RunningClusterTest : public DriverTest {
 protected:
  void SetUp() override {
    DriverTest::SetUp();
    Trigger("r");
    Answer(world_.Take("RunJobFlow"), R"({"JobFlowId":"j-1"})");
  }
  const model::ClusterRow& cluster() { return driver_->emr().clusters.at(model::ClusterId("j-1")); }
  // Lets the sweep see `state`, and answers the closer look that it causes.
  void Sweep(std::string_view clusters) {
    Pass(base::seconds(57));  // a single cluster: see pace.h
    Answer(world_.Take("ListClusters"), base::Cat(R"({"Clusters":[)", clusters, "]}"));
  }
};

}  // namespace driver
