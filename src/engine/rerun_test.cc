// Clears that take the newest version; what a trigger may set; notes.

#include "engine/rerun.h"

#include <gtest/gtest.h>

#include "engine/conf.h"
#include "engine/test_support.h"

namespace engine {
namespace {

using model::DagId;
using model::JobId;
using model::JobKey;
using model::RunId;
using model::RunKey;

const RunKey kRun{DagId("d"), RunId("r")};

JobKey Job(const std::string& id) {
  return {kRun, JobId(id), {}};
}

// Jobs in a row, each after the one before.
model::Dag Chain(const std::vector<std::string>& ids) {
  model::Dag dag = Daily("d", "");
  dag.jobs.clear();
  for (const std::string& id : ids) {
    model::Job job{.id = JobId(id)};
    if (!dag.jobs.empty())
      job.upstream = {static_cast<int>(dag.jobs.size()) - 1};
    dag.jobs.push_back(std::move(job));
  }
  return dag;
}

class Rerun : public StoredEngine {
 protected:
  // A run of the DAG that has ended; then the DAG is as in `newest`.
  void Ended(const model::Dag& first, const model::Dag& newest) {
    Load("2026-06-01T00:00Z", {first});
    Trigger("2026-06-01T00:01Z", "d", "r", {});
    Load("2026-06-01T00:02Z", {newest});
  }
  // … that waits, because the DAG is paused.
  void Open(const model::Dag& first, const model::Dag& newest) {
    Load("2026-06-01T00:00Z", {first});
    Pause("2026-06-01T00:00Z", "d", true);
    Trigger("2026-06-01T00:01Z", "d", "r", {});
    Load("2026-06-01T00:02Z", {newest});
  }
  Changes Clear(std::vector<JobKey> jobs = {}, bool on_latest_version = true) {
    model::ClearJobs clear;
    clear.run = kRun;
    clear.jobs = std::move(jobs);
    clear.by = "ada";
    clear.on_latest_version = on_latest_version;
    if (!engine_->state().runs.contains(kRun))
      clear.rows = rows_.OfRun(kRun);
    return Apply("2026-06-01T00:03Z", clear);
  }
  const model::RunRow& Row() const { return rows_.runs().at(kRun); }
  model::VersionId Newest() const { return engine_->state().dags.at(DagId("d")).row.version; }
};

TEST_F(Rerun, ARunKeepsItsVersionUnlessItIsAsked) {
  Ended(Chain({"a"}), Chain({"a", "b"}));
  EXPECT_TRUE(Clear({}, false).outcome);
  EXPECT_NE(Row().version, Newest());
  EXPECT_TRUE(Clear().outcome);
  EXPECT_EQ(Row().version, Newest());
  EXPECT_EQ(rows_.StateOf(Job("b")), "success");
  EXPECT_EQ(Row().state, model::RunState::kSuccess);
}

TEST_F(Rerun, WhereOnlyNewJobsAreWantedTheOthersStayAsTheyAre) {
  Ended(Chain({"a"}), Chain({"a", "b"}));
  const model::TaskRow before = rows_.TaskOf(Job("a"));
  model::ClearJobs clear;
  clear.run = kRun;
  clear.by = "ada";
  clear.only_new = true;
  clear.note = "one more";
  clear.rows = rows_.OfRun(kRun);
  EXPECT_TRUE(Apply("2026-06-01T00:03Z", clear).outcome);
  EXPECT_EQ(rows_.TaskOf(Job("a")), before);
  EXPECT_EQ(rows_.StateOf(Job("b")), "success");
  EXPECT_EQ(Row().note, "one more");
  EXPECT_EQ(Row().version, Newest());
}

TEST_F(Rerun, AJobThatIsGoneIsRemovedAndItsNumbersStay) {
  Ended(Chain({"a", "b"}), Chain({"a"}));
  EXPECT_TRUE(Clear().outcome);
  EXPECT_EQ(rows_.StateOf(Job("b")), "removed");
  EXPECT_EQ(rows_.TaskOf(Job("b")).try_number, 1);
  EXPECT_EQ(rows_.TaskOf(Job("a")).try_number, 2);
  EXPECT_EQ(Row().state, model::RunState::kSuccess);
}

TEST_F(Rerun, WhatIsNotClearedKeepsItsEnd) {
  Ended(Chain({"a", "b"}), Chain({"a", "x", "b"}));
  EXPECT_TRUE(Clear({Job("b")}).outcome);
  EXPECT_EQ(rows_.TaskOf(Job("a")).try_number, 1);
  EXPECT_EQ(rows_.TaskOf(Job("x")).try_number, 1);
  EXPECT_EQ(rows_.TaskOf(Job("b")).try_number, 2);
}

TEST_F(Rerun, AnOpenRunGoesOnByTheNewVersionAfterARestartToo) {
  Open(Chain({"a", "b"}), Chain({"c", "a"}));
  EXPECT_TRUE(Clear().outcome);
  EXPECT_EQ(rows_.StateOf(Job("b")), "removed");
  EXPECT_TRUE(engine_->state().runs.at(kRun).removed.contains({JobId("b"), {}}));
  Pause("2026-06-01T00:04Z", "d", false);
  EXPECT_EQ(rows_.StateOf(Job("c")), "success");
  EXPECT_EQ(rows_.StateOf(Job("a")), "success");
  EXPECT_EQ(rows_.StateOf(Job("b")), "removed");
  EXPECT_EQ(Row().state, model::RunState::kSuccess);
}

TEST_F(Rerun, AJobThatWasRemovedDoesNotComeBack) {
  Open(Chain({"a", "b"}), Chain({"a"}));
  EXPECT_TRUE(Clear().outcome);
  const model::VersionId before = Row().version;
  Load("2026-06-01T00:03Z", {Chain({"a", "b", "c"})});
  const Changes changes = Clear();
  ASSERT_FALSE(changes.outcome);
  EXPECT_EQ(changes.outcome.error().message,
            "an earlier rerun took 'b' out of the run, and the newest version has it again: "
            "trigger a new run");
  EXPECT_TRUE(changes.rows.empty());
  EXPECT_EQ(Row().version, before);
}

TEST_F(Rerun, AnotherKindOfWorkIsRefused) {
  model::Dag newest = Chain({"a"});
  newest.jobs[0].work = model::EmrWork();
  Ended(Chain({"a"}), newest);
  const Changes changes = Clear();
  ASSERT_FALSE(changes.outcome);
  EXPECT_EQ(changes.outcome.error().code, base::ErrorCode::kConflict);
  EXPECT_TRUE(changes.rows.empty());
}

TEST_F(Rerun, AJobThatIsQueuedBeginsAgainByTheNewDefinition) {
  model::Dag first = Chain({"a"});
  first.jobs[0].work = model::EmrWork();
  model::Dag newest = first;
  newest.jobs[0].when = "false";
  newest.jobs[0].pool = model::PoolId("other");
  Load("2026-06-01T00:00Z", {first});
  Trigger("2026-06-01T00:01Z", "d", "r", {});
  EXPECT_EQ(rows_.StateOf(Job("a")), "queued");
  Load("2026-06-01T00:02Z", {newest});
  EXPECT_TRUE(Clear().outcome);
  EXPECT_EQ(rows_.StateOf(Job("a")), "skipped");
}

TEST_F(Rerun, AMappedJobForgetsItsListAndItsInstances) {
  model::Dag first = Chain({"a"});
  first.jobs[0].work = model::EmrWork();
  first.jobs[0].map_over =
      model::MapOver{.items = {1, 2, 3}, .expression = {}, .index_template = {}};
  model::Dag newest = first;
  newest.jobs[0].map_over->items = {1};
  Load("2026-06-01T00:00Z", {first});
  Trigger("2026-06-01T00:01Z", "d", "r", {});
  EXPECT_EQ(rows_.StateOf({kRun, JobId("a"), {}, 2}), "queued");
  Load("2026-06-01T00:02Z", {newest});
  EXPECT_TRUE(Clear().outcome);
  EXPECT_EQ(rows_.StateOf({kRun, JobId("a"), {}, 0}), "queued");
  EXPECT_EQ(rows_.StateOf({kRun, JobId("a"), {}, 2}), "removed");
}

TEST_F(Rerun, ALaterRunDoesNotWaitForAJobThatIsRemoved) {
  model::Dag first = Chain({"a", "b"});
  first.jobs[1].depends_on_past = true;
  first.jobs[1].work = model::EmrWork();
  Load("2026-06-01T00:00Z", {first});
  Trigger("2026-06-01T00:01Z", "d", "r", At("2026-06-01T00:00Z"));
  Trigger("2026-06-01T00:02Z", "d", "s", At("2026-06-02T00:00Z"));
  const JobKey later{{DagId("d"), RunId("s")}, JobId("b"), {}};
  EXPECT_EQ(rows_.StateOf(later), "none");
  Load("2026-06-01T00:02Z", {Chain({"a"})});
  EXPECT_TRUE(Clear().outcome);
  EXPECT_EQ(rows_.StateOf(later), "queued");
}

// ---- Params

model::Dag Typed() {
  model::Dag dag = Chain({"a"});
  dag.params = {{"n", 3}, {"free", "x"}};
  dag.param_schemas = {{"n", {{"type", {"null", "integer"}}, {"minimum", 1}}},
                       {"day", {{"type", "string"}, {"format", "date"}}}};
  return dag;
}

std::string Refusal(const json::object& conf) {
  const base::Status checked = CheckConf(Typed(), conf);
  return checked ? "" : checked.error().message;
}

TEST(Params, ATriggerIsCheckedInAirflowsWords) {
  EXPECT_EQ(Refusal({{"day", "2026-06-01"}}), "");
  EXPECT_EQ(Refusal({}),
            "Invalid input for param day: No value passed and Param has no default value");
  EXPECT_EQ(Refusal({{"day", "today"}}), "Invalid input for param day: 'today' is not a 'date'");
  EXPECT_EQ(Refusal({{"day", "2026-06-01"}, {"n", 0}}),
            "Invalid input for param n: 0 is less than the minimum of 1");
  EXPECT_NE(Refusal({{"day", "2026-06-01"}, {"m", 0}}).find("has no param 'm'"), std::string::npos);
}

TEST(Params, ANullIsTheValueOfATypedParam) {
  EXPECT_EQ(Refusal({{"day", "2026-06-01"}, {"n", nullptr}}), "");
  EXPECT_EQ(ParamsOf(Typed(), {{"n", nullptr}, {"free", nullptr}}), (json::object{{"n", nullptr}}));
}

TEST_F(Rerun, ATriggerThatIsRefusedMakesNoRun) {
  Load("2026-06-01T00:00Z", {Typed()});
  const Changes changes = Apply(
      "2026-06-01T00:01Z", model::TriggerRun{DagId("d"), RunId("r"), {}, {{"n", "x"}}, "ada", {}});
  ASSERT_FALSE(changes.outcome);
  EXPECT_EQ(changes.outcome.error().code, base::ErrorCode::kInvalidArgument);
  EXPECT_TRUE(changes.rows.empty());
}

TEST_F(Rerun, AConfThatTheNewestVersionDoesNotTakeIsRefused) {
  Ended(Chain({"a"}), Typed());
  const Changes changes = Clear();
  ASSERT_FALSE(changes.outcome);
  EXPECT_EQ(changes.outcome.error().message,
            "the run's conf is not one for the newest version: Invalid input for param day: No "
            "value passed and Param has no default value");
  EXPECT_TRUE(changes.rows.empty());
}

// ---- Notes

TEST_F(Rerun, NotesStandOnRunsAndTasksAndInTheHistory) {
  Ended(Chain({"a"}), Chain({"a"}));
  const auto note = [&](std::vector<JobKey> jobs, const std::string& text) {
    model::SetNote request;
    request.run = kRun;
    request.jobs = std::move(jobs);
    request.by = "ada";
    request.note = text;
    request.rows = rows_.OfRun(kRun);
    return Apply("2026-06-01T00:05Z", request);
  };
  const Changes on_run = note({}, "late data");
  EXPECT_TRUE(on_run.outcome);
  EXPECT_EQ(Row().note, "late data");
  EXPECT_EQ(Row().state, model::RunState::kSuccess);
  EXPECT_TRUE(note({Job("a")}, "ask bob").outcome);
  EXPECT_EQ(rows_.TaskOf(Job("a")).note, "ask bob");
  const auto& history = std::get<model::HistoryRow>(on_run.rows.back());
  EXPECT_EQ(history.cause, "note by ada: late data");
  EXPECT_TRUE(note({Job("a")}, "").outcome);
  EXPECT_EQ(rows_.TaskOf(Job("a")).note, "");
  EXPECT_FALSE(note({Job("z")}, "x").outcome);
}

TEST_F(Rerun, ANoteHasAThousandCharacters) {
  Ended(Chain({"a"}), Chain({"a"}));
  std::string longest;
  for (int i = 0; i < 1000; ++i)
    longest += "ä";
  const auto trigger = [&](const std::string& run, const std::string& text) {
    return Apply("2026-06-01T00:05Z",
                 model::TriggerRun{DagId("d"), RunId(run), {}, {}, "ada", {}, text});
  };
  EXPECT_TRUE(trigger("s", longest).outcome);
  EXPECT_EQ(rows_.runs().at({DagId("d"), RunId("s")}).note, longest);
  EXPECT_EQ(trigger("t", longest + "x").outcome.error().message,
            "the note has 1001 characters; at most 1000 are kept");
}

}  // namespace
}  // namespace engine
