#include "notify/outbox.h"

#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "notify/test_support.h"
#include "notify/wording.h"

namespace notify {
namespace {

using base::minutes;
using base::seconds;
using model::Occasion;

// An outbox whose records lie in a map; time moves by hand.
class OutboxTest : public ::testing::Test {
 protected:
  OutboxTest() { outbox_.Load({}, now_); }

  void Store(const Records& records) {
    for (const auto& one : records) {
      if (one.body)
        records_[one.id.name] = {one.id, *one.body, 1, now_};
      else
        records_.erase(one.id.name);
    }
  }
  void Take(std::vector<Happening> happenings) { Store(outbox_.Take(happenings, *routes_, now_)); }
  void Restart() {
    outbox_ = Outbox(7);
    std::vector<const model::RecordRow*> rows;
    for (const auto& [name, row] : records_)
      rows.push_back(&row);
    outbox_.Load(rows, now_);
  }
  // What goes out until then, each answered at once.
  std::vector<Message> Until(base::Time until, std::optional<SendFailure> failure = {}) {
    std::vector<Message> messages;
    while (true) {
      Store(outbox_.Bundle(*routes_, now_));
      for (const Outbox::Sending& sending : outbox_.Next(*routes_, now_)) {
        messages.push_back(MessageOf(sending, *routes_, ""));
        sent_at_.push_back(now_);
        Store(outbox_.Answered(sending.id, {failure, says_cause_}, *routes_, now_));
      }
      const auto next = outbox_.NextWake(*routes_);
      if (!next || *next > until)
        break;
      now_ = std::max(*next, now_ + base::milliseconds(1));
    }
    now_ = until;
    return messages;
  }
  std::vector<Message> For(base::Duration span, std::optional<SendFailure> failure = {}) {
    return Until(now_ + span, std::move(failure));
  }
  void SetRules(std::vector<model::NotificationRule> rules, std::vector<Notifier> notifiers) {
    routes_ = RoutesOf(std::move(rules), std::move(notifiers));
  }

  base::Time now_ = kStart;
  std::map<std::string, model::RecordRow> records_;
  std::vector<base::Time> sent_at_;
  bool says_cause_ = false;  // messages that arrive
  Outbox outbox_{7};
  std::shared_ptr<const Routes> routes_ =
      RoutesOf({Rule({Occasion::kFailed, Occasion::kRetry}, {"ops"})}, {NotifierOf("ops")});
};

TEST_F(OutboxTest, AFailedJobIsOneMessageThatSurvivesARestart) {
  Take({Failed(1, now_)});
  EXPECT_EQ(records_.size(), 1U);
  Restart();
  const auto messages = For(minutes(1));
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].title, "reports: train_1 failed");
  EXPECT_EQ(messages[0].about, "failed reports r1/train");
  EXPECT_FALSE(messages[0].is_over);
  EXPECT_TRUE(For(minutes(60)).empty());
}

TEST_F(OutboxTest, NobodyIsToldWithoutARule) {
  SetRules({Rule({Occasion::kRetry}, {"ops"})}, {NotifierOf("ops")});
  Take({Failed(1, now_)});
  EXPECT_TRUE(records_.empty());
}

TEST_F(OutboxTest, LanesThatFailAlikeAreOneMessage) {
  Take({Failed(1, now_, "1")});
  now_ += seconds(5);
  Take({Failed(2, now_, "2")});
  const auto messages = For(minutes(1));
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].times, 2);
  EXPECT_EQ(messages[0].title, "reports: train (2 times: train_1 …) failed");
}

TEST_F(OutboxTest, ALaneThatIsTriedAgainPartsNoFailures) {
  const Happening retry = *HappeningOf(TaskRow(2, now_, "2", "up_for_retry"), {});
  Take({Failed(1, now_, "1"), retry, Failed(3, now_, "2")});
  const auto messages = For(minutes(5));
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[0].times, 2);
  EXPECT_EQ(messages[1].occasion, Occasion::kRetry);
}

