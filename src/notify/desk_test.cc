#include "notify/desk.h"

#include <gtest/gtest.h>

#include "notify/test_support.h"

namespace notify {
namespace {

using model::Occasion;

class FakeOutside : public Outside {
 public:
  base::Time Now() override { return now; }
  std::vector<const model::RecordRow*> Stored() override {
    std::vector<const model::RecordRow*> rows;
    for (const auto& [name, row] : records)
      rows.push_back(&row);
    return rows;
  }
  void Write(Records changes, Written done) override {
    writes.emplace_back(std::move(changes), std::move(done));
  }
  void FindError(const Part&, std::function<void(StepError)> done) override { done(error); }
  void Send(const Notifier&,
            const Message& message,
            const std::vector<std::string>&,
            Sent done) override {
    sent.push_back(message);
    answers.push_back(std::move(done));
  }

  void Apply(const Records& changes) {
    for (const auto& one : changes) {
      if (one.body)
        records[one.id.name] = {one.id, *one.body, 1, now};
      else
        records.erase(one.id.name);
    }
  }
  // The write that waits happens, or does not.
  void Answer(bool is_stored) {
    auto [changes, done] = std::move(writes.front());
    writes.pop_front();
    if (is_stored)
      Apply(changes);
    done(is_stored ? base::Status() : base::Fail(base::ErrorCode::kUnavailable, "disk full"));
  }

  base::Time now = kStart;
  StepError error{.text = "boom"};
  std::map<std::string, model::RecordRow> records;
  std::deque<std::pair<Records, Written>> writes;
  std::vector<Message> sent;
  std::vector<Sent> answers;
};

class DeskTest : public ::testing::Test {
 protected:
  void Take(std::vector<Happening> happenings) {
    desk_.Take(std::move(happenings), [this](Records records, Desk::Stored stored) {
      outside_.writes.emplace_back(std::move(records), std::move(stored));
    });
  }

  FakeOutside outside_;
  Desk desk_{outside_, RoutesOf({Rule({Occasion::kFailed}, {"ops"})}, {NotifierOf("ops")}), 7};
};

TEST_F(DeskTest, NothingIsSentBeforeItIsStored) {
  Take({Failed(1, kStart)});
  outside_.now += base::minutes(1);
  desk_.Wake();
  EXPECT_TRUE(outside_.sent.empty());
  outside_.Answer(true);
  ASSERT_EQ(outside_.sent.size(), 1U);
  EXPECT_EQ(outside_.sent[0].error, "boom");
  outside_.answers[0](std::nullopt);
  ASSERT_EQ(outside_.writes.size(), 1U);
  outside_.Answer(true);
  EXPECT_TRUE(ParseMatter(outside_.records.begin()->second.body)->notices.empty());
}

// It need not be told again.
TEST_F(DeskTest, TheOutboxHearsThatAMessageHadTheCause) {
  outside_.error.has_cause = true;
  Take({Failed(1, kStart)});
  outside_.Answer(true);
  outside_.now += base::minutes(1);
  desk_.Wake();
  outside_.answers[0](std::nullopt);
  outside_.Answer(true);
  EXPECT_TRUE(ParseMatter(outside_.records.begin()->second.body)->has_cause);
}

TEST_F(DeskTest, WhatWasNotStoredIsForgottenAndTakenAgain) {
  Take({Failed(1, kStart)});
  outside_.Answer(false);
  outside_.now += base::minutes(1);
  desk_.Wake();
  EXPECT_TRUE(outside_.sent.empty());
  Take({Failed(1, kStart)});
  outside_.Answer(true);
  outside_.now += base::minutes(1);
  desk_.Wake();
  EXPECT_EQ(outside_.sent.size(), 1U);
}

// The world has it, and the store does not know: nothing more goes out until it does.
TEST_F(DeskTest, AnAnswerThatIsNotStoredIsStoredLater) {
  Take({Failed(1, kStart)});
  outside_.Answer(true);
  outside_.now += base::minutes(1);
  desk_.Wake();
  outside_.answers[0](std::nullopt);
  for (int i = 0; i < 3; ++i) {
    outside_.Answer(false);
    outside_.now += base::minutes(1);
    desk_.Wake();
  }
  EXPECT_EQ(outside_.sent.size(), 1U);
  outside_.Answer(true);
  EXPECT_EQ(desk_.outbox().States().at("ops").sent, 1);
  EXPECT_EQ(desk_.outbox().States().at("ops").pending, 0);
}

TEST_F(DeskTest, AfterARestartItGoesOutAgainUnderItsId) {
  Take({Failed(1, kStart)});
  outside_.Answer(true);
  outside_.now += base::minutes(1);
  desk_.Wake();
  Desk next(outside_, RoutesOf({}, {NotifierOf("ops")}), 7);
  outside_.now += base::minutes(1);
  next.Wake();
  ASSERT_EQ(outside_.sent.size(), 2U);
  EXPECT_EQ(outside_.sent[0].id, outside_.sent[1].id);
}

TEST_F(DeskTest, OneAtATimeForEachNotifier) {
  Take({Failed(1, kStart)});
  outside_.Answer(true);
  outside_.now += base::minutes(1);
  desk_.Wake();
  Take({OfRun(2, outside_.now, "failed")});
  outside_.Answer(true);
  Take({Failed(3, outside_.now, "2")});
  outside_.Answer(true);
  outside_.now += base::minutes(5);
  desk_.Wake();
  EXPECT_EQ(outside_.sent.size(), 1U);
  outside_.answers[0](std::nullopt);
  outside_.Answer(true);
  EXPECT_EQ(outside_.sent.size(), 2U);
}

}  // namespace
}  // namespace notify
