#include "engine/engine.h"

#include <gtest/gtest.h>

#include "engine/invariants.h"
#include "engine/state.h"
#include "model/dag_json.h"
#include "work/kinds.h"

namespace engine {
namespace {

model::Dag EmptyJobs(int count) {
  model::Dag dag;
  dag.id = model::DagId("d");
  dag.is_paused_upon_creation = false;
  for (int i = 0; i < count; ++i) {
    model::Job job;
    job.id = model::JobId("j" + std::to_string(i));
    if (i > 0)
      job.upstream = {i - 1};
    dag.jobs.push_back(job);
  }
  dag.version = model::ComputeVersion(dag);
  return dag;
}

class EngineTest : public testing::Test {
 protected:
  void Start(model::Snapshot snapshot) {
    engine_ = Engine::Create({}, zones_, work::MakeKinds({}), snapshot).value();
  }
  void Start() {
    model::Snapshot snapshot;
    snapshot.identity = {"test", "0123456789abcdef0123456789abcdef", 1};
    Start(snapshot);
  }
  Changes Apply(decltype(model::Event::body) body) {
    Changes changes = engine_->Apply({now_, std::move(body)});
    for (const std::string& broken : BrokenInvariants(*engine_))
      ADD_FAILURE() << broken;
    return changes;
  }
  void Load(const model::Dag& dag) {
    Apply(model::ProjectLoaded{{std::make_shared<model::Dag>(dag)}, {}});
  }

  schedule::ZoneSet zones_;
  std::unique_ptr<Engine> engine_;
  base::Time now_ = base::ParseTime("2026-01-05T00:00:00Z").value();
};

TEST_F(EngineTest, AChainOfEmptyJobsEndsInOneStepHoweverLong) {
  Start();
  Load(EmptyJobs(20000));
  Changes changes = Apply(model::TriggerRun{model::DagId("d"), {}, {}, {}, "ada"});
  ASSERT_TRUE(changes.outcome);
  EXPECT_TRUE(engine_->state().runs.empty());
  const auto* last = std::get_if<model::RunRow>(&changes.rows[1]);
  ASSERT_NE(last, nullptr);
  EXPECT_EQ(last->state, model::RunState::kSuccess);
}

TEST_F(EngineTest, TheSameEventsGiveTheSameChanges) {
  std::vector<std::vector<model::Change>> outcomes[2];
  for (auto& outcome : outcomes) {
    Start();
    outcome.push_back(
        Apply(model::ProjectLoaded{{std::make_shared<model::Dag>(EmptyJobs(3))}, {}}).rows);
    outcome.push_back(Apply(model::TriggerRun{model::DagId("d"), {}, {}, {}, "ada"}).rows);
  }
  EXPECT_EQ(outcomes[0], outcomes[1]);
}

TEST_F(EngineTest, HistoryIsNumberedWithoutGaps) {
  Start();
  int64_t next = 1;
  for (int i = 0; i < 3; ++i) {
    Changes changes =
        i == 0 ? Apply(model::ProjectLoaded{{std::make_shared<model::Dag>(EmptyJobs(3))}, {}})
               : Apply(model::TriggerRun{
                     model::DagId("d"), model::RunId("r" + std::to_string(i)), {}, {}, ""});
    for (const model::Change& change : changes.rows) {
      if (const auto* row = std::get_if<model::HistoryRow>(&change))
        EXPECT_EQ(row->seq, next++);
    }
  }
  EXPECT_GT(next, 10);
}

// The rows that a snapshot has of a run.
void Keep(const std::vector<model::Change>& changes, model::Snapshot& snapshot) {
  for (const model::Change& change : changes) {
    if (const auto* dag = std::get_if<model::DagRow>(&change))
      snapshot.dags.push_back(*dag);
    if (const auto* version = std::get_if<model::DagVersionRow>(&change))
      snapshot.versions.push_back(*version);
    if (const auto* run = std::get_if<model::RunRow>(&change))
      snapshot.runs.push_back(*run);
    if (const auto* job = std::get_if<model::JobRow>(&change))
      snapshot.jobs.push_back(*job);
    if (const auto* task = std::get_if<model::TaskRow>(&change))
      snapshot.tasks.push_back(*task);
    if (const auto* pool = std::get_if<model::PoolRow>(&change))
      snapshot.pools.push_back(*pool);
  }
}

TEST_F(EngineTest, AJobWithoutARowIsLoadedFromItsVersionAndItsTasks) {
  Start();
  model::Dag dag = EmptyJobs(2);
  dag.jobs[1].work = model::EmrWork();
  dag.version = model::ComputeVersion(dag);
  model::Snapshot snapshot;
  snapshot.identity = engine_->state().identity;
  Keep(Apply(model::ProjectLoaded{{std::make_shared<model::Dag>(dag)}, {}}).rows, snapshot);
  Keep(Apply(model::TriggerRun{model::DagId("d"), model::RunId("r"), {}, {}, ""}).rows, snapshot);
  EXPECT_TRUE(snapshot.jobs.empty());

  const std::vector<JobInstance> before = engine_->state().runs.begin()->second.jobs;
  Start(snapshot);
  EXPECT_TRUE(BrokenInvariants(*engine_).empty());
  const std::vector<JobInstance>& after = engine_->state().runs.begin()->second.jobs;
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(after[i].row, before[i].row);
    EXPECT_EQ(after[i].tasks, before[i].tasks);
  }
  EXPECT_EQ(after[0].row.try_number, 1);

