#include "notify/wording.h"

#include <gtest/gtest.h>

#include "notify/test_support.h"

namespace notify {
namespace {

using model::Occasion;

Outbox::Sending Sending(const model::HistoryRow& row, const Facts& facts) {
  const Happening happening = *HappeningOf(row, facts);
  Notice notice;
  notice.occasion = happening.occasion;
  notice.parts = {{.name = happening.part,
                   .job = happening.job,
                   .try_number = happening.try_number,
                   .verdict = happening.verdict,
                   .why = happening.why,
                   .next_try_at = happening.next_try_at,
                   .at = happening.at}};
  notice.count = 1;
  return {.id = "id1",
          .target = {"ops", {}},
          .notices = {{{happening.job.run, happening.about, {"ops", {}}}, notice}},
          .title = "",
          .text = ""};
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
  sending.title = "{{ dag_id }} is broken: {{ job }}";
  sending.text = "{{ reason }}. Call Ada.\n{{ text }}";
  const Message message = MessageOf(sending, *RoutesOf({}, {NotifierOf("ops")}), "");
  EXPECT_EQ(message.title, "reports is broken: train_1");
  EXPECT_TRUE(message.text.starts_with("its step failed. Call Ada.\n"));
}

TEST(Wording, ATemplateThatFailsLeavesTheUsualWords) {
  Outbox::Sending sending = Sending(TaskRow(1, kStart, "1", "failed"), {});
  sending.title = "{{ nobody }}";
  EXPECT_EQ(MessageOf(sending, *RoutesOf({}, {NotifierOf("ops")}), "").title,
            "reports: train_1 failed");
}

}  // namespace
}  // namespace notify
