// A job fails in EMR's emulator, and on-call hears of it: from the committed row, through the
// outbox and over a restart, to what is sent.

#include <gtest/gtest.h>

#include "api/test_support.h"

namespace api {
namespace {

using testing::Answer;
using testing::ApiTest;

constexpr char kNotifiers[] =
    "notifiers: {ops: {type: webhook, url: \"https://example.com/hook\"}}\n"
    "notifications: [{on: [failed, retry, success], to: [ops]}]\n";

class NotificationsTest : public ApiTest {
 protected:
  NotificationsTest() {
    Write("signalbox.yaml", base::Cat(testing::kProject, kNotifiers));
    send_notice_ = [this](const auto&, const notify::Message& message, const auto&, auto done) {
      sent_.push_back(message);
      done_ = done;
      if (answers_)
        done(std::nullopt);
    };
  }
  // The one notifier, once it has sent or keeps so many.
  json::object Until(std::string_view count, int64_t wanted) {
    const Answer answer = GetUntil("notifiers", [&](const Answer& now) {
      const json::array& all = base::GetArray(now.body, "notifiers");
      return !all.empty() && base::GetInt(all[0].get_object(), count) == wanted;
    });
    return base::GetArray(answer.body, "notifiers").at(0).get_object();
  }
  static emulator::FaultPlan FirstTryFails() {
    emulator::FaultPlan plan;
    plan.faults.push_back({.kind = emulator::FaultKind::kFailStep, .name = "*train_1 try 1*"});
    return plan;
  }

  std::vector<notify::Message> sent_;
  bool answers_ = true;
  std::function<void(const std::optional<notify::SendFailure>&)> done_;
};

TEST_F(NotificationsTest, ARetryAndASuccessAreSent) {
  Start(FirstTryFails());
  RunToEnd("spark", "r");
  const json::object ops = Until("sent", 2);
  EXPECT_EQ(base::GetInt(ops, "pending"), 0);
  ASSERT_EQ(sent_.size(), 2U);
  EXPECT_EQ(sent_[0].title, "spark: train_1 failed and is tried again");
  EXPECT_EQ(sent_[0].about, "failed spark r/train");
  EXPECT_NE(sent_[0].text.find("step"), std::string::npos);
  EXPECT_NE(sent_[0].text.find("The next try begins at"), std::string::npos);
  EXPECT_EQ(sent_[1].title, "spark: the run r succeeded");
}

TEST_F(NotificationsTest, WhatWasNotAnsweredGoesOutAgainAfterARestart) {
  answers_ = false;
  Start(FirstTryFails());
  RunToEnd("spark", "r");
  Until("pending", 2);
  while (sent_.empty())
    Get("notifiers");
  const std::string id = sent_.front().id;
  StopServer();
  answers_ = true;
  StartServer();
  Until("sent", 2);
  ASSERT_EQ(sent_.size(), 3U);
  EXPECT_EQ(sent_[1].id, id);
  EXPECT_NE(sent_[2].id, id);
}

TEST_F(NotificationsTest, ANotifierThatFailsIsShownAndHealthSaysSo) {
  answers_ = false;
  Start(FirstTryFails());
  RunToEnd("spark", "r");
  while (!done_)
    Get("notifiers");
  done_(notify::SendFailure{"the host cannot be reached", false, {}});
  const json::object ops = Until("failed", 1);
  EXPECT_EQ(base::GetString(ops, "last_error"), "the host cannot be reached");
  EXPECT_NE(base::GetString(ops, "failing_since"), "");
  GetUntil("monitor/health", [](const Answer& answer) {
    return base::GetString(answer.body, "notifiers.status") == "unhealthy";
  });
}

}  // namespace
}  // namespace api
