// Tasks of Airflow in whole runs of the engine: what they tell decides what runs, and how often.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json_text.h"
#include "base/text.h"
#include "engine/test_whole_run.h"

namespace engine {
namespace {

using base::Cat;

model::Job Task(const std::string& id, std::vector<int> upstream = {}) {
  model::Job job;
  job.id = model::JobId(id);
  job.upstream = std::move(upstream);
  job.work = model::CommandWork{
      .airflow = model::AirflowTask{.file = "dag.py", .task_id = id, .operator_class = "X"},
      .skips_on = {},
      .outputs = model::OutputsFrom::kTold};
  return job;
}
model::Job Empty(const std::string& id, std::vector<int> upstream) {
  model::Job job;
  job.id = model::JobId(id);
  job.upstream = std::move(upstream);
  return job;
}

class AirflowTest : public testing::WholeRun {
 protected:
  // Its process ends, and has told this.
  void Tell(const model::JobKey& key,
            const json::object& told,
            model::ProcessSeen::Kind kind = model::ProcessSeen::Kind::kEnded) {
    model::ProcessSeen seen{.token = TokenIn(key), .kind = kind};
    if (kind == model::ProcessSeen::Kind::kEnded)
      seen.exit_code = 0;
    seen.outputs = base::Serialize(told);
    Apply(seen);
  }
  void Succeed(const model::JobKey& key, json::object xcoms = {}) {
    Tell(key, {{"xcoms", std::move(xcoms)}, {"report", json::object{{"state", "success"}}}});
  }
  model::ProcessToken TokenIn(const model::JobKey& key) const {
    const auto& live = work::ProcessesOf(*engine_).live;
    return live.contains(key) ? live.at(key).token : model::ProcessToken("none");
  }
};

TEST_F(AirflowTest, ItsRequestHoldsNoToken) {
  Load({Task("a")});
  Trigger({});
  Turns();
  const auto request = base::ParseJson(work::ProcessesOf(*engine_).live.at(Key("a")).request);
  EXPECT_EQ(base::Serialize(*request),
            R"({"airflow":{"ti":{"task_id":"a","dag_id":"d","run_id":"r","try_number":1,)"
            R"("map_index":-1,"pool_slots":1,"queue":"default","priority_weight":1},)"
            R"("file":"dag.py","version":3},"outputs":"told"})");
}

TEST_F(AirflowTest, WhatItHasToldCountsThoughNobodySawItsEnd) {
  Load({Task("a"), Task("b", {0})});
  Trigger({});
  Turns();
  Tell(Key("a"), {{"report", json::object{{"state", "success"}}}}, model::ProcessSeen::Kind::kLost);
  EXPECT_EQ(StateOf(Key("a")), "success");
  Turns();
  Tell(Key("b"), {}, model::ProcessSeen::Kind::kLost);
  EXPECT_EQ(StateOf(Key("b")), "failed");
}

TEST_F(AirflowTest, AFailureForGoodIsNotTriedAgain) {
  model::Job job = Task("a");
  job.retries = 2;
  model::Job other = Task("b");
  other.retries = 2;
  Load({job, other});
  Trigger({});
  Turns();
  Tell(Key("a"), {{"report", json::object{{"state", "failed"}}}});
  Tell(Key("b"), {{"report", json::object{{"state", "up_for_retry"}}}});
  EXPECT_EQ(StateOf(Key("a")), "failed");
  EXPECT_EQ(StateOf(Key("b")), "up_for_retry");
}

TEST_F(AirflowTest, ALostProcessUsesUpARetry) {
  model::Job job = Task("a");
  job.retries = job.infra_retries = 1;
  job.retry_delay = job.infra_retry_delay = base::seconds(0);
  Load({job});
  Trigger({});
  Turns();
  Tell(Key("a"), {}, model::ProcessSeen::Kind::kLost);
  Apply(model::Tick{});
  Turns();
  Tell(Key("a"), {{"report", json::object{{"state", "up_for_retry"}}}});
  EXPECT_EQ(StateOf(Key("a")), "failed");
}

TEST_F(AirflowTest, ABranchSkipsWhatItDoesNotFollow) {
  Load({Task("branch"), Task("left", {0}), Task("right", {0}), Empty("after", {1})});
  Trigger({});
  Turns();
  Succeed(Key("branch"), {{"skipmixin_key", json::object{{"followed", json::array{"right"}}}}});
  EXPECT_EQ(StateOf(Key("left")), "skipped");
  EXPECT_EQ(StateOf(Key("after")), "skipped");
  EXPECT_EQ(StateOf(Key("right")), "queued");
  // The branch stands in rows: a job that is cleared alone is skipped again.
  EXPECT_TRUE(Ask(model::ClearJobs{}, {Key("left")}).outcome);
  EXPECT_EQ(StateOf(Key("left")), "skipped");
  // Once the branch itself runs again, it decides again.
  Turns();
  Succeed(Key("right"));
  EXPECT_EQ(RunState(), "success");
  EXPECT_TRUE(Ask(model::ClearJobs{}, {Key("branch"), Key("left"), Key("right")}).outcome);
  Turns();
  EXPECT_EQ(StateOf(Key("left")), "none");
  Succeed(Key("branch"), {{"skipmixin_key", json::object{{"followed", json::array{"left"}}}}});
  EXPECT_EQ(StateOf(Key("left")), "queued");
  EXPECT_EQ(StateOf(Key("right")), "skipped");
}

TEST_F(AirflowTest, AShortCircuitSkipsAlsoWhatIsFurtherOn) {
  model::Job always = Empty("always", {1});
  always.trigger_rule = model::TriggerRule::kAllDone;
  Load({Task("check"), Task("near", {0}), always});
  Trigger({});
  Turns();
  Tell(Key("check"),
       {{"xcoms",
         json::object{{"skipmixin_key", json::object{{"skipped", json::array{"near", "always"}}}}}},
        {"skipped", json::array{"near", "always"}},
        {"report", json::object{{"state", "success"}}}});
  EXPECT_EQ(StateOf(Key("near")), "skipped");
  EXPECT_EQ(StateOf(Key("always")), "skipped");
  EXPECT_EQ(RunState(), "success");
}

model::Job MappedBy(const std::string& id, std::vector<int> upstream, json::value lengths) {
  model::Job job = Task(id, std::move(upstream));
  job.map_over = model::MapOver{.lengths = std::move(lengths)};
  return job;
}

TEST_F(AirflowTest, MapsByHowMuchIsReturned) {
  Load({Task("list"),
        MappedBy("each", {0}, json::object{{"job", "list"}}),
        MappedBy("pairs",
                 {0, 1},
                 json::object{{"product", json::array{json::object{{"job", "each"}}, 2}}})});
  Trigger({});
  Turns();
  Succeed(Key("list"), {{"return_value", json::array{"a", "b"}}});
  Turns();
  Succeed(Key("each", 0), {{"return_value", 1}});
  Succeed(Key("each", 1));  // it returns nothing
  Turns();
  EXPECT_EQ(StateOf(Key("pairs", 1)), "running");
  EXPECT_EQ(StateOf(Key("pairs", 2)), "missing");
}

TEST_F(AirflowTest, OfNothingItIsSkippedAndOfNoListItFails) {
  Load({Task("list"), MappedBy("each", {0}, json::object{{"job", "list"}})});
  Trigger({});
  Turns();
  Succeed(Key("list"), {{"return_value", json::array{}}});
  EXPECT_EQ(StateOf(Key("each")), "skipped");
  EXPECT_TRUE(Ask(model::ClearJobs{}, {Key("list"), Key("each")}).outcome);
  Turns();
  Succeed(Key("list"), {{"return_value", 7}});
  EXPECT_EQ(StateOf(Key("each")), "failed");
}

}  // namespace
}  // namespace engine
