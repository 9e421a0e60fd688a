// Deleted runs and DAGs. After each step the engine is built again from the store, and has to know
// the same.

#include "engine/deletes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "engine/invariants.h"
#include "engine/test_support.h"
#include "store/memory_store.h"
#include "work/emr/emr.h"

namespace engine {
namespace {

using model::DagId;
using model::JobId;
using model::JobKey;
using model::RunId;
using model::RunKey;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

model::Dag WithCluster(const std::string& id, const std::string& cron) {
  model::Dag dag = Daily(id, cron);
  dag.jobs[0].work = model::EmrWork{
      .request = json::object{
          {"ReleaseLabel", "emr-7.8.0"},
          {"Instances", json::object{{"MasterInstanceType", "m5.xlarge"}, {"InstanceCount", 1}}}}};
  return dag;
}

class Deletes : public ::testing::Test {
 protected:
  Deletes() { Restart(); }

  void Restart() {
    const model::Snapshot rows = store_.Load(At("2026-01-01T00:00Z")).value();
    epoch_ = rows.identity.epoch;
    auto engine = Engine::Create({}, zones_, work::MakeKinds({}), rows);
    ASSERT_TRUE(engine.has_value()) << engine.error().message;
    engine_ = std::move(*engine);
  }
  Changes Apply(std::string_view at, decltype(model::Event::body) body) {
    Changes changes = engine_->Apply({At(at), std::move(body)});
    EXPECT_EQ(store_.Commit(changes.rows, epoch_).reason, "");
    EXPECT_THAT(BrokenInvariants(*engine_), IsEmpty());
    const std::string before = Known();
    Restart();
    EXPECT_EQ(Known(), before) << "after a restart at " << at;
    EXPECT_THAT(BrokenInvariants(*engine_), IsEmpty());
    return changes;
  }
  // What must not depend on the life.
  std::string Known() const {
    const State& state = engine_->state();
    std::vector<std::string> out;
    for (const auto& [ref, by_interval] : state.successes) {
      for (const auto& [interval, runs] : by_interval) {
        for (const RunId& run : runs)
          out.push_back(base::Cat(ref.dag.str(), "/", run.str(), "/", ref.job.str(), " done"));
      }
    }
    for (const auto& [dag, past] : state.past) {
      for (const auto& [run, date] : past.dates)
        out.push_back(base::Cat(dag.str(), "/", run.str(), " past"));
    }
    for (const auto& [dag, by_interval] : state.run_successes) {
      for (const auto& [interval, runs] : by_interval) {
        for (const RunId& run : runs)
          out.push_back(base::Cat(dag.str(), "/", run.str(), " fills"));
      }
    }
    for (const auto& [id, entry] : state.dags)
      out.push_back(
          base::Cat(id.str(),
                    " next ",
                    entry.next_fire ? base::FormatRfc3339(entry.next_fire->run_after) : "never"));
    std::sort(out.begin(), out.end());
    return base::Join(out, "\n");
  }

