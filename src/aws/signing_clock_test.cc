#include "aws/signing_clock.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <vector>

#include "base/log.h"

namespace aws {
namespace {

using base::Duration;
using base::hours;
using base::minutes;
using base::seconds;

const base::Time kStart = base::ParseTime("2026-01-05T00:00:00Z").value();

http::Response RefusalOf(base::Time date) {
  http::Response refusal{.status = 403, .headers = {}, .body = ""};
  refusal.headers.Set("Date", http::FormatHttpDate(date));
  return refusal;
}

class SigningClockTest : public ::testing::Test {
 protected:
  bool Learn(Duration aws_is_ahead, const SigningClock::Reading& signed_with) {
    return clock_.LearnFrom(RefusalOf(wall_ + aws_is_ahead), signed_with);
  }

  base::Time wall_ = kStart;
  SigningClock clock_{[this] { return wall_; }};
};

TEST_F(SigningClockTest, ManyRefusalsAtOnceTeachOneOffset) {
  const std::vector<SigningClock::Reading> requests(10, clock_.Read());
  for (const SigningClock::Reading& request : requests) {
    EXPECT_TRUE(Learn(hours(2), request));
    EXPECT_EQ(clock_.offset(), hours(2));
  }
}

TEST_F(SigningClockTest, AClockThatIsSetRightIsNoLongerCorrected) {
  ASSERT_TRUE(Learn(hours(2), clock_.Read()));
  wall_ += hours(2);
  const auto signed_with = clock_.Read();
  EXPECT_TRUE(Learn(seconds(2), signed_with));
  EXPECT_EQ(clock_.offset(), Duration(0));
}

TEST_F(SigningClockTest, ARequestThatWaitedForLongIsSignedAgainAndTeachesNothing) {
  const auto signed_with = clock_.Read();
  wall_ += minutes(20);
  EXPECT_TRUE(Learn(seconds(0), signed_with));
  EXPECT_EQ(clock_.offset(), Duration(0));
}

TEST_F(SigningClockTest, ADayIsTheMostThatIsFollowed) {
  EXPECT_FALSE(Learn(hours(25), clock_.Read()));
  EXPECT_FALSE(Learn(-hours(25), clock_.Read()));
  EXPECT_TRUE(Learn(-hours(23), clock_.Read()));
}

TEST_F(SigningClockTest, ARefusalWithoutADateTeachesNothing) {
  http::Response refusal{.status = 403, .headers = {}, .body = ""};
  EXPECT_FALSE(clock_.LearnFrom(refusal, clock_.Read()));
}

// Requests are signed and refused in any order, each at most once a try, while both clocks go on.
RC_GTEST_PROP(SigningClockProperty, AnyOrderOfRefusalsLeadsToOneOffset, ()) {
  base::SetLogLevel(base::LogLevel::kOff);
  const auto skew = seconds(*rc::gen::inRange(-80000, 80000));
  RC_PRE(std::chrono::abs(skew) > minutes(6));
  base::Time wall = kStart;
  SigningClock clock([&] { return wall; });
  std::vector<SigningClock::Reading> under_way;
  std::vector<Duration> learned;
  const auto moves = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 1000));
  for (const int move : moves) {
    wall += base::milliseconds(move);
    if (under_way.empty() || move % 2 == 0) {
      under_way.push_back(clock.Read());
      continue;
    }
    const auto at = under_way.begin() + move % static_cast<int>(under_way.size());
    // The service accepts what is signed within five minutes of its own time.
    if (std::chrono::abs(wall + skew - at->at) > minutes(5))
      clock.LearnFrom(RefusalOf(wall + skew), *at);
    under_way.erase(at);
    if (clock.offset() != Duration(0) && (learned.empty() || learned.back() != clock.offset()))
      learned.push_back(clock.offset());
  }
  RC_ASSERT(learned.size() <= 1);
  // A Date has whole seconds.
  if (!learned.empty())
    RC_ASSERT(std::chrono::abs(learned[0] - skew) <= seconds(1));
}

}  // namespace
}  // namespace aws
