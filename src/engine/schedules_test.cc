// When DAGs fire, what is left out, and what waits for it.

#include "engine/schedules.h"

#include <gtest/gtest.h>

#include "engine/cross_dag.h"
#include "engine/test_support.h"

namespace engine {
namespace {

using model::DagId;
using model::JobId;

model::Dag WaitsFor(model::Dag dag, const std::string& upstream, model::Window window = {}) {
  dag.jobs[0].cross.push_back({DagId(upstream), JobId("j"), std::nullopt, window});
  return dag;
}

class Schedules : public StoredEngine {};

TEST_F(Schedules, AnOutageLeavesTheLatestMissedTickAndAHole) {
  Load("2026-06-03T00:30Z", {Daily("fresh", "0 2 * * *"), Daily("old", "0 1 * * *")});
  Tick("2026-06-03T01:00Z");
  Tick("2026-06-29T12:00Z");
  EXPECT_EQ(Fired("fresh"), "06-29T02:00");
  EXPECT_EQ(Holes("fresh"), "26 06-03T02:00..06-28T02:00 missed");
  EXPECT_EQ(Fired("old"), "06-03T01:00, 06-29T01:00");
  EXPECT_EQ(Holes("old"), "25 06-04T01:00..06-28T01:00 missed");
  Tick("2026-06-30T02:00Z");
  EXPECT_EQ(Fired("fresh"), "06-29T02:00, 06-30T02:00");
}

TEST_F(Schedules, ANewDagWaitsForItsNextTickOnceItIsUnpaused) {
  for (const auto timetable : {model::Timetable::kTrigger, model::Timetable::kDataInterval}) {
    model::Dag dag = Daily(timetable == model::Timetable::kTrigger ? "t" : "i", "0 2 * * *");
    dag.start_date = At("2026-01-01");
    dag.schedule.timetable = timetable;
    dag.is_paused_upon_creation = true;
    Load("2026-06-01T00:00Z", {dag});
    Pause("2026-06-10T12:00Z", dag.id.str(), false);
    EXPECT_EQ(Fired(dag.id.str()), "");
    EXPECT_EQ(Holes(dag.id.str()), "10 06-01T02:00..06-10T02:00 paused");
    EXPECT_EQ(engine_->NextDue(), At("2026-06-11T02:00Z"));
  }
}

TEST_F(Schedules, AfterAPauseTheLatestMissedTickFiresOnce) {
  Load("2026-06-01T00:00Z", {Daily("d", "0 2 * * *")});
  Tick("2026-06-01T02:00Z");
  Pause("2026-06-01T03:00Z", "d", true);
  Tick("2026-06-05T03:00Z");
  EXPECT_EQ(Fired("d"), "06-01T02:00");
  Pause("2026-06-05T12:00Z", "d", false);
  EXPECT_EQ(Fired("d"), "06-01T02:00, 06-05T02:00");
  EXPECT_EQ(Holes("d"), "3 06-02T02:00..06-04T02:00 paused");
  // Nothing passed during this one.
  Pause("2026-06-05T13:00Z", "d", true);
  Pause("2026-06-05T14:00Z", "d", false);
  EXPECT_EQ(Fired("d"), "06-01T02:00, 06-05T02:00");
}

TEST_F(Schedules, WithCatchupNothingIsLeftOut) {
  model::Dag dag = Daily("d", "0 2 * * *");
  dag.catchup = true;
  dag.start_date = At("2026-05-31");
  dag.is_paused_upon_creation = true;
  Load("2026-06-01T00:00Z", {dag});
  Pause("2026-06-02T12:00Z", "d", false);
  EXPECT_EQ(Fired("d"), "05-31T02:00, 06-01T02:00, 06-02T02:00");
  Tick("2026-06-04T12:00Z");
  EXPECT_EQ(Fired("d"), "05-31T02:00, 06-01T02:00, 06-02T02:00, 06-03T02:00, 06-04T02:00");
  EXPECT_EQ(Holes("d"), "");
}

TEST_F(Schedules, WithoutRoomTicksAreLeftOutToo) {
  model::Dag dag = Daily("d", "0 * * * *");
  dag.max_active_runs = 1;
  dag.jobs[0].work = model::EmrWork();
  Load("2026-06-01T00:30Z", {dag});
  Tick("2026-06-01T01:00Z");
  Tick("2026-06-01T03:30Z");
  EXPECT_EQ(Fired("d"), "06-01T01:00 waits");
  Apply("2026-06-01T03:40Z",
        model::MarkRun{{{DagId("d"), rows_.runs().begin()->first.run}, {}, "ada", nullptr},
                       model::RunState::kFailed});
  EXPECT_EQ(Fired("d"), "06-01T01:00 waits, 06-01T03:00 waits");
  EXPECT_EQ(Holes("d"), "1 06-01T02:00..06-01T02:00 max_active_runs");
}

TEST_F(Schedules, AnEditMakesUpForNothing) {
  Load("2026-06-03T01:00Z", {Daily("d", "15 1 * * *")});
  Tick("2026-06-03T01:15Z");
  Load("2026-06-03T02:50Z", {Daily("d", "15 2 * * *")});
  Tick("2026-06-03T12:00Z");
  EXPECT_EQ(Fired("d"), "06-03T01:15");
  EXPECT_EQ(Holes("d"), "");
  Tick("2026-06-04T02:15Z");
  EXPECT_EQ(Fired("d"), "06-03T01:15, 06-04T02:15");
  // Other edits are none of the schedule; one after an outage leaves the old ticks a hole.
  model::Dag other = Daily("d", "15 2 * * *");
  other.description = "more";
  Load("2026-06-05T03:00Z", {other});
  EXPECT_EQ(Fired("d"), "06-03T01:15, 06-04T02:15, 06-05T02:15");
  Load("2026-06-08T03:00Z", {Daily("d", "0 4 * * *")});
  EXPECT_EQ(Fired("d"), "06-03T01:15, 06-04T02:15, 06-05T02:15");
  EXPECT_EQ(Holes("d"), "3 06-06T02:15..06-08T02:15 schedule_edited");
}

TEST_F(Schedules, AnEditOfACatchingUpDagMakesUpForNothingEither) {
  model::Dag dag = Daily("d", "0 2 * * *");
  dag.catchup = true;
  dag.start_date = At("2026-06-01");
  dag.max_active_runs = 1;
  dag.jobs[0].work = model::EmrWork();
  Load("2026-06-04T12:00Z", {dag});
  dag.schedule.cron = "0 3 * * *";
  dag.max_active_runs = 9;
  Load("2026-06-04T12:01Z", {dag});
  EXPECT_EQ(Fired("d"), "06-01T02:00 waits");
  EXPECT_EQ(Holes("d"), "3 06-02T02:00..06-04T02:00 schedule_edited");
  Tick("2026-06-05T03:00Z");
  EXPECT_EQ(Fired("d"), "06-01T02:00 waits, 06-05T03:00 waits");
}

TEST_F(Schedules, ASparserScheduleTakesNoLogicalDateTwice) {
  model::Dag dag = Daily("d", "0 * * * *");
  dag.catchup = true;
  dag.schedule.timetable = model::Timetable::kDataInterval;
  dag.start_date = At("2026-05-04");
  Load("2026-05-04T02:30Z", {dag});
  EXPECT_EQ(Fired("d"), "05-04T00:00, 05-04T01:00");
  dag.schedule.cron = "0 0 * * *";
  Load("2026-05-04T02:40Z", {dag});
  Tick("2026-05-06T00:00Z");
  EXPECT_EQ(Fired("d"), "05-04T00:00, 05-04T01:00, 05-05T00:00");
  EXPECT_EQ(Holes("d"), "1 05-05T00:00..05-05T00:00 schedule_edited");
}

TEST_F(Schedules, ADagThatNeverCountedHasItsScheduleReplaced) {
  model::Dag dag = Daily("d", "0 2 * * *");
  dag.catchup = true;
  dag.start_date = At("2026-06-01");
  dag.is_paused_upon_creation = true;
  Load("2026-06-02T12:00Z", {dag});
  dag.schedule.cron = "0 3 * * *";
  Load("2026-06-03T12:00Z", {dag});
  Pause("2026-06-03T12:01Z", "d", false);
  EXPECT_EQ(Fired("d"), "06-01T03:00, 06-02T03:00, 06-03T03:00");
}

TEST_F(Schedules, WhatIsBeforeTheUpstreamsBeginningIsNotDue) {
  model::Dag up = Daily("up", "0 1 * * 1");
  up.start_date = At("2026-06-05");
  Load("2026-06-03T00:30Z", {up, WaitsFor(Daily("down", "0 3 * * *"), "up")});
  Tick("2026-06-03T03:00Z");
  ASSERT_EQ(MissingOf("down").size(), 1u);
  EXPECT_EQ(MissingOf("down")[0].because, model::MissingBecause::kNotBegun);
  EXPECT_EQ(MissingOf("down")[0].sentence,
            "up/j of [2026-06-01T01:00:00Z, 2026-06-08T01:00:00Z) is the first that is due of "
            "'up'");
  Tick("2026-06-04T03:00Z");
  EXPECT_EQ(Fired("down"), "06-03T03:00 waits, 06-04T03:00 waits");
  Tick("2026-06-08T01:00Z");
  EXPECT_EQ(Fired("down"), "06-03T03:00, 06-04T03:00, 06-07T03:00");
}

TEST_F(Schedules, CoversWantsWhatIsDueAlone) {
  model::Dag up = Daily("up", "0 0 * * *");
  up.start_date = At("2026-06-05");
  up.is_paused_upon_creation = true;
  up.jobs[0].work = model::EmrWork();
  Load("2026-06-01T00:30Z",
       {up, WaitsFor(Daily("down", "0 0 * * 1"), "up", model::Window::kCovers)});
  Tick("2026-06-08T00:00Z");
  const auto missing = MissingOf("down");
  ASSERT_EQ(missing.size(), 4u);  // those that end on the 5th to the 8th
  EXPECT_EQ(missing[0].interval->end, At("2026-06-05"));
  EXPECT_EQ(missing[3].interval->end, At("2026-06-08"));
  EXPECT_EQ(missing[0].because, model::MissingBecause::kPaused);
}

TEST_F(Schedules, NoMatchIsNeverNothingToWaitFor) {
  for (const auto window : {model::Window::kSameInterval, model::Window::kCovers}) {
    rows_ = Rows();
    Restart();
    Load("2026-06-01T00:30Z",
         {Daily("up", "0 1 * * *"), WaitsFor(Daily("down", "0 2 * * *"), "up", window)});
    Tick("2026-06-03T02:00Z");
    EXPECT_EQ(Fired("down"), "06-03T02:00 waits");
    ASSERT_EQ(MissingOf("down").size(), 1u);
    EXPECT_EQ(MissingOf("down")[0].because, model::MissingBecause::kNoMatch);
    EXPECT_EQ(MissingOf("down")[0].sentence,
              "up/j of [2026-06-02T02:00:00Z, 2026-06-03T02:00:00Z) does not exist: the schedule "
              "of 'up' has no such data interval; make it: signalbox dags trigger up "
              "--data-interval 2026-06-02T02:00:00Z 2026-06-03T02:00:00Z");
    Trigger("2026-06-03T03:00Z",
            "up",
            "mine",
            std::nullopt,
            base::Interval{At("2026-06-02T02:00Z"), At("2026-06-03T02:00Z")});
    EXPECT_EQ(Fired("down"), "06-03T02:00");
  }
}

TEST_F(Schedules, TooMuchToWaitForIsOneRunOfAllOfIt) {
  model::Dag up = Daily("up", "* * * * *");
  up.is_paused_upon_creation = up.catchup = true;
  up.start_date = At("2026-01-01");
  model::Dag down = WaitsFor(Daily("down", ""), "up", model::Window::kCovers);
  down.jobs[0].cross[0].missing = model::Missing::kSkip;
  Load("2026-06-01T00:30Z", {up, down});
  const base::Interval long_ago{At("2026-02-01"), At("2026-03-01")};
  Trigger("2026-06-01T01:00Z", "down", "month", std::nullopt, long_ago);
  ASSERT_EQ(MissingOf("down").size(), 1u);
  EXPECT_EQ(MissingOf("down")[0].interval, long_ago);
  EXPECT_EQ(MissingOf("down")[0].because, model::MissingBecause::kNoMatch);
}

TEST_F(Schedules, AHoleIsWaitedForUntilSomebodyFillsIt) {
  model::Dag up = Daily("up", "0 * * * *");
  up.schedule.timetable = model::Timetable::kDataInterval;
  model::Dag down = WaitsFor(Daily("down", "0 4 * * *"), "up", model::Window::kCovers);
  Load("2026-06-01T00:30Z", {up, down});
  Tick("2026-06-01T01:00Z");
  Tick("2026-06-01T04:10Z");
  EXPECT_EQ(Holes("up"), "2 06-01T02:00..06-01T03:00 missed");
  EXPECT_EQ(Fired("down"), "06-01T04:00 waits");
  auto missing = MissingOf("down");
  ASSERT_EQ(missing.size(), 2u);
  EXPECT_EQ(missing[0].because, model::MissingBecause::kHole);
  EXPECT_EQ(missing[0].sentence,
            "up/j of [2026-06-01T01:00:00Z, 2026-06-01T02:00:00Z) was skipped; make it: signalbox "
            "dags trigger up --data-interval 2026-06-01T01:00:00Z 2026-06-01T02:00:00Z");
  // By its logical date it is one of the two; by its interval it is not.
  Trigger("2026-06-01T05:00Z", "up", "by_date", At("2026-06-01T02:00Z"));
  EXPECT_EQ(MissingOf("down").size(), 1u);  // [01:00, 02:00) ends at that date
  Trigger("2026-06-01T05:01Z", "up", "again", At("2026-06-01T01:00Z"));
  EXPECT_EQ(MissingOf("down").size(), 1u);
  EXPECT_EQ(Holes("up"), "2 06-01T02:00..06-01T03:00 missed filled 1");
  Trigger("2026-06-01T05:02Z",
          "up",
          "fills",
          std::nullopt,
          base::Interval{At("2026-06-01T02:00Z"), At("2026-06-01T03:00Z")});
  EXPECT_EQ(Fired("down"), "06-01T04:00");
  EXPECT_EQ(Holes("up"), "2 06-01T02:00..06-01T03:00 missed filled 2");
}

TEST_F(Schedules, AnEdgeThatSkipsTakesAHoleInPlaceOfTheRun) {
  model::Dag down = WaitsFor(Daily("down", "30 3 * * *"), "up", model::Window::kCovers);
  down.jobs[0].cross[0].missing = model::Missing::kSkip;
  Load("2026-06-01T00:30Z", {Daily("up", "0 * * * *"), down});
  Tick("2026-06-01T01:00Z");
  Pause("2026-06-01T01:30Z", "up", true);
  Tick("2026-06-01T03:30Z");
  EXPECT_EQ(Fired("down"), "06-01T03:30 waits");  // the pause may end before they are too many
  Pause("2026-06-01T05:10Z", "up", false);
  EXPECT_EQ(Holes("up"), "3 06-01T02:00..06-01T04:00 paused");
  EXPECT_EQ(Fired("down"), "06-01T03:30");
}

TEST_F(Schedules, AnEdgeGoesByTheScheduleThatWasInForce) {
  model::Dag down = WaitsFor(Daily("down", "0 4 * * *"), "up");
  Load("2026-06-01T00:30Z", {Daily("up", "15 1 * * *"), down});
  Tick("2026-06-01T01:15Z");
  Load("2026-06-01T02:50Z", {Daily("up", "15 2 * * *"), down});
  Tick("2026-06-01T04:00Z");  // nothing by the new schedule is due yet
  EXPECT_EQ(Fired("down"), "06-01T04:00");
  model::Dag covers = WaitsFor(Daily("week", "0 0 * * 1"), "up", model::Window::kCovers);
  Load("2026-06-01T05:00Z", {Daily("up", "15 2 * * *"), down, covers});
  Pause("2026-06-02T00:00Z", "up", true);
  Tick("2026-06-08T00:00Z");
  // The run by the schedule of then begins before the week does.
  const auto missing = MissingOf("week");
  ASSERT_FALSE(missing.empty());
  EXPECT_EQ(missing.front().interval->end, At("2026-06-02T02:15Z"));
  EXPECT_EQ(missing.back().interval->end, At("2026-06-07T02:15Z"));
}

TEST_F(Schedules, AfterTheUpstreamsEndItsLastRunIsWanted) {
  model::Dag up = Daily("up", "0 1 * * *");
  up.end_date = At("2026-06-02T12:00Z");
  Load("2026-06-01T00:30Z", {up, WaitsFor(Daily("down", "0 3 * * *"), "up")});
  for (const char* day : {"2026-06-01", "2026-06-02", "2026-06-03", "2026-06-04"}) {
    Tick(base::Cat(day, "T01:00Z"));
    Tick(base::Cat(day, "T03:00Z"));
  }
  EXPECT_EQ(Fired("down"), "06-01T03:00, 06-02T03:00, 06-03T03:00, 06-04T03:00");
}

TEST_F(Schedules, ADagThatComesLaterIsWaitedForFromThenOn) {
  const model::Dag down = WaitsFor(Daily("down", "0 3 * * *"), "up");
  Load("2026-06-01T00:30Z", {down});
  Tick("2026-06-01T03:00Z");
  ASSERT_EQ(MissingOf("down").size(), 1u);
  EXPECT_EQ(MissingOf("down")[0].sentence, "up/j: there is no DAG 'up'");
  Load("2026-06-01T12:00Z", {down, Daily("up", "0 1 * * *")});
  EXPECT_EQ(MissingOf("down")[0].because, model::MissingBecause::kNotBegun);
  Tick("2026-06-02T01:00Z");
  EXPECT_EQ(Fired("down"), "06-01T03:00");
}

TEST_F(Schedules, ADagWithoutAScheduleIsWaitedForUntilSomeoneTriggersIt) {
  Load("2026-06-01T00:30Z", {Daily("up", ""), WaitsFor(Daily("down", "0 3 * * *"), "up")});
  Tick("2026-06-01T03:00Z");
  EXPECT_EQ(Fired("down"), "06-01T03:00 waits");
  Trigger("2026-06-01T10:00Z", "up", "mine", std::nullopt);
  EXPECT_EQ(Fired("down"), "06-01T03:00");
}

TEST_F(Schedules, ARunWithoutALogicalDateGoesByWhenItWasAskedFor) {
  Load("2026-06-01T00:30Z", {Daily("d", "0 2 * * *")});
  const Changes changes =
      Apply("2026-06-01T10:00Z", model::TriggerRun{DagId("d"), {}, {}, {}, "ada"});
  ASSERT_TRUE(changes.run);
  const model::RunRow& run = rows_.runs().at(*changes.run);
  EXPECT_EQ(run.key.run.str(), "manual__2026-06-01T10:00:00+00:00");
  EXPECT_FALSE(run.logical_date.has_value());
  EXPECT_EQ(run.data_interval, (base::Interval{At("2026-06-01T02:00Z"), At("2026-06-01T10:00Z")}));
}

TEST_F(Schedules, ATriggerMayNotTakeTheSchedulersIdNorAnIntervalThatEndsBeforeItStarts) {
  Load("2026-06-01T00:30Z", {Daily("d", "0 2 * * *")});
  for (const char* id : {"scheduled__2026-06-01T02:00:00+00:00", "backfill__x"}) {
    const Changes changes =
        Apply("2026-06-01T01:00Z", model::TriggerRun{DagId("d"), model::RunId(id), {}, {}, "ada"});
    ASSERT_FALSE(changes.outcome);
    EXPECT_EQ(changes.outcome.error().code, base::ErrorCode::kInvalidArgument);
  }
  const Changes changes =
      Apply("2026-06-01T01:00Z",
            model::TriggerRun{
                DagId("d"), {}, {}, {}, "ada", base::Interval{At("2026-06-02"), At("2026-06-01")}});
  ASSERT_FALSE(changes.outcome);
  EXPECT_EQ(changes.outcome.error().code, base::ErrorCode::kInvalidArgument);
  Tick("2026-06-01T02:00Z");
  EXPECT_EQ(Fired("d"), "06-01T02:00");
}

TEST_F(Schedules, AWaitForALogicalDateBecomesOneForItsInterval) {
  model::Dag up = Daily("up", "0 1 * * *");
  up.schedule.timetable = model::Timetable::kDataInterval;
  Load("2026-06-01T00:30Z", {up});
  model::UpstreamWait wait{DagId("up"), JobId("j"), {model::LaneId()}, {}};
  wait.basis = model::WaitBasis::kLogicalDate;
  wait.interval = {At("2026-06-01T01:00Z"), At("2026-06-01T01:00Z")};
  UpgradeWait(engine_->state(), wait);
  EXPECT_EQ(wait.basis, model::WaitBasis::kDue);
  EXPECT_EQ(wait.interval, (base::Interval{At("2026-06-01T01:00Z"), At("2026-06-02T01:00Z")}));
  wait.basis = model::WaitBasis::kLogicalDate;
  wait.interval = {At("2026-06-01T01:30Z"), At("2026-06-01T01:30Z")};
  UpgradeWait(engine_->state(), wait);
  EXPECT_EQ(wait.basis, model::WaitBasis::kNoMatch);
}

model::Dag CatchingUp(const std::string& schedule, std::optional<int> most) {
  model::Dag dag = Daily("d", schedule);
  dag.start_date = At("2026-01-01");
  dag.catchup = true;
  dag.catchup_max = most;
  return dag;
}

TEST_F(Schedules, ABoundOnCatchupTakesTheLatestSinceStartDate) {
  Load("2026-01-05T12:00Z", {CatchingUp("0 2 * * *", 2)});
  EXPECT_EQ(Fired("d"), "01-04T02:00, 01-05T02:00");
  EXPECT_EQ(Holes("d"), "3 01-01T02:00..01-03T02:00 catchup");
}

TEST_F(Schedules, ABoundOnCatchupHoldsAfterAnOutage) {
  Load("2026-01-02T12:00Z", {CatchingUp("0 2 * * *", 2)});
  EXPECT_EQ(Fired("d"), "01-01T02:00, 01-02T02:00");
  Tick("2026-01-09T12:00Z");
  EXPECT_EQ(Fired("d"), "01-01T02:00, 01-02T02:00, 01-08T02:00, 01-09T02:00");
  EXPECT_EQ(Holes("d"), "5 01-03T02:00..01-07T02:00 missed");
}

TEST_F(Schedules, ABoundThatIsLargerThanTheBacklogLeavesNothingOut) {
  Load("2026-01-03T12:00Z", {CatchingUp("0 2 * * *", 100)});
  EXPECT_EQ(Fired("d"), "01-01T02:00, 01-02T02:00, 01-03T02:00");
  EXPECT_EQ(Holes("d"), "");
}

TEST_F(Schedules, SeveralCronsFireOnceForEachInstant) {
  Load("2026-01-01T00:00Z", {Daily("d", "0 2 * * * | 0 2,14 * * THU")});
  for (const char* at : {"2026-01-01T02:00Z", "2026-01-01T14:00Z", "2026-01-02T02:00Z"})
    Tick(at);
  EXPECT_EQ(Fired("d"), "01-01T02:00, 01-01T14:00, 01-02T02:00");
}

TEST_F(Schedules, ASpanCountsFromItsBeginning) {
  Load("2026-01-01T12:00Z", {CatchingUp("every 6h from 2026-01-01T00:00:00Z", std::nullopt)});
  EXPECT_EQ(Fired("d"), "01-01T00:00, 01-01T06:00, 01-01T12:00");
}

TEST_F(Schedules, AListOfDatesEnds) {
  Load("2026-01-01T12:00Z", {Daily("d", "on 2026-01-01T00:00:00Z, 2026-01-02T00:00:00Z")});
  EXPECT_EQ(Fired("d"), "");  // it has passed before the DAG was there
  Tick("2026-01-02T00:00Z");
  EXPECT_EQ(Fired("d"), "01-02T00:00");
  EXPECT_EQ(Describe(), "d next never\n");
}

TEST_F(Schedules, OnceFiresOnce) {
  Load("2026-01-05T12:00Z", {CatchingUp("@once 2026-01-01T00:00:00Z", std::nullopt)});
  EXPECT_EQ(Fired("d"), "01-01T00:00");
  Tick("2026-02-05T12:00Z");
  EXPECT_EQ(Fired("d"), "01-01T00:00");
}

}  // namespace
}  // namespace engine