  snapshot.tasks.pop_back();
  EXPECT_EQ(Engine::Create({}, zones_, work::MakeKinds({}), snapshot).error().code,
            base::ErrorCode::kCorrupt);
}

TEST_F(EngineTest, ATriggerSetsWhatTheDagDeclaresAndNothingElse) {
  Start();
  model::Dag dag = EmptyJobs(1);
  dag.params = {{"sample", 0.1}, {"days", 7}};
  dag.version = model::ComputeVersion(dag);
  Load(dag);
  const auto trigger = [&](const char* run, json::object conf) {
    return Apply(
        model::TriggerRun{dag.id, model::RunId(run), std::nullopt, std::move(conf), "ada"});
  };
  EXPECT_TRUE(trigger("r1", {{"days", 3}}).outcome);
  const Changes refused = trigger("r2", {{"days", 3}, {"smaple", 1}});
  ASSERT_FALSE(refused.outcome);
  EXPECT_EQ(refused.outcome.error().code, base::ErrorCode::kInvalidArgument);
  EXPECT_NE(refused.outcome.error().message.find("did you mean 'sample'?"), std::string::npos);
  EXPECT_TRUE(refused.rows.empty());
  EXPECT_FALSE(trigger("r3", {{std::string(1000, 'x'), 1}}).outcome);

  const model::VersionId closed = dag.version;
  dag.params_open = true;
  dag.version = model::ComputeVersion(dag);
  EXPECT_NE(dag.version, closed);
  Load(dag);
  EXPECT_TRUE(trigger("r4", {{"smaple", 1}}).outcome);
}

TEST_F(EngineTest, ADagWithoutItsFileTakesNoNewWork) {
  Start();
  model::Dag dag = EmptyJobs(1);
  dag.jobs[0].work = model::EmrWork();
  dag.version = model::ComputeVersion(dag);
  model::Dag other = EmptyJobs(1);
  other.id = model::DagId("other");
  other.version = model::ComputeVersion(other);
  const auto stays = std::make_shared<model::Dag>(other);
  Apply(model::ProjectLoaded{{std::make_shared<model::Dag>(dag), stays}, {}});
  const model::RunKey run{dag.id, model::RunId("r")};
  Apply(model::TriggerRun{dag.id, run.run, {}, {}, "ada"});
  Apply(model::ProjectLoaded{{stays}, {}});
  for (const Changes& changes :
       {Apply(model::TriggerRun{dag.id, model::RunId("r2"), {}, {}, "ada"}),
        Apply(model::SetPaused{dag.id, false, "ada"}),
        Apply(model::ClearJobs{{run, {}, "ada", nullptr}, {}, false})}) {
    ASSERT_FALSE(changes.outcome);
    EXPECT_EQ(changes.outcome.error().code, base::ErrorCode::kConflict);
    EXPECT_TRUE(changes.rows.empty());
  }
  EXPECT_TRUE(Apply(model::SetPaused{dag.id, true, "ada"}).outcome);
  EXPECT_TRUE(Apply(model::MarkRun{{run, {}, "ada", nullptr}, model::RunState::kFailed}).outcome)
      << "what lives may always be ended";
}

TEST_F(EngineTest, I15_ARunKeepsItsVersionWhenTheFileChanges) {
  Start();
  model::Dag dag = EmptyJobs(1);
  dag.jobs[0].work = model::EmrWork();
  dag.version = model::ComputeVersion(dag);
  Load(dag);
  Apply(model::TriggerRun{model::DagId("d"), model::RunId("r"), {}, {}, ""});
  Load(EmptyJobs(5));
  const engine::Run& run = engine_->state().runs.begin()->second;
  EXPECT_EQ(run.row.version, dag.version);
  EXPECT_EQ(run.jobs.size(), 1u);
  EXPECT_EQ(engine_->state().dags.begin()->second.plan->dag->jobs.size(), 5u);
}

TEST_F(EngineTest, BadTriggersAreRefusedWithAReasonAndChangeNothing) {
  Start();
  Load(EmptyJobs(1));
  struct Case {
    std::string dag, run;
    base::ErrorCode code;
  };
  for (const Case& c : {Case{"nope", "r", base::ErrorCode::kNotFound},
                        Case{"d", "with space", base::ErrorCode::kInvalidArgument},
                        Case{"d", std::string(251, 'r'), base::ErrorCode::kInvalidArgument}}) {
    Changes changes =
        Apply(model::TriggerRun{model::DagId(c.dag), model::RunId(c.run), {}, {}, ""});
    ASSERT_FALSE(changes.outcome);
    EXPECT_EQ(changes.outcome.error().code, c.code);
    EXPECT_TRUE(changes.rows.empty());
  }
}

TEST_F(EngineTest, S3_TimeThatGoesBackFiresNothingTwice) {
  Start();
  model::Dag dag = EmptyJobs(1);
  dag.schedule.cron = "0 * * * *";
  dag.version = model::ComputeVersion(dag);
  Load(dag);
  now_ += base::hours(1);
  EXPECT_FALSE(Apply(model::Tick{}).rows.empty());
  now_ -= base::hours(1);
  EXPECT_TRUE(Apply(model::Tick{}).rows.empty());
  EXPECT_EQ(*engine_->NextDue(), now_ + base::hours(2));
}

}  // namespace
}  // namespace engine