TEST_F(OutboxTest, WhatHasRecoveredIsToldOnceAllOfItHas) {
  Take({Failed(1, now_, "1"), Failed(2, now_, "2")});
  EXPECT_EQ(For(minutes(1)).size(), 1U);
  Take({Succeeded(3, now_, "1")});
  EXPECT_TRUE(For(minutes(1)).empty());
  Restart();
  Take({Succeeded(4, now_, "2")});
  const auto messages = For(minutes(1));
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_TRUE(messages[0].is_over);
  EXPECT_EQ(messages[0].about, "failed reports r1/train");
  EXPECT_TRUE(records_.empty());
}

TEST_F(OutboxTest, RecoveryFollowsOnlyWhatWasTold) {
  Take({Succeeded(1, now_)});
  EXPECT_TRUE(For(minutes(5)).empty());
  Take({Failed(2, now_)});
  Take({Succeeded(3, now_)});
  const auto messages = For(minutes(5));
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_FALSE(messages[0].is_over);
  EXPECT_TRUE(messages[1].is_over);
}

TEST_F(OutboxTest, WhatWasGivenUpIsNotToldToBeOver) {
  Take({Failed(1, now_)});
  Take({Succeeded(2, now_)});
  EXPECT_EQ(For(minutes(5), SendFailure{"no such URL", true, {}}).size(), 1U);
  EXPECT_TRUE(records_.empty());
  EXPECT_EQ(outbox_.States().at("ops").given_up, 1);
}

TEST_F(OutboxTest, ARunThatFailsByAJobIsNoSecondMessage) {
  Take({Failed(1, now_), OfRun(2, now_, "failed")});
  EXPECT_EQ(For(minutes(5)).size(), 1U);
  Take({OfRun(3, now_, "success")});
  const auto messages = For(minutes(5));
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_TRUE(messages[0].is_over);
}

TEST_F(OutboxTest, ARunThatFailsByItselfIsTold) {
  Take({OfRun(1, now_, "failed")});
  const auto messages = For(minutes(5));
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].title, "reports: the run r1 failed");
}

TEST_F(OutboxTest, AMessageIsRepeatedUnderItsIdUntilItArrives) {
  Take({Failed(1, now_)});
  const auto failed = For(minutes(30), SendFailure{"time-out", false, {}});
  ASSERT_GE(failed.size(), 5U);
  for (const Message& message : failed)
    EXPECT_EQ(message.id, failed[0].id);
  Restart();
  const auto arrived = For(minutes(30));
  ASSERT_EQ(arrived.size(), 1U);
  EXPECT_EQ(arrived[0].id, failed[0].id);
}

TEST_F(OutboxTest, AfterADayItIsGivenUpAndThatIsTold) {
  Take({Failed(1, now_)});
  For(base::hours(25), SendFailure{"time-out", false, {}});
  EXPECT_EQ(outbox_.States().at("ops").given_up, 1);
  Restart();
  const auto messages = For(minutes(20));
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].title, "1 older message was given up");
  EXPECT_TRUE(records_.empty());
}

TEST_F(OutboxTest, WhatIsDownBlocksOnlyItsOwn) {
  SetRules({Rule({Occasion::kFailed}, {"ops", "chat"})}, {NotifierOf("ops"), NotifierOf("chat")});
  Take({Failed(1, now_)});
  now_ += seconds(30);
  const auto sendings = outbox_.Next(*routes_, now_);
  ASSERT_EQ(sendings.size(), 2U);
  Store(outbox_.Answered(sendings[0].id, {SendFailure{"down", false, {}}}, *routes_, now_));
  Store(outbox_.Answered(sendings[1].id, {}, *routes_, now_));
  EXPECT_EQ(outbox_.States().at("chat").pending, 0);
  EXPECT_EQ(outbox_.States().at("ops").pending, 1);
}

Happening Of(int64_t seq, base::Time at, const std::string& run) {
  model::HistoryRow row = TaskRow(seq, at, "1", "failed");
  row.subject.run = model::RunId(run);
  return *HappeningOf(row, {});
}

TEST_F(OutboxTest, WhatIsMoreThanAMinuteAllowsGoesOutTogether) {
  Notifier ops = NotifierOf("ops");
  ops.max_per_minute = 4;
  SetRules({Rule({Occasion::kFailed}, {"ops"})}, {ops});
  std::vector<Happening> many;
  for (int i = 0; i < 30; ++i)
    many.push_back(Of(i + 1, now_, base::Cat("r", i)));
  Take(many);
  const auto messages = For(minutes(10));
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].times, 30);
  EXPECT_TRUE(std::ranges::all_of(
      records_, [](const auto& each) { return ParseMatter(each.second.body)->is_told; }));
}

