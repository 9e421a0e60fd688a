// What becomes of deadlines, and what failures stop by themselves.

#include "engine/deadlines.h"

#include <gtest/gtest.h>

#include "engine/blockers.h"
#include "engine/test_support.h"
#include "work/emr/emr.h"

namespace engine {
namespace {

using model::DagId;
using model::DeadlineStatus;
using Strings = std::vector<std::string>;

class Deadlines : public StoredEngine {
 protected:
  void SetUp() override {
    model::Dag dag = Daily("d", "0 2 * * *");
    dag.jobs[0].work = model::EmrWork();
    Load("2026-01-05T00:00Z", {dag});
    Trigger("2026-01-05T01:00Z", "d", "r", std::nullopt);
  }
  Changes Apply(std::string_view at, decltype(model::Event::body) body) {
    Changes changes = StoredEngine::Apply(at, std::move(body));
    for (const model::Change& change : changes.rows) {
      if (const auto* row = std::get_if<model::DeadlineRow>(&change))
        rows_of_[row->key] = *row;
      if (const auto* line = std::get_if<model::HistoryRow>(&change);
          line && line->subject.kind == model::EntityKind::kDeadline)
        story_.push_back(base::Cat(
            base::FormatRfc3339(line->at).substr(11, 5), " ", line->from, " > ", line->to));
    }
    // Rows, too, mean what memory means: the fixture's snapshot has no deadlines.
    Restart();
    return changes;
  }
  void Restart() {
    model::Snapshot snapshot = rows_.ToSnapshot();
    for (const auto& [key, row] : rows_of_) {
      const bool is_live = std::ranges::any_of(
          snapshot.runs, [&](const model::RunRow& run) { return run.key == key.job.run; });
      if (!IsFinal(row.status) || is_live)
        snapshot.deadlines.push_back(row);
    }
    auto engine = Engine::Create({}, zones_, work::MakeKinds({}), snapshot);
    ASSERT_TRUE(engine) << engine.error().message;
    engine_ = std::move(*engine);
    EXPECT_EQ(BrokenInvariants(*engine_), Strings());
  }
  model::DeadlinesJudged Judged(std::string_view due, DeadlineStatus status, std::string job = "") {
    model::DeadlinesJudged event;
    event.as_of = At("2026-01-05T01:00Z");
    event.judged.push_back({.key = {{{DagId("d"), model::RunId("r")}, model::JobId(job), {}}, ""},
                            .due = At(due),
                            .status = status,
                            .expected = At("2026-01-05T03:30Z"),
                            .holds_up = "d/j takes 2h"});
    return event;
  }
  void Mark(std::string_view at, model::RunState state) {
    Apply(at, model::MarkRun{{{DagId("d"), model::RunId("r")}, {}, "ada", nullptr}, state});
  }

