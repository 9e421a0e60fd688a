#include "notify/wording.h"

#include <gtest/gtest.h>

#include "notify/test_support.h"

namespace notify {
namespace {

using model::Occasion;

Outbox::Sending Sending(const model::HistoryRow& row, const Facts& facts) {
  const Happening happening = *HappeningOf(row, facts);
  Notice notice;
  notice.id = "n1";
  notice.occasion = happening.occasion;
  notice.is_over = happening.is_over || happening.occasion == Occasion::kSuccess;
  notice.ending = happening.ending;
  notice.parts = {{.name = happening.part,
                   .job = happening.job,
                   .try_number = happening.try_number,
                   .verdict = happening.verdict,
                   .why = happening.why,
                   .next_try_at = happening.next_try_at,
                   .by = happening.by,
                   .at = happening.at}};
  notice.count = 1;
  return {.id = "id1",
          .target = {"ops", {}},
          .items = {{.key = {happening.job.run, happening.about, {"ops", {}}},
                     .notice = notice,
                     .known_as = "",
                     .title = "",
                     .text = ""}}};
}

TEST(Wording, SaysWhatFailedWhyWhatIsNextAndWhereToLook) {
  const auto routes = RoutesOf({}, {NotifierOf("ops")});
  Facts facts;
  facts.attempt = model::AttemptRow{};
  facts.attempt->key.n = 3;
  facts.attempt->verdict = model::VerdictClass::kApplication;
  const Message message = MessageOf(
      Sending(TaskRow(1, kStart, "1", "failed", "the step s-1 failed; no tries are left"), facts),
      *routes,
      "OutOfMemoryError");
  EXPECT_EQ(message.title, "reports: train_1 failed");
  EXPECT_EQ(message.text,
            "the step s-1 failed; no tries are left\n"
            "No try follows. What comes after it: publish.\n"
            "Look: signalbox why reports r1 train_1");
  EXPECT_EQ(message.error, "OutOfMemoryError");
  EXPECT_EQ(message.link, "https://box/api/v2/dags/reports/dagRuns/r1");
  EXPECT_EQ(message.id, "id1");
  const decltype(message.facts) facts_told{{"DAG", "reports"},
                                           {"Run", "r1"},
                                           {"Job", "train_1"},
                                           {"Try", "3"},
                                           {"Verdict", "application"}};
  EXPECT_EQ(message.facts, facts_told);
}

TEST(Wording, OfARetrySaysWhen) {
  Facts facts;
  facts.next_try_at = kStart + base::minutes(5);
  const Message message = MessageOf(Sending(TaskRow(1, kStart, "1", "up_for_retry"), facts),
                                    *RoutesOf({}, {NotifierOf("ops")}),
                                    "");
  EXPECT_EQ(message.title, "reports: train_1 failed and is tried again");
  EXPECT_NE(message.text.find("The next try begins at 2026-01-05T02:05:00Z."), std::string::npos);
}

TEST(Wording, ARulesOwnWordsTakeTheFacts) {
  Outbox::Sending sending = Sending(TaskRow(1, kStart, "1", "failed"), {});
  sending.items[0].title = "{{ dag_id }} is broken: {{ job }}";
  sending.items[0].text = "{{ reason }}. Call Ada.\n{{ text }}";
  const Message message = MessageOf(sending, *RoutesOf({}, {NotifierOf("ops")}), "");
  EXPECT_EQ(message.title, "reports is broken: train_1");
  EXPECT_TRUE(message.text.starts_with("its step failed. Call Ada.\n"));
}

TEST(Wording, ATemplateThatFailsLeavesTheUsualWords) {
  Outbox::Sending sending = Sending(TaskRow(1, kStart, "1", "failed"), {});
  sending.items[0].title = "{{ nobody }}";
  EXPECT_EQ(MessageOf(sending, *RoutesOf({}, {NotifierOf("ops")}), "").title,
            "reports: train_1 failed");
}

// What has become of it, not that all is well.
TEST(Wording, SaysByWhatItIsOver) {
  const auto title = [](model::HistoryRow row, const std::string& cause, const char* by) {
    row.cause = cause;
    row.by.name = by;
    return MessageOf(Sending(row, {}), *RoutesOf({}, {NotifierOf("ops")}), "").title;
  };
  const auto job = [&](const char* to, const char* cause, const char* by) {
    return title(TaskRow(1, kStart, "1", to), cause, by);
  };
  EXPECT_EQ(job("success", "all steps completed", ""), "reports: train_1 has recovered");
  EXPECT_EQ(job("success", "marked success by ada", "ada"),
            "reports: train_1 was marked success by ada");
  EXPECT_EQ(job("skipped", "marked skipped by ada", "ada"), "reports: train_1 was skipped by ada");
  EXPECT_EQ(job("skipped", "nothing before it succeeded", ""), "reports: train_1 was skipped");
  model::HistoryRow run{.seq = 1,
                        .at = kStart,
                        .subject = model::SubjectOf({model::DagId("reports"), model::RunId("r1")}),
                        .from = "failed",
                        .to = "deleted"};
  EXPECT_EQ(title(run, "by ada", "ada"), "reports: the run r1 was deleted by ada");
  run.to = "success";
  EXPECT_EQ(title(run, "all jobs have ended", "ada"), "reports: the run r1 has recovered");
  const model::HistoryRow dag{.seq = 1,
                              .at = kStart,
                              .subject = model::SubjectOf(model::DagId("reports")),
                              .from = "active",
                              .to = "deleted"};
  EXPECT_EQ(title(dag, "by ada", "ada"), "reports was deleted by ada");
  model::HistoryRow deadline{
      .seq = 1,
      .at = kStart,
      .subject = model::DeadlineSubject(
          {{model::DagId("reports"), model::RunId("r1")}, model::JobId("publish"), {}}, "weekly"),
      .from = "late",
      .to = "on_track"};
  EXPECT_EQ(title(deadline, "", ""), "reports: publish is in time again");
  deadline.to = "met";
  EXPECT_EQ(title(deadline, "", ""), "reports: publish has met its deadline");
  deadline.to = "withdrawn";
  EXPECT_EQ(title(deadline, "", ""), "reports: publish has this deadline no more");
  deadline.to = "late";
  EXPECT_EQ(title(deadline, "", ""), "reports: publish will probably miss its deadline");
}

TEST(Wording, ABundleSaysEachOfItsMessages) {
  Outbox::Sending sending = Sending(TaskRow(1, kStart, "1", "failed"), {});
  sending.id = "b1";
  sending.items.push_back(Sending(TaskRow(2, kStart, "2", "success"), {}).items[0]);
  sending.items[0].title = "call Ada for {{ job }}";
  sending.items[0].known_as = "failed former r1/train";
  const Message message = MessageOf(sending, *RoutesOf({}, {NotifierOf("ops")}), "");
  EXPECT_EQ(message.id, "b1");
  EXPECT_EQ(message.title, "2 messages of demo together");
  EXPECT_FALSE(message.is_over);
  ASSERT_EQ(message.bundled.size(), 2U);
  EXPECT_EQ(message.bundled[0].title, "call Ada for train_1");
  EXPECT_EQ(message.bundled[0].about, "failed former r1/train");
  EXPECT_EQ(message.bundled[0].id, "n1");
  EXPECT_EQ(message.bundled[1].about, "failed reports r1/train");
  EXPECT_TRUE(message.bundled[1].is_over);
}

}  // namespace
}  // namespace notify
