// Mapped jobs over whole runs of the engine, and the same after a restart.

#include "engine/mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "engine/blockers.h"
#include "engine/test_whole_run.h"
#include "model/limits.h"

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

using MappingTest = testing::WholeRun;

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
  EXPECT_EQ(blockers[0].sentence,
            "it is cleared, and its list is decided again once nothing of train[1], train[2] "
            "runs any more");
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
