// When runs begin beside their ticks: start_jitter, and schedules that are continuous.

#include "engine/starts.h"

#include <gtest/gtest.h>

#include "engine/blockers.h"
#include "engine/continuous.h"
#include "engine/test_support.h"
#include "schedule/rule.h"

namespace engine {
namespace {

using model::DagId;

class Starts : public StoredEngine {
 protected:
  // "[from, to) state", of the runs in their order.
  std::vector<std::string> Runs(const std::string& dag) const {
    std::vector<std::string> out;
    for (const auto& [key, run] : rows_.runs()) {
      if (key.dag.str() == dag)
        out.push_back(base::Cat(base::FormatRfc3339(run.data_interval.start).substr(11, 8),
                                " ",
                                base::FormatRfc3339(run.data_interval.end).substr(11, 8),
                                " ",
                                ToString(run.state)));
    }
    return out;
  }
  const model::RunRow& Only(const std::string& dag) const {
    for (const auto& [key, run] : rows_.runs()) {
      if (key.dag.str() == dag)
        return run;
    }
    throw std::runtime_error("no run");
  }
};

using Strings = std::vector<std::string>;

model::Dag Jittered() {
  model::Dag dag = Daily("d", "0 2 * * *");
  dag.start_jitter = base::minutes(30);
  dag.jobs[0].work = model::EmrWork();
  return dag;
}

TEST(Jitter, IsWithinItsBoundAndSpread) {
  const model::Dag dag = Jittered();
  Duration sum{0};
  for (int day = 0; day < 1000; ++day) {
    const Time date = At("2026-01-01T02:00Z") + base::hours(24) * day;
    const Duration jitter = JitterOf(dag, date);
    EXPECT_GE(jitter, Duration(0));
    EXPECT_LT(jitter, base::minutes(30));
    EXPECT_EQ(jitter, JitterOf(dag, date));
    sum += jitter;
  }
  EXPECT_GT(sum / 1000, base::minutes(13));
  EXPECT_LT(sum / 1000, base::minutes(17));
}

TEST_F(Starts, AJitteredRunIsCreatedAtItsTickAndStartsLater) {
  Load("2026-06-01T00:00Z", {Jittered()});
  EXPECT_EQ(engine_->NextDue(), At("2026-06-01T02:00Z"));
  Tick("2026-06-01T02:00Z");
  const model::RunRow run = Only("d");
  EXPECT_EQ(run.logical_date, At("2026-06-01T02:00Z"));
  EXPECT_EQ(run.data_interval.end, At("2026-06-01T02:00Z"));
  EXPECT_EQ(run.run_after, At("2026-06-01T02:00Z") + JitterOf(Jittered(), At("2026-06-01T02:00Z")));
  EXPECT_EQ(run.state, model::RunState::kQueued);
  EXPECT_EQ(engine_->NextDue(), run.run_after);
  const auto blockers = BlockersOf(*engine_, {run.key, model::JobId("j"), model::LaneId("")});
  ASSERT_EQ(blockers.size(), 1U);
  EXPECT_EQ(blockers[0].kind, BlockerKind::kStartJitter);
  EXPECT_EQ(blockers[0].until, run.run_after);
  Tick(base::FormatRfc3339(run.run_after - base::seconds(1)));
  EXPECT_EQ(Only("d").state, model::RunState::kQueued);
  Tick(base::FormatRfc3339(run.run_after + base::seconds(1)));
  EXPECT_EQ(Only("d").state, model::RunState::kRunning);
  EXPECT_EQ(engine_->NextDue(), At("2026-06-02T02:00Z"));
}

TEST_F(Starts, WhoTriggersARunDoesNotWaitForTheJitter) {
  Load("2026-06-01T00:00Z", {Jittered()});
  Trigger("2026-06-01T00:30Z", "d", "now", std::nullopt);
  EXPECT_EQ(Only("d").state, model::RunState::kRunning);
}

TEST_F(Starts, ARunThatIsAbortedBeforeItsStartIsForgotten) {
  Load("2026-06-01T00:00Z", {Jittered()});
  Tick("2026-06-01T02:00Z");
  const model::RunKey key = Only("d").key;
  Apply("2026-06-01T02:00Z", model::MarkRun{{key, {}, "ada", nullptr}, model::RunState::kFailed});
  EXPECT_TRUE(engine_->state().starts.empty());
}

TEST_F(Starts, ARunThatIsClearedBeforeItsStartWaitsForItAgain) {
  Load("2026-06-01T00:00Z", {Jittered()});
  Tick("2026-06-01T02:00Z");
  const model::RunRow run = Only("d");
  Apply("2026-06-01T02:00Z",
        model::MarkRun{{run.key, {}, "ada", nullptr}, model::RunState::kFailed});
  const std::vector<model::JobKey> jobs = {{run.key, model::JobId("j"), model::LaneId("")}};
  Apply("2026-06-01T02:00:01Z",
        model::ClearJobs{{run.key, jobs, "ada", rows_.OfRun(run.key)}, {}, false});
  EXPECT_EQ(Only("d").state, model::RunState::kQueued);
  EXPECT_EQ(engine_->NextDue(), run.run_after);
}

model::Dag Continuous(bool ends_at_once) {
  model::Dag dag = Daily("c", std::string(schedule::kContinuous));
  dag.max_active_runs = 1;
  dag.start_date = At("2026-06-01T00:00Z");
  if (!ends_at_once)
    dag.jobs[0].work = model::EmrWork();
  return dag;
}

TEST_F(Starts, AContinuousRunBeginsOnceTheOneBeforeHasEnded) {
  Load("2026-06-01T08:00Z", {Continuous(false)});
  EXPECT_EQ(Runs("c"), (Strings{"00:00:00 08:00:00 running"}));
  EXPECT_EQ(Only("c").logical_date, At("2026-06-01T00:00Z"));
  EXPECT_EQ(engine_->NextDue(), std::nullopt);
  Tick("2026-06-01T09:00Z");
  EXPECT_EQ(Runs("c").size(), 1U);
  const model::RunKey key = Only("c").key;
  Apply("2026-06-01T09:30Z", model::MarkRun{{key, {}, "ada", nullptr}, model::RunState::kFailed});
  EXPECT_EQ(Runs("c"), (Strings{"00:00:00 08:00:00 failed", "08:00:00 09:30:00 running"}));
  EXPECT_EQ(Holes("c"), "");
}

TEST_F(Starts, RunsThatEndAtOnceBeginAMinuteApart) {
  Load("2026-06-01T08:00Z", {Continuous(true)});
  EXPECT_EQ(Runs("c").size(), 1U);
  EXPECT_EQ(engine_->NextDue(), At("2026-06-01T08:01Z"));
  Tick("2026-06-01T08:00:59Z");
  EXPECT_EQ(Runs("c").size(), 1U);
  Tick("2026-06-01T08:01Z");
  EXPECT_EQ(Runs("c").size(), 2U);
  // Nothing is made up for.
  Tick("2026-06-01T10:00Z");
  EXPECT_EQ(
      Runs("c"),
      (Strings{
          "00:00:00 08:00:00 success", "08:00:00 08:01:00 success", "08:01:00 10:00:00 success"}));
}

TEST_F(Starts, AContinuousDagKeepsToItsStartItsEndAndItsPause) {
  model::Dag dag = Continuous(true);
  dag.end_date = At("2026-06-01T00:06:30Z");
  Load("2026-05-31T12:00Z", {dag});
  EXPECT_EQ(Runs("c"), Strings{});
  EXPECT_EQ(engine_->NextDue(), At("2026-06-01T00:01Z"));
  Tick("2026-06-01T00:01Z");
  Pause("2026-06-01T00:01:30Z", "c", true);
  Tick("2026-06-01T00:05Z");
  EXPECT_EQ(Runs("c").size(), 1U);
  Pause("2026-06-01T00:06Z", "c", false);
  EXPECT_EQ(Runs("c"), (Strings{"00:00:00 00:01:00 success", "00:01:00 00:06:00 success"}));
  Tick("2026-06-01T00:11Z");
  EXPECT_EQ(Runs("c").size(), 2U);
  EXPECT_EQ(engine_->NextDue(), std::nullopt);
}

TEST_F(Starts, AnEditFromTicksToContinuousAndBackMakesUpForNothing) {
  model::Dag dag = Daily("c", "0 * * * *");
  Load("2026-06-01T07:30Z", {dag});
  Tick("2026-06-01T08:00Z");
  Load("2026-06-01T09:00Z", {Continuous(true)});
  Tick("2026-06-01T09:01Z");
  EXPECT_EQ(Runs("c"), (Strings{"07:00:00 08:00:00 success", "09:00:00 09:01:00 success"}));
  Load("2026-06-01T09:01:30Z", {dag});
  EXPECT_EQ(engine_->NextDue(), At("2026-06-01T10:00Z"));
}

}  // namespace
}  // namespace engine
