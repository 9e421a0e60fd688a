// Mapped jobs over whole runs of the engine, and the same after a restart.

#include "engine/mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "engine/attempts.h"
#include "engine/blockers.h"
#include "engine/engine.h"
#include "engine/invariants.h"
#include "model/dag_json.h"
#include "model/limits.h"
#include "store/memory_store.h"
#include "work/emr/emr.h"
#include "work/kinds.h"

namespace engine {
namespace {

using base::Cat;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

model::Job Mapped(const std::string& id, const std::string& expression) {
  model::Job job;
  job.id = model::JobId(id);
  job.map_over = {.items = {}, .expression = expression, .index_template = ""};
  job.work = model::EmrWork{
      .request = json::object{
          {"ReleaseLabel", "emr-7.8.0"},
          {"LogUri", "s3://b/{{ item }}/{{ ti.map_index }}"},
          {"Instances", json::object{{"MasterInstanceType", "m5.xlarge"}, {"InstanceCount", 1}}}}};
  return job;
}

model::Job After(const std::string& id, std::vector<int> upstream) {
  model::Job job;
  job.id = model::JobId(id);
  job.upstream = std::move(upstream);
  return job;
}

class MappingTest : public ::testing::Test {
 protected:
  MappingTest() {
    Restart();
    dag_.id = run_.dag;
    dag_.is_paused_upon_creation = false;
    dag_.params_open = true;
  }

  void Restart() {
    const model::Snapshot rows = rows_.Load(now_ - base::hours(1)).value();
    epoch_ = rows.identity.epoch;
    auto engine = Engine::Create({}, zones_, work::MakeKinds({}), rows);
    ASSERT_TRUE(engine.has_value()) << engine.error().message;
    engine_ = std::move(*engine);
  }

  // After each step the engine is built again from the rows: it must know the same.
  Changes Apply(decltype(model::Event::body) body) {
    now_ += base::seconds(1);
    Changes changes = engine_->Apply({now_, std::move(body)});
    EXPECT_EQ(rows_.Commit(changes.rows, epoch_).outcome, store::CommitResult::Outcome::kOk);
    EXPECT_THAT(BrokenInvariants(*engine_), IsEmpty());
    const std::string before = Known();
    Restart();
    EXPECT_THAT(BrokenInvariants(*engine_), IsEmpty());
    EXPECT_EQ(Known(), before);
    return changes;
  }

  std::string Known() const {
    std::string out;
    for (const auto& [key, run] : engine_->state().runs)
      ForEachJob(run, [&](const JobInstance& job) {
        out += Cat(ToString(job.row.key),
                   " ",
                   static_cast<int>(job.state),
                   " try ",
                   job.row.try_number,
                   " live ",
                   job.live,
                   "\n");
      });
    return out;
  }

  void Load(std::vector<model::Job> jobs) {
    dag_.jobs = std::move(jobs);
    dag_.version = model::ComputeVersion(dag_);
    Apply(model::ProjectLoaded{{std::make_shared<const model::Dag>(dag_)}, {}});
  }
  void Trigger(json::object conf) {
    EXPECT_TRUE(Apply(model::TriggerRun{run_.dag, run_.run, {}, std::move(conf), "ada"}).outcome);
  }
  void Turns() { Apply(model::Turns{100}); }

  model::JobKey Key(const std::string& job, int index = -1) const {
    return {run_, model::JobId(job), model::LaneId(""), index};
  }
  model::LaunchToken TokenOf(const model::JobKey& key) const {
    model::LaunchToken token;
    for (const auto& [each, launch] : work::EmrOf(*engine_).launches)
      if (launch.attempt.job == key && work::EmrOf(*engine_).unsettled.contains(each))
        token = each;
    return token;
  }
  void Launch(const model::JobKey& key) {
    Apply(model::LaunchAccepted{TokenOf(key), ClusterOf(key), now_});
  }
  model::ClusterId ClusterOf(const model::JobKey& key) const {
    return model::ClusterId(Cat("j-", key.job.str(), key.index, "-", lives_));
  }
  void End(const model::JobKey& key, bool well = true) {
    model::ClusterSeen seen{.cluster = ClusterOf(key), .source_at = now_};
    seen.status.emplace();
    seen.status->phase =
        well ? model::ClusterPhase::kTerminated : model::ClusterPhase::kTerminatedWithErrors;
    seen.status->reason_code = well ? "ALL_STEPS_COMPLETED" : "STEP_FAILURE";
    seen.steps = {{.id = "s-1",
                   .name = "work",
                   .state = well ? model::StepState::kCompleted : model::StepState::kFailed}};
    Apply(seen);
  }
  // From the store: also of a run that has ended.
  std::string StateOf(const model::JobKey& key) {
    const auto tasks = rows_.reader().Tasks(run_);
    std::string state = "missing";
    for (const model::TaskRow& task : *tasks)
      if (task.job == key && (task.task == 0 || state == "success"))
        state = ToString(task.state);
    return state;
  }
  std::string RunState() { return std::string(ToString(rows_.reader().Run(run_)->state)); }
  template <typename Request>
  Changes Ask(Request request, std::vector<model::JobKey> jobs) {
    request.run = run_;
    request.jobs = std::move(jobs);
    request.by = "ada";
    if (!engine_->state().runs.contains(run_))
      request.rows =
          std::make_shared<const model::Snapshot>(store::ReadRun(rows_.reader(), run_).value());
    return Apply(std::move(request));
  }

