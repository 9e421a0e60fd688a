// Jobs that trigger runs, through the whole loop: driver, engine, store. Each is the same after a
// restart.

#include "driver/triggers.h"

#include <gmock/gmock.h>

#include "driver/test_support.h"
#include "engine/blockers.h"

namespace driver {
namespace {

using model::RunState;
using model::TriggerState;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view kNow = "2026-01-05T00:00:00+00:00";

model::Dag Target(const std::string& id, model::Work work) {
  model::Dag dag;
  dag.id = model::DagId(id);
  dag.is_paused_upon_creation = false;
  dag.params["month"] = 1;
  dag.jobs.push_back({.id = model::JobId("j"), .work = std::move(work)});
  return dag;
}

class TriggersTest : public DriverTest {
 protected:
  // `quick` ends at once, `slow` with its cluster; `go` triggers as told.
  void LoadWith(const model::TriggerWork& work, int retries = 0) {
    zones_.Add(schedule::TimeZone::Utc());
    model::Dag go = Target("go", work);
    go.jobs[0].id = model::JobId("t");
    go.jobs[0].retries = retries;
    model::Job after{.id = model::JobId("after"), .upstream = {0}};
    after.trigger_rule = model::TriggerRule::kAllDone;
    after.when = "states.t == 'failed'";
    go.jobs.push_back(after);
    dags_ = {go, Target("quick", model::EmptyWork()), Target("slow", OneJob().jobs.front().work)};
    Load();
  }
  void Load() {
    model::ProjectLoaded project;
    for (model::Dag dag : dags_) {
      dag.version = model::ComputeVersion(dag);
      project.dags.push_back(std::make_shared<model::Dag>(std::move(dag)));
    }
    driver_->Post(project);
    driver_->Pump();
  }
  // Takes what can be taken without time passing; in a new process each time, if told.
  void Settle() {
    for (int i = 0; i < 6; ++i) {
      driver_->Pump();
      if (restarts_)
        Reopen();
    }
  }
  void Reopen() {
    driver_.reset();
    driver_ = Driver::Create(options_, world_, store_, zones_).value();
  }
  void Go(const std::string& run = "r") {
    Post(model::TriggerRun{model::DagId("go"), model::RunId(run), {}, {}, "ada"});
    Settle();
  }
  void Post(decltype(model::Event::body) body) {
    driver_->Post(std::move(body),
                  [](const Outcome& outcome) { EXPECT_TRUE(outcome) << outcome.error().message; });
    driver_->Pump();
  }
  template <typename Request>
  Request Of(const std::string& dag, const std::string& run) {
    Request request;
    request.run = {model::DagId(dag), model::RunId(run)};
    request.by = "ada";
    if (!driver_->state().runs.contains(request.run))
      request.rows = std::make_shared<const model::Snapshot>(
          store::ReadRun(store_.reader(), request.run).value());
    return request;
  }
  void End(const std::string& dag, const std::string& run, RunState state) {
    auto mark = Of<model::MarkRun>(dag, run);
    mark.state = state;
    Post(mark);
    Settle();
  }
  std::string StateOf(const std::string& run = "r") {
    const auto tasks = store_.reader().Tasks({model::DagId("go"), model::RunId(run)}).value();
    return std::string(ToString(tasks[1].state));  // after "after"
  }
  std::vector<model::RunRow> RunsOf(const std::string& dag) {
    store::RunQuery query{.dag = model::DagId(dag)};
    query.order = {{store::RunColumn::kId, false}};
    return store_.reader().Runs(query)->rows;
  }
  std::string Why(const std::string& run = "r") {
    const model::JobKey key{
        {model::DagId("go"), model::RunId(run)}, model::JobId("t"), model::LaneId()};
    std::string all;
    for (const engine::Blocker& blocker : engine::BlockersOf(driver_->engine(), key))
      all += base::Cat(engine::ToString(blocker.kind), ": ", blocker.sentence, "\n");
    return all;
  }
  std::string ReasonOf(const std::string& run = "r") {
    return store_.reader().Attempts({model::DagId("go"), model::RunId(run)})->back().reason;
  }

