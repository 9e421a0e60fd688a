#include "forecast/build.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "engine/engine.h"
#include "forecast/outlook.h"
#include "model/dag_json.h"
#include "work/emr/emr.h"
#include "work/kinds.h"

namespace forecast {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

model::Job EmrJob(const std::string& id,
                  std::optional<base::Duration> expected = {},
                  std::vector<int> upstream = {}) {
  model::Job job;
  job.id = model::JobId(id);
  model::EmrWork work;
  work.request = json::object{
      {"ReleaseLabel", "emr-7.8.0"},
      {"Instances", json::object{{"MasterInstanceType", "m5.xlarge"}, {"InstanceCount", 1}}},
      {"Steps",
       json::array{
           json::object{{"Name", "work"},
                        {"HadoopJarStep",
                         json::object{{"Jar", "command-runner.jar"}, {"Args", json::array()}}}}}}};
  work.expected_durations = {expected};
  job.work = work;
  job.upstream = std::move(upstream);
  return job;
}

class BuildTest : public testing::Test {
 protected:
  BuildTest() {
    model::Snapshot snapshot;
    snapshot.identity = {"test", "0123456789abcdef0123456789abcdef", 1};
    engine_ = engine::Engine::Create({}, zones_, work::MakeKinds({}), snapshot).value();
  }

  void Load(std::vector<model::Dag> dags) {
    model::ProjectLoaded loaded = project_;
    for (model::Dag& dag : dags) {
      dag.is_paused_upon_creation = false;
      dag.version = model::ComputeVersion(dag);
      loaded.dags.push_back(std::make_shared<model::Dag>(dag));
    }
    engine_->Apply({now_, loaded});
    engine_->Apply({now_, model::Tick()});
  }
  Outlook Look(base::Duration horizon) {
    return Outlook(BuildNetwork(*CopyEstate(engine_->state(), now_), now_ + horizon));
  }
  // Each run, and when it ends with typical durations.
  static std::vector<std::string> Ends(const Outlook& outlook) {
    std::vector<std::string> ends;
    for (size_t i = 0; i < outlook.network().runs.size(); ++i) {
      const forecast::Run& run = outlook.network().runs[i];
      const Seconds end = outlook.typical().run_ends[i];
      ends.push_back(
          base::Cat(run.key.dag.str(),
                    " ",
                    end == kNever ? "never" : base::FormatRfc3339(TimeOf(outlook.network(), end))));
    }
    return ends;
  }