TEST_F(OutboxTest, NeverMoreThanMaxPerMinute) {
  Notifier pager = NotifierOf("ops", NotifierType::kPagerDuty);
  pager.max_per_minute = 4;
  SetRules({Rule({Occasion::kFailed}, {"ops"})}, {pager});
  std::vector<Happening> many;
  for (int i = 0; i < 30; ++i)
    many.push_back(Of(i + 1, now_, base::Cat("r", i)));
  Take(many);
  for (int i = 0; i < 10; ++i) {
    For(seconds(20));
    Restart();
  }
  For(minutes(10));
  ASSERT_EQ(sent_at_.size(), 30U);
  for (size_t i = 4; i < sent_at_.size(); ++i)
    EXPECT_GE(sent_at_[i] - sent_at_[i - 4], minutes(1));
}

TEST_F(OutboxTest, ABundleThatFailedIsTheSameBundleAfterARestart) {
  Notifier ops = NotifierOf("ops");
  ops.max_per_minute = 1;
  SetRules({Rule({Occasion::kFailed}, {"ops"})}, {ops});
  Take({Of(1, now_, "a"), Of(2, now_, "b"), Of(3, now_, "c")});
  now_ += minutes(2);
  const auto first = For(seconds(1), SendFailure{"time-out", false, {}});
  ASSERT_EQ(first.size(), 1U);
  Restart();
  const auto again = For(minutes(10));
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].id, first[0].id);
  EXPECT_EQ(again[0].text, first[0].text);
}

// What may have arrived is not changed any more: the receiver may drop a second one.
TEST_F(OutboxTest, WhatFailsAfterATryIsAMessageOfItsOwn) {
  Take({Failed(1, now_, "1")});
  const auto first = For(seconds(11), SendFailure{"time-out", false, {}});
  ASSERT_EQ(first.size(), 1U);
  Take({Failed(2, now_, "2")});
  const auto later = For(minutes(10));
  ASSERT_EQ(later.size(), 2U);
  EXPECT_EQ(later[0].id, first[0].id);
  EXPECT_EQ(later[0].times, 1);
  EXPECT_NE(later[1].id, first[0].id);
}

TEST_F(OutboxTest, AHealthThatComesBackAtOnceIsNotTold) {
  routes_ = std::make_shared<const Routes>(Estate{.deployment = "demo",
                                                  .url = "",
                                                  .dags = {},
                                                  .deadlines = {},
                                                  .rules = {Rule({Occasion::kHealth}, {"ops"})},
                                                  .notifiers = {NotifierOf("ops")}});
  Take({HealthHappening("emr", "denied", now_)});
  Take({HealthHappening("emr", "", now_)});
  EXPECT_TRUE(For(minutes(5)).empty());
  Take({HealthHappening("emr", "denied", now_)});
  Take({HealthHappening("emr", "denied", now_)});
  EXPECT_EQ(For(minutes(5)).size(), 1U);
  Take({HealthHappening("emr", "", now_)});
  const auto over = For(minutes(5));
  ASSERT_EQ(over.size(), 1U);
  EXPECT_EQ(over[0].title, "emr is well again");
}

TEST_F(OutboxTest, ADeletedRunEndsWhatWasToldOfIt) {
  Take({Failed(1, now_)});
  EXPECT_EQ(For(minutes(1)).size(), 1U);
  Take({OfRun(2, now_, "deleted")});
  const auto messages = For(minutes(1));
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_TRUE(messages[0].is_over);
}

TEST_F(OutboxTest, ANotifierThatIsGoneHoldsNothingUp) {
  Take({Failed(1, now_)});
  SetRules({}, {});
  For(base::hours(25));
  EXPECT_TRUE(records_.empty());
}