  std::map<model::DeadlineKey, model::DeadlineRow> rows_of_;
  Strings story_;
};

TEST_F(Deadlines, AreRowsWhenTheirStatusChangesAndNotOtherwise) {
  Apply("2026-01-05T01:01Z", Judged("2026-01-05T04:00Z", DeadlineStatus::kOnTrack));
  EXPECT_TRUE(Apply("2026-01-05T01:02Z", Judged("2026-01-05T04:00Z", DeadlineStatus::kOnTrack))
                  .rows.empty());
  Apply("2026-01-05T01:03Z", Judged("2026-01-05T04:00Z", DeadlineStatus::kAtRisk));
  Mark("2026-01-05T02:00Z", model::RunState::kSuccess);
  EXPECT_EQ(story_,
            (Strings{"01:01  > on_track", "01:03 on_track > at_risk", "02:00 at_risk > met"}));
  EXPECT_TRUE(engine_->state().deadlines.empty());
  // Nobody judges a run that has ended.
  EXPECT_TRUE(
      Apply("2026-01-05T02:01Z", Judged("2026-01-05T04:00Z", DeadlineStatus::kLate)).rows.empty());
}

TEST_F(Deadlines, AreMissedWhenTheirTimeComesAndStaySo) {
  Apply("2026-01-05T01:01Z", Judged("2026-01-05T01:30Z", DeadlineStatus::kOnTrack));
  EXPECT_EQ(engine_->NextDue(), At("2026-01-05T01:30Z"));
  Apply("2026-01-05T01:29Z", model::Tick{});
  EXPECT_EQ(story_.size(), 1u);
  Apply("2026-01-05T01:30Z", model::Tick{});
  EXPECT_EQ(story_.back(), "01:30 on_track > missed");
  Apply("2026-01-05T01:31Z", Judged("2026-01-05T05:30Z", DeadlineStatus::kOnTrack));
  Mark("2026-01-05T01:40Z", model::RunState::kSuccess);
  EXPECT_EQ(story_.size(), 2u);
}

TEST_F(Deadlines, AFailedRunIsLateUntilItsTimeComesOrAClearSavesIt) {
  Apply("2026-01-05T01:01Z", Judged("2026-01-05T03:00Z", DeadlineStatus::kOnTrack));
  Mark("2026-01-05T01:10Z", model::RunState::kFailed);
  EXPECT_EQ(story_.back(), "01:10 on_track > late");
  ASSERT_TRUE(engine_->state().runs.empty());
  Apply("2026-01-05T03:00Z", model::Tick{});
  EXPECT_EQ(story_.back(), "03:00 late > missed");
  EXPECT_TRUE(engine_->state().deadlines.empty());
}

TEST_F(Deadlines, OfAJobEndWithTheJobAndThoseThatNoFileHasAreWithdrawn) {
  Apply("2026-01-05T01:01Z", Judged("2026-01-05T03:00Z", DeadlineStatus::kLate, "j"));
  model::DeadlinesJudged none = Judged("2026-01-05T03:00Z", DeadlineStatus::kLate);
  none.is_whole = true;
  none.as_of = At("2026-01-05T01:02Z");
  Apply("2026-01-05T01:02Z", none);
  EXPECT_EQ(story_, (Strings{"01:01  > late", "01:02  > late", "01:02 late > withdrawn"}));
  model::MarkJobs skip;
  skip.run = {DagId("d"), model::RunId("r")};
  skip.jobs = {{skip.run, model::JobId("j"), {}}};
  skip.by = "ada";
  skip.state = model::TaskState::kSkipped;
  Apply("2026-01-05T01:03Z", skip);
  EXPECT_EQ(story_.back(), "01:03 late > met");  // the run's: a skipped leaf fails nothing
}

class Breakers : public StoredEngine {
 protected:
  Changes Do(std::string_view at, decltype(model::Event::body) body) {
    return engine_->Apply({At(at), std::move(body)});
  }
  void Load(std::string_view at, model::Dag dag) {
    dag.version = model::ComputeVersion(dag);
    Do(at,
       model::ProjectLoaded{{std::make_shared<model::Dag>(std::move(dag))},
                            {{model::PoolId("default_pool"), 8, ""}}});
  }
  void Trigger(std::string_view at, const std::string& run) {
    Do(at, model::TriggerRun{DagId("d"), model::RunId(run), {}, {}, "ada", {}});
  }
  bool IsPaused() const { return engine_->state().dags.at(DagId("d")).row.is_paused; }
  // A job without a template's value fails by its configuration at its turn.
  model::Dag Wrong() const {
    model::Dag dag = Daily("d", "0 2 * * *");
    model::EmrWork work;
    work.request = {{"Name", "{{ params.missing }}"}};
    dag.jobs.clear();
    for (const char* lane : {"1", "2", "3"})
      dag.jobs.push_back({.id = model::JobId("j"), .lane = model::LaneId(lane), .work = work});
    return dag;
  }
};

model::EmrWork Good() {
  return {
      .request = json::object{
          {"ReleaseLabel", "emr-7.8.0"},
          {"Instances", json::object{{"MasterInstanceType", "m5.xlarge"}, {"InstanceCount", 1}}}}};
}

TEST_F(Breakers, SoManyFailuresInARowPauseTheDag) {
  model::Dag dag = Wrong();
  dag.jobs.resize(1);
  dag.max_consecutive_failed_dag_runs = 2;
  Load("2026-01-05T00:00Z", dag);
  Trigger("2026-01-05T01:00Z", "a");
  Do("2026-01-05T01:01Z", model::Turns{9});
  EXPECT_FALSE(IsPaused());
  Trigger("2026-01-05T01:02Z", "b");
  const Changes changes = Do("2026-01-05T01:03Z", model::Turns{9});
  EXPECT_TRUE(IsPaused());
  EXPECT_TRUE(std::ranges::any_of(changes.rows, [](const model::Change& change) {
    const auto* line = std::get_if<model::HistoryRow>(&change);
    return line && line->to == "paused" &&
           line->cause == "2 runs in a row have failed (max_consecutive_failed_dag_runs)";
  }));
  // After that it may fail as often again.
  Do("2026-01-05T01:04Z", model::SetPaused{DagId("d"), false, "ada"});
  Trigger("2026-01-05T01:05Z", "c");
  Do("2026-01-05T01:06Z", model::Turns{9});
  EXPECT_FALSE(IsPaused());
}

TEST_F(Breakers, AMistakeInOneLaneHoldsTheOthers) {
  model::Dag dag = Wrong();
  for (model::Job& job : dag.jobs)
    job.hold_on_configuration_failure = true;
  Load("2026-01-05T00:00Z", dag);
  Trigger("2026-01-05T01:00Z", "a");
  Do("2026-01-05T01:01Z", model::Turns{1});
  ASSERT_EQ(engine_->state().holds.size(), 1u);
  const model::HoldRow& hold = engine_->state().holds.begin()->second;
  EXPECT_EQ(hold.target, "d/j");
  EXPECT_EQ(hold.placed_by, model::kBreaker);
  EXPECT_NE(hold.reason.find("j_1 of the run a failed by its configuration"), std::string::npos)
      << hold.reason;
  EXPECT_EQ(engine_->Startable(9), 0);
  // A person who has fixed the file lets them go.
  Do("2026-01-05T01:02Z", model::ReleaseHold{hold.id, "ada"});
  EXPECT_EQ(engine_->Startable(9), 2);
}

// A throttle would throw it back, and it would be launched again.
TEST_F(Breakers, OneThatIsBeingLaunchedMayBeThrownBackAndIsHeld) {
  model::Dag dag = Wrong();
  dag.jobs.resize(2);
  dag.jobs[1].work = Good();
  for (model::Job& job : dag.jobs)
    job.hold_on_configuration_failure = true;
  dag.jobs[1].capacity.priority_weight = 2;
  Load("2026-01-05T00:00Z", dag);
  Trigger("2026-01-05T01:00Z", "a");
  Do("2026-01-05T01:01Z", model::Turns{1});
  EXPECT_EQ(engine_->state().holds.size(), 0u) << "the good one is being launched";
  Do("2026-01-05T01:01Z", model::Turns{1});
  ASSERT_EQ(engine_->state().holds.size(), 1u);
}

// … and of one that works nothing is saved.
TEST_F(Breakers, WhereTheOtherLanesWorkAlreadyNothingIsHeld) {
  model::Dag dag = Wrong();
  dag.jobs.resize(2);
  dag.jobs[1].work = Good();
  for (model::Job& job : dag.jobs)
    job.hold_on_configuration_failure = true;
  dag.jobs[1].capacity.priority_weight = 2;
  Load("2026-01-05T00:00Z", dag);
  Trigger("2026-01-05T01:00Z", "a");
  Do("2026-01-05T01:01Z", model::Turns{1});
  Do("2026-01-05T01:02Z",
     model::LaunchAccepted{work::EmrOf(*engine_).launches.begin()->first,
                           model::ClusterId("j-1"),
                           At("2026-01-05T01:02Z")});
  Do("2026-01-05T01:03Z", model::Turns{1});
  EXPECT_EQ(engine_->state().holds.size(), 0u);
}

}  // namespace
}  // namespace engine
