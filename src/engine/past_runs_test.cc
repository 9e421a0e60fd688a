// depends_on_past and wait_for_downstream. The cases follow Airflow's prev_dagrun_dep.

#include "engine/past_runs.h"

#include <gtest/gtest.h>

#include "engine/test_support.h"

namespace engine {
namespace {

using model::DagId;
using model::JobId;
using model::TaskState;

constexpr char kFirst[] = "scheduled__2026-06-01T02:00:00+00:00";
constexpr char kSecond[] = "scheduled__2026-06-02T02:00:00+00:00";
constexpr char kThird[] = "scheduled__2026-06-03T02:00:00+00:00";

// Two jobs that wait for a turn: nothing ends but by hand.
model::Dag Chain(bool waits_for_downstream = false) {
  model::Dag dag = Daily("d", "0 2 * * *");
  dag.jobs[0].work = model::EmrWork();
  dag.jobs[0].depends_on_past = true;
  dag.jobs[0].wait_for_downstream = waits_for_downstream;
  dag.jobs.push_back({.id = JobId("below")});
  dag.jobs[1].work = model::EmrWork();
  dag.jobs[1].upstream = {0};
  return dag;
}

class Past : public StoredEngine {
 protected:
  void Mark(std::string_view at,
            const std::string& run,
            const std::string& job,
            TaskState state = TaskState::kSuccess) {
    model::MarkJobs event{Request(run, job), state};
    EXPECT_TRUE(Apply(at, event).outcome);
  }
  void Clear(std::string_view at, const std::string& run, const std::string& job) {
    EXPECT_TRUE(Apply(at, model::ClearJobs{Request(run, job), {}, false}).outcome);
  }
  model::RunRequest Request(const std::string& run, const std::string& job) const {
    const model::RunKey key{DagId("d"), model::RunId(run)};
    return {key, {{key, JobId(job), model::LaneId("")}}, "ada", rows_.OfRun(key)};
  }
  // "queued", "" for one that waits.
  std::string StateOf(const std::string& run, const std::string& job = "j") const {
    return rows_.StateOf({{DagId("d"), model::RunId(run)}, JobId(job), model::LaneId("")});
  }
};

TEST_F(Past, TheFirstRunWaitsForNothingAndTheNextForIt) {
  Load("2026-06-01T00:00Z", {Chain()});
  Tick("2026-06-01T02:00Z");
  EXPECT_EQ(StateOf(kFirst), "queued");
  Tick("2026-06-02T02:00Z");
  EXPECT_EQ(StateOf(kSecond), "none");
  const auto missing = StillMissing(
      engine_->state(), engine_->state().runs.at({DagId("d"), model::RunId(kSecond)}).jobs[0]);
  ASSERT_EQ(missing.size(), 1U);
  EXPECT_EQ(missing[0].because, model::MissingBecause::kPastRun);
  EXPECT_NE(missing[0].sentence.find(kFirst), std::string::npos);
  Mark("2026-06-02T03:00Z", kFirst, "j");
  EXPECT_EQ(StateOf(kSecond), "queued") << "its job is done, and the rest of the run is not asked";
}

TEST_F(Past, ASkipCountsAndAFailureDoesNot) {
  Load("2026-06-01T00:00Z", {Chain()});
  Tick("2026-06-01T02:00Z");
  Tick("2026-06-02T02:00Z");
  Mark("2026-06-02T03:00Z", kFirst, "j", TaskState::kFailed);
  EXPECT_EQ(StateOf(kSecond), "none");
  Mark("2026-06-02T04:00Z", kFirst, "j", TaskState::kSkipped);
  EXPECT_EQ(StateOf(kSecond), "queued");
}

TEST_F(Past, ARunThatHasEndedAndLeftMemoryCountsAsItEnded) {
  Load("2026-06-01T00:00Z", {Chain()});
  Tick("2026-06-01T02:00Z");
  Mark("2026-06-01T03:00Z", kFirst, "j", TaskState::kFailed);
  EXPECT_TRUE(engine_->state().runs.empty());
  Tick("2026-06-02T02:00Z");
  EXPECT_EQ(StateOf(kSecond), "none");
  // It is cleared, and done again.
  Clear("2026-06-02T03:00Z", kFirst, "j");
  EXPECT_EQ(StateOf(kSecond), "none");
  Mark("2026-06-02T04:00Z", kFirst, "j");
  EXPECT_EQ(StateOf(kSecond), "queued");
  Mark("2026-06-02T04:00Z", kFirst, "below");
  Mark("2026-06-02T05:00Z", kSecond, "j");
  Mark("2026-06-02T05:00Z", kSecond, "below");
  Tick("2026-06-03T02:00Z");
  EXPECT_EQ(StateOf(kThird), "queued") << "what has ended well holds nothing up";
}

TEST_F(Past, AClearOfThePastHoldsWhatHasNotBegunAndNothingElse) {
  Load("2026-06-01T00:00Z", {Chain()});
  Tick("2026-06-01T02:00Z");
  Mark("2026-06-01T03:00Z", kFirst, "j");
  Mark("2026-06-01T03:00Z", kFirst, "below");
  Tick("2026-06-02T02:00Z");
  EXPECT_EQ(StateOf(kSecond), "queued");
  Clear("2026-06-02T03:00Z", kFirst, "j");
  EXPECT_EQ(StateOf(kSecond), "queued") << "the decision was made";
  Tick("2026-06-03T02:00Z");
  EXPECT_EQ(StateOf(kThird), "none");
}

TEST_F(Past, WaitForDownstreamAsksForTheJobsRightBelowToo) {
  Load("2026-06-01T00:00Z", {Chain(/*waits_for_downstream=*/true)});
  Tick("2026-06-01T02:00Z");
  Tick("2026-06-02T02:00Z");
  Mark("2026-06-02T03:00Z", kFirst, "j");
  EXPECT_EQ(StateOf(kSecond), "none");
  Mark("2026-06-02T04:00Z", kFirst, "below");
  EXPECT_EQ(StateOf(kSecond), "queued");
}

TEST_F(Past, ThePreviousRunIsByLogicalDateWhateverItsTypeWhereTheDagDoesNotCatchUp) {
  for (const bool catchup : {false, true}) {
    model::Dag dag = Chain();
    dag.catchup = catchup;
    dag.start_date = At("2026-06-01");
    dag.id = DagId(catchup ? "c" : "n");
    Load("2026-06-01T00:00Z", {dag});
    Tick("2026-06-01T02:00Z");
    Trigger("2026-06-01T12:00Z", dag.id.str(), "by_hand", At("2026-06-01T12:00Z"));
    Tick("2026-06-02T02:00Z");
    const auto& run = engine_->state().runs.at({dag.id, model::RunId(kSecond)});
    ASSERT_EQ(run.jobs[0].row.waits_for.size(), 1U);
    EXPECT_EQ(run.jobs[0].row.waits_for[0].run.str(), catchup ? kFirst : "by_hand");
    const auto& by_hand = engine_->state().runs.at({dag.id, model::RunId("by_hand")});
    EXPECT_EQ(by_hand.jobs[0].row.waits_for[0].run.str(), kFirst);
  }
}

TEST_F(Past, ARunWithoutALogicalDateHasNoPastAndIsNone) {
  Load("2026-06-01T00:00Z", {Chain()});
  Tick("2026-06-01T02:00Z");
  Trigger("2026-06-01T12:00Z", "d", "undated", std::nullopt);
  EXPECT_EQ(StateOf("undated"), "queued");
  Tick("2026-06-02T02:00Z");
  Mark("2026-06-02T03:00Z", kFirst, "j");
  EXPECT_EQ(StateOf(kSecond), "queued");
}

TEST_F(Past, AJobThatThePreviousRunDidNotHaveWaitsForNothing) {
  model::Dag dag = Chain();
  dag.jobs[1].upstream.clear();
  Load("2026-06-01T00:00Z", {dag});
  Tick("2026-06-01T02:00Z");
  dag.jobs[1].depends_on_past = true;
  dag.jobs.push_back({.id = JobId("new")});
  dag.jobs[2].work = model::EmrWork();
  dag.jobs[2].depends_on_past = true;
  Load("2026-06-01T12:00Z", {dag});
  Tick("2026-06-02T02:00Z");
  EXPECT_EQ(StateOf(kSecond, "new"), "queued");
  EXPECT_EQ(StateOf(kSecond, "below"), "none") << "that one was there";
}

TEST_F(Past, AnAbortSkipsWhatHadNotBegunAndThatCounts) {
  Load("2026-06-01T00:00Z", {Chain()});
  Tick("2026-06-01T02:00Z");
  Tick("2026-06-02T02:00Z");
  Apply("2026-06-02T03:00Z", model::MarkRun{Request(kFirst, "j"), model::RunState::kFailed});
  EXPECT_EQ(StateOf(kFirst), "skipped");
  EXPECT_EQ(StateOf(kSecond), "queued");
}

TEST_F(Past, OfAnOldRunOnlyTheLatestIsKnown) {
  Load("2026-06-01T00:00Z", {Chain()});
  Tick("2026-06-01T02:00Z");
  Mark("2026-06-01T03:00Z", kFirst, "j", TaskState::kFailed);
  // Its DAG is paused for a season.
  Pause("2026-06-01T04:00Z", "d", true);
  Pause("2026-12-01T12:00Z", "d", false);
  const std::string late = "scheduled__2026-12-01T02:00:00+00:00";
  EXPECT_EQ(StateOf(late), "none") << "the latest run is known for ever";
  Mark("2026-12-01T13:00Z", late, "j");
  Mark("2026-12-01T13:00Z", late, "below");
  Trigger("2026-12-01T14:00Z", "d", "between", At("2026-06-15"));
  EXPECT_EQ(StateOf("between"), "queued") << "nothing is known of a run that ended in June";
}

}  // namespace
}  // namespace engine
