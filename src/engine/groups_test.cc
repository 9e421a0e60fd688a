// Groups with retries over whole runs of the engine, and the same after a restart.

#include "engine/groups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "engine/blockers.h"
#include "engine/test_whole_run.h"

namespace engine {
namespace {

using base::Cat;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

model::Job Of(const std::string& id, const std::string& group, std::vector<int> upstream = {}) {
  model::Job job;
  job.id = model::JobId(id);
  job.group = group;
  job.upstream = std::move(upstream);
  job.work = model::EmrWork{
      .request = json::object{
          {"ReleaseLabel", "emr-7.8.0"},
          {"Instances", json::object{{"MasterInstanceType", "m5.xlarge"}, {"InstanceCount", 1}}}}};
  return job;
}

model::Job Under(model::TriggerRule rule, model::Job job) {
  job.trigger_rule = rule;
  return job;
}

class GroupsTest : public testing::WholeRun {
 protected:
  // `first` and `second` in the group, one after the other, `third` beside them; `after` follows.
  void LoadGroup(int retries) {
    dag_.groups = {{.path = "g", .retries = retries, .retry_delay = base::minutes(10)}};
    Load({Of("first", "g"), Of("second", "g", {0}), Of("third", "g"), Of("after", "", {2})});
    Trigger({});
    Turns();
  }
  void Run(const std::string& job, bool well = true) {
    Turns();
    ++lives_;
    Launch(Key(job));
    End(Key(job), well);
  }
  void RejectByConfiguration(const std::string& job) {
    Turns();
    Apply(model::LaunchRefused{
        TokenOf(Key(job)), model::LaunchRefused::Kind::kRejected, "no such role"});
  }
  void Wait(base::Duration span) {
    now_ += span;
    Apply(model::Tick{});
  }
  // "first success, second none, …"
  std::string States() {
    std::vector<std::string> states;
    for (const model::Job& job : dag_.jobs)
      states.push_back(Cat(job.id.str(), " ", StateOf({run_, job.id, job.lane})));
    return base::Join(states, ", ");
  }
  std::vector<std::string> WhyNot(const std::string& job) {
    std::vector<std::string> sentences;
    for (const Blocker& blocker : BlockersOf(*engine_, Key(job)))
      sentences.push_back(blocker.sentence);
    return sentences;
  }
};

TEST_F(GroupsTest, AFailureStaysInsideWhileTheGroupHasATryLeft) {
  LoadGroup(1);
  Run("first", false);
  EXPECT_EQ(States(), "first up_for_retry, second upstream_failed, third running, after none");
  EXPECT_THAT(WhyNot("first"), ElementsAre("the group 'g' waits for third"));
  Run("third");
  EXPECT_EQ(States(), "first up_for_retry, second upstream_failed, third success, after none");
  EXPECT_EQ(engine_->NextDue(), now_ + base::minutes(10));
  const std::string wait = Cat("it waits for try 2 of 2 of the group 'g' at ",
                               base::FormatRfc3339(now_ + base::minutes(10)));
  EXPECT_THAT(WhyNot("first"), ElementsAre(wait));
  EXPECT_THAT(WhyNot("after"), ElementsAre(wait)) << "a success that may be taken back";
  EXPECT_EQ(RunState(), "running");

  Wait(base::minutes(9));
  EXPECT_EQ(States(), "first up_for_retry, second upstream_failed, third success, after none");
  Wait(base::minutes(1));
  EXPECT_EQ(States(), "first queued, second none, third queued, after none");
  Run("first");
  Run("second");
  EXPECT_EQ(States(), "first success, second success, third running, after none");
  Run("third");
  EXPECT_EQ(States(), "first success, second success, third success, after queued");
  Run("after");
  EXPECT_EQ(RunState(), "success");
}

TEST_F(GroupsTest, WithoutATryLeftItsEndsCount) {
  LoadGroup(1);
  for (int tries = 0; tries < 2; ++tries) {
    Run("first", false);
    Run("third");
    Wait(base::minutes(10));
  }
  EXPECT_EQ(States(), "first failed, second upstream_failed, third success, after queued");
  Run("after");
  EXPECT_EQ(RunState(), "failed");
}

TEST_F(GroupsTest, AnOutsideFailureAloneIsNoFailureOfTheGroup) {
  dag_.groups = {{.path = "g", .retries = 3}};
  Load({Of("before", ""), Of("inside", "g", {0}), Of("after", "", {1})});
  Trigger({});
  Run("before", false);
  EXPECT_EQ(States(), "before failed, inside upstream_failed, after upstream_failed");
  EXPECT_EQ(RunState(), "failed");
}

TEST_F(GroupsTest, NobodyOutsideBeginsOnAnEndThatMayBeTakenBack) {
  using enum model::TriggerRule;
  dag_.groups = {{.path = "g", .retries = 1}};
  Load({Of("a", "g"),
        Of("b", "g"),
        Under(kOneFailed, Of("alarm", "", {0, 1})),
        Under(kAllDone, Of("report", "", {0})),
        Under(kOneFailed, Of("inside", "g", {0}))});
  Trigger({});
  Run("a", false);
  EXPECT_EQ(States(), "a up_for_retry, b running, alarm none, report none, inside queued");
  Run("b");
  Run("inside");
  EXPECT_EQ(States(), "a up_for_retry, b success, alarm none, report none, inside success");
  Wait(base::minutes(5));
  Run("a", false);
  Run("b");
  EXPECT_EQ(States(), "a failed, b success, alarm none, report none, inside running");
  Run("inside");
  EXPECT_EQ(States(), "a failed, b success, alarm queued, report queued, inside success");
}

TEST_F(GroupsTest, WhatFailedForGoodIsNotTriedAgain) {
  LoadGroup(5);
  Run("first", false);
  RejectByConfiguration("third");
  EXPECT_EQ(States(), "first failed, second upstream_failed, third failed, after upstream_failed");
  EXPECT_EQ(RunState(), "failed");
}

TEST_F(GroupsTest, APersonsMarkOfFailedEndsTheTries) {
  LoadGroup(5);
  Run("first", false);
  Run("third");
  Ask(model::MarkJobs{{}, model::TaskState::kFailed}, {Key("first")});
  EXPECT_EQ(States(), "first failed, second upstream_failed, third success, after queued");
  EXPECT_EQ(engine_->state().group_retries.size(), 0u);
}

TEST_F(GroupsTest, AMarkOfSuccessSettlesAGroupThatWaitsForATry) {
  LoadGroup(5);
  Run("first", false);
  Run("third");
  ASSERT_EQ(engine_->state().group_retries.size(), 1u);
  Ask(model::MarkJobs{{}, model::TaskState::kSuccess}, {Key("first")});
  EXPECT_EQ(States(), "first success, second queued, third success, after none");
  Run("second");
  EXPECT_EQ(States(), "first success, second success, third success, after queued");
}

TEST_F(GroupsTest, AClearOfOneJobGivesTheGroupItsTriesBack) {
  LoadGroup(1);
  for (int tries = 0; tries < 2; ++tries) {
    Run("first", false);
    Run("third");
    Wait(base::minutes(10));
  }
  Run("after");
  ASSERT_EQ(RunState(), "failed");
  Ask(model::ClearJobs{}, {Key("third")});
  EXPECT_EQ(States(), "first up_for_retry, second upstream_failed, third queued, after success");
  Run("third");
  EXPECT_EQ(engine_->state().group_retries.size(), 1u);
  Wait(base::minutes(10));
  EXPECT_EQ(States(), "first queued, second none, third queued, after success");
}

TEST_F(GroupsTest, AClearOfAJobThatIsQueuedSaysWhoGaveTheTriesBack) {
  dag_.groups = {{.path = "g", .retries = 1}};
  Load({Of("a", "g")});
  Trigger({});
  Run("a", false);
  Wait(base::minutes(5));
  ASSERT_EQ(States(), "a queued");
  std::vector<std::string> said;
  for (const model::Change& change : Ask(model::ClearJobs{}, {Key("a")}).rows) {
    if (const auto* history = std::get_if<model::HistoryRow>(&change))
      said.push_back(Cat(history->by.name, ": ", history->cause));
  }
  EXPECT_THAT(said, ElementsAre("ada: the group 'g' has all its tries again: cleared by ada"));
}

TEST_F(GroupsTest, AnAbortEndsItAll) {
  LoadGroup(5);
  Run("first", false);
  Run("third");
  Ask(model::MarkRun{{}, model::RunState::kFailed}, {});
  EXPECT_EQ(RunState(), "failed");
  EXPECT_EQ(States(), "first failed, second upstream_failed, third success, after skipped");
  EXPECT_FALSE(engine_->NextDue());
}

TEST_F(GroupsTest, ARunThatWaitsForItsTeardownsTriesNoGroupAgain) {
  dag_.groups = {{.path = "g", .retries = 5}};
  model::Job make = Of("make", "g"), drop = Of("drop", "g", {0, 1});
  make.role = model::Role::kSetup;
  drop.role = model::Role::kTeardown;
  drop.trigger_rule = model::TriggerRule::kAllDoneSetupSuccess;
  model::Job work = Of("work", "g", {0});
  work.setups = {0};
  Load({make, work, drop});
  Trigger({});
  Run("make");
  Run("work", false);
  Ask(model::MarkRun{{}, model::RunState::kFailed}, {});
  EXPECT_EQ(States(), "make success, work failed, drop queued");
  Run("drop", false);
  EXPECT_EQ(RunState(), "failed");
  EXPECT_EQ(States(), "make success, work failed, drop failed");
}

TEST_F(GroupsTest, ATeardownThatWaitsForItsGroupIsNotWaitedFor) {
  dag_.groups = {{.path = "g", .retries = 5}};
  model::Job make = Of("make", "g"), drop = Of("drop", "g", {0});
  make.role = model::Role::kSetup;
  drop.role = model::Role::kTeardown;
  drop.trigger_rule = model::TriggerRule::kAllDoneSetupSuccess;
  Load({make, drop, Of("other", "")});
  Trigger({});
  Run("make");
  Run("drop", false);
  ASSERT_EQ(States(), "make success, drop up_for_retry, other running");
  Ask(model::MarkRun{{}, model::RunState::kFailed}, {});
  EXPECT_EQ(RunState(), "failed");
}

TEST_F(GroupsTest, AnInnerGroupIsTriedFirstAndHasItsTriesAgainWithTheOuterOne) {
  dag_.groups = {{.path = "out", .retries = 1, .retry_delay = base::minutes(30)},
                 {.path = "out.in", .retries = 1, .retry_delay = base::minutes(5)}};
  Load({Of("x", "out.in"), Of("y", "out", {0}), Of("z", "", {0})});
  Trigger({});
  std::vector<std::string> seen;
  for (int tries = 0; tries < 4; ++tries) {
    Run("x", false);
    seen.push_back(States());
    Wait(base::minutes(5));
    seen.push_back(States());
    Wait(base::minutes(25));
  }
  const std::string waits = "x up_for_retry, y none, z none";
  const std::string gave_up = "x up_for_retry, y upstream_failed, z none";
  const std::string begins = "x queued, y none, z none";
  const std::string ends = "x failed, y upstream_failed, z upstream_failed";
  EXPECT_THAT(seen, ElementsAre(waits, begins, gave_up, gave_up, waits, begins, ends, ends));
  EXPECT_EQ(RunState(), "failed");
}

TEST_F(GroupsTest, EachLaneIsTriedByItself) {
  dag_.groups = {{.path = "g", .retries = 1}};
  std::vector<model::Job> jobs;
  for (const char* lane : {"1", "2"}) {
    for (const char* id : {"a", "b"}) {
      jobs.push_back(Of(id, id[0] == 'a' ? "g" : "", {}));
      jobs.back().lane = model::LaneId(lane);
    }
  }
  jobs[1].upstream = {0};
  jobs[3].upstream = {2};
  Load(jobs);
  Trigger({});
  Turns();
  for (const char* lane : {"1", "2"}) {
    ++lives_;
    const model::JobKey key{run_, model::JobId("a"), model::LaneId(lane)};
    Launch(key);
    End(key, *lane == '2');
  }
  EXPECT_EQ(States(), "a up_for_retry, b none, a success, b queued");
  EXPECT_THAT(BlockersOf(*engine_, {run_, model::JobId("b"), model::LaneId("1")})[0].sentence,
              HasSubstr("of the group 'g' in lane 1"));
}

TEST_F(GroupsTest, AMappedJobFailsInsideAndDecidesItsListAgain) {
  dag_.groups = {{.path = "g", .retries = 1}};
  model::Job mapped = Of("m", "g");
  mapped.map_over = {
      .items = {}, .expression = "[1, 2] if try_number == 1 else [3]", .index_template = ""};
  Load({mapped, Of("after", "", {0})});
  Trigger({});
  Turns();
  ++lives_;
  Launch(Key("m", 0));
  End(Key("m", 0), false);
  Launch(Key("m", 1));
  End(Key("m", 1));
  EXPECT_EQ(States(), "m up_for_retry, after none");
  EXPECT_EQ(StateOf(Key("m", 0)), "failed");
  Wait(base::minutes(5));
  EXPECT_EQ(StateOf(Key("m", 0)), "queued");
  EXPECT_EQ(StateOf(Key("m", 1)), "removed");
  Turns();
  ++lives_;
  Launch(Key("m", 0));
  End(Key("m", 0));
  EXPECT_EQ(States(), "m success, after queued");
}

TEST_F(GroupsTest, AnotherDagSeesOnlyASettledGroup) {
  dag_.groups = {{.path = "g", .retries = 1}};
  dag_.jobs = {Of("a", "g"), Of("b", "g")};
  dag_.version = model::ComputeVersion(dag_);
  model::Dag other;
  other.id = model::DagId("other");
  other.is_paused_upon_creation = false;
  other.jobs = {Of("j", "")};
  other.jobs[0].work = model::EmptyWork();
  other.jobs[0].cross = {{dag_.id, model::JobId("a"), std::nullopt}};
  other.version = model::ComputeVersion(other);
  Apply(model::ProjectLoaded{
      {std::make_shared<const model::Dag>(dag_), std::make_shared<const model::Dag>(other)}, {}});
  Trigger({});
  const model::RunKey waiting{other.id, model::RunId("w")};
  Apply(model::TriggerRun{waiting.dag, waiting.run, {}, {}, "ada"});
  const auto state = [&] { return ToString(rows_.reader().Run(waiting)->state); };
  Run("a");
  EXPECT_EQ(state(), "running");
  Run("b", false);
  EXPECT_EQ(state(), "running");
  Wait(base::minutes(5));
  Run("a");
  EXPECT_EQ(state(), "running");
  Run("b");
  EXPECT_EQ(state(), "success");
}

TEST_F(GroupsTest, ASuccessIsToldToItsAssetsOnceTheGroupIsSettled) {
  dag_.groups = {{.path = "g", .retries = 1}};
  dag_.asset_definitions = {{.name = "s", .uri = "s"}};
  model::Job makes = Of("a", "g");
  makes.outlets = {{"s", {}}};
  Load({makes, Of("b", "g")});
  Trigger({});
  const auto events = [&] { return engine_->state().last_asset_event; };
  Run("a");
  Run("b", false);
  EXPECT_EQ(events(), 0);
  Wait(base::minutes(5));
  Run("a");
  EXPECT_EQ(events(), 0);
  Run("b");
  EXPECT_EQ(events(), 1);
  Ask(model::ClearJobs{}, {Key("b")});
  Run("b");
  EXPECT_EQ(events(), 1) << "its own success is the old one";
}

TEST_F(GroupsTest, ATryOfTheGroupIsAFreshStartOfItsJobs) {
  dag_.groups = {{.path = "g", .retries = 1}};
  model::Job job = Of("a", "g");
  job.retries = 1;
  Load({job});
  Trigger({});
  Run("a", false);
  Wait(base::minutes(5));
  Run("a", false);
  EXPECT_EQ(engine_->state().group_retries.size(), 1u) << "after the job's own tries";
  Wait(base::minutes(5));
  Run("a", false);
  EXPECT_EQ(engine_->state().retries.size(), 1u) << "the job has its tries again";
  Wait(base::minutes(5));
  Run("a");
  EXPECT_EQ(RunState(), "success");
  const auto tasks = rows_.reader().Tasks(run_);
  EXPECT_EQ(tasks->front().try_number, 4) << "numbers of attempts go on";
}

}  // namespace
}  // namespace engine