  void Load(std::string_view at, const std::vector<model::Dag>& dags) {
    model::ProjectLoaded project;
    for (model::Dag dag : dags) {
      dag.version = model::ComputeVersion(dag);
      project.dags.push_back(std::make_shared<model::Dag>(std::move(dag)));
    }
    Apply(at, project);
  }
  void Tick(std::string_view at) { Apply(at, model::Tick{}); }
  void Trigger(std::string_view at, const std::string& dag, const std::string& run) {
    const Changes changes = Apply(at, model::TriggerRun{DagId(dag), RunId(run), At(at), {}, "ada"});
    EXPECT_TRUE(changes.outcome) << changes.outcome.error().message;
  }
  template <typename Request>
  Request About(const RunKey& run) {
    Request request;
    request.run = run;
    request.by = "ada";
    if (auto rows = store::ReadRun(store_.reader(), run))
      request.rows = std::make_shared<const model::Snapshot>(*std::move(rows));
    return request;
  }
  std::string Delete(std::string_view at, const std::string& dag, const std::string& run) {
    const Changes changes = Apply(at, About<model::DeleteRun>({DagId(dag), RunId(run)}));
    return changes.outcome ? "" : changes.outcome.error().message;
  }
  std::string DeleteDag(std::string_view at, const std::string& dag) {
    const Changes changes = Apply(at, model::DeleteDag{DagId(dag), "ada"});
    return changes.outcome ? "" : changes.outcome.error().message;
  }
  void Mark(std::string_view at,
            const std::string& dag,
            const std::string& run,
            model::TaskState state = model::TaskState::kSuccess) {
    auto mark = About<model::MarkJobs>({DagId(dag), RunId(run)});
    mark.state = state;
    EXPECT_TRUE(Apply(at, mark).outcome);
  }
  bool IsThere(const std::string& dag, const std::string& run) {
    return store_.reader().Run({DagId(dag), RunId(run)}).has_value();
  }
  std::string StateOf(const std::string& dag, const std::string& run) {
    const auto tasks = store_.reader().Tasks({DagId(dag), RunId(run)});
    return tasks && !tasks->empty() ? std::string(ToString(tasks->front().state)) : "missing";
  }
  // The latest launch of the DAG's only job.
  model::LaunchToken Launch(std::string_view at, const std::string& cluster) {
    Apply(at, model::Turns{10});
    model::LaunchToken token;
    for (const model::LaunchToken& each : work::EmrOf(*engine_).unsettled)
      token = each;
    Apply(at, model::LaunchAccepted{token, model::ClusterId(cluster), At(at)});
    return token;
  }
  void End(std::string_view at, const std::string& cluster) {
    model::ClusterSeen seen{.cluster = model::ClusterId(cluster), .source_at = At(at)};
    seen.status.emplace();
    seen.status->phase = model::ClusterPhase::kTerminated;
    seen.status->reason_code = "ALL_STEPS_COMPLETED";
    seen.steps = {{.id = "s-1", .name = "work", .state = model::StepState::kCompleted}};
    Apply(at, seen);
  }