  std::vector<model::Dag> dags_;
  bool restarts_ = false;
};

model::TriggerWork Want(const std::string& dag) {
  model::TriggerWork work;
  work.dag = dag;
  return work;
}

model::TriggerWork WaitFor(const std::string& dag) {
  model::TriggerWork work = Want(dag);
  work.waits = true;
  return work;
}

class TriggersRestarted : public TriggersTest, public ::testing::WithParamInterface<bool> {
 protected:
  TriggersRestarted() { restarts_ = GetParam(); }
};
INSTANTIATE_TEST_SUITE_P(, TriggersRestarted, ::testing::Bool());

TEST_P(TriggersRestarted, MakesOneRunOfTheDagThatSaysWhoWantedIt) {
  model::TriggerWork work = Want("slow");
  work.conf = {{"month", "{{ 1 + 1 }}"}};
  LoadWith(work);
  Go();
  EXPECT_EQ(StateOf(), "success");
  const auto runs = RunsOf("slow");
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_THAT(runs[0].key.run.str(), HasSubstr(base::Cat("operator_triggered__", kNow, "__")));
  EXPECT_EQ(runs[0].type, model::RunType::kOperatorTriggered);
  EXPECT_EQ(runs[0].triggered_by, "go/r/t");
  EXPECT_EQ(runs[0].logical_date, base::ParseTime(kNow).value());
  EXPECT_EQ(store_.reader().Run(runs[0].key)->conf, R"({"month":2})");
  EXPECT_EQ(RunsOf("go")[0].state, RunState::kSuccess);
}

TEST_P(TriggersRestarted, WaitsForTheEndOfItsRun) {
  LoadWith(WaitFor("slow"));
  size_t count = 0;
  for (const auto& [end, becomes] :
       {std::pair(RunState::kSuccess, "success"), std::pair(RunState::kFailed, "failed")}) {
    Go(becomes);
    EXPECT_EQ(StateOf(becomes), "deferred");
    const std::string run = RunsOf("slow").at(count++).key.run.str();
    EXPECT_EQ(Why(becomes),
              base::Cat("triggered_run: it waits for the end of the run '",
                        run,
                        "' of 'slow', which is running\n"));
    End("slow", run, end);
    EXPECT_EQ(StateOf(becomes), becomes);
  }
}

TEST_F(TriggersTest, ARunThatEndsAtOnceIsNotMissed) {
  LoadWith(WaitFor("quick"));
  Go();
  EXPECT_EQ(StateOf(), "success");
  EXPECT_EQ(store_.reader().Outputs({model::DagId("go"), model::RunId("r")})->at(0).outputs,
            base::Cat(R"({"trigger_dag_id":"quick","trigger_run_id":")",
                      RunsOf("quick")[0].key.run.str(),
                      "\"}"));
}

TEST_F(TriggersTest, EachTryOfAFailureTriggersARunOfItsOwn) {
  LoadWith(WaitFor("slow"), 1);
  Go();
  End("slow", RunsOf("slow")[0].key.run.str(), RunState::kFailed);
  EXPECT_EQ(StateOf(), "up_for_retry");
  Post(model::SetPaused{model::DagId("go"), true, "ada"});
  Pass(base::minutes(6));
  EXPECT_EQ(StateOf(), "up_for_retry");
  EXPECT_THAT(Why(), HasSubstr("paused: "));
  EXPECT_GT(driver_->NextWake().value_or(base::Time::max()), world_.now);
  Post(model::SetPaused{model::DagId("go"), false, "ada"});
  Settle();
  EXPECT_EQ(StateOf(), "deferred");
  ASSERT_EQ(RunsOf("slow").size(), 2u);
  End("slow", RunsOf("slow")[1].key.run.str(), RunState::kSuccess);
  EXPECT_EQ(StateOf(), "success");
}

TEST_F(TriggersTest, ARunThatExistsIsAMistakeUnlessToldOtherwise) {
  model::TriggerWork work = Want("quick");
  work.run_id = "one";
  LoadWith(work, 3);
  Go("r");
  Go("s");
  EXPECT_EQ(StateOf("r"), "success");
  EXPECT_EQ(StateOf("s"), "failed");  // at once, whatever its retries
  EXPECT_THAT(ReasonOf("s"), HasSubstr("the run 'one' of 'quick' exists already"));
  EXPECT_EQ(RunsOf("quick").size(), 1u);
}

TEST_F(TriggersTest, ARunThatExistsMaySkipTheJob) {
  model::TriggerWork work = Want("quick");
  work.run_id = "one";
  work.skips = true;
  LoadWith(work);
  Go("r");
  Go("s");
  EXPECT_EQ(StateOf("s"), "skipped");
  EXPECT_EQ(RunsOf("quick").size(), 1u);
}

TEST_P(TriggersRestarted, ARunThatExistsMayBeginAgain) {
  model::TriggerWork work = WaitFor("slow");
  work.logical_date = "2026-01-03";
  work.resets = true;
  LoadWith(work);
  Go("r");
  const std::string run = RunsOf("slow")[0].key.run.str();
  End("slow", run, RunState::kSuccess);
  Go("s");  // that run has ended, and stands in the store alone
  EXPECT_EQ(StateOf("s"), "deferred");
  ASSERT_EQ(RunsOf("slow").size(), 1u);
  EXPECT_EQ(RunsOf("slow")[0].state, RunState::kRunning);
  Go("t");  // it lives: both wait for it
  EXPECT_EQ(StateOf("t"), "deferred");
  End("slow", run, RunState::kFailed);
  EXPECT_EQ(StateOf("s"), "failed");
  EXPECT_EQ(StateOf("t"), "failed");
}

TEST_F(TriggersTest, ARunIsNotAllowedToClearItself) {
  model::TriggerWork work = Want("go");
  work.run_id = "{{ run_id }}";
  work.resets = true;
  LoadWith(work);
  Go();
  EXPECT_EQ(StateOf(), "failed");
  EXPECT_THAT(ReasonOf(), HasSubstr("its own run"));
}

TEST_F(TriggersTest, AnEndThatIsNeitherGoodNorBadIsWaitedOut) {
  model::TriggerWork work = WaitFor("slow");
  work.failed = {};
  LoadWith(work);
  Go();
  const std::string run = RunsOf("slow")[0].key.run.str();
  End("slow", run, RunState::kFailed);
  EXPECT_EQ(StateOf(), "deferred");
  Reopen();
  EXPECT_THAT(Why(), HasSubstr("has ended: failed, and that is in neither"));
  auto clear = Of<model::ClearJobs>("slow", run);
  Post(clear);
  EXPECT_THAT(Why(), HasSubstr("which is running"));
  Reopen();
  End("slow", run, RunState::kSuccess);
  EXPECT_EQ(StateOf(), "success");
}

TEST_F(TriggersTest, ALaterClearOfItsRunChangesNothing) {
  LoadWith(WaitFor("slow"));
  Go();
  const std::string run = RunsOf("slow")[0].key.run.str();
  End("slow", run, RunState::kSuccess);
  Post(Of<model::ClearJobs>("slow", run));
  End("slow", run, RunState::kFailed);
  EXPECT_EQ(StateOf(), "success");
}

TEST_F(TriggersTest, AbortingTheJobLeavesItsRunAlone) {
  LoadWith(WaitFor("slow"));
  Go();
  End("go", "r", RunState::kFailed);
  EXPECT_EQ(StateOf(), "failed");
  EXPECT_EQ(RunsOf("slow")[0].state, RunState::kRunning);
  // Cleared, it triggers another run.
  Post(Of<model::ClearJobs>("go", "r"));
  Settle();
  EXPECT_EQ(StateOf(), "deferred");
  ASSERT_EQ(RunsOf("slow").size(), 2u);
  End("slow", RunsOf("slow")[0].key.run.str(), RunState::kSuccess);
  EXPECT_EQ(StateOf(), "deferred");
  End("slow", RunsOf("slow")[1].key.run.str(), RunState::kSuccess);
  EXPECT_EQ(StateOf(), "success");
}

TEST_F(TriggersTest, AClearEndsATryAndBeginsTheNextInOneStep) {
  LoadWith(WaitFor("slow"));
  Go();
  auto clear = Of<model::ClearJobs>("go", "r");
  clear.jobs = {{clear.run, model::JobId("t"), model::LaneId()}};
  Post(clear);
  Settle();
  const auto attempts = store_.reader().Attempts(clear.run).value();
  ASSERT_EQ(attempts.size(), 2u);
  EXPECT_EQ(attempts[0].verdict, model::VerdictClass::kUser);
  EXPECT_FALSE(attempts[1].ended_at.has_value());
  EXPECT_EQ(RunsOf("slow").size(), 2u);
}

TEST_F(TriggersTest, WhatCannotBeTriggeredIsAMistake) {
  model::TriggerWork nobody = Want("nobody"), param = Want("quick"), reserved = Want("quick"),
                     date = Want("quick");
  param.conf = {{"mont", 2}};
  reserved.run_id = "scheduled__x";
  date.logical_date = "{{ 'soon' }}";
  int count = 0;
  for (const auto& [work, reason] : {std::pair(nobody, "there is no DAG 'nobody'"),
                                     std::pair(param, "did you mean 'month'?"),
                                     std::pair(reserved, "are the scheduler's own"),
                                     std::pair(date, "logical_date: ")}) {
    const std::string run = base::Cat("r", ++count);
    LoadWith(work, 2);
    Go(run);
    EXPECT_EQ(StateOf(run), "failed") << reason;
    EXPECT_THAT(ReasonOf(run), HasSubstr(reason));
    EXPECT_TRUE(RunsOf("quick").empty());
  }
}

TEST_F(TriggersTest, APausedDagKeepsTheRunUnlessTheJobMinds) {
  LoadWith(WaitFor("quick"));
  Post(model::SetPaused{model::DagId("quick"), true, "ada"});
  Go();
  EXPECT_EQ(StateOf(), "deferred");
  EXPECT_THAT(Why(), HasSubstr("which is queued; its DAG is paused: `signalbox dags unpause"));
  Post(model::SetPaused{model::DagId("quick"), false, "ada"});
  EXPECT_EQ(StateOf(), "success");
  dags_[0].jobs[0].work = [] {
    model::TriggerWork work = Want("quick");
    work.fails_if_paused = true;
    return work;
  }();
  Load();
  Post(model::SetPaused{model::DagId("quick"), true, "ada"});
  Go("s");
  EXPECT_EQ(StateOf("s"), "failed");
  EXPECT_THAT(ReasonOf("s"), HasSubstr("is paused (fail_when_dag_is_paused)"));
}

TEST_F(TriggersTest, ATryThatFollowsAtOnceKeepsTheEndOfTheOneBefore) {
  model::TriggerWork work = Want("quick");
  work.fails_if_paused = true;
  LoadWith(work, 2);
  dags_[0].jobs[0].retry_delay = {};
  Load();
  Post(model::SetPaused{model::DagId("quick"), true, "ada"});
  Go();
  EXPECT_EQ(StateOf(), "failed");
  const auto attempts = store_.reader().Attempts({model::DagId("go"), model::RunId("r")}).value();
  ASSERT_EQ(attempts.size(), 3u);
  for (const model::AttemptRow& attempt : attempts) {
    EXPECT_EQ(attempt.verdict, model::VerdictClass::kApplication) << attempt.key.n;
    EXPECT_TRUE(attempt.ended_at) << attempt.key.n;
  }
}

TEST_F(TriggersTest, LanesAndInstancesTriggerARunEach) {
  LoadWith(Want("slow"));
  model::Job mapped = dags_[0].jobs[0];
  mapped.map_over = {.items = {1, 2, 3}, .expression = "", .index_template = ""};
  std::get<model::TriggerWork>(mapped.work).conf = {{"month", "{{ item }}"}};
  dags_[0].jobs = {mapped};
  Load();
  Go();
  EXPECT_EQ(RunsOf("go")[0].state, RunState::kSuccess);
  std::vector<std::string> confs;
  for (const model::RunRow& run : RunsOf("slow"))
    confs.push_back(run.conf);
  EXPECT_THAT(confs, ElementsAre(R"({"month":1})", R"({"month":2})", R"({"month":3})"));
}

TEST_F(TriggersTest, ACommitThatIsRefusedTriggersNothingTwice) {
  LoadWith(Want("slow"));
  store_.once = false;
  for (const auto outcome :
       {store::CommitResult::Outcome::kRefused, store::CommitResult::Outcome::kUnknown}) {
    const std::string run = base::Cat("r", static_cast<int>(outcome));
    driver_->Post(model::TriggerRun{model::DagId("go"), model::RunId(run), {}, {}, "ada"});
    driver_->Pump();  // reads, and posts
    store_.next = outcome;
    store_.unknown_happened = true;
    Settle();
    store_.next = store::CommitResult::Outcome::kOk;
    for (int i = 0; i < 20; ++i)
      Pass(base::seconds(10));
    EXPECT_EQ(StateOf(run), "success");
  }
  EXPECT_EQ(RunsOf("slow").size(), 2u);
}

TEST_F(TriggersTest, OldNewsOfTheStoreCountsForNothing) {
  LoadWith(Want("quick"));
  Post(model::SetPaused{model::DagId("go"), true, "ada"});
  Post(model::TriggerRun{model::DagId("go"), model::RunId("r"), {}, {}, "ada"});
  Post(model::SetPaused{model::DagId("go"), false, "ada"});
  const auto asked = work::WishesOf(driver_->engine()).asked;
  for (const model::JobKey& job : asked)
    Post(model::TriggersRead{driver_->state().last_seq - 1, {{{job, 1}, {}, {}}}});
  Settle();
  EXPECT_EQ(RunsOf("quick").size(), 1u);
}

}  // namespace
}  // namespace driver
