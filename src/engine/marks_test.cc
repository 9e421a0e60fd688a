// Jobs that a person marks: what becomes of those that follow.

#include "engine/actions.h"
#include "engine/test_whole_run.h"

namespace engine {
namespace {

model::Job Of(const std::string& id,
              std::vector<int> upstream = {},
              model::TriggerRule rule = model::TriggerRule::kAllSuccess) {
  model::Job job;
  job.id = model::JobId(id);
  job.upstream = std::move(upstream);
  job.trigger_rule = rule;
  job.work = model::EmrWork{
      .request = json::object{
          {"ReleaseLabel", "emr-7.8.0"},
          {"Instances", json::object{{"MasterInstanceType", "m5.xlarge"}, {"InstanceCount", 1}}}}};
  return job;
}

class Marks : public testing::WholeRun {
 protected:
  // `first` has failed, and `other` works.
  void FailFirst() {
    Load({Of("first"),
          Of("other"),
          Of("all", {0}),
          Of("beyond", {2}),
          Of("none_failed", {0}, model::TriggerRule::kNoneFailed),
          Of("both", {0, 1})});
    Trigger({});
    Turns();
    Fail("first");
    for (const char* job : {"all", "beyond", "none_failed", "both"})
      ASSERT_EQ(StateOf(Key(job)), "upstream_failed") << job;
  }
  void Fail(const std::string& job) {
    Launch(Key(job));
    End(Key(job), false);
    ASSERT_EQ(StateOf(Key(job)), "failed");
  }
  void Mark(model::TaskState state) {
    model::MarkJobs mark;
    mark.state = state;
    EXPECT_TRUE(Ask(std::move(mark), {Key("first")}).outcome);
  }
};

TEST_F(Marks, AFailedJobThatIsSkippedHasItsFollowersDecidedAgain) {
  FailFirst();
  Mark(model::TaskState::kSkipped);
  EXPECT_EQ(StateOf(Key("all")), "skipped");
  EXPECT_EQ(StateOf(Key("beyond")), "skipped");
  EXPECT_EQ(StateOf(Key("none_failed")), "queued");
  EXPECT_EQ(StateOf(Key("both")), "none") << "it waits for the other one, which works still";
  EXPECT_EQ(RunState(), "running");
}

TEST_F(Marks, WhatAnotherFailureKeepsStaysUpstreamFailed) {
  FailFirst();
  Fail("other");
  Mark(model::TaskState::kSkipped);
  EXPECT_EQ(StateOf(Key("both")), "upstream_failed");
  EXPECT_EQ(StateOf(Key("all")), "skipped");
}

TEST_F(Marks, AFailedJobThatSucceedsLetsItsFollowersBegin) {
  FailFirst();
  Mark(model::TaskState::kSuccess);
  EXPECT_EQ(StateOf(Key("all")), "queued");
  EXPECT_EQ(StateOf(Key("beyond")), "none");
}

}  // namespace
}  // namespace engine
