// Jobs and lanes that have other names in a newer version: what is remembered of them goes on.

#include "engine/names.h"

#include <gtest/gtest.h>

#include "engine/test_support.h"

namespace engine {
namespace {

using model::DagId;
using model::JobId;
using model::LaneId;
using model::TaskState;

constexpr char kFirst[] = "scheduled__2026-06-01T01:00:00+00:00";
constexpr char kSecond[] = "scheduled__2026-06-02T01:00:00+00:00";

class Names : public StoredEngine {
 protected:
  // "up" at 01:00 with a job that waits for a cluster.
  static model::Dag Up(const std::string& job, const std::string& lane = "") {
    model::Dag dag = Daily("up", "0 1 * * *");
    dag.jobs[0].id = JobId(job);
    dag.jobs[0].lane = LaneId(lane);
    dag.jobs[0].work = model::EmrWork();
    return dag;
  }
  static model::Dag Renamed(const std::string& lane = "") {
    model::Dag dag = Up("k", lane);
    dag.jobs[0].formerly = {{JobId("j"), LaneId("")}};
    return dag;
  }
  static model::Dag Down(const std::string& job) {
    model::Dag dag = Daily("down", "0 3 * * *");
    dag.jobs[0].cross.push_back({.dag = DagId("up"), .job = JobId(job)});
    return dag;
  }
  void Mark(std::string_view at, const std::string& run, const std::string& job, TaskState state) {
    const model::RunKey key{DagId("up"), model::RunId(run)};
    const model::JobKey of{key, JobId(job), LaneId()};
    EXPECT_TRUE(Apply(at, model::MarkJobs{{key, {of}, "ada", rows_.OfRun(key)}, state}).outcome);
  }
  std::string StateOf(const std::string& dag, const std::string& run, const std::string& job) {
    return rows_.StateOf({{DagId(dag), model::RunId(run)}, JobId(job), LaneId()});
  }
};

TEST_F(Names, AnEarlierSuccessCountsUnderTheNewName) {
  Load("2026-06-01T00:30Z", {Up("j"), Down("j")});
  Tick("2026-06-01T01:00Z");
  Mark("2026-06-01T02:00Z", kFirst, "j", TaskState::kSuccess);
  Load("2026-06-01T02:30Z", {Renamed(), Down("k")});
  Tick("2026-06-01T03:00Z");
  EXPECT_EQ(StateOf("down", "scheduled__2026-06-01T03:00:00+00:00", "j"), "success");
}

TEST_F(Names, AJobThatWaitsForTheFormerNameIsServedByARunOfTheOlderVersion) {
  Load("2026-06-01T00:30Z", {Up("j"), Down("j")});
  Tick("2026-06-01T01:00Z");
  Tick("2026-06-01T03:00Z");
  Load("2026-06-01T03:30Z", {Renamed(), Down("k")});
  ASSERT_EQ(MissingOf("down").size(), 1u);
  EXPECT_NE(MissingOf("down")[0].sentence.find("up/k"), std::string::npos);
  Mark("2026-06-01T04:00Z", kFirst, "j", TaskState::kSuccess);
  EXPECT_EQ(StateOf("down", "scheduled__2026-06-01T03:00:00+00:00", "j"), "success");
}

TEST_F(Names, AnEndUnderARuleIsFoundUnderTheNewName) {
  model::Dag down = Down("j");
  down.jobs[0].cross[0].rule = model::TriggerRule::kAllFailed;
  Load("2026-06-01T00:30Z", {Up("j"), down});
  Tick("2026-06-01T01:00Z");
  Tick("2026-06-01T03:00Z");
  down.jobs[0].cross[0].job = JobId("k");
  Load("2026-06-01T03:30Z", {Renamed(), down});
  Mark("2026-06-01T04:00Z", kFirst, "j", TaskState::kFailed);
  EXPECT_EQ(StateOf("down", "scheduled__2026-06-01T03:00:00+00:00", "j"), "success");
}

TEST_F(Names, AConditionOfAnOlderVersionAsksForTheFormerName) {
  model::Dag down = Down("j");
  down.jobs[0].cross[0].rule = model::TriggerRule::kAllDone;
  down.jobs[0].when = "states['up/j'] == 'failed'";
  Load("2026-06-01T00:30Z", {Up("j"), down});
  Tick("2026-06-01T01:00Z");
  Tick("2026-06-01T03:00Z");
  down.jobs[0].cross[0].job = JobId("k");
  down.jobs[0].when = "states['up/k'] == 'failed'";
  Load("2026-06-01T03:30Z", {Renamed(), down});
  Mark("2026-06-01T04:00Z", kFirst, "j", TaskState::kFailed);
  EXPECT_EQ(StateOf("down", "scheduled__2026-06-01T03:00:00+00:00", "j"), "success");
}

TEST_F(Names, ADagIsFoundByWhatItWasCalled) {
  model::Dag now = Up("j");
  now.formerly = {DagId("before")};
  Load("2026-06-01T00:30Z", {now});
  EXPECT_EQ(PresentDag(engine_->state(), DagId("before")), DagId("up"));
  EXPECT_EQ(PresentDag(engine_->state(), DagId("never")), DagId("never"));
}

TEST_F(Names, TheRunBeforeIsAskedForTheFormerName) {
  for (const bool is_live : {true, false}) {
    rows_ = Rows();
    Restart();
    Load("2026-06-01T00:30Z", {Up("j")});
    Tick("2026-06-01T01:00Z");
    if (!is_live)
      Mark("2026-06-01T02:00Z", kFirst, "j", TaskState::kFailed);
    model::Dag now = Renamed();
    now.jobs[0].depends_on_past = true;
    Load("2026-06-01T03:30Z", {now});
    Tick("2026-06-02T01:00Z");
    EXPECT_EQ(StateOf("up", kSecond, "k"), "none") << is_live;
    Mark("2026-06-02T02:00Z", kFirst, "j", TaskState::kSuccess);
    EXPECT_EQ(StateOf("up", kSecond, "k"), "queued") << is_live;
  }
}

TEST_F(Names, AJobMayComeIntoALane) {
  Load("2026-06-01T00:30Z", {Up("j"), Down("j")});
  Tick("2026-06-01T01:00Z");
  Tick("2026-06-01T03:00Z");
  Load("2026-06-01T03:30Z", {Renamed("eu"), Down("k")});
  Mark("2026-06-01T04:00Z", kFirst, "j", TaskState::kSuccess);
  EXPECT_EQ(StateOf("down", "scheduled__2026-06-01T03:00:00+00:00", "j"), "success");
}

TEST_F(Names, ALaneThatTheNewVersionLacksCanBeCleared) {
  model::Dag dag = Up("j", "eu");
  dag.jobs.push_back(dag.jobs[0]);
  dag.jobs[1].lane = LaneId("us");
  Load("2026-06-01T00:30Z", {dag});
  Tick("2026-06-01T01:00Z");
  const model::RunKey run{DagId("up"), model::RunId(kFirst)};
  const auto all = std::vector{model::JobKey{run, JobId("j"), LaneId("eu")},
                               model::JobKey{run, JobId("j"), LaneId("us")}};
  EXPECT_TRUE(Apply("2026-06-01T02:00Z", model::MarkJobs{{run, all, "ada", {}}, TaskState::kFailed})
                  .outcome);
  Load("2026-06-01T03:00Z", {Up("j", "eu")});
  EXPECT_TRUE(Apply("2026-06-01T04:00Z",
                    model::ClearJobs{{run, {all[1]}, "ada", rows_.OfRun(run)}, {}, false})
                  .outcome);
  EXPECT_EQ(rows_.StateOf(all[1]), "queued");
  EXPECT_EQ(rows_.StateOf(all[0]), "failed");
}

TEST_F(Names, ANameThatAJobHasNowIsNoFormerOne) {
  Load("2026-06-01T00:30Z", {Up("j")});
  const JobRef known{DagId("up"), JobId("j"), LaneId()};
  const JobRef strange{DagId("up"), JobId("never"), LaneId()};
  Load("2026-06-01T00:40Z", {Renamed()});
  EXPECT_EQ(PresentName(engine_->state(), known).job.str(), "k");
  EXPECT_EQ(PresentName(engine_->state(), strange), strange);
}

}  // namespace
}  // namespace engine
