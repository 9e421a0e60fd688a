#include "forecast/pass.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "forecast/outlook.h"

namespace forecast {
namespace {

using testing::ElementsAre;

// Hand-made networks: one pool, times in seconds.
class PassTest : public testing::Test {
 protected:
  PassTest() { network_.pools.push_back({model::PoolId("p"), 100}); }

  int AddDag(int max_active_runs = 16) {
    DagRuns dag;
    dag.dag = model::DagId("d" + std::to_string(network_.dags.size()));
    dag.max_active_runs = max_active_runs;
    network_.dags.push_back(std::move(dag));
    return static_cast<int>(network_.dags.size()) - 1;
  }
  int AddRun(int dag, Seconds not_before = 0, bool has_started = false) {
    const auto id = static_cast<int>(network_.runs.size());
    forecast::Run run;
    run.dag = dag;
    run.has_started = has_started;
    run.not_before = not_before;
    network_.runs.push_back(std::move(run));
    network_.dags[static_cast<size_t>(dag)].runs.push_back(id);
    return id;
  }
  Job& AddJob(int run, Seconds typical, std::vector<int> after = {}) {
    network_.pasts.push_back({.attempts = {{typical}}, .typical = typical});
    const auto id = static_cast<int>(network_.jobs.size());
    network_.runs[static_cast<size_t>(run)].jobs.push_back(id);
    Job job;
    job.job = model::JobId("j" + std::to_string(id));
    job.run = run;
    job.past = static_cast<int>(network_.pasts.size()) - 1;
    job.pool = 0;
    job.after = std::move(after);
    job.seed = static_cast<uint64_t>(id);
    return network_.jobs.emplace_back(std::move(job));
  }
  Future Typical() { return Passes(network_).Draw(kTypical); }