  schedule::ZoneSet zones_;
  model::ProjectLoaded project_;
  std::unique_ptr<engine::Engine> engine_;
  base::Time now_ = base::ParseTime("2026-01-05T00:00:00Z").value();
};

model::Dag Scheduled(const std::string& id, const std::string& cron, std::vector<model::Job> jobs) {
  model::Dag dag;
  dag.id = model::DagId(id);
  dag.schedule.cron = cron;
  dag.jobs = std::move(jobs);
  return dag;
}

TEST_F(BuildTest, ComingRunsFollowTheScheduleUntilTheHorizon) {
  Load({Scheduled("etl", "0 1 * * *", {EmrJob("a", base::minutes(30))})});
  const Outlook outlook = Look(base::hours(30));
  EXPECT_THAT(Ends(outlook), ElementsAre("etl 2026-01-05T01:30:00Z", "etl 2026-01-06T01:30:00Z"));
  EXPECT_EQ(outlook.network().runs[0].key.run.str(), "scheduled__2026-01-05T01:00:00+00:00");
  EXPECT_FALSE(outlook.network().runs[0].queued_at);
  EXPECT_EQ(outlook.BasisOf(0), Basis::kExpected);
}

TEST_F(BuildTest, ARunWaitsForTheIntervalOfAnotherDag) {
  model::Job features = EmrJob("b", base::minutes(10));
  model::CrossDependency edge;
  edge.dag = model::DagId("etl");
  edge.job = model::JobId("a");
  features.cross = {edge};
  Load({Scheduled("etl", "0 1 * * *", {EmrJob("a", base::minutes(90))}),
        Scheduled("features", "0 2 * * *", {features})});
  const Outlook outlook = Look(base::hours(10));
  EXPECT_THAT(Ends(outlook),
              ElementsAre("etl 2026-01-05T02:30:00Z", "features 2026-01-05T02:40:00Z"));
  std::vector<int> path;
  for (const PathStep& step : outlook.CriticalPath(1))
    path.push_back(step.job);
  EXPECT_THAT(path, ElementsAre(0, 1)) << "the path begins in the other DAG";
}

TEST_F(BuildTest, WhatNobodyBringsIsSaid) {
  model::Job lonely = EmrJob("b", base::minutes(10));
  model::CrossDependency edge;
  edge.dag = model::DagId("absent");
  edge.job = model::JobId("a");
  lonely.cross = {edge};
  Load({Scheduled("features", "0 2 * * *", {lonely})});
  const Outlook outlook = Look(base::hours(10));
  EXPECT_THAT(Ends(outlook), ElementsAre("features never"));
  EXPECT_EQ(outlook.WhyNever(0), "b: it waits for absent/a, and no run of it is to come");
}

TEST_F(BuildTest, ALiveRunGoesOnFromWhereItIs) {
  Load(
      {Scheduled("etl", "", {EmrJob("a", base::minutes(30)), EmrJob("b", base::minutes(5), {0})})});
  engine_->Apply(
      {now_, model::TriggerRun{model::DagId("etl"), model::RunId("r"), {}, {}, "ada", {}}});
  engine_->Apply({now_, model::Turns{10}});
  now_ += base::minutes(20);
  const Outlook outlook = Look(base::hours(10));
  EXPECT_THAT(Ends(outlook), ElementsAre("etl 2026-01-05T00:35:00Z"));
  EXPECT_TRUE(outlook.network().jobs[0].holds_slot);
  EXPECT_EQ(outlook.network().jobs[0].begun, 1200);
}

// What has succeeded in it is to be done again, too.
TEST_F(BuildTest, AGroupThatWaitsForItsNextTryBeginsAgainAsAWhole) {
  model::Dag dag = Scheduled("etl",
                             "",
                             {EmrJob("a", base::minutes(30)),
                              EmrJob("b", base::minutes(5)),
                              EmrJob("c", base::minutes(5), {0})});
  dag.groups = {{.path = "g", .retries = 1, .retry_delay = base::minutes(7)}};
  dag.jobs[0].group = dag.jobs[1].group = "g";
  Load({dag});
  engine_->Apply(
      {now_, model::TriggerRun{model::DagId("etl"), model::RunId("r"), {}, {}, "ada", {}}});
  engine_->Apply({now_, model::Turns{10}});
  const auto launches = work::EmrOf(*engine_).launches;
  for (const auto& [token, launch] : launches) {
    const model::ClusterId cluster("j-" + launch.attempt.job.job.str());
    const bool well = launch.attempt.job.job.str() == "a";
    engine_->Apply({now_, model::LaunchAccepted{token, cluster, now_}});
    model::ClusterSeen seen{.cluster = cluster, .source_at = now_};
    seen.status.emplace();
    seen.status->phase =
        well ? model::ClusterPhase::kTerminated : model::ClusterPhase::kTerminatedWithErrors;
    seen.status->reason_code = well ? "ALL_STEPS_COMPLETED" : "STEP_FAILURE";
    seen.steps = {{.id = "s-1",
                   .name = "work",
                   .state = well ? model::StepState::kCompleted : model::StepState::kFailed}};
    engine_->Apply({now_, seen});
  }
  const auto estate = CopyEstate(engine_->state(), now_);
  std::vector<std::optional<base::Time>> tries;
  for (const Estate::OpenJob& open : estate->runs.at(0).jobs) {
    EXPECT_EQ(open.state, engine::JobState::kNone);
    tries.push_back(open.next_try_at);
  }
  const std::optional<base::Time> again = now_ + base::minutes(7);
  EXPECT_THAT(tries, ElementsAre(again, again, std::nullopt));
}

TEST_F(BuildTest, AJobWithoutHistoryMayBeLikeAnyOtherOfItsDag) {
  std::vector<model::Job> jobs{EmrJob("new")};
  for (int i = 1; i <= 9; ++i)
    jobs.push_back(EmrJob("a" + std::to_string(i), base::minutes(10 * i)));
  Load({Scheduled("etl", "0 1 * * *", std::move(jobs)),
        Scheduled("far", "0 1 * * *", {EmrJob("b", base::hours(10))})});
  const Outlook outlook = Look(base::hours(10));
  EXPECT_EQ(outlook.BasisOf(0), Basis::kDag);
  EXPECT_EQ(outlook.WithoutHistory(0),
            "no history of new: the other jobs of the DAG stand for it; set expected_duration");
  const int past = outlook.network().jobs[0].past;
  EXPECT_EQ(outlook.network().pasts[static_cast<size_t>(past)].typical, 50 * 60);
  EXPECT_LT(outlook.JobFinish(0, 0.1), 3600 + 30 * 60);
  EXPECT_GT(outlook.JobFinish(0, 0.9), 3600 + 70 * 60) << "nobody knows which";
  EXPECT_EQ(outlook.WithoutHistory(1), "");
  EXPECT_TRUE(outlook.KnowsEnd(0));
}

TEST_F(BuildTest, ADagWithoutHistoryIsLikeTheOthers) {
  Load({Scheduled("new", "0 1 * * *", {EmrJob("a"), EmrJob("b")}),
        Scheduled("old", "0 1 * * *", {EmrJob("c", base::hours(2))})});
  const Outlook outlook = Look(base::hours(10));
  EXPECT_EQ(outlook.BasisOf(0), Basis::kEstate);
  EXPECT_EQ(outlook.WithoutHistory(0),
            "no history of a, b: the jobs of other DAGs stand for it; set expected_duration");
  EXPECT_THAT(Ends(outlook), ElementsAre("new 2026-01-05T03:00:00Z", "old 2026-01-05T03:00:00Z"));
}

// Also of a DAG that has nothing but jobs which wait for such a run.
TEST_F(BuildTest, WhereNothingIsKnownNoEndIsKnown) {
  model::Job wait;
  wait.id = model::JobId("wait");
  wait.work = model::EmptyWork();
  model::CrossDependency edge;
  edge.dag = model::DagId("etl");
  edge.job = model::JobId("a");
  wait.cross = {edge};
  model::Job alone;
  alone.id = model::JobId("alone");
  alone.work = model::EmptyWork();
  Load({Scheduled("alone", "0 1 * * *", {alone}),
        Scheduled("etl", "0 1 * * *", {EmrJob("a")}),
        Scheduled("follows", "0 2 * * *", {wait})});
  const Outlook outlook = Look(base::hours(10));
  EXPECT_TRUE(outlook.KnowsEnd(0));
  EXPECT_FALSE(outlook.KnowsEnd(1));
  EXPECT_FALSE(outlook.KnowsEnd(2));
  EXPECT_EQ(outlook.WithoutHistory(1),
            "no history of a, nor of any other job; set expected_duration");
  EXPECT_EQ(outlook.WithoutHistory(2), "what it waits for has no history");
}

TEST_F(BuildTest, LimitsAreRespected) {
  model::Dag dag = Scheduled("etl", "0 1 * * *", {});
  for (const char* lane : {"1", "2", "3", "4"}) {
    dag.jobs.push_back(EmrJob("a", base::hours(1)));
    dag.jobs.back().lane = model::LaneId(lane);
    dag.jobs.back().lane_params = {{"customer", lane == std::string("4") ? "y" : "x"}};
  }
  project_.limits = {{.limit = {.by = "lane.params.customer", .tag = "", .max = 1}}};
  Load({dag});
  EXPECT_THAT(Ends(Look(base::hours(10))), ElementsAre("etl 2026-01-05T04:00:00Z"))
      << "three of one customer, one after the other";
  project_.limits = {{.limit = {.by = "lane.params.customer", .tag = "", .max = 2}}};
  dag.max_active_tasks = 3;
  Load({dag});
  EXPECT_THAT(Ends(Look(base::hours(10))), ElementsAre("etl 2026-01-05T03:00:00Z"));
  dag.max_active_tasks = 1;
  Load({dag});
  EXPECT_THAT(Ends(Look(base::hours(10))), ElementsAre("etl 2026-01-05T05:00:00Z"));
}

TEST_F(BuildTest, WhatNeverFitsIsSaid) {
  project_.pools = {{model::PoolId("none"), 0, ""}};
  model::Job job = EmrJob("a", base::hours(1));
  job.pool = model::PoolId("none");
  Load({Scheduled("etl", "0 1 * * *", {job})});
  EXPECT_EQ(Look(base::hours(10)).WhyNever(0),
            "a: the pool 'none' has 0 slots, and the job takes 1");
  job.pool = model::PoolId("default_pool");
  job.capacity.vcpus = 64;
  project_.limits = {{.limit = {.by = "", .tag = "", .max_vcpus = 32}}};
  Load({Scheduled("etl", "0 1 * * *", {job})});
  EXPECT_EQ(
      Look(base::hours(10)).WhyNever(0),
      "a: the limit 'max_vcpus: 32' of signalbox.yaml is smaller than the job, which takes 64 "
      "vCPUs");
}

TEST_F(BuildTest, APausedDagHasNoComingRuns) {
  Load({Scheduled("etl", "0 1 * * *", {EmrJob("a", base::minutes(30))})});
  engine_->Apply({now_, model::SetPaused{model::DagId("etl"), true, "ada"}});
  EXPECT_THAT(Ends(Look(base::hours(30))), IsEmpty());
}

}  // namespace
}  // namespace forecast
