#include "driver/commit_log.h"

#include <gtest/gtest.h>

#include "base/log.h"
#include "base/text.h"

namespace driver {
namespace {

const model::JobKey kJob{
    {model::DagId("d"), model::RunId("r")}, model::JobId("j"), model::LaneId("l1")};
const base::Time kAt = base::ParseTime("2026-01-05T00:00:00Z").value();

class CommitLogTest : public ::testing::Test {
 protected:
  void TearDown() override { base::SetLogLevel(base::LogLevel::kWarning); }
  // The lines that a batch makes, without their time.
  static std::vector<json::object> LinesOf(const std::vector<model::Change>& batch,
                                           base::LogLevel level = base::LogLevel::kInfo) {
    base::SetLogLevel(level);
    ::testing::internal::CaptureStderr();
    LogCommitted(batch);
    std::vector<json::object> lines;
    const std::string text = ::testing::internal::GetCapturedStderr();
    for (const std::string& line : base::Split(text, '\n')) {
      if (line.empty())
        continue;
      lines.push_back(base::ParseJson(line)->as_object());
      lines.back().erase("t");
    }
    return lines;
  }
  static model::LaunchRow Launch(model::LaunchState state, std::string message) {
    model::LaunchRow row;
    row.token = model::LaunchToken("t0k3n");
    row.attempt = {kJob, 1};
    row.state = state;
    row.message = std::move(message);
    return row;
  }
};

TEST_F(CommitLogTest, ALaunchAndAnAdoptionAreToldApart) {
  auto lines = LinesOf({Launch(model::LaunchState::kIntent, "")});
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0],
            base::ParseJson(R"({"level": "info", "event": "launch", "dag": "d", "run": "r",
                                "job": "j", "lane": "l1", "try": 1, "token": "t0k3n"})")
                ->as_object());
  EXPECT_EQ(LinesOf({Launch(model::LaunchState::kAccepted, "RunJobFlow answered")})[0]["event"],
            "launched");
  EXPECT_EQ(LinesOf({Launch(model::LaunchState::kAccepted, "found by its name")})[0]["event"],
            "adopted");
}

TEST_F(CommitLogTest, AVerdictItsRetryAndItsKillAreALineEach) {
  model::AttemptRow attempt{.key = {kJob, 1}};
  attempt.ended_at = kAt;
  attempt.verdict = model::VerdictClass::kInfrastructure;
  attempt.reason = "ZERO_CORE";
  model::JobRow job{.key = kJob};
  job.next_try_at = kAt + base::minutes(10);
  model::ClusterRow cluster;
  cluster.id = model::ClusterId("j-1");
  cluster.terminate_requested_at = kAt;
  cluster.terminate_cause = "ZERO_CORE";
  const model::CommandRow command{"j-1", 0, model::CommandKind::kTerminate, kAt};
  auto lines = LinesOf({attempt, job, cluster, command});
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0]["event"], "verdict");
  EXPECT_EQ(lines[0]["reason"], "ZERO_CORE");
  EXPECT_EQ(lines[1]["event"], "retry");
  EXPECT_EQ(lines[1]["at"], "2026-01-05T00:10:00Z");
  EXPECT_EQ(lines[2]["event"], "kill");
  EXPECT_EQ(lines[2]["cluster"], "j-1");
  // A later commit that touches the same rows tells nothing again.
  EXPECT_TRUE(LinesOf({job, cluster}).empty());
}

TEST_F(CommitLogTest, AnEndOfARunAndAFailedTaskSayWhy) {
  model::RunRow run{.key = kJob.run};
  run.state = model::RunState::kFailed;
  run.start_date = kAt;
  run.end_date = kAt + base::minutes(90);
  const model::HistoryRow history{.seq = 1,
                                  .at = kAt,
                                  .subject = model::SubjectOf(kJob, "j_l1.wait"),
                                  .from = "deferred",
                                  .to = "failed",
                                  .cause = "a step failed"};
  const model::HistoryRow end{.seq = 2,
                              .at = kAt,
                              .subject = model::SubjectOf(kJob.run),
                              .from = "running",
                              .to = "failed",
                              .cause = "j failed"};
  auto lines = LinesOf({history, run, end});
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0]["event"], "task_failed");
  EXPECT_EQ(lines[0]["reason"], "a step failed");
  EXPECT_EQ(lines[1]["event"], "run_ended");
  EXPECT_EQ(lines[1]["took"], "1h30m");
  EXPECT_EQ(LinesOf({history, run}, base::LogLevel::kWarning).size(), 1U);
  EXPECT_TRUE(LinesOf({history, run}, base::LogLevel::kOff).empty());
  // A note on what has failed tells nothing again.
  model::HistoryRow note = history;
  note.from = note.to;
  model::HistoryRow of_run = end;
  of_run.from = of_run.to;
  EXPECT_TRUE(LinesOf({note, of_run, run}).empty());
}

}  // namespace
}  // namespace driver
