// Backfills and holds through the whole loop: driver, engine, store.

#include "driver/backfills.h"

#include <gmock/gmock.h>

#include "driver/test_support.h"

namespace driver {
namespace {

using model::BackfillTickRow;
using model::Reprocess;
using model::TickOutcome;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using To = model::ChangeBackfill::To;

base::Time At(std::string_view text) {
  return base::ParseTime(text).value();
}

// Fires each hour; the runs of `quick` end at once, those of `slow` when their clusters do.
model::Dag Hourly(const std::string& id, model::Work work) {
  model::Dag dag;
  dag.id = model::DagId(id);
  dag.is_paused_upon_creation = false;
  dag.schedule.cron = "0 * * * *";
  dag.max_active_runs = 1;
  dag.tags = {"nightly"};
  dag.jobs.push_back({.id = model::JobId("j"), .work = std::move(work)});
  dag.version = model::ComputeVersion(dag);
  return dag;
}

class BackfillsTest : public DriverTest {
 protected:
  void SetUp() override {
    world_.now = At("2026-01-05T06:30:00Z");
    zones_.Add(schedule::TimeZone::Utc());
    DriverTest::SetUp();
    Load();
  }
  void Load() {
    driver_->Post(model::ProjectLoaded{
        {std::make_shared<model::Dag>(OneJob()),
         std::make_shared<model::Dag>(Hourly("quick", model::EmptyWork())),
         std::make_shared<model::Dag>(Hourly("slow", OneJob().jobs.front().work))},
        {}});
    driver_->Pump();
  }
  void Post(decltype(model::Event::body) body) {
    outcomes_.clear();
    driver_->Post(std::move(body), [this](Outcome outcome) { outcomes_.push_back(outcome); });
    driver_->Pump();
    ASSERT_EQ(outcomes_.size(), 1u);
  }
  model::CreateBackfill Range(const std::string& dag,
                              std::string_view from,
                              std::string_view to) const {
    return {.dag = model::DagId(dag), .from = At(from), .to = At(to), .by = "ada"};
  }
  // Takes what can be taken without time passing.
  void Settle() {
    for (int i = 0; i < 50; ++i)
      driver_->Pump();
  }
  std::vector<TickOutcome> OutcomesOf(int64_t id) {
    std::vector<TickOutcome> outcomes;
    const auto ticks = store_.reader().BackfillTicks(id);
    for (const BackfillTickRow& tick : *ticks)
      outcomes.push_back(tick.outcome);
    return outcomes;
  }
  model::BackfillRow Row(int64_t id) { return *store_.reader().Backfill(id); }
  std::vector<std::string> RunsOf(const std::string& dag, int64_t backfill) {
    std::vector<std::string> ids;
    store::RunQuery query{.dag = model::DagId(dag)};
    query.order = {{store::RunColumn::kId, false}};
    const auto page = store_.reader().Runs(query);
    for (const model::RunRow& run : page->rows) {
      if (run.backfill == backfill)
        ids.push_back(run.key.run.str());
    }
    return ids;
  }
};

TEST_F(BackfillsTest, MakesARunOfEachTickAndCompletes) {
  Post(Range("quick", "2026-01-05T02:00:00Z", "2026-01-05T04:59:00Z"));
  ASSERT_TRUE(outcomes_[0]) << outcomes_[0].error().message;
  EXPECT_EQ(outcomes_[0]->id, 1);
  Settle();
  EXPECT_THAT(RunsOf("quick", 1),
              ElementsAre("backfill__2026-01-05T02:00:00+00:00",
                          "backfill__2026-01-05T03:00:00+00:00",
                          "backfill__2026-01-05T04:00:00+00:00"));
  EXPECT_TRUE(Row(1).completed_at.has_value());
  EXPECT_TRUE(driver_->state().backfills.empty());
}

TEST_F(BackfillsTest, KeepsToItsOwnActiveRunsAndGoesOnAfterARestart) {
  auto asked = Range("slow", "2026-01-05T01:00:00Z", "2026-01-05T06:00:00Z");
  asked.max_active_runs = 2;
  asked.is_reversed = true;
  Post(asked);
  Settle();
  EXPECT_THAT(
      RunsOf("slow", 1),
      ElementsAre("backfill__2026-01-05T06:00:00+00:00", "backfill__2026-01-05T05:00:00+00:00"));
  EXPECT_EQ(driver_->state().dags.at(model::DagId("slow")).running_runs,
            0);  // beside the DAG's own
  Restart();
  Load();
  Settle();
  EXPECT_EQ(RunsOf("slow", 1).size(), 2u);
  Post(model::MarkRun{{{model::DagId("slow"), model::RunId("backfill__2026-01-05T06:00:00+00:00")},
                       {},
                       "ada",
                       nullptr},
                      model::RunState::kSuccess});
  Settle();
  EXPECT_EQ(RunsOf("slow", 1).size(), 3u);
}

TEST_F(BackfillsTest, WhatIsThereIsLeftAloneOrRunsAgainAsAsked) {
  Post(Range("quick", "2026-01-05T02:00:00Z", "2026-01-05T03:00:00Z"));
  Settle();
  const auto repeat = [&](Reprocess reprocess) {
    auto asked = Range("quick", "2026-01-05T02:00:00Z", "2026-01-05T04:00:00Z");
    asked.reprocess = reprocess;
    Post(asked);
    Settle();
    return OutcomesOf(*outcomes_[0]->id);
  };
  EXPECT_THAT(repeat(Reprocess::kFailed),
              ElementsAre(TickOutcome::kExists, TickOutcome::kExists, TickOutcome::kCreated));
  EXPECT_THAT(repeat(Reprocess::kNone),
              ElementsAre(TickOutcome::kExists, TickOutcome::kExists, TickOutcome::kExists));
  EXPECT_THAT(repeat(Reprocess::kCompleted),
              ElementsAre(TickOutcome::kRerun, TickOutcome::kRerun, TickOutcome::kRerun));
  EXPECT_EQ(RunsOf("quick", 4).size(), 3u);  // none is doubled
}

TEST_F(BackfillsTest, LeavesLiveRunsAndWhatTheScheduleStillFires) {
  driver_->Post(model::SetPaused{model::DagId("slow"), true, "ada"});
  Pass(base::hours(2));
  driver_->Post(model::SetPaused{model::DagId("slow"), false, "ada"});
  Pass(base::seconds(1));  // the tick of 8:00 fires
  Post(Range("slow", "2026-01-05T08:00:00Z", "2026-01-05T09:00:00Z"));
  Settle();
  EXPECT_THAT(OutcomesOf(1), ElementsAre(TickOutcome::kInFlight));
  Pass(base::minutes(40));  // one run is active, so that 9:00 has no room
  Post(Range("slow", "2026-01-05T09:00:00Z", "2026-01-05T09:00:00Z"));
  Settle();
  EXPECT_THAT(OutcomesOf(2), ElementsAre(TickOutcome::kToSchedule));
}

TEST_F(BackfillsTest, PausesGoesOnAndIsCancelled) {
  auto asked = Range("slow", "2026-01-05T01:00:00Z", "2026-01-05T06:00:00Z");
  asked.max_active_runs = 1;
  Post(asked);
  Settle();
  Post(model::ChangeBackfill{1, To::kPaused, "bob"});
  Post(model::ChangeBackfill{1, To::kPaused, "bob"});
  EXPECT_TRUE(outcomes_[0]);
  Post(model::MarkRun{{{model::DagId("slow"), model::RunId("backfill__2026-01-05T01:00:00+00:00")},
                       {},
                       "ada",
                       nullptr},
                      model::RunState::kSuccess});
  Settle();
  EXPECT_EQ(RunsOf("slow", 1).size(), 1u);
  Post(model::ChangeBackfill{1, To::kGoesOn, "bob"});
  Settle();
  EXPECT_EQ(RunsOf("slow", 1).size(), 2u);
  Post(model::ChangeBackfill{1, To::kCancelled, "bob"});
  Settle();
  EXPECT_TRUE(Row(1).is_cancelled && Row(1).completed_at);
  EXPECT_EQ(OutcomesOf(1).back(), TickOutcome::kCancelled);
  EXPECT_EQ(RunsOf("slow", 1).size(), 2u);
  Post(model::ChangeBackfill{1, To::kCancelled, "bob"});
  EXPECT_THAT(outcomes_[0].error().message, HasSubstr("is over: it is completed or cancelled"));
  Post(model::ChangeBackfill{7, To::kPaused, "bob"});
  EXPECT_EQ(outcomes_[0].error().code, base::ErrorCode::kNotFound);
}

TEST_F(BackfillsTest, ARunThatIsClearedLaterIsTheDagsAgain) {
  Post(Range("quick", "2026-01-05T02:00:00Z", "2026-01-05T02:00:00Z"));
  Settle();
  const model::RunKey key{model::DagId("quick"),
                          model::RunId("backfill__2026-01-05T02:00:00+00:00")};
  auto rows = std::make_shared<const model::Snapshot>(*store::ReadRun(store_.reader(), key));
  Post(model::ClearJobs{{key, {}, "ada", rows}, {}, false});
  EXPECT_EQ(store_.reader().Run(key)->backfill, 0);
  EXPECT_EQ(store_.reader().Run(key)->state, model::RunState::kSuccess);
}

TEST_F(BackfillsTest, FillsTheHolesOfAPauseOnce) {
  driver_->Post(model::SetPaused{model::DagId("quick"), true, "ada"});
  Pass(base::hours(4));
  driver_->Post(model::SetPaused{model::DagId("quick"), false, "ada"});
  Pass(base::seconds(1));
  const auto hole = [&] { return store_.reader().Holes(model::DagId("quick"))->front(); };
  ASSERT_EQ(hole().ticks, 3);  // the tick of 10:00 has fired
  Post(model::CreateBackfill{.dag = model::DagId("quick"), .fills_holes = true, .by = "ada"});
  Settle();
  EXPECT_EQ(OutcomesOf(1), std::vector<TickOutcome>(3, TickOutcome::kCreated));
  EXPECT_EQ(hole().filled.size(), 3u);
  Post(model::CreateBackfill{.dag = model::DagId("quick"), .fills_holes = true, .by = "ada"});
  EXPECT_THAT(outcomes_[0].error().message, HasSubstr("no tick there that a run could fill"));
}

TEST_F(BackfillsTest, ATickThatSomebodyFillsMeanwhileIsLeftOut) {
  const model::DagId slow("slow");
  const auto succeed = [&](const std::string& run) {
    Post(
        model::MarkRun{{{slow, model::RunId(run)}, {}, "ada", nullptr}, model::RunState::kSuccess});
    Settle();
  };
  driver_->Post(model::SetPaused{slow, true, "ada"});
  Pass(base::hours(4));
  driver_->Post(model::SetPaused{slow, false, "ada"});
  Pass(base::seconds(1));
  model::CreateBackfill asked{.dag = slow, .fills_holes = true, .by = "ada"};
  asked.max_active_runs = 1;
  Post(asked);
  const base::Interval last{At("2026-01-05T08:00:00Z"), At("2026-01-05T09:00:00Z")};
  Post(model::TriggerRun{slow, model::RunId("by_hand"), {}, {}, "ada", last});
  succeed("by_hand");
  succeed("backfill__2026-01-05T07:00:00+00:00");
  succeed("backfill__2026-01-05T08:00:00+00:00");
  EXPECT_THAT(OutcomesOf(1),
              ElementsAre(TickOutcome::kCreated, TickOutcome::kCreated, TickOutcome::kFilled));
  EXPECT_TRUE(Row(1).completed_at.has_value());
}

TEST_F(BackfillsTest, WhatCannotBeIsRefusedWithAWayOut) {
  const auto refusal = [&](const model::CreateBackfill& asked) {
    Post(asked);
    return outcomes_[0] ? "" : outcomes_[0].error().message;
  };
  EXPECT_THAT(refusal(Range("nothing", "2026-01-05T02:00:00Z", "2026-01-05T03:00:00Z")),
              HasSubstr("there is no DAG 'nothing'"));
  EXPECT_THAT(refusal(Range("quick", "2026-01-05T04:00:00Z", "2026-01-05T03:00:00Z")),
              HasSubstr("the earlier date comes first"));
  EXPECT_THAT(refusal(Range("quick", "2027-01-05T04:00:00Z", "2027-01-06T03:00:00Z")),
              HasSubstr("lies in the future"));
  EXPECT_THAT(refusal(Range("quick", "2020-01-05T04:00:00Z", "2026-01-05T03:00:00Z")),
              HasSubstr("at most 10000 ticks"));
  EXPECT_THAT(refusal(Range("d", "2026-01-05T02:00:00Z", "2026-01-05T03:00:00Z")),
              HasSubstr("has no schedule: name the data intervals"));
  EXPECT_THAT(refusal(Range("quick", "2026-01-05T02:10:00Z", "2026-01-05T02:20:00Z")),
              HasSubstr("has no tick that has passed"));
  Post(Range("slow", "2026-01-05T02:00:00Z", "2026-01-05T03:00:00Z"));
  EXPECT_THAT(refusal(Range("slow", "2026-01-05T02:00:00Z", "2026-01-05T03:00:00Z")),
              HasSubstr("`signalbox backfill cancel 1`"));
}

TEST_F(BackfillsTest, NamedIntervalsNeedNoSchedule) {
  model::CreateBackfill asked{.dag = model::DagId("d"), .by = "ada"};
  asked.intervals = {{At("2026-01-04T02:00:00Z"), At("2026-01-04T05:00:00Z")},
                     {At("2026-01-03T02:00:00Z"), At("2026-01-03T05:00:00Z")}};
  Post(asked);
  Settle();
  EXPECT_THAT(
      RunsOf("d", 1),
      ElementsAre("backfill__2026-01-03T05:00:00+00:00", "backfill__2026-01-04T05:00:00+00:00"));
}

// A commit that fails brings the same ticks again, later.
TEST_F(BackfillsTest, NoCommitThatFailsLosesOrDoublesATick) {
  for (const auto outcome : {FaultyStore::Outcome::kUnknown, FaultyStore::Outcome::kRefused}) {
    auto asked = Range("quick", "2026-01-05T02:00:00Z", "2026-01-05T04:00:00Z");
    asked.reprocess = Reprocess::kCompleted;
    asked.max_active_runs = 1;
    driver_->Post(asked);
    driver_->Pump();
    store_.next = outcome;
    driver_->Pump();
    for (int i = 0; i < 10; ++i)
      Pass(base::minutes(1));
    const int64_t id = store_.reader().Backfills(std::nullopt)->front().id;
    EXPECT_EQ(RunsOf("quick", id).size(), 3u);
    EXPECT_TRUE(Row(id).completed_at.has_value());
  }
}

TEST_F(BackfillsTest, AHoldStopsLaunchesAndNothingElse) {
  Post(model::PlaceHold{model::HoldScope::kDag, "d", "the quota is used up", "ada"});
  const int64_t id = *outcomes_[0]->id;
  Post(model::PlaceHold{model::HoldScope::kDag, "d", "the quota is used up", "ada"});
  EXPECT_EQ(*outcomes_[0]->id, id);  // one is enough
  Trigger("held");
  EXPECT_EQ(world_.Count("RunJobFlow"), 0);
  Post(Range("slow", "2026-01-05T02:00:00Z", "2026-01-05T02:00:00Z"));
  Settle();
  EXPECT_EQ(world_.Count("RunJobFlow"), 1);
  Restart();
  Load();
  EXPECT_EQ(driver_->state().holds.size(), 1u);
  Post(model::ReleaseHold{id, "bob"});
  Post(model::ReleaseHold{id, "bob"});
  EXPECT_TRUE(outcomes_[0]);
  EXPECT_EQ(store_.reader().Holds()->front().released_by, "bob");
  Pass(base::minutes(1));
  EXPECT_EQ(world_.Count("RunJobFlow"), 2);
  Post(model::ReleaseHold{9, "bob"});
  EXPECT_EQ(outcomes_[0].error().code, base::ErrorCode::kNotFound);
  Post(model::PlaceHold{model::HoldScope::kPool, "puddle", "", "ada"});
  EXPECT_THAT(outcomes_[0].error().message, HasSubstr("there is no pool 'puddle'"));
}

TEST_F(BackfillsTest, EachScopeHoldsItsOwn) {
  for (const auto& [scope, target] : {std::pair(model::HoldScope::kAll, ""),
                                      std::pair(model::HoldScope::kPool, "default_pool"),
                                      std::pair(model::HoldScope::kTag, "nightly"),
                                      std::pair(model::HoldScope::kDag, "slow")}) {
    Post(model::PlaceHold{scope, target, "", "ada"});
    const int64_t id = *outcomes_[0]->id;
    const int before = world_.Count("RunJobFlow");
    Post(model::TriggerRun{model::DagId("slow"), model::RunId(base::Cat("r", id)), {}, {}, "ada"});
    EXPECT_EQ(world_.Count("RunJobFlow"), before) << ToString(scope);
    Post(model::ReleaseHold{id, "ada"});
    Post(model::MarkRun{
        {{model::DagId("slow"), model::RunId(base::Cat("r", id))}, {}, "ada", nullptr},
        model::RunState::kFailed});
  }
}

}  // namespace
}  // namespace driver