TEST(Matter, ComesBackFromItsBody) {
  Matter matter;
  matter.key = {{model::DagId("d"), model::RunId("r")}, "failed d r/j", {"ops", {"a@x.org"}}};
  matter.known_as = "failed former r/j";
  matter.has_cause = true;
  matter.worst = 1;
  matter.told_at = kStart;
  matter.title = "{{ title }}";
  matter.open = {"j_1", "j_2"};
  matter.is_told = true;
  matter.severity = 2;
  matter.changed_at = kStart;
  matter.notices = {{.id = "abc",
                     .occasion = Occasion::kRetry,
                     .is_over = true,
                     .ending = Ending::kDeleted,
                     .is_cause = true,
                     .parts = {{.name = "j_1",
                                .job = {matter.key.run, model::JobId("j"), model::LaneId("1"), 4},
                                .try_number = 2,
                                .verdict = model::VerdictClass::kApplication,
                                .why = "it \"failed\"",
                                .next_try_at = kStart,
                                .by = "ada",
                                .at = kStart}},
                     .count = 1,
                     .at = kStart,
                     .due = kStart,
                     .tries = 3,
                     .bundle = "b",
                     .last_error = "e"}};
  EXPECT_EQ(ParseMatter(ToBody(matter)), matter);
  EXPECT_EQ(ParseMatter("{}"), std::nullopt);
  EXPECT_EQ(ParseMatter("no JSON"), std::nullopt);
}

TEST_F(OutboxTest, AMatterIsNeverLargerThanARecord) {
  std::vector<Happening> happenings;
  for (int i = 0; i < 600; ++i) {
    Happening failed = Failed(i + 1, now_, base::Cat(i));
    failed.part = base::Cat(std::string(240, 'p'), i);
    failed.why = std::string(7000, 'w');
    happenings.push_back(failed);
  }
  const Records records = outbox_.Take(happenings, *routes_, now_);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_LT(records[0].body->size(), model::kRecordBytesMax);
  Store(records);
  Restart();
  const auto messages = For(minutes(1));
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].times, 600);
}

TEST_F(OutboxTest, WhatWaitsForTooLongIsGivenUpWithoutAnAttemptOfItsOwn) {
  Notifier pager = NotifierOf("pager", NotifierType::kPagerDuty);
  pager.give_up_after = minutes(30);
  SetRules({Rule({Occasion::kFailed}, {"pager"})}, {pager});
  std::vector<Happening> happenings;
  for (int i = 0; i < 40; ++i) {
    Happening failed = Failed(i + 1, now_);
    failed.about = base::Cat("failed reports r1/job", i);
    happenings.push_back(failed);
  }
  Take(happenings);
  For(minutes(60), SendFailure{.why = "HTTP 500", .is_final = false, .retry_after = {}});
  EXPECT_EQ(outbox_.States().at("pager").given_up, 40);
  const auto messages = For(minutes(20));
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].times, 40);
  EXPECT_TRUE(records_.empty());
}

TEST_F(OutboxTest, ANotifierThatIsGoneForAMomentLosesNothing) {
  const auto before = routes_;
  Take({Failed(1, now_)});
  SetRules({}, {});
  EXPECT_TRUE(For(minutes(30)).empty());
  routes_ = before;
  EXPECT_EQ(For(minutes(5)).size(), 1U);
  Take({Failed(2, now_)});
  SetRules({}, {});
  EXPECT_TRUE(For(base::hours(25)).empty());
  routes_ = before;
  EXPECT_TRUE(For(minutes(5)).empty());
}

TEST_F(OutboxTest, ANotifierThatGoesWhileItIsAskedLosesNothing) {
  Take({Failed(1, now_)});
  now_ += seconds(11);
  const auto sending = outbox_.Next(*routes_, now_);
  ASSERT_EQ(sending.size(), 1U);
  const auto before = routes_;
  SetRules({}, {});
  Store(outbox_.Answered(
      sending[0].id, {SendFailure{.why = std::string(kNoSuchNotifier)}}, *routes_, now_));
  EXPECT_EQ(outbox_.States().at("ops").given_up, 0);
  routes_ = before;
  EXPECT_EQ(For(minutes(5)).size(), 1U);
}

TEST_F(OutboxTest, WhatIsOldIsNotToldByANewRule) {
  const Happening old = Failed(1, now_);
  now_ += base::hours(25);
  Take({old});
  EXPECT_TRUE(records_.empty());
}

