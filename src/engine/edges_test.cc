// What edges across DAGs want beyond a success in the latest interval: rules, whole runs, bounded
// windows, earlier intervals.

#include <gtest/gtest.h>

#include "engine/cross_dag.h"
#include "engine/test_support.h"

namespace engine {
namespace {

using model::CrossDependency;
using model::DagId;
using model::JobId;
using model::TriggerRule;

model::Dag WaitsFor(model::Dag dag, CrossDependency edge) {
  edge.dag = DagId("up");
  dag.jobs[0].cross.push_back(std::move(edge));
  return dag;
}

class Edges : public StoredEngine {
 protected:
  // "up" fires at 01:00 and waits for a cluster, "down" at 03:00.
  void LoadPair(CrossDependency edge) {
    model::Dag up = Daily("up", "0 1 * * *");
    up.jobs[0].work = model::EmrWork();
    Load("2026-06-01T00:30Z", {up, WaitsFor(Daily("down", "0 3 * * *"), std::move(edge))});
    Tick("2026-06-01T01:00Z");
    Tick("2026-06-01T03:00Z");
  }
  model::RunKey RunOf(const std::string& dag) const {
    for (const auto& [key, run] : rows_.runs()) {
      if (key.dag.str() == dag)
        return key;
    }
    return {};
  }
  void Mark(std::string_view at, model::TaskState state) {
    const model::RunKey run = RunOf("up");
    model::MarkJobs mark;
    mark.run = run;
    mark.jobs = {{run, JobId("j"), model::LaneId()}};
    mark.by = "ada";
    mark.state = state;
    if (!engine_->state().runs.contains(run))
      mark.rows = rows_.OfRun(run);
    EXPECT_TRUE(Apply(at, mark).outcome);
  }
  void Clear(std::string_view at, const std::string& dag) {
    const model::RunKey run = RunOf(dag);
    model::ClearJobs clear;
    clear.run = run;
    clear.by = "ada";
    if (!engine_->state().runs.contains(run))
      clear.rows = rows_.OfRun(run);
    EXPECT_TRUE(Apply(at, clear).outcome);
  }
  std::string StateOfDown() const {
    return rows_.StateOf({RunOf("down"), JobId("j"), model::LaneId()});
  }
};

TEST_F(Edges, AllDoneTakesAFailureForAnEnd) {
  LoadPair({.job = JobId("j"), .rule = TriggerRule::kAllDone});
  ASSERT_EQ(MissingOf("down").size(), 1u);
  EXPECT_EQ(MissingOf("down")[0].sentence,
            "up/j of [2026-05-31T01:00:00Z, 2026-06-01T01:00:00Z) has not ended (rule all_done)");
  Mark("2026-06-01T04:00Z", model::TaskState::kFailed);
  EXPECT_EQ(StateOfDown(), "success");
}

TEST_F(Edges, AnEndThatTheRuleDoesNotWantIsWaitedOut) {
  LoadPair({.job = JobId("j"), .rule = TriggerRule::kAllFailed});
  Mark("2026-06-01T04:00Z", model::TaskState::kSuccess);
  ASSERT_EQ(MissingOf("down").size(), 1u);
  EXPECT_EQ(MissingOf("down")[0].because, model::MissingBecause::kRule);
  EXPECT_EQ(MissingOf("down")[0].sentence,
            "up/j of [2026-05-31T01:00:00Z, 2026-06-01T01:00:00Z) has ended, and the rule "
            "all_failed wants other ends");
  Mark("2026-06-01T05:00Z", model::TaskState::kFailed);
  EXPECT_EQ(StateOfDown(), "success");
}

TEST_F(Edges, OtherwiseEndEndsTheJobAsItsOwnUpstreamWould) {
  for (const auto& [end, becomes] : {std::pair(model::TaskState::kFailed, "upstream_failed"),
                                     std::pair(model::TaskState::kSkipped, "skipped")}) {
    rows_ = Rows();
    Restart();
    LoadPair({.job = JobId("j"), .ends_job = true});
    Mark("2026-06-01T04:00Z", end);
    EXPECT_EQ(StateOfDown(), becomes);
  }
}

TEST_F(Edges, ADecisionLastsThoughTheUpstreamIsCleared) {
  LoadPair({.job = JobId("j"), .rule = TriggerRule::kAllDone});
  Pause("2026-06-01T03:30Z", "down", true);
  Mark("2026-06-01T04:00Z", model::TaskState::kFailed);
  EXPECT_EQ(StateOfDown(), "none");
  Clear("2026-06-01T05:00Z", "up");
  Pause("2026-06-01T06:00Z", "down", false);
  EXPECT_EQ(StateOfDown(), "success");
  // What is cleared itself asks again.
  Clear("2026-06-01T07:00Z", "down");
  EXPECT_EQ(StateOfDown(), "none");
}

TEST_F(Edges, AWholeRunIsWaitedFor) {
  LoadPair({.job = JobId()});
  ASSERT_EQ(MissingOf("down").size(), 1u);
  EXPECT_EQ(MissingOf("down")[0].sentence,
            "the run of up of [2026-05-31T01:00:00Z, 2026-06-01T01:00:00Z) has not ended");
  Mark("2026-06-01T04:00Z", model::TaskState::kSuccess);
  EXPECT_EQ(StateOfDown(), "success");
}

TEST_F(Edges, AFailedRunIsWaitedForToo) {
  LoadPair({.job = JobId(), .rule = TriggerRule::kAllFailed});
  Mark("2026-06-01T04:00Z", model::TaskState::kFailed);
  EXPECT_EQ(StateOfDown(), "success");
}

// By the names of a job and of a whole run, in two lanes and two data intervals.
TEST_F(Edges, AConditionAsksHowAllEndsOfAnEdgeAre) {
  model::Dag up = Daily("up", "0 1 * * *");
  up.jobs[0].work = model::EmrWork();
  up.jobs[0].lane = model::LaneId("1");
  up.jobs.push_back(up.jobs[0]);
  up.jobs[1].lane = model::LaneId("2");
  model::Dag down = WaitsFor(
      Daily("down", "0 1 */2 * *"),
      {.job = JobId("j"), .window = model::Window::kCovers, .rule = TriggerRule::kAllDone});
  down.start_date = At("2026-06-02T00:00Z");
  down.jobs.resize(5, down.jobs[0]);
  const char* conditions[] = {"states['up/j'] == 'failed'",
                              "states['up/j'] == 'success'",
                              "states.up == 'failed'",
                              "states.up == 'none'",
                              "states['up/j'] == 'none'"};
  for (size_t i = 0; i < std::size(conditions); ++i) {
    down.jobs[i].id = JobId(base::Cat("j", i));
    down.jobs[i].when = conditions[i];
    if (i == 2 || i == 3)
      down.jobs[i].cross[0].job = JobId();
  }
  Load("2026-06-01T00:30Z", {up, down});
  for (const char* at : {"2026-06-02T01:00Z", "2026-06-03T01:00Z"})
    Tick(at);
  std::vector<std::pair<model::RunKey, model::LaneId>> ends;
  for (const auto& [key, run] : rows_.runs()) {
    for (const char* lane : {"1", "2"}) {
      if (key.dag.str() == "up")
        ends.emplace_back(key, model::LaneId(lane));
    }
  }
  ASSERT_EQ(ends.size(), 4u);
  for (size_t i = 0; i < ends.size(); ++i) {
    model::MarkJobs mark;
    mark.run = ends[i].first;
    mark.jobs = {{mark.run, JobId("j"), ends[i].second}};
    mark.by = "ada";
    mark.state = i == 1 ? model::TaskState::kFailed : model::TaskState::kSuccess;
    EXPECT_TRUE(Apply(base::Cat("2026-06-03T04:0", i, "Z"), mark).outcome);
  }
  std::vector<std::string> states;
  for (size_t i = 0; i < std::size(conditions); ++i)
    states.push_back(rows_.StateOf({RunOf("down"), JobId(base::Cat("j", i)), model::LaneId()}));
  EXPECT_EQ(base::Join(states, " "), "success skipped success skipped skipped");
}

TEST_F(Edges, WithinBoundsHowOldTheLatestMayBe) {
  Load("2026-06-01T00:30Z",
       {Daily("up", "0 1 * * 1"),
        WaitsFor(
            Daily("down", "0 3 * * *"),
            {.job = JobId("j"), .window = model::Window::kWithin, .within = base::hours(24 * 2)})});
  Tick("2026-06-01T01:00Z");
  Tick("2026-06-01T03:00Z");
  Tick("2026-06-02T03:00Z");
  EXPECT_EQ(Fired("down"), "06-01T03:00, 06-02T03:00");
  Tick("2026-06-03T03:00Z");
  EXPECT_EQ(Fired("down"), "06-01T03:00, 06-02T03:00, 06-03T03:00 waits");
  EXPECT_EQ(MissingOf("down")[0].because, model::MissingBecause::kTooOld);
}

TEST_F(Edges, AnOffsetOfDaysFollowsTheCalendar) {
  auto zone = schedule::TimeZone::Utc();
  Load("2026-06-01T00:30Z",
       {Daily("up", "0 3 * * *"),
        WaitsFor(Daily("down", "0 3 * * *"),
                 {.job = JobId("j"),
                  .window = model::Window::kSameInterval,
                  .offset = base::hours(24)})});
  Tick("2026-06-01T03:00Z");
  Tick("2026-06-02T03:00Z");
  Tick("2026-06-03T03:00Z");
  const model::JobKey job{RunOf("down"), JobId("j"), model::LaneId()};
  EXPECT_EQ(Fired("down"), "06-01T03:00, 06-02T03:00, 06-03T03:00");
}

TEST_F(Edges, SoManyIntervalsBack) {
  model::Dag up = Daily("up", "0 1 * * *");
  up.jobs[0].work = model::EmrWork();
  Load("2026-06-01T00:30Z",
       {up, WaitsFor(Daily("down", "0 3 * * *"), {.job = JobId("j"), .intervals_back = 2})});
  for (const char* at :
       {"2026-06-01T01:00Z", "2026-06-02T01:00Z", "2026-06-03T01:00Z", "2026-06-03T03:00Z"})
    Tick(at);
  ASSERT_EQ(MissingOf("down").size(), 1u);
  EXPECT_EQ(MissingOf("down")[0].interval->end, At("2026-06-01T01:00Z"));
}

}  // namespace
}  // namespace engine