  schedule::ZoneSet zones_;
  store::MemoryStore store_{{"test", "0123456789abcdef0123456789abcdef", 0}};
  std::unique_ptr<Engine> engine_;
  int64_t epoch_ = 0;
};

constexpr char kFirst[] = "scheduled__2026-06-01T02:00:00+00:00";
constexpr char kSecond[] = "scheduled__2026-06-02T02:00:00+00:00";
constexpr char kThird[] = "scheduled__2026-06-03T02:00:00+00:00";

TEST_F(Deletes, AnEndedRunIsGoneAndHistorySaysWhoDeletedIt) {
  Load("2026-06-01T00:00Z", {Daily("d", "")});
  Trigger("2026-06-01T00:01Z", "d", "r");
  EXPECT_EQ(Delete("2026-06-01T00:02Z", "d", "r"), "");
  EXPECT_FALSE(IsThere("d", "r"));
  const auto history = store_.reader().History({.run = RunId("r"), .is_newest_first = true});
  ASSERT_FALSE(history->empty());
  EXPECT_EQ(history->front().to, "deleted");
  EXPECT_EQ(history->front().by.name, "ada");
  EXPECT_THAT(Delete("2026-06-01T00:03Z", "d", "r"), HasSubstr("there is no live run"));
}

TEST_F(Deletes, WhatIsLiveIsRefused) {
  Load("2026-06-01T00:00Z", {WithCluster("d", "")});
  Trigger("2026-06-01T00:01Z", "d", "r");
  EXPECT_THAT(Delete("2026-06-01T00:02Z", "d", "r"), HasSubstr("is running: end it first"));
  EXPECT_THAT(DeleteDag("2026-06-01T00:02Z", "d"), HasSubstr("is running: end it first"));
  Launch("2026-06-01T00:03Z", "j-1");
  Mark("2026-06-01T00:04Z", "d", "r");
  EXPECT_THAT(Delete("2026-06-01T00:05Z", "d", "r"), HasSubstr("is not over: wait for its end"));
  EXPECT_THAT(DeleteDag("2026-06-01T00:05Z", "d"), HasSubstr("is not over: wait for its end"));
  End("2026-06-01T00:06Z", "j-1");
  EXPECT_EQ(Delete("2026-06-01T00:07Z", "d", "r"), "");
}

TEST_F(Deletes, ARunWithItsIdHasOtherTokens) {
  Load("2026-06-01T00:00Z", {WithCluster("d", "")});
  Trigger("2026-06-01T00:01Z", "d", "r");
  const model::LaunchToken first = Launch("2026-06-01T00:02Z", "j-1");
  End("2026-06-01T00:03Z", "j-1");
  ASSERT_EQ(Delete("2026-06-01T00:04Z", "d", "r"), "");
  Trigger("2026-06-01T00:05Z", "d", "r");
  EXPECT_NE(Launch("2026-06-01T00:06Z", "j-2"), first);
  EXPECT_EQ(store_.reader().ClustersOf({DagId("d"), RunId("r")})->size(), 1U);
  EXPECT_TRUE(store_.reader().Launch(first).has_value()) << "a late cluster must be known by it";
}

TEST_F(Deletes, ARunThatWasReadBeforeIsNotBroughtBack) {
  Load("2026-06-01T00:00Z", {Daily("d", "")});
  Trigger("2026-06-01T00:01Z", "d", "r");
  const auto clear = About<model::ClearJobs>({DagId("d"), RunId("r")});
  ASSERT_EQ(DeleteDag("2026-06-01T00:02Z", "d"), "");
  const Changes changes = Apply("2026-06-01T00:03Z", clear);
  ASSERT_FALSE(changes.outcome);
  EXPECT_THAT(changes.outcome.error().message, HasSubstr("ask again"));
  EXPECT_FALSE(IsThere("d", "r"));
}

TEST_F(Deletes, AJobOfAnotherDagWaitsAgain) {
  model::Dag down = Daily("down", "0 3 * * *");
  down.jobs[0].cross.push_back({.dag = DagId("up"), .job = JobId("j")});
  down.jobs[0].cross.push_back({.dag = DagId("late"), .job = JobId("j")});
  Load("2026-06-01T00:00Z", {Daily("up", "0 2 * * *"), WithCluster("late", "0 2 * * *"), down});
  Tick("2026-06-01T02:00Z");
  Tick("2026-06-01T03:00Z");
  const base::Interval interval = store_.reader().Run({DagId("up"), RunId(kFirst)})->data_interval;
  EXPECT_EQ(Delete("2026-06-01T04:00Z", "up", kFirst), "");
  Mark("2026-06-01T05:00Z", "late", kFirst);
  const std::string waits = "scheduled__2026-06-01T03:00:00+00:00";
  EXPECT_EQ(StateOf("down", waits), "none") << "the run it waits for is not there any more";
  Trigger("2026-06-01T06:00Z", "up", "other");
  EXPECT_EQ(StateOf("down", waits), "none");
  const model::TriggerRun again{DagId("up"), RunId("again"), {}, {}, "ada", interval};
  EXPECT_TRUE(Apply("2026-06-01T07:00Z", again).outcome);
  EXPECT_EQ(StateOf("down", waits), "success");
}

TEST_F(Deletes, AJobThatWaitedForItsPreviousRunWaitsForTheOneBefore) {
  model::Dag dag = WithCluster("d", "0 2 * * *");
  dag.jobs[0].depends_on_past = true;
  dag.max_active_runs = 3;
  Load("2026-06-01T00:00Z", {dag});
  Tick("2026-06-01T02:00Z");
  Tick("2026-06-02T02:00Z");
  Mark("2026-06-02T03:00Z", "d", kSecond, model::TaskState::kFailed);
  Tick("2026-06-03T02:00Z");
  EXPECT_EQ(StateOf("d", kThird), "none");
  EXPECT_EQ(Delete("2026-06-03T03:00Z", "d", kSecond), "");
  EXPECT_EQ(StateOf("d", kThird), "none") << "the first has not ended";
  Mark("2026-06-03T04:00Z", "d", kFirst);
  EXPECT_EQ(StateOf("d", kThird), "queued");
}

TEST_F(Deletes, AFilledHoleIsAHoleAgainAndATickDoesNotFireAgain) {
  model::Dag dag = Daily("d", "0 2 * * *");
  Load("2026-06-01T00:00Z", {dag});
  Apply("2026-06-01T00:01Z", model::SetPaused{DagId("d"), true, "ada"});
  Apply("2026-06-02T03:00Z", model::SetPaused{DagId("d"), false, "ada"});
  const model::HoleRow hole = store_.reader().Holes(DagId("d"))->front();
  const model::TriggerRun fills{DagId("d"), RunId("fills"), {}, {}, "ada", hole.first};
  EXPECT_TRUE(Apply("2026-06-02T04:00Z", fills).outcome);
  EXPECT_EQ(store_.reader().Holes(DagId("d"))->front().filled.size(), 1U);
  EXPECT_EQ(Delete("2026-06-02T05:00Z", "d", "fills"), "");
  EXPECT_EQ(store_.reader().Holes(DagId("d"))->front().filled.size(), 0U);
  Tick("2026-06-03T02:00Z");
  ASSERT_TRUE(IsThere("d", kThird));
  EXPECT_EQ(Delete("2026-06-03T03:00Z", "d", kThird), "");
  Tick("2026-06-03T04:00Z");
  EXPECT_FALSE(IsThere("d", kThird));
}

TEST_F(Deletes, ARunThatAJobWaitsForIsKept) {
  model::Dag parent = Daily("parent", "");
  model::TriggerWork work;
  work.dag = "d";
  work.waits = true;
  work.allowed = {model::RunState::kSuccess};
  work.failed = {};
  parent.jobs[0].work = work;
  Load("2026-06-01T00:00Z", {parent, WithCluster("d", "")});
  Trigger("2026-06-01T00:01Z", "parent", "p");
  const model::AttemptKey asks{{{DagId("parent"), RunId("p")}, JobId("j"), {}}, 1};
  Apply("2026-06-01T00:02Z",
        model::TriggersRead{engine_->state().last_seq, {{asks, std::nullopt, nullptr}}});
  const auto runs = store_.reader().Runs({.dag = DagId("d")}).value().rows;
  ASSERT_EQ(runs.size(), 1U);
  const std::string made = runs[0].key.run.str();
  Mark("2026-06-01T00:03Z", "d", made, model::TaskState::kFailed);
  EXPECT_THAT(Delete("2026-06-01T00:04Z", "d", made), HasSubstr("waits for the end of"));
  EXPECT_THAT(DeleteDag("2026-06-01T00:04Z", "d"), HasSubstr("waits for the end of"));
  Mark("2026-06-01T00:05Z", "parent", "p");
  EXPECT_EQ(Delete("2026-06-01T00:06Z", "d", made), "");
}

TEST_F(Deletes, ADagWhoseFileIsGoneIsGoneAndItsWaitersWaitForIt) {
  model::Dag down = Daily("down", "0 3 * * *");
  down.jobs[0].cross.push_back({.dag = DagId("up"), .job = JobId("j")});
  Load("2026-06-01T00:00Z", {WithCluster("up", "0 2 * * *"), down});
  Tick("2026-06-01T02:00Z");
  Tick("2026-06-01T03:00Z");
  Mark("2026-06-01T03:10Z", "up", kFirst, model::TaskState::kFailed);
  Load("2026-06-01T04:00Z", {down});
  EXPECT_EQ(DeleteDag("2026-06-01T05:00Z", "up"), "");
  EXPECT_FALSE(engine_->state().dags.contains(DagId("up")));
  EXPECT_EQ(store_.reader().Runs({.dag = DagId("up")})->total, 0);
  const std::string waits = "scheduled__2026-06-01T03:00:00+00:00";
  EXPECT_EQ(StateOf("down", waits), "none");
  Load("2026-06-01T06:00Z", {Daily("up", "0 2 * * *"), down});
  EXPECT_TRUE(engine_->state().dags.contains(DagId("up")));
  EXPECT_THAT(DeleteDag("2026-06-01T07:00Z", "none"), HasSubstr("there is no DAG 'none'"));
}

TEST_F(Deletes, ADagWhoseFileIsThereBeginsAnew) {
  model::Dag dag = Daily("d", "0 2 * * *");
  dag.catchup = true;
  dag.start_date = At("2026-06-01T00:00Z");
  Load("2026-06-01T12:00Z", {dag});
  ASSERT_TRUE(IsThere("d", kFirst));
  Tick("2026-06-02T02:00Z");
  EXPECT_EQ(store_.reader().Runs({.dag = DagId("d")})->total, 2);
  EXPECT_EQ(DeleteDag("2026-06-02T03:00Z", "d"), "");
  ASSERT_TRUE(engine_->state().dags.contains(DagId("d")));
  EXPECT_EQ(store_.reader().Versions(DagId("d"))->size(), 1U);
  Tick("2026-06-02T03:01Z");
  EXPECT_EQ(store_.reader().Runs({.dag = DagId("d")})->total, 2) << "catchup makes them again";
  EXPECT_EQ(store_.reader().Run({DagId("d"), RunId(kFirst)})->deletions, 1);
}

TEST_F(Deletes, ADagsHoldsGoWithIt) {
  using model::HoldScope;
  Load("2026-06-01T00:00Z", {WithCluster("d", ""), WithCluster("d-2", "")});
  const std::pair<HoldScope, std::string> all[]{{HoldScope::kAll, ""},
                                                {HoldScope::kDag, "d"},
                                                {HoldScope::kJob, "d/j"},
                                                {HoldScope::kDag, "d-2"},
                                                {HoldScope::kJob, "d-2/j"}};
  for (const auto& [scope, target] : all)
    ASSERT_TRUE(Apply("2026-06-01T00:01Z", model::PlaceHold{scope, target, "", "bob"}).outcome);
  ASSERT_EQ(DeleteDag("2026-06-01T00:02Z", "d"), "");
  EXPECT_EQ(engine_->state().holds.size(), 3U);
  for (const model::HoldRow& hold : store_.reader().Holds().value()) {
    const bool is_of_dag = hold.target == "d" || hold.target == "d/j";
    EXPECT_EQ(hold.released_at.has_value(), is_of_dag) << hold.target;
    EXPECT_EQ(hold.released_by, is_of_dag ? "ada" : "") << hold.target;
  }
  EXPECT_EQ(engine_->state().last_hold, 5) << "no id is given again";
}

TEST_F(Deletes, ADagsFavouritesGoWithIt) {
  using enum model::RecordKind;
  Load("2026-06-01T00:00Z", {Daily("d", ""), Daily("other.d", "")});
  model::ChangeRecords marks{.by = "ada"};
  for (const model::RecordKey& id : {model::RecordKey{kFavourite, "ada/d"},
                                     {kFavourite, "bob/d"},
                                     {kFavourite, "ada/other.d"},
                                     {kVariable, "a/d"}})
    marks.records.push_back({id, "{}", std::nullopt});
  ASSERT_TRUE(Apply("2026-06-01T00:01Z", marks).outcome);
  ASSERT_EQ(DeleteDag("2026-06-01T00:02Z", "d"), "");
  ASSERT_EQ(store_.reader().Records(kFavourite)->size(), 1U);
  EXPECT_EQ(store_.reader().Records(kFavourite)->front().id.name, "ada/other.d");
  EXPECT_EQ(store_.reader().Records(kVariable)->size(), 1U);
}

TEST_F(Deletes, ADagWithAnOpenBackfillIsKept) {
  Load("2026-06-05T00:00Z", {Daily("d", "0 2 * * *")});
  Apply("2026-06-05T00:01Z", model::SetPaused{DagId("d"), true, "ada"});
  model::CreateBackfill backfill;
  backfill.dag = DagId("d");
  backfill.from = At("2026-06-01T00:00Z");
  backfill.to = At("2026-06-03T00:00Z");
  backfill.by = "ada";
  ASSERT_TRUE(Apply("2026-06-05T00:02Z", backfill).outcome);
  EXPECT_THAT(DeleteDag("2026-06-05T00:03Z", "d"), HasSubstr("`signalbox backfill cancel 1`"));
}

}  // namespace
}  // namespace engine