TEST_F(OutboxTest, MailsByAddressesOfRulesGoOutTogetherToo) {
  Notifier mail = NotifierOf("mail", NotifierType::kSmtp);
  mail.max_per_minute = 2;
  model::NotificationRule ada = Rule({Occasion::kFailed}, {}), bob = ada;
  ada.emails = {"ada@example.com"};
  routes_ = RoutesOf({ada}, {mail});
  Take({Of(1, now_, "a"), Of(2, now_, "b"), Of(3, now_, "c")});
  bob.emails = {"bob@example.com"};
  routes_ = RoutesOf({bob}, {mail});
  Take({Of(4, now_, "d")});
  const auto messages = For(minutes(5));
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[0].bundled.size() + messages[1].bundled.size(), 3U);
}

// What waits becomes one message when the receiver is asked again, not one each 20.
TEST_F(OutboxTest, WhatPilesUpWhileAReceiverIsDownGoesOutTogether) {
  Take({Of(1, now_, "first")});
  const SendFailure down{"down", false, {}};
  EXPECT_FALSE(For(minutes(4), down).empty());
  std::vector<Happening> many;
  for (int i = 0; i < 90; ++i) {
    many.push_back(Of(i + 2, now_, base::Cat("r", i)));
    Take({many.back()});
    now_ += base::milliseconds(100);
    Store(outbox_.Bundle(*routes_, now_));
  }
  const auto messages = For(minutes(20));
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[0].bundled.size() + messages[1].bundled.size(), 90U);
}

TEST_F(OutboxTest, OfTooManyTheOldestAreGivenUpAndCounted) {
  const SendFailure down{"down", false, {}};
  size_t told = 0, given_up = 0;
  const auto count = [&](const std::vector<Message>& messages) {
    for (const Message& message : messages) {
      for (const Message& each : message.bundled.empty() ? std::vector{message} : message.bundled) {
        if (each.about == kGivenUpAbout)
          given_up += static_cast<size_t>(each.times);
        else
          ++told;
      }
    }
  };
  for (int i = 0; i < 1500; ++i) {
    Take({Of(i + 1, now_, base::Cat("r", i))});
    For(seconds(1), down);
  }
  Restart();
  EXPECT_LE(static_cast<size_t>(outbox_.States().at("ops").pending), kWaitingMax + 10);
  count(For(base::hours(2)));
  EXPECT_EQ(told + given_up, 1500U);
  EXPECT_NEAR(static_cast<double>(told), static_cast<double>(kWaitingMax), 10);
}

Happening Deadline(int64_t seq, base::Time at, const std::string& from, const std::string& to) {
  return *HappeningOf({.seq = seq,
                       .at = at,
                       .subject = model::DeadlineSubject(
                           {{model::DagId("reports"), model::RunId("r1")}, {}, {}}, ""),
                       .from = from,
                       .to = to},
                      {});
}

TEST_F(OutboxTest, ADeadlineThatIsLateAgainIsToldAgainButNotEachTime) {
  SetRules({Rule({Occasion::kAtRisk, Occasion::kLate}, {"ops"})}, {NotifierOf("ops")});
  Take({Deadline(1, now_, "", "late")});
  EXPECT_EQ(For(minutes(2)).size(), 1U);
  for (int i = 0; i < 5; ++i) {
    Take({Deadline(10 + i, now_, "late", "at_risk")});
    EXPECT_TRUE(For(minutes(2)).empty());
    Take({Deadline(20 + i, now_, "at_risk", "late")});
    EXPECT_TRUE(For(minutes(2)).empty());
  }
  Restart();
  const auto again = For(base::hours(2));
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].occasion, Occasion::kLate);
  EXPECT_TRUE(For(base::hours(5)).empty());
  Take({Deadline(30, now_, "late", "on_track")});
  EXPECT_EQ(For(minutes(2)).size(), 1U);
}

TEST_F(OutboxTest, ADeadlineThatIsLessInDangerAtOnceIsToldAsItIs) {
  SetRules({Rule({Occasion::kAtRisk, Occasion::kLate}, {"ops"})}, {NotifierOf("ops")});
  Take({Deadline(1, now_, "", "late")});
  Take({Deadline(2, now_, "late", "at_risk")});
  const auto messages = For(minutes(5));
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].occasion, Occasion::kAtRisk);
}

