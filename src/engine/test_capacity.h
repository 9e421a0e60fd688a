#pragma once

// Whole runs of the engine over a store, for tests of who gets the next turn.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "base/text.h"
#include "engine/blockers.h"
#include "engine/engine.h"
#include "engine/invariants.h"
#include "engine/queue.h"
#include "model/dag_json.h"
#include "store/memory_store.h"
#include "work/kinds.h"

namespace engine {

inline model::Job JobOf(const std::string& id,
                        model::Capacity capacity = {},
                        const std::string& lane = "") {
  model::Job job;
  job.id = model::JobId(id);
  job.lane = model::LaneId(lane);
  job.pool = model::PoolId("p");
  job.capacity = capacity;
  job.retries = 5;
  job.work = model::EmrWork{
      .request = json::object{
          {"ReleaseLabel", "emr-7.8.0"},
          {"Instances", json::object{{"MasterInstanceType", "m5.xlarge"}, {"InstanceCount", 1}}}}};
  return job;
}

// A pool `p`, and DAGs whose jobs need a turn. A cluster is named like its job.
class CapacityTest : public ::testing::Test {
 protected:
  CapacityTest() { Start(); }

  void Start() {
    const model::Snapshot rows = rows_.Load(now_ - base::hours(1)).value();
    epoch_ = rows.identity.epoch;
    auto engine = Engine::Create({}, zones_, work::MakeKinds({}), rows);
    ASSERT_TRUE(engine.has_value()) << engine.error().message;
    engine_ = std::move(*engine);
    Apply(model::Tick{});
  }

  void Apply(decltype(model::Event::body) body) {
    Changes changes = engine_->Apply({now_, std::move(body)});
    EXPECT_TRUE(changes.outcome.has_value());
    EXPECT_EQ(rows_.Commit(changes.rows, epoch_).outcome, store::CommitResult::Outcome::kOk);
    EXPECT_THAT(BrokenInvariants(*engine_), ::testing::IsEmpty());
  }

  void Pool(int slots) { project_.pools = {{model::PoolId("p"), slots, ""}}; }

  model::Dag& Dag(const std::string& id, std::vector<model::Job> jobs) {
    auto dag = std::make_shared<model::Dag>();
    dag->id = model::DagId(id);
    dag->is_paused_upon_creation = false;
    dag->jobs = std::move(jobs);
    dags_.push_back(dag);
    return *dag;
  }

  void LoadDags() {
    project_.dags.clear();
    for (const auto& dag : dags_) {
      dag->version = model::ComputeVersion(*dag);
      project_.dags.push_back(std::make_shared<model::Dag>(*dag));
    }
    Apply(project_);
  }

  void Trigger(const std::string& dag, const std::string& run, json::object conf = {}) {
    Apply(model::TriggerRun{model::DagId(dag), model::RunId(run), {}, std::move(conf), "ada"});
  }

  // The jobs that get a turn, in their order.
  std::vector<std::string> Turn(int limit) {
    const auto next = NextInTurn(engine_->state(), {.calls = limit});
    std::vector<std::string> names;
    for (const JobInstance* job : next)
      names.push_back(NameOf(job->row.key));
    const int startable = engine_->Startable(limit);
    EXPECT_EQ(startable, static_cast<int>(names.size()));
    Apply(model::Turns{.calls = limit});
    return names;
  }

  // Its launch is answered, and its cluster is seen, created now.
  model::ClusterId Begin(const std::string& name) {
    for (const auto& [token, launch] : work::EmrOf(*engine_).launches) {
      if (NameOf(launch.attempt.job) != name || launch.state != model::LaunchState::kIntent)
        continue;
      const model::ClusterId cluster(base::Cat("j-", ++clusters_));
      Apply(model::LaunchAccepted{model::LaunchToken(token), cluster, now_});
      model::ClusterSeen seen{cluster, now_, model::ClusterStatus(), {}, {}};
      seen.status->phase = model::ClusterPhase::kStarting;
      seen.status->created_at = now_;
      Apply(seen);
      return cluster;
    }
    ADD_FAILURE() << name << " has no launch";
    return {};
  }
  void End(const model::ClusterId& cluster) {
    model::ClusterSeen seen{cluster, now_, model::ClusterStatus(), {}, {}};
    seen.status->phase = model::ClusterPhase::kTerminated;
    seen.status->reason_code = "ALL_STEPS_COMPLETED";
    seen.status->ended_at = now_;
    seen.steps = {{"s-1", "s", model::StepState::kCompleted, "", {}, {}}};
    Apply(seen);
  }
  // Its launch is answered and its cluster ends well.
  void Finish(const std::string& name) { End(Begin(name)); }

  static std::string NameOf(const model::JobKey& key) {
    return base::Cat(key.run.dag.str(),
                     key.run.run.str() == "r" ? "" : base::Cat("/", key.run.run.str()),
                     ".",
                     model::DisplayName(key.job, key.lane));
  }
  int Startable() const { return engine_->Startable(99); }
  int Used() const { return engine_->state().pools.at(model::PoolId("p")).used; }
  std::vector<std::string> Blockers(const std::string& dag, const std::string& job) const {
    std::vector<std::string> lines;
    for (const Blocker& blocker :
         BlockersOf(*engine_,
                    {{model::DagId(dag), model::RunId("r")}, model::JobId(job), model::LaneId()}))
      lines.push_back(base::Cat(ToString(blocker.kind), ": ", blocker.sentence));
    return lines;
  }

  schedule::ZoneSet zones_;
  store::MemoryStore rows_{{"test", "0123456789abcdef0123456789abcdef", 0}};
  int64_t epoch_ = 0;
  std::unique_ptr<Engine> engine_;
  std::vector<std::shared_ptr<model::Dag>> dags_;
  model::ProjectLoaded project_;
  base::Time now_ = base::ParseTime("2026-01-05T00:00:00Z").value();
  int clusters_ = 0;
};

}  // namespace engine
