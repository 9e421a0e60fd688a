// Assets: events of successes and by hand, what is queued, the runs that follow.

#include "engine/assets.h"

#include <gtest/gtest.h>

#include "engine/test_support.h"

namespace engine {
namespace {

using model::DagId;
using Kind = model::AssetCondition::Kind;

model::AssetCondition Asset(const std::string& name) {
  return {Kind::kAsset, name, {}};
}

model::Dag Makes(model::Dag dag, const std::string& asset) {
  dag.jobs[0].outlets.push_back({asset, {{"k", 1}}});
  return dag;
}

model::Dag Follows(const std::string& id, model::AssetCondition condition) {
  model::Dag dag = Daily(id, "");
  dag.assets = std::move(condition);
  return dag;
}

class Assets : public StoredEngine {
 protected:
  // "r1 success" in the order of their ids, without the prefix.
  std::vector<model::RunRow> RunsOf(const std::string& dag) const {
    std::vector<model::RunRow> runs;
    for (const auto& [key, run] : rows_.runs()) {
      if (key.dag.str() == dag)
        runs.push_back(run);
    }
    return runs;
  }
  Changes Tell(std::string_view at, int64_t asset) {
    return Apply(at, model::CreateAssetEvent{asset, {}, "ada"});
  }
  std::string WaitOf(const std::string& dag) const {
    return WaitsForAssets(engine_->state(), engine_->state().dags.at(DagId(dag)));
  }
};

TEST_F(Assets, ARunFollowsTheSuccessInTheSameStep) {
  Load("2026-06-01T00:30Z", {Makes(Daily("up", "0 1 * * *"), "a"), Follows("down", Asset("a"))});
  EXPECT_EQ(WaitOf("down"), "0 of 1 asset updated; waits for a");
  Tick("2026-06-01T01:00Z");
  const auto runs = RunsOf("down");
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(runs[0].key.run.str(), "asset_triggered__2026-06-01T01:00:00+00:00");
  EXPECT_EQ(runs[0].type, model::RunType::kAssetTriggered);
  EXPECT_FALSE(runs[0].logical_date.has_value());
  EXPECT_EQ(runs[0].data_interval,
            (base::Interval{At("2026-05-31T01:00Z"), At("2026-06-01T01:00Z")}));
  EXPECT_EQ(runs[0].asset_events, (std::vector<model::TakenEvents>{{1, 0, 1}}));
  EXPECT_EQ(runs[0].state, model::RunState::kSuccess);
}

TEST_F(Assets, AllWantsEachAndEachEventIsTakenOnce) {
  Load("2026-06-01T00:30Z",
       {Makes(Daily("up", "0 1 * * *"), "a"),
        Follows("down", {Kind::kAll, "", {Asset("a"), Asset("b")}})});
  Tick("2026-06-01T01:00Z");
  Tick("2026-06-02T01:00Z");
  EXPECT_TRUE(RunsOf("down").empty());
  EXPECT_EQ(WaitOf("down"), "1 of 2 assets updated; waits for b");
  EXPECT_TRUE(Tell("2026-06-02T02:00Z", 2).outcome);
  ASSERT_EQ(RunsOf("down").size(), 1u);
  EXPECT_EQ(RunsOf("down")[0].asset_events,
            (std::vector<model::TakenEvents>{{1, 0, 2}, {2, 0, 3}}));
  EXPECT_EQ(RunsOf("down")[0].data_interval,
            (base::Interval{At("2026-05-31T01:00Z"), At("2026-06-02T01:00Z")}));
  Tell("2026-06-02T03:00Z", 2);
  EXPECT_EQ(RunsOf("down").size(), 1u);
  Tell("2026-06-02T04:00Z", 1);
  ASSERT_EQ(RunsOf("down").size(), 2u);
  EXPECT_EQ(RunsOf("down")[1].asset_events,
            (std::vector<model::TakenEvents>{{1, 2, 5}, {2, 3, 4}}));
}

TEST_F(Assets, AnyWantsOneAndASchedule_FiresBeside) {
  model::Dag down = Follows("down", {Kind::kAny, "", {Asset("a"), Asset("b")}});
  down.schedule.cron = "0 6 * * *";
  Load("2026-06-01T00:30Z", {down});
  Tell("2026-06-01T01:00Z", 2);
  EXPECT_EQ(RunsOf("down").size(), 1u);
  Tick("2026-06-01T06:00Z");
  ASSERT_EQ(RunsOf("down").size(), 2u);
  EXPECT_EQ(RunsOf("down")[1].type, model::RunType::kScheduled);
  EXPECT_TRUE(RunsOf("down")[1].asset_events.empty());
}

TEST_F(Assets, APausedDagQueuesNothingAndItsNextRunTakesAll) {
  Load("2026-06-01T00:30Z", {Follows("down", Asset("a"))});
  Pause("2026-06-01T01:00Z", "down", true);
  Tell("2026-06-01T02:00Z", 1);
  Pause("2026-06-01T03:00Z", "down", false);
  EXPECT_TRUE(RunsOf("down").empty());
  Tell("2026-06-01T04:00Z", 1);
  ASSERT_EQ(RunsOf("down").size(), 1u);
  EXPECT_EQ(RunsOf("down")[0].asset_events, (std::vector<model::TakenEvents>{{1, 0, 2}}));
}

TEST_F(Assets, AFullDagTakesTogetherWhatCameMeanwhile) {
  model::Dag down = Follows("down", Asset("a"));
  down.max_active_runs = 1;
  down.jobs[0].work = model::EmrWork();
  Load("2026-06-01T00:30Z", {down});
  for (const char* at : {"2026-06-01T01:00Z", "2026-06-01T02:00Z", "2026-06-01T03:00Z"})
    Tell(at, 1);
  ASSERT_EQ(RunsOf("down").size(), 1u);
  model::MarkRun mark;
  mark.run = RunsOf("down")[0].key;
  mark.by = "ada";
  Apply("2026-06-01T04:00Z", mark);
  ASSERT_EQ(RunsOf("down").size(), 2u);
  EXPECT_EQ(RunsOf("down")[1].asset_events, (std::vector<model::TakenEvents>{{1, 1, 3}}));
}

TEST_F(Assets, WhatIsDroppedCountsNoMore) {
  Load("2026-06-01T00:30Z", {Follows("down", {Kind::kAll, "", {Asset("a"), Asset("b")}})});
  Tell("2026-06-01T01:00Z", 1);
  const auto early = model::DropQueuedEvents{
      .dag = DagId("down"), .by = "ada", .before = base::ParseTime("2026-06-01T01:00Z").value()};
  EXPECT_FALSE(Apply("2026-06-01T02:00Z", early).outcome) << "it was queued later";
  EXPECT_TRUE(Apply("2026-06-01T02:00Z", model::DropQueuedEvents{DagId("down"), 1, "ada"}).outcome);
  EXPECT_FALSE(
      Apply("2026-06-01T02:01Z", model::DropQueuedEvents{DagId("down"), 1, "ada"}).outcome);
  Tell("2026-06-01T03:00Z", 2);
  EXPECT_TRUE(RunsOf("down").empty());
  Tell("2026-06-01T04:00Z", 1);
  ASSERT_EQ(RunsOf("down").size(), 1u);
  EXPECT_EQ(RunsOf("down")[0].asset_events,
            (std::vector<model::TakenEvents>{{1, 1, 3}, {2, 0, 2}}));
}

TEST_F(Assets, ANewConditionDoesNotLookBack) {
  Load("2026-06-01T00:30Z", {Makes(Daily("up", "0 1 * * *"), "a")});
  Tick("2026-06-01T01:00Z");
  Load("2026-06-01T02:00Z", {Makes(Daily("up", "0 1 * * *"), "a"), Follows("down", Asset("a"))});
  EXPECT_TRUE(RunsOf("down").empty());
  EXPECT_EQ(WaitOf("down"), "0 of 1 asset updated; waits for a");
}

TEST_F(Assets, ANameKeepsItsIdAndARemovedOneIsNotActive) {
  Load("2026-06-01T00:30Z", {Follows("down", Asset("a"))});
  Load("2026-06-01T01:00Z", {Follows("down", Asset("b"))});
  EXPECT_FALSE(engine_->state().assets.at(1).is_active);
  EXPECT_EQ(engine_->state().assets.at(2).asset.name, "b");
  Tell("2026-06-01T02:00Z", 1);
  EXPECT_TRUE(RunsOf("down").empty());
  Load("2026-06-01T03:00Z", {Follows("down", Asset("a"))});
  EXPECT_TRUE(engine_->state().assets.at(1).is_active);
  EXPECT_FALSE(Tell("2026-06-01T04:00Z", 3).outcome);
}

TEST_F(Assets, ABackfillOfTicksIsRefused) {
  Load("2026-06-01T00:30Z", {Follows("down", Asset("a"))});
  model::CreateBackfill backfill{.dag = DagId("down"), .by = "ada"};
  backfill.from = At("2026-05-01");
  backfill.to = At("2026-05-02");
  const Changes changes = Apply("2026-06-01T01:00Z", backfill);
  ASSERT_FALSE(changes.outcome);
  EXPECT_EQ(changes.outcome.error().message,
            "the DAG 'down' follows assets and has no ticks: create an event of them, or name the "
            "data intervals of its runs");
}

TEST_F(Assets, TheEventsStandInTheTemplatesOfTheRun) {
  model::Dag down = Follows("down", {Kind::kAll, "", {Asset("a"), Asset("b")}});
  down.jobs[0].when =
      "triggering_asset_events.a[0].source_dag_id == 'up' and "
      "triggering_asset_events.a[0].extra.k == 1 and triggering_asset_events.b[0].source_dag_id is "
      "none and triggering_asset_events.b[-1].timestamp == '2026-06-01T01:20:00+00:00'";
  down.jobs[0].when += " and triggering_asset_events.b[0].timestamp == '2026-06-01T00:40:00+00:00'";
  Load("2026-06-01T00:30Z", {Makes(Daily("up", "0 1 * * *"), "a"), down});
  Pause("2026-06-01T00:31Z", "down", true);
  Tell("2026-06-01T00:40Z", 2);
  Tick("2026-06-01T01:00Z");
  Pause("2026-06-01T01:10Z", "down", false);
  Tell("2026-06-01T01:20Z", 2);
  Tell("2026-06-01T01:30Z", 1);
  const auto runs = RunsOf("down");
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(rows_.StateOf({runs[0].key, model::JobId("j"), {}}), "success");
}

TEST_F(Assets, OfManyEventsTheNewestAreKept) {
  Load("2026-06-01T00:30Z", {Follows("down", {Kind::kAll, "", {Asset("a"), Asset("b")}})});
  for (int i = 0; i < 1200; ++i) {
    const auto changes = engine_->Apply({At("2026-06-01T00:40Z") + base::seconds(i),
                                         model::CreateAssetEvent{1, {{"i", i}}, "ada"}});
    rows_.Take(changes.rows);
  }
  EXPECT_LE(engine_->state().asset_events.size(), 1100u);
  Tell("2026-06-01T02:00Z", 2);
  const auto runs = RunsOf("down");
  ASSERT_EQ(runs.size(), 1u);
  engine::Run run;
  run.row = runs[0];
  const json::object events = TriggeringEvents(engine_->state(), run);
  EXPECT_EQ(events.at("a").as_array().size(), model::kTriggeringEventsMax);
  EXPECT_EQ(events.at("a").as_array().back().at("extra").at("i"), 1199);
}

}  // namespace
}  // namespace engine