Happening Cause(int64_t seq, base::Time at, const std::string& lane, const std::string& why) {
  model::HistoryRow row = TaskRow(seq, at, lane, "failed", "why try 1 failed: " + why);
  row.from = "failed";
  Facts facts;
  facts.attempt = model::AttemptRow{};
  facts.attempt->key.n = 1;
  return *HappeningOf(row, facts);
}

TEST_F(OutboxTest, WhyItFailedFollowsOnceItIsKnown) {
  Take({Cause(1, now_, "1", "nobody was told")});
  EXPECT_TRUE(records_.empty());
  Take({Failed(2, now_, "1"), Failed(3, now_, "2")});
  EXPECT_EQ(For(minutes(5)).size(), 1U);
  Take({Cause(4, now_, "1", "KeyError: 'user'")});
  Take({Cause(5, now_, "2", "KeyError: 'user'")});
  Restart();
  const auto messages = For(minutes(5));
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].title, "reports: why train (2 times: train_1 …) failed");
  EXPECT_EQ(messages[0].about, "failed reports r1/train");
  EXPECT_TRUE(messages[0].text.starts_with("train_1, train_2: KeyError: 'user'\n"));
  EXPECT_FALSE(messages[0].is_over);
  Take({Cause(6, now_, "1", "once is enough")});
  EXPECT_TRUE(For(minutes(5)).empty());
}

TEST_F(OutboxTest, ACauseThatTheMessageHadIsNotToldAgain) {
  says_cause_ = true;
  Take({Failed(1, now_)});
  Take({Cause(2, now_, "1", "KeyError")});
  EXPECT_EQ(For(minutes(5)).size(), 1U);
  Take({Cause(3, now_, "1", "KeyError")});
  EXPECT_TRUE(For(minutes(5)).empty());
}

TEST_F(OutboxTest, WhatWasToldOfARenamedDagIsOverUnderItsNewName) {
  Take({Failed(1, now_)});
  EXPECT_EQ(For(minutes(1)).size(), 1U);
  Take({*HappeningOf({.seq = 2,
                      .at = now_,
                      .subject = model::SubjectOf(model::DagId("news")),
                      .from = "reports",
                      .to = "news",
                      .cause = "renamed from 'reports' (formerly)"},
                     {})});
  Restart();
  EXPECT_EQ(records_.size(), 1U);
  model::HistoryRow row = TaskRow(3, now_, "1", "success");
  row.subject.dag = model::DagId("news");
  Take({*HappeningOf(row, {})});
  const auto messages = For(minutes(1));
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_TRUE(messages[0].is_over);
  EXPECT_EQ(messages[0].title, "news: train_1 has recovered");
  EXPECT_EQ(messages[0].about, "failed reports r1/train");
  EXPECT_TRUE(records_.empty());
}

// Of the run's failure hears who has not heard of its job's.
TEST_F(OutboxTest, AnEchoIsOneForThoseWhoHeardOfTheJob) {
  const Notifier mail = NotifierOf("mail", NotifierType::kSmtp);
  const auto with = [&](const std::vector<std::string>& emails) {
    model::NotificationRule rule = Rule({Occasion::kFailed}, {});
    rule.emails = emails;
    routes_ = RoutesOf({rule}, {mail});
  };
  with({"ada@x.org", "bob@x.org"});
  Take({Failed(1, now_)});
  with({"bob@x.org"});
  Take({OfRun(2, now_, "failed")});
  EXPECT_EQ(For(minutes(5)).size(), 1U);
  with({"bob@x.org", "eve@x.org"});
  Take({OfRun(3, now_, "failed")});
  EXPECT_EQ(For(minutes(5)).size(), 1U);
}

TEST(AboutAfterRename, ChangesTheDagAlone) {
  const model::DagId from("a"), to("b");
  EXPECT_EQ(AboutAfterRename("failed a r/a", from, to), "failed b r/a");
  EXPECT_EQ(AboutAfterRename("failed a a", from, to), "failed b a");
  EXPECT_EQ(AboutAfterRename("failed c a a/j", from, to), "failed c a a/j");
  EXPECT_EQ(AboutAfterRename("deadline weekly of a/a/j", from, to), "deadline weekly of b/a/j");
  EXPECT_EQ(AboutAfterRename("deadline a/r", from, to), "deadline b/r");
}

}  // namespace
}  // namespace notify
