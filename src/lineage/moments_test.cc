#include "lineage/moments.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace lineage {
namespace {

const base::Time kNow{base::hours(5)};
const model::RunKey kRun{model::DagId("d"), model::RunId("r")};
const model::JobKey kJob{kRun, model::JobId("j"), model::LaneId()};

model::HistoryRow OfRun(std::string from, std::string to, std::string by = "", int64_t seq = 1) {
  return {seq, kNow, model::SubjectOf(kRun), std::move(from), std::move(to), "why", {by}};
}

model::HistoryRow OfTask(std::string from, std::string to, std::string cause = "") {
  return {1,
          kNow,
          model::SubjectOf(kJob, "j.watch_cluster"),
          std::move(from),
          std::move(to),
          std::move(cause),
          {}};
}

model::AttemptRow Attempt(base::Time from,
                          std::optional<base::Time> to,
                          std::optional<model::VerdictClass> verdict) {
  model::AttemptRow row;
  row.key = {kJob, 2};
  row.started_at = from;
  row.ended_at = to;
  row.verdict = verdict;
  row.reason = "step s-1 failed";
  return row;
}

std::string Text(const std::vector<Moment>& moments) {
  std::string out;
  for (const Moment& moment : moments)
    out += base::Cat(out.empty() ? "" : ", ",
                     ToString(moment.type),
                     moment.message.empty() ? "" : " ",
                     moment.message);
  return out;
}

TEST(Moments, OfARun) {
  EXPECT_EQ(Text(MomentsOf(OfRun("queued", "running"))), "START");
  EXPECT_EQ(Text(MomentsOf(OfRun("running", "success"))), "COMPLETE");
  EXPECT_EQ(Text(MomentsOf(OfRun("running", "failed"))), "FAIL why");
  EXPECT_EQ(Text(MomentsOf(OfRun("running", "failed", "ada"))), "ABORT why");
  EXPECT_EQ(Text(MomentsOf(OfRun("queued", "failed", "ada"))), "START, ABORT why");
  EXPECT_EQ(Text(MomentsOf(OfRun("", "queued"))), "");
  EXPECT_EQ(Text(MomentsOf(OfRun("failed", "failed"))), "");
  EXPECT_EQ(Text(MomentsOf(OfRun("failed", "deleted"))), "");
}

TEST(Moments, AnAttemptIsKnownByTheTimeOfTheRow) {
  const base::Time before = kNow - base::hours(1);
  using enum model::VerdictClass;
  const auto text = [](const model::HistoryRow& row,
                       const model::AttemptRow& attempt,
                       const std::string& cause = "") {
    return Text(MomentsOf(row, attempt, cause));
  };
  EXPECT_EQ(text(OfTask("queued", "running"), Attempt(kNow, {}, {})), "START");
  EXPECT_EQ(text(OfTask("queued", "running"), Attempt(before, {}, {})), "");
  EXPECT_EQ(text(OfTask("deferred", "success"), Attempt(before, kNow, kSuccess)), "COMPLETE");
  EXPECT_EQ(text(OfTask("deferred", "failed"), Attempt(before, kNow, kApplication)),
            "FAIL step s-1 failed");
  EXPECT_EQ(text(OfTask("deferred", "failed"), Attempt(before, kNow, kApplication), "ValueError"),
            "FAIL ValueError");
  EXPECT_EQ(text(OfTask("deferred", "restarting"), Attempt(before, kNow, kUser)),
            "ABORT step s-1 failed");
  EXPECT_EQ(text(OfTask("queued", "failed"), Attempt(kNow, kNow, kConfiguration)),
            "START, FAIL step s-1 failed");
}

TEST(Moments, ACauseThatComesLaterIsTold) {
  const auto row = OfTask("failed", "failed", "why try 2 failed: ValueError: no");
  EXPECT_TRUE(MayTell(row));
  EXPECT_EQ(Text(MomentsOf(row, Attempt(kNow, kNow, model::VerdictClass::kApplication), "")),
            "OTHER ValueError: no");
  model::AttemptRow other = Attempt(kNow, kNow, model::VerdictClass::kApplication);
  other.key.n = 1;
  EXPECT_EQ(Text(MomentsOf(row, other, "")), "");
  EXPECT_FALSE(MayTell(OfTask("failed", "failed", "note by ada: x")));
}

TEST(Moments, ARunThatBeginsAgainIsAnotherOne) {
  const std::vector<model::HistoryRow> rows = {OfRun("", "queued", "", 1),
                                               OfRun("queued", "running", "", 2),
                                               OfRun("running", "failed", "", 5),
                                               OfRun("failed", "running", "ada", 9),
                                               OfRun("running", "success", "", 12)};
  EXPECT_EQ(RoundAt(rows, 5), 0);
  EXPECT_EQ(RoundAt(rows, 9), 1);
  EXPECT_EQ(RoundAt(rows, 100), 1);
}

}  // namespace
}  // namespace lineage
