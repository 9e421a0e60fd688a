// A DAG whose file gives it another id: everything of it goes on under the new one, whatever
// becomes of the commit.

#include "driver/driver.h"
#include "driver/test_support.h"

namespace driver {
namespace {

using model::DagId;
using model::RunId;

model::Dag OneJobRenamed() {
  model::Dag dag = OneJob();
  dag.id = DagId("e");
  dag.formerly = {DagId("d")};
  dag.version = model::ComputeVersion(dag);
  return dag;
}

class Renames : public DriverTest {
 protected:
  void Rename() {
    driver_->Post(model::ProjectLoaded{{std::make_shared<model::Dag>(OneJobRenamed())}, {}});
    driver_->Pump();
  }
};

TEST_F(Renames, ARunWithALiveClusterGoesOnUnderTheNewName) {
  Trigger("r");
  Answer(world_.Take("RunJobFlow"), R"({"JobFlowId":"j-1"})");
  Rename();
  const auto& state = driver_->state();
  EXPECT_FALSE(state.dags.contains(DagId("d")));
  ASSERT_TRUE(state.runs.contains({DagId("e"), RunId("r")}));
  EXPECT_EQ(state.runs.size(), 1u);
  EXPECT_EQ(world_.Count("RunJobFlow"), 0) << "its cluster is known under the new name";
  const auto& cluster = driver_->emr().clusters.at(model::ClusterId("j-1"));
  EXPECT_EQ(cluster.attempt->job.run.dag, DagId("e"));
  EXPECT_EQ(state.dags.at(DagId("e")).row.first_seen, store_.reader().Dags()->front().first_seen);
  EXPECT_EQ(store_.reader().Versions(DagId("e"))->size(), 2u);
  EXPECT_EQ(store_.reader().Run({DagId("d"), RunId("r")}).error().code, base::ErrorCode::kNotFound);
}

TEST_F(Renames, ALaunchInFlightIsNotSentAgain) {
  Trigger("r");
  const Call call = world_.Take("RunJobFlow");
  Rename();
  EXPECT_EQ(world_.Count("RunJobFlow"), 0);
  Answer(call, R"({"JobFlowId":"j-1"})");
  EXPECT_EQ(LaunchOf(), model::LaunchState::kAccepted);
  EXPECT_EQ(driver_->emr().clusters.size(), 1u);
}

TEST_F(Renames, WhatComesInTheSameBatchIsAppliedUnderTheNewName) {
  const auto take = [this](Outcome outcome) { outcomes_.push_back(std::move(outcome)); };
  const auto trigger = [&](const char* dag, const char* run) {
    driver_->Post(model::TriggerRun{DagId(dag), RunId(run), {}, {}, "ada"}, take);
  };
  trigger("d", "before");
  driver_->Post(model::ProjectLoaded{{std::make_shared<model::Dag>(OneJobRenamed())}, {}}, take);
  trigger("e", "after");
  trigger("d", "too-late");
  driver_->Pump();
  ASSERT_EQ(outcomes_.size(), 4u);
  EXPECT_TRUE(outcomes_[0] && outcomes_[1] && outcomes_[2]);
  EXPECT_EQ(outcomes_[3].error().code, base::ErrorCode::kNotFound);
  EXPECT_TRUE(store_.reader().Run({DagId("e"), RunId("before")}).has_value());
  EXPECT_TRUE(store_.reader().Run({DagId("e"), RunId("after")}).has_value());
  EXPECT_EQ(world_.Count("RunJobFlow"), 2);
}

TEST_F(Renames, D1_ACommitThatIsNotKnownOrRefusedIsMadeGoodByTheNextReading) {
  int round = 0;
  for (const auto& [outcome, happened] : {std::pair(FaultyStore::Outcome::kUnknown, true),
                                          std::pair(FaultyStore::Outcome::kUnknown, false),
                                          std::pair(FaultyStore::Outcome::kRefused, false)}) {
    ++round;
    Trigger(base::Cat("r", round));
    Answer(world_.Take("RunJobFlow"), base::Cat(R"({"JobFlowId":"j-)", round, "\"}"));
    store_.next = outcome;
    store_.unknown_happened = happened;
    Rename();
    Rename();
    EXPECT_TRUE(driver_->state().dags.contains(DagId("e")));
    EXPECT_FALSE(driver_->state().dags.contains(DagId("d")));
    EXPECT_EQ(driver_->state().runs.begin()->first.dag, DagId("e"));
    // Back again, for the next round.
    model::Dag back = OneJob();
    back.formerly = {DagId("e")};
    back.version = model::ComputeVersion(back);
    driver_->Post(model::ProjectLoaded{{std::make_shared<model::Dag>(back)}, {}});
    driver_->Pump();
    EXPECT_TRUE(driver_->state().dags.contains(DagId("d")));
    Pass(base::minutes(2));
  }
}

TEST_F(Renames, ADagWhoseFileIsThereKeepsItsName) {
  driver_->Post(model::ProjectLoaded{
      {std::make_shared<model::Dag>(OneJob()), std::make_shared<model::Dag>(OneJobRenamed())}, {}});
  driver_->Pump();
  EXPECT_TRUE(driver_->state().dags.contains(DagId("d")));
  EXPECT_TRUE(driver_->state().dags.contains(DagId("e")));
}

TEST_F(Renames, AJobsDurationsGoOnUnderItsNewName) {
  Trigger("r");
  Answer(world_.Take("RunJobFlow"), R"({"JobFlowId":"j-1"})");
  Pass(base::minutes(57));
  driver_->Post(
      model::ClusterSeen{.cluster = model::ClusterId("j-1"),
                         .source_at = world_.now,
                         .status = model::ClusterStatus{.phase = model::ClusterPhase::kTerminated},
                         .steps = {{{"s-1", "work", model::StepState::kCompleted, "", {}, {}}}}});
  driver_->Pump();
  ASSERT_EQ(driver_->state().durations.size(), 1u);
  model::Dag renamed = OneJob();
  renamed.jobs[0].id = model::JobId("b");
  renamed.jobs[0].formerly = {{model::JobId("a"), model::LaneId()}};
  renamed.version = model::ComputeVersion(renamed);
  driver_->Post(model::ProjectLoaded{{std::make_shared<model::Dag>(renamed)}, {}});
  driver_->Pump();
  const auto row = driver_->state().durations.find({DagId("d"), model::JobId("b"), {}});
  ASSERT_NE(row, driver_->state().durations.end());
  EXPECT_EQ(row->second.attempts.size(), 1u);
  Restart();  // with the DAG as it was
  EXPECT_EQ(driver_->state().durations.size(), 2u);
}

}  // namespace
}  // namespace driver
