#include "forecast/deadlines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/dag_json.h"

namespace forecast {
namespace {

using testing::ElementsAre;

// One DAG `d` with one run and one job that takes `takes`; it is midnight on Monday.
class DeadlinesTest : public testing::Test {
 protected:
  void Make(Seconds takes, std::vector<Past::Attempt> attempts = {}) {
    network_.now = now_;
    network_.pools = {{model::PoolId("p"), 4}};
    Past past;
    past.typical = takes;
    past.attempts = std::move(attempts);
    past.basis = Basis::kHistory;
    network_.pasts = {past};
    DagRuns dag;
    dag.dag = model::DagId("d");
    dag.runs = {0};
    network_.dags = {dag};
    forecast::Run run;
    run.key = {model::DagId("d"), model::RunId("r")};
    run.data_interval = {now_ - base::hours(24), now_};
    run.run_after = now_;
    run.jobs = {0};
    network_.runs = {run};
    Job job;
    job.job = model::JobId("a");
    job.past = 0;
    job.pool = 0;
    network_.jobs = {job};
  }
  void Plan(std::optional<model::Deadline> of_dag, std::optional<model::Deadline> of_job = {}) {
    auto dag = std::make_shared<model::Dag>();
    dag->id = model::DagId("d");
    dag->tags = {"weekly"};
    dag->deadline = std::move(of_dag);
    model::Job job;
    job.id = model::JobId("a");
    job.deadline = std::move(of_job);
    dag->jobs = {job};
    auto plan = std::make_shared<engine::Plan>();
    plan->dag = dag;
    plan->index[{job.id, job.lane}] = 0;
    state_.dags[dag->id].plan = plan;
  }
  std::vector<DeadlineView> Judge(const std::vector<model::SharedDeadline>& shared = {}) {
    return JudgeDeadlines(Outlook(network_), state_, MomentsOf(shared, zones_), zones_);
  }
  static model::Deadline Within(base::Duration within) {
    model::Deadline deadline;
    deadline.within = within;
    return deadline;
  }

  base::Time now_ = base::ParseTime("2026-01-05T00:00:00Z").value();
  Network network_;
  engine::State state_;
  schedule::ZoneSet zones_;
};

TEST_F(DeadlinesTest, ARunIsOnTrackUntilItIsNot) {
  Plan(Within(base::hours(1)));
  Make(3600);
  ASSERT_EQ(Judge().size(), 1u);
  EXPECT_EQ(Judge()[0].due, now_ + base::hours(1));
  EXPECT_EQ(Judge()[0].status, model::DeadlineStatus::kOnTrack)
      << "a finish at the very moment counts";
  Make(3601);
  EXPECT_EQ(Judge()[0].status, model::DeadlineStatus::kLate);
}

TEST_F(DeadlinesTest, ARiskIsMoreThanOneInTen) {
  Plan(Within(base::hours(1)));
  // A quarter of the attempts take two hours.
  Make(600, {{600}, {600}, {600}, {7200}});
  EXPECT_EQ(Judge()[0].status, model::DeadlineStatus::kAtRisk);
  EXPECT_NEAR(Judge()[0].miss_chance.value_or(0), 0.25, 0.2);
}

TEST_F(DeadlinesTest, AFailureIsAMissHoweverEarlyItEnds) {
  Plan(Within(base::hours(1)));
  Make(600, {{600, Past::End::kApplication}});
  EXPECT_EQ(Judge()[0].status, model::DeadlineStatus::kLate);
  EXPECT_EQ(Judge()[0].miss_chance, 1.0);
}

TEST_F(DeadlinesTest, WhatNothingIsKnownOfIsARiskAndNotOnTrack) {
  Plan(Within(base::hours(1)));
  Make(0);
  EXPECT_EQ(Judge()[0].status, model::DeadlineStatus::kOnTrack);
  network_.pasts[0].basis = Basis::kUnknown;
  EXPECT_EQ(Judge()[0].status, model::DeadlineStatus::kAtRisk);
  EXPECT_EQ(Judge()[0].miss_chance, std::nullopt);
  network_.jobs[0].stuck = "a person holds it";
  EXPECT_EQ(Judge()[0].status, model::DeadlineStatus::kLate) << "that is known";
}

TEST_F(DeadlinesTest, ATimeThatIsOverIsMissed) {
  Plan(Within(base::minutes(10)));
  Make(600);
  network_.now = now_ + base::minutes(10);
  EXPECT_EQ(Judge()[0].status, model::DeadlineStatus::kMissed);
}

TEST_F(DeadlinesTest, AJobHasItsOwn) {
  Plan({}, Within(base::minutes(5)));
  Make(600);
  const auto judged = Judge();
  ASSERT_EQ(judged.size(), 1u);
  EXPECT_EQ(judged[0].job, 0);
  EXPECT_EQ(judged[0].status, model::DeadlineStatus::kLate);
}

TEST_F(DeadlinesTest, AMomentIsTheFirstAfterTheRunWasDue) {
  model::Deadline deadline;
  deadline.by = "0 0 * * *";
  Plan(deadline);
  Make(600);
  EXPECT_EQ(Judge()[0].due, now_ + base::hours(24)) << "not the moment at which it was due";
}

TEST_F(DeadlinesTest, DagsShareADeadlineByTagOrName) {
  Plan({});
  Make(600);
  const auto names = [&](std::vector<model::SharedDeadline> shared) {
    std::vector<std::string> out;
    for (const DeadlineView& view : Judge(shared))
      out.push_back(view.name);
    return out;
  };
  EXPECT_THAT(names({{"w", {"weekly"}, {}, "0 6 * * *", "UTC"},
                     {"x", {"daily"}, {}, "0 6 * * *", "UTC"},
                     {"y", {}, {"d*"}, "0 5 * * *", "UTC"},
                     {"z", {}, {"e*"}, "0 5 * * *", "UTC"}}),
              ElementsAre("y", "w"));
}

}  // namespace
}  // namespace forecast