  Network network_;
};

TEST_F(PassTest, AChainTakesTheSumAndADiamondTheLongerArm) {
  const int run = AddRun(AddDag(), 100);
  AddJob(run, 10);
  AddJob(run, 20, {0});
  AddJob(run, 50, {0});
  AddJob(run, 5, {1, 2});
  const Future future = Typical();
  EXPECT_THAT(future.begins, ElementsAre(100, 110, 110, 160));
  EXPECT_THAT(future.run_ends, ElementsAre(165));
  const Outlook outlook(network_);
  std::vector<int> path;
  for (const PathStep& step : outlook.CriticalPath(run))
    path.push_back(step.job);
  EXPECT_THAT(path, ElementsAre(0, 2, 3));
  EXPECT_THAT(outlook.SlackOf(run), ElementsAre(0, 30, 0, 0));
}

TEST_F(PassTest, AFullPoolMakesJobsWaitAndTheHeavierOneGoesFirst) {
  network_.pools[0].slots = 2;
  const int run = AddRun(AddDag());
  AddJob(run, 10);
  AddJob(run, 10).slots = 1;
  AddJob(run, 10);
  AddJob(run, 10).weight = 5;
  const Future future = Typical();
  // All four are ready at once, and turns are given as they ask.
  EXPECT_THAT(future.begins, ElementsAre(0, 0, 10, 10));
  network_.pools[0].slots = 1;
  EXPECT_THAT(Typical().begins, ElementsAre(0, 20, 30, 10)) << "the heaviest of those that wait";
}

TEST_F(PassTest, WhatHoldsASlotKeepsIt) {
  network_.pools[0].slots = 1;
  const int dag = AddDag();
  const int first = AddRun(dag);
  AddJob(first, 10);
  const int working = AddRun(AddDag(), 0, true);
  Job& job = AddJob(working, 30);
  job.begun = 10;
  job.holds_slot = true;
  const Future future = Typical();
  EXPECT_THAT(future.ends, ElementsAre(30, 20));
}

TEST_F(PassTest, RunsWaitForMaxActiveRuns) {
  const int dag = AddDag(2);
  for (int i = 0; i < 4; ++i)
    AddJob(AddRun(dag), 10 * (i + 1));
  // Two at a time: 10 and 20; the third begins at 10, the fourth at 20.
  EXPECT_THAT(Typical().run_ends, ElementsAre(10, 20, 40, 60));
}

TEST_F(PassTest, AJobOfAnotherRunMustSucceedFirst) {
  const int up = AddRun(AddDag());
  AddJob(up, 30);
  const int down = AddRun(AddDag());
  AddJob(down, 10).after_success = {0};
  EXPECT_THAT(Typical().run_ends, ElementsAre(30, 40));
  network_.pasts[0].attempts = {{5, Past::End::kApplication}};
  const Outlook outlook(network_);
  EXPECT_EQ(outlook.RunFinish(up, 0.5), 5);
  EXPECT_EQ(outlook.RunMisses(up, kNever), 1.0) << "it fails in each pass";
  EXPECT_EQ(outlook.RunFinish(down, 0.5), kNever);
}

TEST_F(PassTest, AFailureIsTriedAgainWithItsDelay) {
  const int run = AddRun(AddDag());
  Job& job = AddJob(run, 30);
  job.infra_retries = 20;
  job.infra_retry_delay = 100;
  network_.pasts[0].attempts = {{30}, {7, Past::End::kInfrastructure}};
  const Outlook outlook(network_);
  std::set<Seconds> ends;
  for (int pass = 0; pass < 50; ++pass)
    ends.insert(Passes(network_).Draw(pass).ends[0]);
  EXPECT_TRUE(ends.contains(30));
  EXPECT_TRUE(ends.contains(7 + 100 + 30));
  EXPECT_TRUE(ends.contains(2 * 107 + 30));
  EXPECT_EQ(outlook.RunFinish(run, 0.25), 30);
  EXPECT_GE(outlook.RunFinish(run, 0.9), 137);
  EXPECT_EQ(outlook.RunMisses(run, kNever), 0.0);
}

TEST_F(PassTest, AFailureWithoutRetriesStopsWhatNeedsSuccess) {
  const int run = AddRun(AddDag());
  AddJob(run, 5);
  AddJob(run, 10, {0});
  AddJob(run, 20, {0}).needs_success = false;
  network_.pasts[0].attempts = {{5, Past::End::kApplication}};
  const Future future = Passes(network_).Draw(0);
  EXPECT_THAT(future.ends, ElementsAre(5, 5, 25));
  EXPECT_THAT(future.fails, ElementsAre(1, 1, 0));
  EXPECT_EQ(future.run_fails[0], 1);
}

TEST_F(PassTest, WhatHasWorkedLongerThanEverIsStillToEnd) {
  const int run = AddRun(AddDag(), 0, true);
  AddJob(run, 100).begun = 40;
  EXPECT_EQ(Typical().ends[0], 60);
  for (const bool has_history : {true, false}) {
    if (!has_history)
      network_.pasts[0].attempts.clear();  // as with an expected duration
    network_.jobs[0].begun = 100'000;
    const Outlook outlook(network_);
    EXPECT_NEAR(outlook.RunFinish(run, 0.5), 19'000, 8'000) << "a fifth of its time so far";
    EXPECT_GT(outlook.RunFinish(run, 0.9), 50'000) << "it may last much longer";
    EXPECT_NEAR(outlook.typical().ends[0], 19'000, 200);
  }
}

TEST_F(PassTest, WhatHasBegunIsAsLongAsThoseThatLastedLonger) {
  const int run = AddRun(AddDag(), 0, true);
  AddJob(run, 100).begun = 150;
  network_.pasts[0].attempts = {{100}, {110}, {200}, {400}};
  network_.pasts[0].typical = 110;
  const Outlook outlook(network_);
  EXPECT_EQ(outlook.RunFinish(run, 0.25), 50);
  EXPECT_EQ(outlook.RunFinish(run, 0.75), 250);
  EXPECT_EQ(outlook.typical().ends[0], 50);
}

// However its length is scattered, the work that is under way does not end this moment.
TEST_F(PassTest, WhatIsScatteredIsDrawnAgainUntilItIsLonger) {
  const int run = AddRun(AddDag(), 0, true);
  AddJob(run, 1000).begun = 990;
  network_.pasts[0].scatter = 0.2;
  const Outlook outlook(network_);
  EXPECT_GT(outlook.RunFinish(run, 0.5), 60);
  EXPECT_LT(outlook.RunFinish(run, 0.9), 900);
}

TEST_F(PassTest, ALimitKeepsNobodyElseBack) {
  network_.caps.push_back({1});
  const int run = AddRun(AddDag());
  for (int i = 0; i < 3; ++i)
    AddJob(run, 10).caps = {{0, 1}};
  AddJob(run, 10);
  EXPECT_THAT(Typical().begins, ElementsAre(0, 10, 20, 0));
  EXPECT_THAT(Typical().because, ElementsAre(-1, 0, 1, -1));
}

TEST_F(PassTest, AJobNeedsRoomUnderEachOfItsCaps) {
  network_.pools[0].slots = 2;
  network_.caps = {{1}, {100}};
  const int run = AddRun(AddDag());
  AddJob(run, 10).caps = {{0, 1}, {1, 60}};
  AddJob(run, 30).caps = {{1, 60}};          // 40 are left
  AddJob(run, 50).caps = {{0, 1}, {1, 40}};  // its place is taken
  AddJob(run, 5).caps = {{1, 40}};
  EXPECT_THAT(Typical().begins, ElementsAre(0, 10, 10, 0));
}

TEST_F(PassTest, WhatHoldsASlotCountsUnderItsCaps) {
  network_.caps.push_back({1});
  Job& job = AddJob(AddRun(AddDag(), 0, true), 30);
  job.begun = 10;
  job.holds_slot = true;
  job.caps = {{0, 1}};
  AddJob(AddRun(AddDag()), 10).caps = {{0, 1}};
  EXPECT_THAT(Typical().begins, ElementsAre(0, 20));
}

TEST_F(PassTest, APausedDagGoesNowhereAndSaysSo) {
  const int dag = AddDag();
  const int run = AddRun(dag);
  AddJob(run, 10);
  network_.dags[0].held = "the DAG 'd0' is paused";
  const Outlook outlook(network_);
  EXPECT_EQ(outlook.RunFinish(run, 0.5), kNever);
  EXPECT_EQ(outlook.WhyNever(run), "the DAG 'd0' is paused");
}

TEST_F(PassTest, ThePassesAreTheSameEachTime) {
  for (int i = 0; i < 20; ++i) {
    const int run = AddRun(AddDag(), i);
    AddJob(run, 10);
    network_.pasts.back().attempts = {{10}, {20}, {30}};
  }
  const Outlook a(network_), b(network_);
  bool differ = false;
  for (int run = 0; run < 20; ++run) {
    EXPECT_EQ(a.RunFinish(run, 0.9), b.RunFinish(run, 0.9));
    differ = differ || Passes(network_).Draw(run).ends != Passes(network_).Draw(run + 1).ends;
  }
  EXPECT_TRUE(differ) << "and differ from one another";
}

}  // namespace
}  // namespace forecast