  store::MemoryStore rows_{{"test", "0123456789abcdef0123456789abcdef", 0}};
  schedule::ZoneSet zones_;
  std::unique_ptr<Engine> engine_;
  int64_t epoch_ = 0;
  base::Time now_ = base::ParseTime("2026-01-05T00:00:00Z").value();
  model::Dag dag_;
  const model::RunKey run_{model::DagId("d"), model::RunId("r")};
  int lives_ = 0;  // of the clusters that are named next
};

TEST_F(MappingTest, EachItemHasAnInstanceAndWhatFollowsSeesOneJob) {
  Load({Mapped("train", "params.customers"), After("publish", {0})});
  Trigger({{"customers", {"a", "b", "c"}}});
  Turns();
  std::set<std::string> uris;
  for (const auto& [token, launch] : work::EmrOf(*engine_).launches)
    uris.insert(base::GetString(base::ParseJson(launch.request)->get_object(), "LogUri"));
  EXPECT_EQ(uris, (std::set<std::string>{"s3://b/a/0", "s3://b/b/1", "s3://b/c/2"}));
  for (int i = 0; i < 3; ++i)
    Launch(Key("train", i));
  EXPECT_EQ(StateOf(Key("train")), "scheduled");
  End(Key("train", 1));
  End(Key("train", 0));
  EXPECT_EQ(StateOf(Key("publish")), "none");
  End(Key("train", 2));
  EXPECT_EQ(StateOf(Key("train")), "success");
  EXPECT_EQ(StateOf(Key("publish")), "success");
  EXPECT_EQ(RunState(), "success");
}

TEST_F(MappingTest, EachLaneOfTheDagMayBeAnItem) {
  dag_.lanes = {{model::LaneId("eu"), {{"n", 1}}}, {model::LaneId("us"), {}}};
  Load({Mapped("m", "lanes")});
  Trigger({});
  EXPECT_EQ(rows_.reader().Mappings(run_)->at(0).items,
            R"([{"id":"eu","params":{"n":1}},{"id":"us","params":{}}])");
}

TEST_F(MappingTest, OneFailureFailsTheJobOnceAllHaveEnded) {
  Load({Mapped("train", "params.customers"), After("publish", {0})});
  Trigger({{"customers", {1, 2}}});
  Turns();
  Launch(Key("train", 0));
  Launch(Key("train", 1));
  End(Key("train", 0), false);
  EXPECT_EQ(StateOf(Key("train")), "scheduled");
  End(Key("train", 1));
  EXPECT_EQ(StateOf(Key("publish")), "upstream_failed");
  EXPECT_EQ(RunState(), "failed");
  // Of those that failed alone; the list stays.
  EXPECT_TRUE(Ask(model::ClearJobs{{}, {.downstream = true}, true}, {}).outcome);
  EXPECT_EQ(StateOf(Key("train", 1)), "success");
  ++lives_;
  Turns();
  Launch(Key("train", 0));
  End(Key("train", 0));
  EXPECT_EQ(RunState(), "success");
}

TEST_F(MappingTest, AnEmptyListSkipsAndWhatIsNoListFails) {
  Load({Mapped("none", "params.none"),
        Mapped("text", "params.text"),
        Mapped("missing", "params.there_is_none")});
  Trigger({{"none", json::array()}, {"text", "a,b"}});
  EXPECT_EQ(StateOf(Key("none")), "skipped");
  EXPECT_EQ(StateOf(Key("text")), "failed");
  EXPECT_EQ(StateOf(Key("missing")), "failed");
  std::string causes;
  const auto history = rows_.reader().History({});
  for (const model::HistoryRow& row : *history)
    causes += row.cause + "\n";
  EXPECT_THAT(causes, HasSubstr("map_over: 'params.text' gives a text, not a list"));
  EXPECT_THAT(causes, HasSubstr("there_is_none"));
}

TEST_F(MappingTest, ARunHasAtMostSoManyInstances) {
  model::Job first = After("first", {}), second = After("second", {});
  first.map_over = {
      .items = json::array(model::kInstancesMax - 1), .expression = "", .index_template = ""};
  second.map_over = {.items = {}, .expression = "params.x", .index_template = ""};
  Load({first, second});
  Trigger({{"x", {1, 2}}});
  EXPECT_EQ(StateOf(Key("first")), "success");
  EXPECT_EQ(StateOf(Key("second")), "failed");
}

TEST_F(MappingTest, AClearOfTheJobDecidesItsListAnewOnceItsClustersAreDead) {
  Load({Mapped("train", "dag_run.conf.customers if params.all is defined else [1]")});
  Trigger({{"all", true}, {"customers", {1, 2, 3}}});
  Turns();
  for (int i = 0; i < 3; ++i)
    Launch(Key("train", i));
  End(Key("train", 0));
  EXPECT_TRUE(Ask(model::ClearJobs{}, {Key("train")}).outcome);
  EXPECT_EQ(StateOf(Key("train")), "restarting");
  EXPECT_EQ(StateOf(Key("train", 0)), "removed");
  EXPECT_EQ(StateOf(Key("train", 1)), "restarting");
  const auto blockers = BlockersOf(*engine_, Key("train"));
  ASSERT_EQ(blockers.size(), 1u);
  EXPECT_EQ(blockers[0].sentence, "clusters of train[1], train[2] end first");
  End(Key("train", 1));
  EXPECT_EQ(StateOf(Key("train")), "restarting");
  End(Key("train", 2));
  EXPECT_EQ(StateOf(Key("train")), "scheduled");
  EXPECT_EQ(StateOf(Key("train", 1)), "queued");
  ++lives_;
  Turns();
  for (int i = 0; i < 3; ++i) {
    Launch(Key("train", i));
    End(Key("train", i));
  }
  EXPECT_EQ(RunState(), "success");
  EXPECT_EQ(rows_.reader().Attempts(run_, {.first = 0})->size(), 6u);
}

TEST_F(MappingTest, AnInstanceIsClearedAndMarkedByItself) {
  Load({Mapped("train", "params.customers"), After("publish", {0})});
  Trigger({{"customers", {1, 2}}});
  Turns();
  Launch(Key("train", 0));
  Launch(Key("train", 1));
  End(Key("train", 0), false);
  End(Key("train", 1), false);
  EXPECT_EQ(RunState(), "failed");
  EXPECT_TRUE(Ask(model::MarkJobs{{}, model::TaskState::kSuccess}, {Key("train", 0)}).outcome);
  EXPECT_EQ(StateOf(Key("train")), "failed");
  EXPECT_TRUE(Ask(model::ClearJobs{}, {Key("train", 1)}).outcome);
  EXPECT_EQ(StateOf(Key("train", 0)), "success");
  EXPECT_EQ(StateOf(Key("train", 1)), "queued");
  EXPECT_EQ(StateOf(Key("train")), "scheduled");
  EXPECT_TRUE(Ask(model::MarkJobs{{}, model::TaskState::kSuccess}, {Key("train", 1)}).outcome);
  EXPECT_EQ(StateOf(Key("train")), "success");
  EXPECT_EQ(StateOf(Key("publish")), "success");
  EXPECT_EQ(RunState(), "success");
  const Changes refused = Ask(model::ClearJobs{}, {Key("train", 7)});
  EXPECT_EQ(refused.outcome.error().message, "the run has no instance 'train[7]'");
}

TEST_F(MappingTest, AnAbortEndsAllInstances) {
  Load({Mapped("train", "params.customers")});
  Apply(model::ProjectLoaded{{std::make_shared<const model::Dag>(dag_)},
                             {{model::PoolId("default_pool"), 1, ""}}});
  Trigger({{"customers", {1, 2}}});
  Turns();
  Launch(Key("train", 0));
  Ask(model::MarkRun{{}, model::RunState::kFailed}, {});
  EXPECT_EQ(StateOf(Key("train", 0)), "failed");
  EXPECT_EQ(StateOf(Key("train", 1)), "failed") << "its mapped job has begun";
  EXPECT_EQ(StateOf(Key("train")), "failed");
  EXPECT_EQ(RunState(), "failed");
}

// Skipped instances are no obstacle to a success, and edges of other DAGs would take it for one.
TEST_F(MappingTest, AnAbortedJobIsNoSuccessAlthoughOnlySuccessesHaveBegun) {
  Load({Mapped("train", "params.customers")});
  Trigger({{"customers", {1, 2}}});
  Turns();
  EXPECT_TRUE(Ask(model::MarkJobs{{}, model::TaskState::kSuccess}, {Key("train", 0)}).outcome);
  Ask(model::MarkRun{{}, model::RunState::kFailed}, {});
  EXPECT_EQ(StateOf(Key("train", 0)), "success");
  EXPECT_EQ(StateOf(Key("train", 1)), "failed");
  EXPECT_EQ(StateOf(Key("train")), "failed");
}

}  // namespace
}  // namespace engine
